/* What is known of a command before its input is read: what of its input counts, how
 * it is run on that alone, and all other parts of its key. */
#ifndef MEMO_PLAN_H
#define MEMO_PLAN_H

#include "memo/cache.h"
#include "memo/parts.h"
#include "memo/word_list.h"

enum plan_input {
    PLAN_NOTHING, /* it reads no input */
    PLAN_BYTES,   /* all of standard input counts */
    PLAN_STREAM,  /* streams, of which what it keeps counts */
};

struct plan {
    char *program;    /* the path of its file */
    const char *name; /* what it is called: the last part of the command's first word */
    enum plan_input input;
    bool writes_stream; /* else words, or whatever bytes */
    bool only;          /* only the filter's own tensors are asked for */
    bool quiet;         /* it was told to be */
    struct word_list command;             /* what is run: on stdin where it has input */
    struct word_list operands;            /* streams to read, none: stdin */
    struct word_list keep, keep_texts, replace; /* patterns */
    struct word_list files, digests;      /* whose contents are in the parts, and these */
    struct parts parts;                   /* all but the input's */
};

/* Makes the plan of a command, words closed by NULL.  Asks a program of this project with
 * --reads.  Of any other program all arguments count, and all files that they name.  Ends
 * memo where the command is wrong, with the command's own words and status.  Release p
 * with plan_free. */
void plan_make(struct plan *p, const struct cache *c, char **words);

/* Returns whether the program and the files are what they were when the plan was made. */
bool plan_holds(const struct plan *p, const struct cache *c);
void plan_free(struct plan *p);

#endif
