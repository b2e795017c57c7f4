/* A file of named tensors, whichever wrote it: *.safetensors by its name, every other
 * as torch.save's. */
#ifndef FORMATS_TENSOR_FILE_H
#define FORMATS_TENSOR_FILE_H

#include "formats/safetensors.h"
#include "formats/torch_file.h"

struct tensor_file {
    safetensors *safe; /* one of the two */
    torch_file *torch;
};

/* 0, or -1 and the reason in e.  Release with tensor_file_close. */
int tensor_file_open(struct tensor_file *f, const char *path, struct error *e);
void tensor_file_close(struct tensor_file *f);

/* Returns the path of the file, borrowed. */
const char *tensor_file_path(const struct tensor_file *f);

/* Tensors in the file's order, or by name (NULL if there is none); borrowed from f. */
long tensor_file_count(const struct tensor_file *f);
const struct safetensor *tensor_file_at(const struct tensor_file *f, long i);
const struct safetensor *tensor_file_find(const struct tensor_file *f, const char *name);

#endif
