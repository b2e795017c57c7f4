/* One option of a program: its name, its help, and the variable that holds its value. */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>

enum opt_type {
    OPT_END,    /* closes the table */
    OPT_INT,    /* long *        within [low, high] */
    OPT_REAL,   /* double *      within [low, high], finite */
    OPT_STRING, /* const char ** */
    OPT_PATH,   /* const char ** a file that is read, recorded by its last component */
    OPT_OUTPUT, /* const char ** likewise, a file that is written; NULL or "": none */
    OPT_FLAG,   /* bool *        set by --name, cleared by --no-name */
    OPT_CHOICE, /* int *         index into the NULL-terminated names */
    OPT_RANGE,  /* long[2]       "10" or "10..20", within [low, high] */
    OPT_WORDS,  /* struct opt_words *: all words up to the next option or "--" */
    OPT_GROUP,  /* no option: the heading `name` in --help of the options below it */
};

/* How an option enters the history of the stream: by default with its value.  What
 * memo keeps is told apart by options of the first two kinds. */
enum opt_record {
    OPT_RECORD,
    OPT_LOCAL, /* not in the history */
    OPT_IDLE,  /* nor in memo's key: whatever its value, the same bytes come out */
};

/* Words in the order given, borrowed from the command line; more than once adds. */
struct opt_words {
    const char **list;
    int count, room;
};

struct opt {
    enum opt_type type;
    char letter; /* 0: none */
    const char *name;
    void *value;
    const char *help;
    double low, high;
    const char *const *choices;
    enum opt_record record;
};

/* --preset NAME gives these values first; options given win over them. */
struct preset {
    const char *name;
    const char *const *settings; /* "lr=1e-4", ..., NULL */
};

/* A flag of an earlier version: --old sets an option to a value, "format=tsv".  It is not
 * in --help. */
struct synonym {
    const char *old, *setting;
};

/* Converts text and stores it in the option's variable.  An option of text borrows it.
 * "no" clears a flag, anything else sets it.  0, or -1 and the reason. */
int option_set(const struct opt *o, const char *text, struct error *e);

/* The option's value as --help and the history print it, cut to size. */
void option_format(const struct opt *o, char *text, size_t size);

/* The words of an option of type OPT_WORDS, each in quotes (\" and \\ within), spaces
 * between: a new string. */
char *option_words_text(const struct opt *o);

/* The whole text as one decimal number; false where it is none. */
bool option_long(const char *text, long *value);
bool option_real(const char *text, double *value);

#endif
