/* The fuzzer's input in place of a file: linked with --wrap=file_map, so that the
 * reader gets exactly these bytes and one too far is seen. */
#ifndef FUZZ_MEMORY_H
#define FUZZ_MEMORY_H

#include "util/file.h"
#include "util/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_file_map(struct mapped *m, const char *path, struct error *e);
void __wrap_file_unmap(struct mapped *m);

static struct mapped input;

int __wrap_file_map(struct mapped *m, const char *path, struct error *e)
{
    (void)path;
    (void)e;
    *m = (struct mapped){ 0 };
    if (input.size > 0) {
        m->data = memcpy(malloc(input.size), input.data, input.size);
        m->size = input.size;
    }
    return 0;
}

void __wrap_file_unmap(struct mapped *m)
{
    free((void *)m->data);
    *m = (struct mapped){ 0 };
}

/* What every target that reads a file does. */
static inline int fuzz_file(unsigned read(const char *path), const uint8_t *data,
                            size_t size)
{
    input = (struct mapped){ data, size };
    read("input");
    return 0;
}

#endif
