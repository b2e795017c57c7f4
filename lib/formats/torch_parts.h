/* What torch_storage.c, torch_container.c, torch_tensor.c and torch_file.c share; for
 * these alone. */
#ifndef FORMATS_TORCH_PARTS_H
#define FORMATS_TORCH_PARTS_H

#include "formats/pickle.h"
#include "formats/torch_file.h"
#include "formats/zip.h"
#include "util/file.h"

enum { TORCH_PICKLE_MAX = 64 << 20 }; /* a real one has some 300 bytes a tensor */

struct torch_setting {
    char *name;
    int64_t value;
};

struct torch_file {
    char *path;
    struct mapped map;
    struct pickle *pickle;
    struct zip_entry *storage; /* sorted by name, which is the storage's key */
    size_t storages;
    struct safetensor *list;
    long n, room;
    struct safetensor **named; /* sorted */
    struct torch_setting *setting;
    long settings, setting_room;
    void **copy; /* of tensors that do not lie in the file as they should */
    long copies, copy_room;
    size_t copied; /* bytes; never more than the file has */
    long visits;
};

/* What a pickle says of a storage. */
struct torch_storage {
    enum safetensors_type type;
    const char *key;
    size_t key_size;
    int64_t count; /* elements */
    size_t bytes;
};

/* From a PICKLE_STORAGE: 0, or -1 and the reason. */
int torch_storage_describe(struct torch_storage *s, const struct pickle_value *v,
                           struct error *e);

/* Sorts entries by name, which is the storage's key; the one of that key (size) of such,
 * or NULL. */
void torch_storage_sort(struct zip_entry *list, size_t n);
struct zip_entry *torch_storage_find(struct zip_entry *list, size_t n, const char *key,
                                     size_t size);

/* Opens the mapped file's container: fills pickle and storage. */
int torch_contain(struct torch_file *f, struct error *e);

/* All of t but its name, from a PICKLE_TENSOR. */
int torch_tensor(struct torch_file *f, struct safetensor *t, const struct pickle_value *v,
                 struct error *e);

#endif
