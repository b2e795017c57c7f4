/* Safetensors files, mapped and checked when they are opened:
 *
 *     8 bytes   n, length of the header, little-endian
 *     n bytes   JSON: {"NAME": {"dtype": "F32", "shape": [2, 3],
 *                               "data_offsets": [BEGIN, END]}, ...,
 *                      "__metadata__": {"KEY": "TEXT", ...}}
 *     the rest  the tensors' bytes, little-endian, row-major; offsets count
 *               from here; tensors follow each other without gap or overlap
 */
#ifndef FORMATS_SAFETENSORS_H
#define FORMATS_SAFETENSORS_H

#include "util/error.h"

#include <stddef.h>
#include <stdint.h>

enum { SAFETENSORS_DIMS = 8, SAFETENSORS_SHAPE_TEXT = 192 };

enum safetensors_type {
    ST_F64, ST_F32, ST_F16, ST_BF16, ST_I64, ST_I32, ST_I16, ST_I8,
    ST_U64, ST_U32, ST_U16, ST_U8, ST_BOOL, ST_F8_E4M3, ST_F8_E5M2,
    ST_TYPES
};

struct safetensor {
    const char *name;
    enum safetensors_type type;
    int ndim;                       /* 0: a single number */
    int64_t dim[SAFETENSORS_DIMS];
    int64_t count;                  /* product of dim */
    size_t bytes;
    const unsigned char *data;      /* any alignment */
};

typedef struct safetensors safetensors;

/* NULL and the reason in e, or free with safetensors_close. */
safetensors *safetensors_open(const char *path, struct error *e);
void safetensors_close(safetensors *f);

/* Returns the path of the file, borrowed. */
const char *safetensors_path(const safetensors *f);

/* Tensors in the order of their bytes, i from 0; borrowed from f. */
long safetensors_count(const safetensors *f);
const struct safetensor *safetensors_at(const safetensors *f, long i);

/* Borrowed from f; NULL if there is no such tensor. */
const struct safetensor *safetensors_find(const safetensors *f, const char *name);

/* "F32" and the like; bytes of one element. */
const char *safetensors_type_name(enum safetensors_type type);
size_t safetensors_type_size(enum safetensors_type type);

/* Elements in [from, from + n) as floats; 0, or -1 and the reason in e where
 * the type is not F64, F32, F16 or BF16. */
int safetensors_read(float *out, const struct safetensor *t, int64_t from, int64_t n,
                     struct error *e);

/* The whole tensor as a new array of count floats: NULL and the reason in e, or
 * free with free(). */
float *safetensors_floats(const struct safetensor *t, struct error *e);

/* "[384, 384]" into text (SAFETENSORS_SHAPE_TEXT bytes are enough); returns text. */
char *safetensors_shape(char *text, size_t size, int ndim, const int64_t *dim);

/* Writes n tensors (name, type, ndim, dim and data are read, the rest is
 * computed) as a file that appears when it is whole; 0, or -1 and the reason. */
int safetensors_write(const char *path, const struct safetensor *list, long n,
                      struct error *e);

#endif
