/* Text files read in blocks, for readers that cut records out of them in place: of any
 * encoding that iconv knows, as UTF-8 without a byte order mark; packed or not; from a
 * file, a pipe or standard input ("-").  Line ends stay as they are. */
#ifndef DATA_TEXT_WINDOW_H
#define DATA_TEXT_WINDOW_H

#include "util/channel.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { TEXT_RECORD_MAX = 64 << 20 }; /* bytes of a record: more are refused */

struct text_window {
    const char *path;     /* borrowed */
    unsigned char *data;  /* data[begin .. end) is there; data[end] may be written, too */
    size_t begin, end, room;
    bool plain;           /* all of it is ASCII without NUL */
    bool ended;           /* nothing follows end */
    struct channel in;
    void *converter;      /* iconv_t, NULL: the file is UTF-8 */
    unsigned char *raw;   /* bytes that it has not taken yet */
    size_t raw_count;
    int64_t size;         /* of the file, 0: unknown */
};

/* encoding: NULL or "utf-8": bytes are not changed, and not checked either.  0, or -1 and
 * the reason.  Release with text_window_close, also after an error. */
int text_window_open(struct text_window *w, const char *path, const char *encoding,
                     struct error *e);
void text_window_close(struct text_window *w);

/* Reads on behind end; what is before begin is dropped, and the rest may move.  1, 0:
 * there is no more, -1: it cannot be read, or begin..end has TEXT_RECORD_MAX bytes (the
 * reason does not name the file). */
int text_window_more(struct text_window *w, struct error *e);

/* Is it all valid UTF-8 without NUL?  p (n bytes); *at: the first byte that is not. */
bool text_window_valid(const unsigned char *p, size_t n, size_t *at);

/* Says how much is read on a terminal, between progress_begin and progress_end. */
void text_window_progress(const struct text_window *w);

#endif
