/* Arrays with a type and a shape, and columns of text. */
#ifndef STREAM_TENSOR_H
#define STREAM_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dtype { DT_F4, DT_F2, DT_I1, DT_I4, DT_I8, DT_U1, DT_COUNT };

#define TENSOR_DIMS 8

/* shape[0] rows, row-major, without gaps.  Who owns data is said where a tensor
 * is handed over; tensor_free frees it. */
struct tensor {
    enum dtype type;
    int dims; /* 1 or more */
    int64_t shape[TENSOR_DIMS];
    void *data;
};

/* Rows of UTF-8 text, each closed by a NUL. */
struct texts {
    int64_t count;
    char *bytes;
    size_t *offset; /* count + 1 */
};

/* Return numpy's name of the type ("<f4"), and the bytes of one element. */
const char *dtype_name(enum dtype type);
size_t dtype_size(enum dtype type);

/* Returns the type of that name (length bytes), or -1. */
int dtype_find(const char *name, size_t length);

/* Returns the elements in a tensor of this shape, or -1 where the product does not
 * fit. */
int64_t shape_count(const int64_t *shape, int dims);

/* Return a zeroed tensor, to free with tensor_free. */
struct tensor tensor_new(enum dtype type, int dims, const int64_t *shape);
struct tensor tensor_new1(enum dtype type, int64_t rows);
struct tensor tensor_new2(enum dtype type, int64_t rows, int64_t columns);
void tensor_free(struct tensor *t);

/* Return a tensor over data that the caller owns. */
struct tensor tensor_view1(enum dtype type, int64_t rows, void *data);
struct tensor tensor_view2(enum dtype type, int64_t rows, int64_t columns, void *data);

/* Return the rows, the bytes of a row, and the bytes of all rows. */
int64_t tensor_rows(const struct tensor *t);
size_t tensor_row_bytes(const struct tensor *t);
size_t tensor_bytes(const struct tensor *t);

/* Writes the shape, "[943, 50]", into text (size bytes) for messages, and returns
 * text. */
const char *tensor_shape_text(const struct tensor *t, char *text, size_t size);

/* Returns XXH3-64 of type, shape and data, which is the same however t was cut. */
uint64_t tensor_digest(const struct tensor *t);

/* Write a digest into text as attributes hold it, 16 hexadecimal digits, and return
 * text. */
enum { DIGEST_TEXT = 17 };
const char *digest_text(uint64_t digest, char text[DIGEST_TEXT]);
const char *tensor_digest_text(const struct tensor *t, char text[DIGEST_TEXT]);

/* Return row i, which t owns, and its length in bytes. */
const char *texts_at(const struct texts *t, int64_t i);
size_t texts_length(const struct texts *t, int64_t i);

/* Appends a row (length bytes).  t is all zero before its first row.  Free t with
 * texts_free. */
void texts_add(struct texts *t, const char *text, size_t length);
void texts_free(struct texts *t);

#endif
