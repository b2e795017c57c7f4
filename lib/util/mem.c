#include "util/mem.h"

#include "util/error.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t product(size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - 64)
        die("out of memory: %zu x %zu bytes asked for", count, size);
    return bytes ? bytes : 1;
}

void *mem_new(size_t count, size_t size)
{
    size_t bytes = product(count, size);
    void *p = aligned_alloc(64, (bytes + 63) / 64 * 64);

    if (!p)
        die("out of memory: %zu bytes asked for", bytes);
    return memset(p, 0, bytes);
}

void *mem_resize(void *old, size_t count, size_t size)
{
    size_t bytes = product(count, size);
    void *p = realloc(old, bytes);

    if (!p)
        die("out of memory: %zu bytes asked for", bytes);
    return p;
}

char *mem_string(const char *s)
{
    size_t n = strlen(s) + 1;

    return memcpy(mem_new(n, 1), s, n);
}

char *mem_format(const char *format, ...)
{
    char *s = NULL;
    va_list args;
    int n;

    va_start(args, format);
    n = vasprintf(&s, format, args);
    va_end(args);
    if (n < 0)
        die("out of memory");
    return s;
}

size_t mem_of_machine(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);

    return pages > 0 && page > 0 ? (size_t)pages * (size_t)page : SIZE_MAX;
}
