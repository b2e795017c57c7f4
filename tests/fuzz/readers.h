/* What must hold for a file of any bytes: a reader refuses it in words, or all that
 * it offers can be read.  For the fuzz targets here and for tests/unit/kept.c. */
#ifndef FUZZ_READERS_H
#define FUZZ_READERS_H

#include "formats/gguf.h"
#include "formats/safetensors.h"
#include "formats/torch_file.h"
#include "formats/zip.h"
#include "stream/reader.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* Reads n bytes, so that a sanitizer sees each. */
static inline unsigned touch_bytes(const void *data, size_t n)
{
    const unsigned char *p = data;
    unsigned sum = 0;

    for (size_t i = 0; i < n; i++)
        sum = sum * 31 + p[i];
    return sum;
}

int __wrap_zip_check(const struct zip_entry *entry, struct error *e);

/* Linked with --wrap=zip_check: a checksum would keep every change from the readers
 * behind it.  Reads what it would. */
int __wrap_zip_check(const struct zip_entry *entry, struct error *e)
{
    (void)e;
    return (int)(touch_bytes(entry->data, entry->size) & 0);
}

/* Ends the program where a refusal has no words. */
static inline unsigned refused(const struct error *e)
{
    if (e->text[0] == '\0')
        abort();
    return (unsigned)strlen(e->text);
}

static inline unsigned touch_tensor(const struct safetensor *t)
{
    struct error e = { "" };
    float *v = safetensors_floats(t, &e);
    unsigned sum = touch_bytes(t->data, t->bytes);

    if (!v)
        return sum + refused(&e);
    sum += touch_bytes(v, (size_t)t->count * sizeof *v);
    free(v);
    return sum;
}

static inline unsigned read_safetensors(const char *path)
{
    struct error e = { "" };
    safetensors *f = safetensors_open(path, &e);
    unsigned sum = 0;

    if (!f)
        return refused(&e);
    for (long i = 0; i < safetensors_count(f); i++) {
        sum += touch_tensor(safetensors_at(f, i));
        if (!safetensors_find(f, safetensors_at(f, i)->name))
            abort();
    }
    safetensors_close(f);
    return sum;
}

static inline unsigned read_torch(const char *path)
{
    struct error e = { "" };
    torch_file *f = torch_open(path, &e);
    int64_t heads = 0;
    unsigned sum = 0;

    if (!f)
        return refused(&e);
    for (long i = 0; i < torch_count(f); i++) {
        sum += touch_tensor(torch_at(f, i));
        if (!torch_find(f, torch_at(f, i)->name))
            abort();
    }
    sum += torch_setting(f, "args.num_heads", &heads);
    torch_close(f);
    return sum + (unsigned)heads;
}

/* One key read as everything that it may be taken for. */
static inline unsigned touch_key(const struct gguf *g, const char *key)
{
    struct error e = { "" };
    uint32_t u;
    int32_t i, *is;
    uint64_t l;
    float f, *fs;
    bool b;
    struct gguf_text *texts;
    size_t n;
    char *text = gguf_string(g, key, &e);
    unsigned sum = text ? (unsigned)strlen(text) : refused(&e);

    free(text);
    sum += gguf_u32(g, key, &u, &e) == 0 ? u : 0;
    sum += gguf_i32(g, key, &i, &e) == 0 ? (unsigned)i : 0;
    sum += gguf_u64(g, key, &l, &e) == 0 ? (unsigned)l : 0;
    sum += gguf_f32(g, key, &f, &e) == 0 ? touch_bytes(&f, sizeof f) : 0;
    sum += gguf_bool(g, key, &b, &e) == 0 && b;
    if (gguf_strings(g, key, &texts, &n, &e) == 0) {
        for (size_t k = 0; k < n; k++)
            sum += touch_bytes(texts[k].data, texts[k].size);
        free(texts);
    }
    if (gguf_i32s(g, key, &is, &n, &e) == 0) {
        sum += touch_bytes(is, n * sizeof *is);
        free(is);
    }
    if (gguf_f32s(g, key, &fs, &n, &e) == 0) {
        sum += touch_bytes(fs, n * sizeof *fs);
        free(fs);
    }
    return sum;
}

static inline unsigned read_gguf(const char *path)
{
    static const char *const keys[] = {
        "general.architecture", "general.alignment", "k.u8", "k.i16", "k.u64", "k.i64",
        "k.f32", "k.f64", "k.bool", "k.zero", "k.i32s", "k.f32s",
        "llama.block_count", "tokenizer.ggml.tokens", "tokenizer.ggml.scores",
        "tokenizer.ggml.token_type", "tokenizer.ggml.merges",
    };
    struct error e = { "" };
    struct gguf *g = gguf_open(path, &e);
    unsigned sum = 0;

    if (!g)
        return refused(&e);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        sum += touch_key(g, keys[i]);
    for (size_t i = 0; i < gguf_tensors(g); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(g, i);
        float *row = mem_new(t->shape[0], sizeof *row);

        if (!gguf_tensor(g, t->name, &e))
            abort();
        for (size_t r = 0; r < t->rows; r++) {
            gguf_row_floats(t, r, r + 1, row);
            sum += touch_bytes(row, t->shape[0] * sizeof *row);
        }
        free(row);
    }
    gguf_close(g);
    return sum;
}

static inline unsigned read_stream(const char *path)
{
    struct error e = { "" };
    const struct frame *f;
    struct reader *r = reader_open(path, &e);
    unsigned sum = 0;
    int got;

    if (!r)
        return refused(&e);
    while ((got = reader_next(r, &f)) > 0)
        sum += (unsigned)f->kind;
    if (got < 0 && !*reader_error(r))
        abort();
    reader_close(r);
    return sum;
}

#endif
