/* A filter with its input and the answer it gives undisturbed, and what is right of
 * it under a fault: the same bytes, or status 1 and one line more on stderr. */
#ifndef FAULTS_SUBJECT_H
#define FAULTS_SUBJECT_H

#include "process.h"

#define WORDS_MAX 64
#define FILES_MAX 4

/* FROM_CACHE is no result: where it is allowed, memo must have the answer already. */
enum result { SAME = 1, ERROR = 2, PIPE = 4, BAD = 8, FROM_CACHE = 16 };

struct subject {
    char *label, *input, *command;
    char *argv[WORDS_MAX + 1];
    char *files[FILES_MAX + 1]; /* that it writes */
    struct bytes in, out, content[FILES_MAX];
    bool reads, streams; /* has an input; its output is a stream */
    bool stops_early;    /* and need not notice what is wrong further on */
    bool cached, hit;    /* it is memo, which begins with nothing, or with the answer */
    int lines;           /* on stderr, undisturbed */
};

/* From a line "LABEL | INPUT | FILES | COMMAND"; runs it once.  Dies where that is
 * no success. */
void subject_open(struct subject *s, char *line);
void subject_close(struct subject *s);

/* How outputs are compared where they need not be the same bytes. */
typedef bool same_answer(const struct subject *s, const struct bytes *in,
                         const struct bytes *out);

struct fault {
    const char *kind;
    struct job job;      /* without argv and, where NULL, in: the subject's own */
    unsigned allowed;    /* enum result, added */
    const char *says;    /* what an error's line holds, or NULL */
    same_answer *answer; /* NULL: the same bytes */
};

/* Runs it, and says on stdout what was not right, with the command to repeat it. */
enum result subject_try(struct subject *s, const struct fault *f);

#endif
