#include "bytes.h"

#include "util/channel.h"
#include "util/error.h"
#include "util/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void bytes_add(struct bytes *b, const void *p, size_t n)
{
    if (b->n + n > b->room) {
        b->room = 2 * (b->n + n);
        b->p = mem_resize(b->p, b->room, 1);
    }
    if (n > 0)
        memcpy(b->p + b->n, p, n);
    b->n += n;
}

void bytes_free(struct bytes *b)
{
    free(b->p);
    *b = (struct bytes){ 0 };
}

bool bytes_equal(const struct bytes *a, const struct bytes *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

bool bytes_read(struct bytes *b, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    *b = (struct bytes){ 0 };
    if (fd < 0)
        return false;
    *b = bytes_of(fd);
    close(fd);
    return true;
}

void bytes_write(const struct bytes *b, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (fd < 0 || write_all(fd, b->p, b->n) != 0)
        die("%s: %s", path, strerror(errno));
    close(fd);
}

int bytes_file(const struct bytes *b)
{
    int fd = memfd_create("bytes", MFD_CLOEXEC);

    if (fd < 0 || write_all(fd, b->p, b->n) != 0)
        die("a file in memory: %s", strerror(errno));
    lseek(fd, 0, SEEK_SET);
    return fd;
}

struct bytes bytes_of(int fd)
{
    struct bytes b = { 0 };
    off_t size = lseek(fd, 0, SEEK_END), at = 0;

    b.room = b.n = size > 0 ? (size_t)size : 0;
    b.p = mem_new(b.n + 1, 1);
    while (at < size) {
        ssize_t got = pread(fd, b.p + at, (size_t)(size - at), at);

        if (got <= 0)
            die("reading back: %s", strerror(errno));
        at += got;
    }
    return b;
}
