#include "memo/hold.h"

#include "util/channel.h"
#include "util/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PIECE (1 << 18)

_Noreturn static void die_full(const struct hold *h, int why)
{
    die("%s; and in memory: %s", h->why.text, strerror(why));
}

static int new_memory(const struct hold *h)
{
    int fd = memfd_create("memo", MFD_CLOEXEC);

    if (fd < 0)
        die_full(h, errno);
    return fd;
}

void hold_open(struct hold *h, const struct cache *c)
{
    *h = (struct hold){ .path = c->path };
    if (cache_scratch(&h->file, c, &h->why) < 0)
        h->file.fd = new_memory(h);
}

/* The h->size bytes from the disk, to the end of the file in memory. */
static void copy(const struct hold *h, int memory)
{
    char *piece = mem_new(PIECE, 1);
    int64_t done = 0;
    int error;

    while (done < h->size) {
        size_t want = h->size - done < PIECE ? (size_t)(h->size - done) : PIECE;
        ssize_t n = pread(h->file.fd, piece, want, done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            die("%s: %s", h->path, n ? strerror(errno) : "a file there is cut short");
        if ((error = write_all(memory, piece, (size_t)n)) != 0)
            die_full(h, error);
        done += n;
    }
    free(piece);
}

/* Gives the disk its room back. */
static void move_to_memory(struct hold *h)
{
    int memory = new_memory(h);

    copy(h, memory);
    scratch_close(&h->file);
    h->file.fd = memory;
}

void hold_write(struct hold *h, const void *p, size_t n)
{
    int error = write_all(h->file.fd, p, n);

    if (error && h->why.text[0])
        die_full(h, error);
    if (error) {
        fail(&h->why, "%s: %s", h->path, strerror(error));
        move_to_memory(h);
        if ((error = write_all(h->file.fd, p, n)) != 0)
            die_full(h, error);
    }
    h->size += (int64_t)n;
}

void hold_close(struct hold *h)
{
    scratch_close(&h->file);
    *h = (struct hold)HOLD_NOTHING;
}
