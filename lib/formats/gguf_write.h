/* Writes GGUF files (version 3) as formats/gguf.h describes them: first what the file
 * is to hold, values and tensors, in their order; then the tensors' bytes in that order,
 * so that no more than a piece of one need be in memory.
 *
 *     w = gguf_writer_new();
 *     gguf_put_u32(w, "llama.block_count", 30); ...
 *     gguf_put_tensor(w, "output_norm.weight", QUANT_F32, 576, 0); ...
 *     gguf_writer_begin(w, path, e);
 *     gguf_writer_data(w, bytes, n, e); ...
 *     gguf_writer_commit(w, e);
 *     gguf_writer_free(w);                                                            */
#ifndef FORMATS_GGUF_WRITE_H
#define FORMATS_GGUF_WRITE_H

#include "formats/dequant.h"
#include "formats/gguf.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gguf_writer;

/* Returns an empty writer, to free with gguf_writer_free. */
struct gguf_writer *gguf_writer_new(void);

/* Removes a file that was begun and not committed. */
void gguf_writer_free(struct gguf_writer *w);

/* Values; a key is given once. */
void gguf_put_u32(struct gguf_writer *w, const char *key, uint32_t v);
void gguf_put_f32(struct gguf_writer *w, const char *key, float v);
void gguf_put_bool(struct gguf_writer *w, const char *key, bool v);
void gguf_put_string(struct gguf_writer *w, const char *key, const char *v);
void gguf_put_strings(struct gguf_writer *w, const char *key, const struct gguf_text *v,
                      size_t n);
void gguf_put_i32s(struct gguf_writer *w, const char *key, const int32_t *v, size_t n);
void gguf_put_f32s(struct gguf_writer *w, const char *key, const float *v, size_t n);

/* A matrix (rows, columns), or where rows is 0 a vector; columns is a whole number of
 * the type's blocks. */
void gguf_put_tensor(struct gguf_writer *w, const char *name, enum quant_id type,
                     size_t columns, size_t rows);

/* Bytes of the whole file. */
uint64_t gguf_writer_bytes(const struct gguf_writer *w);

/* All these: 0, or -1 and the reason in e.  The file appears with the commit, which
 * asserts that every tensor has come.  begin fails where the disk has no room for it. */
int gguf_writer_begin(struct gguf_writer *w, const char *path, struct error *e);
int gguf_writer_data(struct gguf_writer *w, const void *bytes, size_t n, struct error *e);
int gguf_writer_commit(struct gguf_writer *w, struct error *e);

#endif
