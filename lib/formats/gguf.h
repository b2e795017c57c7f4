/* GGUF, the model files of llama.cpp (versions 2 and 3, little-endian), mapped
 * and never copied.
 *
 *  1. header     "GGUF", u32 version, u64 tensors, u64 keys
 *  2. metadata   a typed value for each key; strings carry a u64 length
 *  3. tensors    name, dimensions (fastest first), type, offset, for each
 *  4. padding    to a multiple of general.alignment (32 where it is missing)
 *  5. data       each tensor at its offset, itself a multiple of the alignment
 *
 * Everything is checked when the file is opened: lengths against the bytes that
 * are left, counts before anything is allocated for them, offsets and sizes of
 * all tensors.  What the getters return lies within the file.
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
#ifndef FORMATS_GGUF_H
#define FORMATS_GGUF_H

#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gguf;

/* Bytes within the mapped file: not zero-terminated, any bytes. */
struct gguf_text {
    const char *data;
    size_t size;
};

struct gguf_tensor {
    char name[65];
    uint32_t type;   /* an id that dequant_find knows */
    int dims;        /* 1 to 4 */
    size_t shape[4]; /* ggml's order: shape[0] varies fastest, so a PyTorch weight
                        (out, in) has shape[0] = in, shape[1] = out; 1 beyond dims */
    size_t rows;     /* shape[1] * shape[2] * shape[3] */
    size_t row_bytes;
    const void *data; /* aligned to 8 bytes at least, rows one after the other */
    size_t bytes;     /* rows * row_bytes */
};

/* A model of several parts (NAME-00001-of-00003.gguf) is opened by any of them.  NULL and
 * the reason in e, or a file to release with gguf_close. */
struct gguf *gguf_open(const char *path, struct error *e);
void gguf_close(struct gguf *g);

/* As given to gguf_open. */
const char *gguf_path(const struct gguf *g);

/* Returns the bytes before the data (*bytes of them), header, metadata and the tensors'
 * descriptions, of the part that it was opened by; g owns them.  *size is that of all
 * parts' files. */
const void *gguf_head(const struct gguf *g, size_t *bytes, size_t *size);

/* Metadata.  0, or -1 and in e: the file, the key, what was expected and found.
 * Integers of any width and sign are taken where the value fits; f64 as f32. */
bool gguf_has(const struct gguf *g, const char *key);

/* All keys, sorted; i is less than gguf_keys. */
size_t gguf_keys(const struct gguf *g);
struct gguf_text gguf_key_at(const struct gguf *g, size_t i);

/* The number of a key that is there (a bool is 0 or 1), NAN where it is none. */
double gguf_number(const struct gguf *g, const char *key);

/* Read the value of a key that must be there, and fit, into *v.  Return 0, or -1
 * and the reason in e, which names the key. */
int gguf_u32(const struct gguf *g, const char *key, uint32_t *v, struct error *e);
int gguf_i32(const struct gguf *g, const char *key, int32_t *v, struct error *e);
int gguf_u64(const struct gguf *g, const char *key, uint64_t *v, struct error *e);
int gguf_f32(const struct gguf *g, const char *key, float *v, struct error *e);
int gguf_bool(const struct gguf *g, const char *key, bool *v, struct error *e);

/* A zero-terminated copy, or NULL (also where the string holds a zero byte). */
char *gguf_string(const struct gguf *g, const char *key, struct error *e);

/* Arrays: *v is new, *n long; free(*v).  The texts' bytes stay in the file. */
int gguf_strings(const struct gguf *g, const char *key, struct gguf_text **v, size_t *n,
                 struct error *e);
int gguf_i32s(const struct gguf *g, const char *key, int32_t **v, size_t *n,
              struct error *e);
int gguf_f32s(const struct gguf *g, const char *key, float **v, size_t *n,
              struct error *e);

/* An array of flags, or of whole numbers that count as flags. */
int gguf_bools(const struct gguf *g, const char *key, bool **v, size_t *n,
               struct error *e);
bool gguf_is_array(const struct gguf *g, const char *key);

/* Tensors, in the file's order or by name (NULL and the reason). */
size_t gguf_tensors(const struct gguf *g);
const struct gguf_tensor *gguf_tensor_at(const struct gguf *g, size_t i);
bool gguf_has_tensor(const struct gguf *g, const char *name);
const struct gguf_tensor *gguf_tensor(const struct gguf *g, const char *name,
                                      struct error *e);

/* Rows [from, to) as floats into out[(to - from) * shape[0]]; to <= rows. */
void gguf_row_floats(const struct gguf_tensor *t, size_t from, size_t to, float *out);

#endif
