/* Streams in the making, for tests. */
#ifndef UNIT_STREAM_HELP_H
#define UNIT_STREAM_HELP_H

#include "stream/writer.h"
#include "util/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

struct bytes {
    unsigned char *p;
    size_t n;
};

/* All of the file, which is closed; free .p. */
static inline struct bytes contents(int fd)
{
    struct bytes b;

    b.n = (size_t)lseek(fd, 0, SEEK_END);
    b.p = mem_new(b.n, 1);
    assert_int_equal(pread(fd, b.p, b.n, 0), b.n);
    close(fd);
    return b;
}

static inline void head(struct writer *w)
{
    const struct attr options[] = { { "dim", "2" }, { NULL, NULL } };

    writer_head(w, "cf-embed", "0.1.0", "42", options);
}

#endif
