/* What the parts of filter.c share. */
#ifndef STREAM_FILTER_PARTS_H
#define STREAM_FILTER_PARTS_H

#include "stream/filter.h"
#include "stream/makers.h"
#include "stream/names_seen.h"
#include "stream/numbering.h"
#include "stream/store.h"
#include "util/file_write.h"

enum { PATTERNS_MAX = 64 };

struct patterns {
    char *list[PATTERNS_MAX]; /* copies: the caller's may go before input is read */
    bool texts[PATTERNS_MAX]; /* only texts match */
    int count;
};

struct filter {
    char **inputs; /* NULL: reads nothing */
    int input_count;
    bool fragments, fragment_of_stdin, head_written, declared, apart, any_numbers;
    struct patterns keep, replace, files;
    struct store store;
    struct names_seen seen, texts_seen; /* all that it has read; the texts of these */
    struct file_write file; /* --output; its f NULL: standard output */
    struct writer *out; /* NULL: writes words, or rank 0 does */
    filter_pass *pass;
    filter_watch *watch; /* or NULL */
    void *watch_data;
    struct numbering *numbering; /* NULL: it keeps nothing that is numbered */
    unsigned stands_on;          /* what is kept does, bits of ON_... */
    unsigned made;               /* what the input shows to have run (makers_of) */
    char pipe[MAKERS_PIPE];      /* of filter_pipe */
};

/* filter_numbering.c: looks at the sources of what is kept, and tells --reads so; checks
 * what was kept. */
void filter_numbering_begin(struct filter *f);
void filter_numbering_tell(const struct filter *f);
void filter_numbering_check(struct filter *f);

/* The series, of rows rows in all, with attributes of what they stand on. */
struct series_out *filter_numbered(struct filter *f, const struct series_out *group,
                                   int count, int64_t rows);
void filter_numbered_free(struct series_out *out, const struct series_out *group,
                          int count);

/* filter_ranks.c: gives the other ranks a frame that is kept, or NULL after the last; and
 * in those keeps the frames that rank 0 gives. */
void filter_ranks_give(const struct frame *frame);
void filter_ranks_take(struct filter *f);

#endif
