/* What gguf.c reads and gguf_values.c looks up; for these two alone. */
#ifndef FORMATS_GGUF_PARTS_H
#define FORMATS_GGUF_PARTS_H

#include "formats/gguf.h"
#include "util/file.h"

/* Types of metadata values, by their number in the file. */
enum gguf_kind {
    KIND_U8, KIND_I8, KIND_U16, KIND_I16, KIND_U32, KIND_I32, KIND_F32, KIND_BOOL,
    KIND_STRING, KIND_ARRAY, KIND_U64, KIND_I64, KIND_F64, KINDS
};

struct gguf_kind_fact {
    const char *name;
    size_t bytes; /* 0: carries its own length */
};

extern const struct gguf_kind_fact gguf_kinds[KINDS];

struct gguf_value {
    struct gguf_text key;
    uint32_t kind, element;    /* element: of an array's items */
    uint64_t count;            /* of an array's items, else 1 */
    const unsigned char *data; /* of a string, before its length */
};

struct gguf {
    struct mapped file;
    char *path;
    size_t values, tensors;
    size_t head; /* bytes before the data */
    struct gguf_value *value;           /* sorted by key */
    struct gguf_tensor *tensor;         /* as in the file */
    const struct gguf_tensor **by_name; /* sorted */
    struct gguf *next;                  /* another part of the same model, owned */
};

/* A file by itself, also where it is one of several parts of a model. */
struct gguf *gguf_open_one(const char *path, struct error *e);

/* by_name from tensor: 0, or -1 where a name is there twice. */
int gguf_sort_tensors(struct gguf *g, struct error *e);

/* Bytewise, a prefix first. */
int gguf_compare_text(struct gguf_text a, struct gguf_text b);

#endif
