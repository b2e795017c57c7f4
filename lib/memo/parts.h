/* The parts of a key: lines of a kind, a name and a value with tabs between, such as
 *
 *     option   max-length   0
 *     input    item.title   text [1682] f56a...
 *
 * Two runs write the same bytes if all of these are the same, and their key is a digest
 * of the lines. */
#ifndef MEMO_PARTS_H
#define MEMO_PARTS_H

#include "memo/sum.h"

#include <stdio.h>

struct parts {
    char *text;
    size_t size; /* without the NUL */
    FILE *out;
};

void parts_begin(struct parts *p);

/* Tabs, line ends and backslashes are written \t, \n and \\. */
void parts_add(struct parts *p, const char *kind, const char *name, const char *value);

/* No more is added: text is whole, and key its digest. */
void parts_end(struct parts *p, char key[SUM_TEXT]);
void parts_free(struct parts *p);

/* A line that differs: its value here and there, NULL where there is no such line. */
typedef void parts_difference(const char *kind, const char *name, const char *here,
                              const char *there, void *data);

/* Calls each for every line that the two do not share; their number.  each may be
 * NULL. */
int parts_compare(const char *here, const char *there, parts_difference *each,
                  void *data);

/* The value of the first line of that kind, a new string; NULL where there is none. */
char *parts_value(const char *text, const char *kind, const char *name);

/* The name of the first line of that kind, likewise. */
char *parts_name(const char *text, const char *kind);

#endif
