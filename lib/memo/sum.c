#include "memo/sum.h"

#include "util/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#define PIECE (1 << 18) /* stays in the second cache */

struct sum {
    XXH3_state_t *state;
};

struct sum *sum_new(void)
{
    struct sum *s = mem_new(1, sizeof *s);

    s->state = XXH3_createState();
    if (!s->state)
        die("out of memory");
    sum_restart(s);
    return s;
}

void sum_restart(struct sum *s)
{
    XXH3_128bits_reset(s->state);
}

void sum_add(struct sum *s, const void *bytes, size_t n)
{
    if (n > 0)
        XXH3_128bits_update(s->state, bytes, n);
}

static void format(XXH128_hash_t h, char text[SUM_TEXT])
{
    snprintf(text, SUM_TEXT, "%016llx%016llx", (unsigned long long)h.high64,
             (unsigned long long)h.low64);
}

void sum_text(const struct sum *s, char text[SUM_TEXT])
{
    format(XXH3_128bits_digest(s->state), text);
}

void sum_free(struct sum *s)
{
    XXH3_freeState(s->state);
    free(s);
}

void sum_of(const void *bytes, size_t n, char text[SUM_TEXT])
{
    format(XXH3_128bits(bytes, n), text);
}

int sum_of_file(int fd, int64_t from, int64_t size, int64_t *found, char text[SUM_TEXT])
{
    unsigned char *piece = mem_new(1, PIECE);
    struct sum *s = sum_new();
    int64_t done = 0;
    ssize_t n = 1;

    while (n > 0 && (size < 0 || done < size)) {
        size_t want = size >= 0 && size - done < PIECE ? (size_t)(size - done) : PIECE;

        n = pread(fd, piece, want, from + done);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0) {
            sum_add(s, piece, (size_t)n);
            done += n;
        }
    }
    sum_text(s, text);
    sum_free(s);
    free(piece);
    if (found)
        *found = done;
    return n < 0 ? -1 : 0;
}
