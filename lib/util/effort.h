/* What a training costs, said to people: early, how long it will take; at the end, what
 * it took. */
#ifndef UTIL_EFFORT_H
#define UTIL_EFFORT_H

struct effort {
    double from;  /* clock_seconds() at the beginning */
    double steps; /* and when its steps began */
    long first;   /* steps done before that */
    int said;    /* how long it will take: once */
};

/* The work begins now; then its steps, of which `done` are there from an earlier run. */
void effort_begin(struct effort *w);
void effort_steps(struct effort *w, long done);

/* After a step: once, EFFORT_EARLY seconds after the first began, one line says how long
 * all steps will take, unless they are nearly done.  unit: what a step is ("epochs");
 * sooner: what may end it before ("--patience"), or NULL. */
enum { EFFORT_EARLY = 2, EFFORT_WORTH = 10 };
void effort_expect(struct effort *w, long done, long total, const char *unit,
                   const char *sooner);

/* One line of seconds since effort_begin, and of the program's largest memory. */
void effort_end(const struct effort *w);

#endif
