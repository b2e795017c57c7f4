/* The fuzzer's input as a file that has a path: for readers of pipes and of lines. */
#ifndef FUZZ_HELD_H
#define FUZZ_HELD_H

#include "util/file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __real_file_map(struct mapped *m, const char *path, struct error *e);
void __real_file_unmap(struct mapped *m);
int __wrap_file_map(struct mapped *m, const char *path, struct error *e);
void __wrap_file_unmap(struct mapped *m);

int __wrap_file_map(struct mapped *m, const char *path, struct error *e)
{
    return __real_file_map(m, path, e);
}

void __wrap_file_unmap(struct mapped *m)
{
    __real_file_unmap(m);
}

/* Calls look with the path of a file of these bytes. */
static inline int held_file(unsigned look(const char *path), const uint8_t *data,
                            size_t size)
{
    int fd = memfd_create("input", 0);
    char path[64];
    unsigned sum;

    quiet = true;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    sum = look(path);
    close(fd);
    return sum == 1234567 ? -1 : 0;
}

#endif
