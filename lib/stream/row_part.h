/* A filter's share of the rows, for those whose rows do not depend on each other:
 *
 *     --part I/N     the filter takes the I-th of N shares by itself
 *     --fragment     standard input is a part of a stream, as `parallel --pipe` makes
 *                    them of what `stream-cat --rows` has cut; files are whole
 *
 * Either writes the filter's own rows alone, under their numbers in the whole:
 * stream-cat --fragment puts them together.  A row's bits depend on the block that it
 * is computed in, and blocks are counted from row 0, so parts begin at blocks. */
#ifndef STREAM_ROW_PART_H
#define STREAM_ROW_PART_H

#include "stream/filter.h"

extern const char *row_part_share; /* --part */
extern bool row_part_fragment;     /* --fragment */

#define PART_OPTIONS                                                                     \
    {                                                                                    \
        OPT_STRING,                                                                      \
        0,                                                                               \
        "part",                                                                          \
        &row_part_share,                                                                 \
        "compute only part I of N of the rows, I/N",                                     \
        .record = OPT_LOCAL                                                              \
    },                                                                                   \
    {                                                                                    \
        OPT_FLAG, 0, "fragment", &row_part_fragment,                                     \
            "read a part made by stream-cat --rows from standard input",                 \
            .record = OPT_LOCAL                                                          \
    }

/* Rows [first, first + count) of all; the first of them is row `at` of what is kept. */
struct row_part {
    int64_t first, count, all, at;
};

/* What the two options ask for, after cli_parse: a mistake ends the program (2). */
void row_part_parse(void);

/* Once the filter is open: fragments are accepted where they are asked for. */
void row_part_open(struct filter *f);

/* Is it there: with --fragment, on standard input? */
bool row_part_has(struct filter *f, const char *name);

/* The rows to compute of what has been kept under that name.  Dies where a fragment
 * does not begin at a multiple of block. */
struct row_part row_part_of(struct filter *f, const char *name, int64_t block);

/* The digest of the whole i4, f4, ... tensor of that name: computed, or what
 * stream-cat --rows has written beside a fragment's rows. */
const char *row_part_digest(struct filter *f, const char *name, char text[DIGEST_TEXT]);

/* Writes t (p->count rows) as those rows of name; attrs as in filter_put. */
void row_part_put(struct filter *f, const struct row_part *p, const char *name,
                  const struct tensor *t, const struct attr *attrs);

#endif
