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

/* Runs program with --reads before the words, of which the first is the program's name,
 * and fills a with its answers.  Where the program answers something else, as after
 * --help, prints what it printed and ends memo with its status.  Release a with
 * ask_free. */
void ask_program(struct answers *a, const char *program, char **words);
void ask_free(struct answers *a);

/* Returns whether there is an answer of that kind and text.  text NULL: any text. */
bool ask_has(const struct answers *a, const char *kind, const char *text);

#endif
