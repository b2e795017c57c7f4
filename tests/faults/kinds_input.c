#include "kinds.h"

#include "mangle.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

static void try_input(struct subject *s, const char *kind, struct bytes in,
                      unsigned allowed, const char *says)
{
    struct fault f = { kind, { .in = &in }, allowed, says, NULL };

    faults_try(s, &f);
    bytes_free(&in);
}

static struct bytes first_bytes(const struct bytes *b, size_t n)
{
    struct bytes part = { 0 };

    bytes_add(&part, b->p, n);
    return part;
}

void kind_flip(struct subject *s, const char *kind)
{
    long n = (long)s->in.n, at_most = subject_is_heavy(s) ? 600 : n;

    for (long i = 0, at; (at = faults_place_of(i, n, at_most)) >= 0; i++) {
        struct bytes b = first_bytes(&s->in, s->in.n);

        b.p[at] ^= (unsigned char)(1 << (at * 5 + i) % 8);
        try_input(s, kind, b, ERROR, NULL);
    }
}

void kind_cut(struct subject *s, const char *kind)
{
    long n = (long)s->in.n, at_most = subject_is_heavy(s) ? 200 : 1000;

    for (long i = 0, at; (at = faults_place_of(i, n, at_most)) >= 0; i++)
        try_input(s, kind, first_bytes(&s->in, (size_t)at), ERROR,
                  at ? "cut short" : "no input");
}

void kind_upstream_killed(struct subject *s, const char *kind)
{
    for (long i = 0; i < (faults_most ? 2 : 8); i++) {
        size_t n = s->in.n * (size_t)(2 * i + 1) / (faults_most ? 4 : 16);

        faults_try(s, &(struct fault){ kind, { .feed = FEED_KILLED, .feed_bytes = n },
                                            ERROR, "cut short", NULL });
    }
}

void kind_upstream_fails(struct subject *s, const char *kind)
{
    faults_try(s, &(struct fault){ kind, { .feed = FEED_FAILS }, SAME, NULL, NULL });
}

/* Orders of frames: repeated, dropped, exchanged with the next, all but the end
 * turned round, moved to the front. */
void kind_reorder(struct subject *s, const char *kind)
{
    struct frames f = frames_of(&s->in);
    int *order = mem_new((size_t)f.count + 1, sizeof *order);

    for (long i = 0, at; (at = faults_place(i, f.count)) >= 0; i++) {
        int n = 0;

        for (int j = 0; j < f.count; j++) {
            if (kind[0] != 'd' || j != at)
                order[n++] = j;
            if (kind[0] == 'r' && j == at)
                order[n++] = j;
        }
        if (kind[0] == 's') {
            int next = (int)(at + 1) % f.count, swap = order[at];

            order[at] = order[next];
            order[next] = swap;
        }
        try_input(s, kind, frames_join(&f, order, n), ERROR, NULL);
    }
    frames_free(&f);
    free(order);
}

/* Whole and cut, cut and whole. */
void kind_concatenate(struct subject *s, const char *kind)
{
    for (long i = 0, at; (at = faults_place_of(i, (long)s->in.n - 1, 50)) >= 0; i++) {
        size_t n = (size_t)at + 1;
        struct bytes a = first_bytes(&s->in, s->in.n), b = first_bytes(&s->in, n);

        bytes_add(&a, s->in.p, n);
        bytes_add(&b, s->in.p, s->in.n);
        try_input(s, kind, a, ERROR, "cut short");
        try_input(s, kind, b, ERROR, NULL);
    }
}

/* Own content and what passed by, however it is cut. */
static bool same_content(const struct subject *s, const struct bytes *in,
                         const struct bytes *out)
{
    (void)in;
    return bytes_equal(out, &s->out) || (s->streams && stream_same(out, &s->out));
}

void kind_other_cuts(struct subject *s, const char *kind)
{
    static const int rows[] = { 1, 2, 3, 7 };
    unsigned allowed = SAME | (s->hit ? FROM_CACHE : 0);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes b = stream_cut_again(&s->in, rows[i]);

        faults_try(s, &(struct fault){ kind, { .in = &b }, allowed, NULL, same_content });
        bytes_free(&b);
    }
}

/* A whole answer that holds the strange heads. */
static bool passed_on(const struct subject *s, const struct bytes *in,
                      const struct bytes *out)
{
    bool only = memmem(s->command, strlen(s->command), " --only", 7) != NULL;

    return s->streams && !only ? stream_whole(out) && stream_passes_heads(in, out)
                               : bytes_equal(out, &s->out);
}

void kind_unknown_keys(struct subject *s, const char *kind)
{
    struct bytes b = stream_with_keys(&s->in);

    faults_try(s, &(struct fault){ kind, { .in = &b }, SAME, NULL, passed_on });
    bytes_free(&b);
}

void kind_newer_format(struct subject *s, const char *kind)
{
    try_input(s, kind, stream_of_version(&s->in, 2), ERROR, "format version 2");
}
