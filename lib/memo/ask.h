/* What a program of this project answers to --reads: lines of a kind and a text, as
 * stream/reads.h lists them. */
#ifndef MEMO_ASK_H
#define MEMO_ASK_H

#include <stdbool.h>

struct answer {
    const char *kind, *text; /* "keep", "item.cf"; text is "" where there is none */
};

struct answers {
    struct answer *list; /* in the program's order */
    int n, room;
    char *all; /* what list borrows */
};

/* Runs program with --reads before the words (the first is its name).  Ends memo where
 * it answers something else, with what it printed and its status, as after --help. */
void ask_program(struct answers *a, const char *program, char **words);
void ask_free(struct answers *a);

/* Is there an answer of that kind and text (NULL: any)? */
bool ask_has(const struct answers *a, const char *kind, const char *text);

#endif
