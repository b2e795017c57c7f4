/* Files of torch.save: pytorch_model.bin, *.pt, *.pth.  Mapped, and read as data only
 * (formats/pickle.h).  Two containers:
 *
 *   zip       NAME/data.pkl is a pickle; the bytes of its storage K are in NAME/data/K
 *   legacy    (torch before 1.6) five pickles, the fourth the object, the fifth a list of
 *             its storages' keys; then for each key its length (elements, 8 bytes) and
 *             its bytes
 *
 * A tensor is a view of a storage: offset, sizes, strides.  Tensors whose strides are
 * not those of rows one after the other are copied, all others stay in the file.  A zip
 * file is read once as it is opened, for its checksums. */
#ifndef FORMATS_TORCH_FILE_H
#define FORMATS_TORCH_FILE_H

#include "formats/safetensors.h"

typedef struct torch_file torch_file;

/* NULL and the reason in e, or free with torch_close. */
torch_file *torch_open(const char *path, struct error *e);
void torch_close(torch_file *f);

/* Returns the path of the file, borrowed. */
const char *torch_path(const torch_file *f);

/* Tensors in the order of the file, i from 0; borrowed from f.  A dict's tensors have
 * its keys for names, those of a dict in a dict "outer.inner"; a list at the top is
 * looked through. */
long torch_count(const torch_file *f);
const struct safetensor *torch_at(const torch_file *f, long i);

/* Borrowed from f; NULL if there is no such tensor. */
const struct safetensor *torch_find(const torch_file *f, const char *name);

/* A whole number among them, named like tensors ("args.num_heads"): is there one? */
bool torch_setting(const torch_file *f, const char *name, int64_t *value);

#endif
