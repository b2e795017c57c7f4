/* One frame of a stream: FORMAT.md beside this file says what it is made of. */
#ifndef STREAM_FRAME_H
#define STREAM_FRAME_H

#include "stream/tensor.h"
#include "util/error.h"

#include <msgpack.h>

#define STREAM_FORMAT 1
#define STREAM_MAGIC_SIZE 11
#define STREAM_SUM_SIZE 8
#define STREAM_CHUNK_BYTES (1 << 20) /* rows travel in chunks of about this */
#define STREAM_NAME_MAX 255          /* bytes, no control characters */
#define STREAM_TEXT_BYTES 1024       /* a row of text counts as this many bytes */
#define STREAM_TEXT_MAX 65000        /* no row of text is longer: a chunk fits */

/* The first bytes of every frame: array of 6, str8 "millrace". */
extern const unsigned char stream_magic[STREAM_MAGIC_SIZE];

enum frame_kind { FRAME_HEAD, FRAME_TENSOR, FRAME_TEXT, FRAME_END, FRAME_KINDS };

extern const char *const frame_kind_names[FRAME_KINDS];

/* A key and its value, both text: what a tensor is, or one option of a filter. */
struct attr {
    const char *key, *value;
};

struct frame {
    enum frame_kind kind;
    const unsigned char *bytes; /* the whole frame, size bytes */
    size_t size;
    uint64_t sum;
    const char *name; /* the tensor's; the program's in a head; "" in an end */
    int64_t first, rows;  /* this chunk's first row; rows of the whole */
    struct attr *attrs;   /* the text-valued attributes but for options */
    int attr_count;
    struct attr *options; /* of a head */
    int option_count;
    int64_t format, frames; /* of a head; of an end */
    uint64_t sums;          /* of an end */
    struct tensor tensor;   /* the chunk: shape[0] rows from row first */
    const msgpack_object *rows_of_text; /* rows_of_text[i].via.str */
    msgpack_zone *zone;     /* owns what the pointers above point to */
};

/* Parses and checks one whole frame of size bytes.  Returns 0, or -1 and the reason in e.
 * Everything in f borrows from bytes and from f->zone.  Release f with frame_free. */
int frame_parse(struct frame *f, const unsigned char *bytes, size_t size,
                struct error *e);
void frame_free(struct frame *f);

/* Returns the rows in the chunk of a tensor or text frame. */
int64_t frame_chunk_rows(const struct frame *f);

/* Returns the value of the attribute, which f owns, or NULL. */
const char *frame_attr(const struct frame *f, const char *key);

/* Returns whether s (n bytes) is UTF-8 without NUL, of at most STREAM_TEXT_MAX bytes. */
bool stream_text_valid(const char *s, size_t n);

/* Returns whether name has 1 to STREAM_NAME_MAX bytes and no control character. */
bool stream_name_valid(const char *name);

/* Returns the sum of a frame that is bytes[0..size) without its sum. */
uint64_t frame_sum(const unsigned char *bytes, size_t size);

/* Read a sum from p, and write a sum to p, with the most significant byte first. */
uint64_t frame_sum_read(const unsigned char *p);
void frame_sum_write(unsigned char *p, uint64_t sum);

/* Returns the rows of one chunk where a row takes row_bytes. */
int64_t stream_chunk_rows(size_t row_bytes);

#endif
