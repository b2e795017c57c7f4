/* The fuzzer's input in place of one file of a folder, whose other files are as they are:
 * linked with --wrap=file_map, as memory.h is. */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include "formats/zip.h"
#include "util/file.h"
#include "util/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_file_map(struct mapped *m, const char *path, struct error *e);
void __wrap_file_unmap(struct mapped *m);
int __real_file_map(struct mapped *m, const char *path, struct error *e);
void __real_file_unmap(struct mapped *m);
int __wrap_zip_check(const struct zip_entry *entry, struct error *e);
int __real_zip_check(const struct zip_entry *entry, struct error *e);

/* Linked with --wrap=zip_check too: here as ever. */
int __wrap_zip_check(const struct zip_entry *entry, struct error *e)
{
    return __real_zip_check(entry, e);
}

/* Whose place it takes: what the path ends with; the copies that are mapped. */
static struct {
    const char *name;
    struct mapped bytes;
    const void *copy[8];
} replaced;

int __wrap_file_map(struct mapped *m, const char *path, struct error *e)
{
    size_t n = strlen(path), k = strlen(replaced.name);

    if (k > n || strcmp(path + n - k, replaced.name) != 0)
        return __real_file_map(m, path, e);
    *m = (struct mapped){ 0 };
    for (int i = 0; replaced.bytes.size > 0 && !m->data; i++)
        if (!replaced.copy[i]) {
            m->size = replaced.bytes.size;
            m->data = memcpy(malloc(m->size), replaced.bytes.data, m->size);
            replaced.copy[i] = m->data;
        }
    return 0;
}

void __wrap_file_unmap(struct mapped *m)
{
    for (int i = 0; m->data && i < 8; i++)
        if (replaced.copy[i] == m->data) {
            free((void *)m->data);
            replaced.copy[i] = NULL;
            *m = (struct mapped){ 0 };
        }
    if (m->data)
        __real_file_unmap(m);
}

struct placed {
    const char *folder, *name; /* what the path of the file ends with */
};

/* Reads each folder of list (n) with the input in place of the file; read returns what it
 * makes of the folder. */
static inline int replace_files(const struct placed *list, size_t n,
                                unsigned read(const char *folder), const uint8_t *data,
                                size_t size)
{
    unsigned sum = 0;

    replaced.bytes = (struct mapped){ .data = data, .size = size };
    for (size_t i = 0; i < n; i++) {
        replaced.name = list[i].name;
        sum += read(list[i].folder);
    }
    return sum == 1234567 ? -1 : 0; /* so that all of it is computed */
}

#endif
