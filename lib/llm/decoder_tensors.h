/* A decoder's matrices in a file's tensors: what GGUF and Hugging Face folders have in
 * common. */
#ifndef LLM_DECODER_TENSORS_H
#define LLM_DECODER_TENSORS_H

#include "llm/decoder_load.h"
#include "llm/decoder_names.h"

/* What a kind of file can do; file: its own. */
struct decoder_format {
    bool (*has)(void *file, const char *name);
    /* The tensor of these rows and columns (in memory's order), or NULL and the
     * reason. */
    const void *(*find)(void *file, const char *name, int rows, int columns, bool vector,
                        struct error *e);
    /* Numbers [at, at + n) of the tensor, n a whole row or, where `single` is, one. */
    void (*read)(float *out, const void *tensor, size_t at, size_t n);
    /* All rows as they are stored; type NULL: not one that products know. */
    struct stored_part (*stored)(const void *tensor);
    void (*close)(void *file);
};

/* Where a matrix's rows are in a tensor. */
struct decoder_place {
    const void *tensor; /* NULL: there is no such matrix */
    int rows, columns;  /* of the tensor */
    int first;          /* row, or number of a vector, that the matrix begins with */
    int part;           /* which of the tensor's matrices it is */
};

struct decoder_tensors {
    const struct decoder_format *format;
    void *file;
    const struct decoder_names *names;
    unsigned files;              /* DECODER_PAIRS and the like that hold for this file */
    struct decoder_config c;
    struct decoder_place *place; /* layer * DECODER_MATRICES + what */
    double *factors;             /* NULL: none */
    const char *prefix;          /* of the names */
    bool tied;
};

/* Opens nothing yet: t has format, file, names, files, c and tied.  t->tied says whether
 * a head is asked for.  Chooses the prefix and finds every matrix that the config asks
 * for.  0, or -1 and the reason. */
int decoder_tensors_find(struct decoder_tensors *t, struct error *e);

/* t as a source, which closes the file and frees t. */
struct decoder_source decoder_tensors_source(struct decoder_tensors *t);
void decoder_tensors_close(void *t);

/* Is the matrix in the file?  Layers count from 0 also beyond the config's. */
bool decoder_tensors_hold(const struct decoder_tensors *t, enum decoder_matrix what,
                          int layer);

#endif
