/* A filter's share of the rows, for those whose rows do not depend on each other:
 *
 *     --part I/N     the filter takes the I-th of N shares by itself
 *     --fragment     standard input is a part of a stream, as `parallel --pipe` makes
 *                    them of what `stream-cat --rows` has cut; files are whole
 *
 * Either writes the filter's own rows alone, under their numbers in the whole:
 * stream-cat --fragment puts them together.  A row's bits depend on the block that it
 * is computed in, and blocks are counted from row 0, so parts begin at blocks.
 *
 * Each part carries the digest of its run, of options and of inputs: stream-cat compares
 * the digests, and leaves them out. */
#ifndef STREAM_ROW_PART_H
#define STREAM_ROW_PART_H

#include "stream/filter.h"

/* The attribute of a part: the digest of the run that it is of. */
#define ROW_PART_RUN "run"

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

/* Parses --part, after cli_parse.  A mistake ends the program with status 2. */
void row_part_parse(void);

/* Lets f accept fragments where --fragment asks for that.  Called after filter_open. */
void row_part_open(struct filter *f);

/* Returns whether f has kept the name; with --fragment, whether standard input had it. */
bool row_part_has(struct filter *f, const char *name);

/* Returns the rows to compute of what f has kept under that name.  Ends the program where
 * a fragment does not begin at a multiple of block. */
struct row_part row_part_of(struct filter *f, const char *name, int64_t block);

/* Writes the digest of the whole tensor of that name into text, and returns text.  The
 * digest of a fragment is what stream-cat --rows has written beside the rows. */
const char *row_part_digest(struct filter *f, const char *name, char text[DIGEST_TEXT]);

/* Writes t (p->count rows) as those rows of name; attrs as in filter_put. */
void row_part_put(struct filter *f, const struct row_part *p, const char *name,
                  const struct tensor *t, const struct attr *attrs);

#endif
