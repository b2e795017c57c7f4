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

/* Makes p empty.  Release p with parts_free. */
void parts_begin(struct parts *p);

/* Adds a line.  Writes tabs, line ends and backslashes as \t, \n and \\. */
void parts_add(struct parts *p, const char *kind, const char *name, const char *value);

/* Ends p, to which nothing is added from now on.  p->text is whole, and key its
 * digest. */
void parts_end(struct parts *p, char key[SUM_TEXT]);
void parts_free(struct parts *p);

/* Takes a line that differs, with its value here and there; NULL where there is no such
 * line. */
typedef void parts_difference(const char *kind, const char *name, const char *here,
                              const char *there, void *data);

/* Calls each, unless it is NULL, for every line that the texts here and there do not
 * share.  Returns the number of such lines. */
int parts_compare(const char *here, const char *there, parts_difference *each,
                  void *data);

/* Returns the value of the first line of that kind and name, as a new string that the
 * caller frees; NULL where there is no such line. */
char *parts_value(const char *text, const char *kind, const char *name);

/* Returns the name of the first line of that kind, likewise. */
char *parts_name(const char *text, const char *kind);

#endif
