/* Injects faults around filters and says what became of them:
 *
 *   inject [-n MOST] [-s SHIM] [STREAM...] < SUBJECTS
 *
 * Each line of SUBJECTS is LABEL | INPUT | FILES | COMMAND: the file that is its
 * standard input (- for none), the files that it writes, and words without quotes.  At
 * most MOST faults of a kind are tried on a subject (0: all there are), evenly over the
 * places where they can be; of flips and cuts, 600 and 200 where programs load models
 * or OpenBLAS.  Every bit of each STREAM is flipped in memory, for the reader alone.
 * Status 1 where an outcome was not right. */
#include "mangle.h"
#include "subject.h"

#include "util/error.h"
#include "util/mem.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long most = 0;

/* What came of the faults of one kind. */
struct tally {
    long same, error, pipe, bad;
};

static struct tally *now; /* of the kind and subject being tried */

static void add(enum result r)
{
    now->same += r == SAME;
    now->error += r == ERROR;
    now->pipe += r == PIPE;
    now->bad += r == BAD;
}

/* The i-th of the places 0..n-1 that are tried, at most that many and -n, or -1 past
 * the last. */
static long place_of(long i, long n, long at_most)
{
    long count = n;

    if (most > 0 && most < count)
        count = most;
    if (at_most < count)
        count = at_most;
    return i < count ? (long)((double)n * ((double)i + .5) / (double)count) : -1;
}

static long place(long i, long n)
{
    return place_of(i, n, n);
}

/* Programs that start slowly. */
static bool heavy(const struct subject *s)
{
    return strstr(s->command, " -m ") || strstr(s->command, "--threads");
}

static void try_input(struct subject *s, const char *kind, struct bytes in,
                      unsigned allowed, const char *says)
{
    struct fault f = { kind, { .in = &in }, allowed, says, NULL };

    add(subject_try(s, &f));
    bytes_free(&in);
}

static struct bytes first_bytes(const struct bytes *b, size_t n)
{
    struct bytes part = { 0 };

    bytes_add(&part, b->p, n);
    return part;
}

static void flip(struct subject *s, const char *kind)
{
    long n = (long)s->in.n, at_most = heavy(s) ? 600 : n;

    for (long i = 0, at; (at = place_of(i, n, at_most)) >= 0; i++) {
        struct bytes b = first_bytes(&s->in, s->in.n);

        b.p[at] ^= (unsigned char)(1 << (at * 5 + i) % 8);
        try_input(s, kind, b, ERROR, NULL);
    }
}

static void cut(struct subject *s, const char *kind)
{
    for (long i = 0, at; (at = place_of(i, (long)s->in.n, heavy(s) ? 200 : 1000)) >= 0; i++)
        try_input(s, kind, first_bytes(&s->in, (size_t)at), ERROR,
                  at ? "cut short" : "no input");
}

static void upstream_killed(struct subject *s, const char *kind)
{
    for (long i = 0; i < (most ? 2 : 8); i++) {
        size_t n = s->in.n * (size_t)(2 * i + 1) / (most ? 4 : 16);

        add(subject_try(s, &(struct fault){ kind, { .feed = FEED_KILLED, .feed_bytes = n },
                                            ERROR, "cut short", NULL }));
    }
}

static void upstream_fails(struct subject *s, const char *kind)
{
    add(subject_try(s, &(struct fault){ kind, { .feed = FEED_FAILS }, SAME, NULL, NULL }));
}

/* Orders of frames: repeated, dropped, exchanged with the next, all but the end
 * turned round, moved to the front. */
static void reorder(struct subject *s, const char *kind)
{
    struct frames f = frames_of(&s->in);
    int *order = mem_new((size_t)f.count + 1, sizeof *order);

    for (long i = 0, at; (at = place(i, f.count)) >= 0; i++) {
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
static void concatenate(struct subject *s, const char *kind)
{
    for (long i = 0, at; (at = place_of(i, (long)s->in.n - 1, 50)) >= 0; i++) {
        size_t n = (size_t)at + 1;
        struct bytes a = first_bytes(&s->in, s->in.n), b = first_bytes(&s->in, n);

        bytes_add(&a, s->in.p, n);
        bytes_add(&b, s->in.p, s->in.n);
        try_input(s, kind, a, ERROR, "cut short");
        try_input(s, kind, b, ERROR, NULL);
    }
}

static void downstream_gone(struct subject *s, const char *kind)
{
    if (s->out.n == 0)
        return;
    for (int i = 0; i < 2; i++)
        add(subject_try(s, &(struct fault){
            kind, { .sink = SINK_GONE, .sink_bytes = i ? 1 : 0 },
            PIPE | (i ? SAME : 0), NULL, NULL }));
    add(subject_try(s, &(struct fault){ kind, { .sink = SINK_GONE, .ignore_sigpipe = true },
                                        ERROR, "Broken pipe", NULL }));
}

static void try_shim(struct subject *s, const char *kind, const char *fault,
                     unsigned allowed, const char *says)
{
    add(subject_try(s, &(struct fault){ kind, { .fault = fault }, allowed, says, NULL }));
}

static void short_calls(struct subject *s, const char *kind)
{
    try_shim(s, kind, "short=1", SAME, NULL);
    try_shim(s, kind, "short=7", SAME, NULL);
}

static void eintr(struct subject *s, const char *kind)
{
    try_shim(s, kind, "eintr", SAME, NULL);
    try_shim(s, kind, "eintr,short=64", SAME, NULL);
}

/* How many writing calls or reads there are with pieces of that size. */
static long count_calls(struct subject *s, const char *kind, int piece, bool reads)
{
    char *fault = mem_format("short=%d,count=calls.%ld", piece, (long)getpid());
    const char *path = strstr(fault, "count=") + strlen("count=");
    long writes = 0, read = 0;
    FILE *file;

    if (subject_try(s, &(struct fault){ kind, { .fault = fault }, SAME, NULL, NULL }) != SAME)
        now->bad++;
    file = fopen(path, "r");
    if (!file || fscanf(file, "%ld %ld", &writes, &read) != 2)
        die("%s: the shim did not count", s->label);
    fclose(file);
    unlink(path);
    free(fault);
    return reads ? read : writes;
}

enum { PIECE = 256, CALLS_MOST = 40 };

static void failing_calls(struct subject *s, const char *kind, const char *fault,
                          bool reads, const char *says)
{
    long n = count_calls(s, kind, PIECE, reads);

    for (long i = 0, at; (at = place_of(i, n, CALLS_MOST)) >= 0; i++) {
        char *spec = mem_format("short=%d,%s=%ld", PIECE, fault, at + 1);

        try_shim(s, kind, spec, ERROR, says);
        free(spec);
    }
}

static void enospc(struct subject *s, const char *kind)
{
    failing_calls(s, kind, "enospc", false, "No space left on device");
    failing_calls(s, kind, "once", false, "No space left on device");
    if (s->out.n > 0)
        add(subject_try(s, &(struct fault){ kind, { .sink = SINK_FULL }, ERROR,
                                            "No space left on device", NULL }));
}

static void eio(struct subject *s, const char *kind)
{
    failing_calls(s, kind, "eio", true, "Input/output error");
}

/* Own content and what passed by, however it is cut. */
static bool same_content(const struct subject *s, const struct bytes *in,
                         const struct bytes *out)
{
    (void)in;
    return bytes_equal(out, &s->out) || (s->streams && stream_same(out, &s->out));
}

static void other_cuts(struct subject *s, const char *kind)
{
    static const int rows[] = { 1, 2, 3, 7 };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes b = stream_cut_again(&s->in, rows[i]);

        add(subject_try(s, &(struct fault){ kind, { .in = &b }, SAME, NULL, same_content }));
        bytes_free(&b);
    }
}

static void timing(struct subject *s, const char *kind)
{
    static const enum feed feeds[] = { FEED_SLOW, FEED_DRIBBLE };

    for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++)
        add(subject_try(s, &(struct fault){
            kind, { .feed = feeds[i], .sink = SINK_PIPE }, SAME, NULL, NULL }));
}

/* A whole answer that holds the strange heads. */
static bool passed_on(const struct subject *s, const struct bytes *in,
                      const struct bytes *out)
{
    bool only = memmem(s->command, strlen(s->command), " --only", 7) != NULL;

    return s->streams && !only ? stream_whole(out) && stream_passes_heads(in, out)
                               : bytes_equal(out, &s->out);
}

static void unknown_keys(struct subject *s, const char *kind)
{
    struct bytes b = stream_with_keys(&s->in);

    add(subject_try(s, &(struct fault){ kind, { .in = &b }, SAME, NULL, passed_on }));
    bytes_free(&b);
}

static void newer_format(struct subject *s, const char *kind)
{
    try_input(s, kind, stream_of_version(&s->in, 2), ERROR, "format version 2");
}

static void threads(struct subject *s, const char *kind)
{
    static char *const counts[] = { "--threads=1", "--threads=2", "--threads=3",
                                    "--threads=5" };
    char *argv[WORDS_MAX + 2];
    int n = 0;

    while (s->argv[n]) {
        argv[n] = s->argv[n];
        n++;
    }
    argv[n + 1] = NULL;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        argv[n] = counts[i];
        add(subject_try(s, &(struct fault){ kind, { .argv = argv }, SAME, NULL, NULL }));
    }
}

static const struct {
    const char *name;
    void (*try)(struct subject *s, const char *kind);
    char needs; /* s: an input that is a stream; t: --threads; 0: nothing */
} kinds[] = {
    { "bit flipped", flip, 's' },
    { "cut short", cut, 's' },
    { "upstream killed", upstream_killed, 's' },
    { "upstream fails late", upstream_fails, 's' },
    { "repeated frame", reorder, 's' },
    { "dropped frame", reorder, 's' },
    { "swapped frames", reorder, 's' },
    { "two, one cut", concatenate, 's' },
    { "downstream gone", downstream_gone, 0 },
    { "short reads, writes", short_calls, 0 },
    { "EINTR", eintr, 0 },
    { "ENOSPC", enospc, 0 },
    { "EIO", eio, 0 },
    { "other chunks", other_cuts, 's' },
    { "slow, dribbling", timing, 's' },
    { "unknown keys", unknown_keys, 's' },
    { "newer format", newer_format, 's' },
    { "threads", threads, 't' },
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static struct tally total[KINDS];

static bool applies(const struct subject *s, char needs)
{
    return needs == 0 || (needs == 't' && strstr(s->command, "--threads")) ||
           (needs == 's' && s->in.n > 11 && s->in.p[0] == 0x96);
}

static void try_all(struct subject *s)
{
    for (int k = 0; k < KINDS; k++) {
        struct tally t = { 0 };

        now = &t;
        if (!applies(s, kinds[k].needs))
            continue;
        kinds[k].try(s, kinds[k].name);
        printf("%s\t%s\t%ld\t%ld\t%ld\t%ld\t%ld\n", s->label, kinds[k].name,
               t.same + t.error + t.pipe + t.bad, t.same, t.error, t.pipe, t.bad);
        fflush(stdout);
        total[k].bad += t.bad;
    }
}

/* Every bit of a stream flipped, for the reader in this process. */
static long flip_all_bits(const char *path)
{
    struct tally t = { 0 };
    struct bytes b;

    if (!bytes_read(&b, path) || !stream_whole(&b))
        die("%s: not a whole stream", path);
    for (long i = 0, at; (at = place_of(i, 8 * (long)b.n, LONG_MAX)) >= 0; i++) {
        unsigned char bit = (unsigned char)(1 << at % 8);

        b.p[at / 8] ^= bit;
        if (stream_whole(&b)) {
            printf("not right: the reader: bit %ld of %s\n", at, path);
            t.bad++;
        } else {
            t.error++;
        }
        b.p[at / 8] ^= bit;
    }
    printf("the reader\tevery bit, in memory\t%ld\t0\t%ld\t0\t%ld\n", t.error + t.bad, t.error,
           t.bad);
    bytes_free(&b);
    return t.bad;
}

int main(int argc, char **argv)
{
    char *line = NULL;
    size_t room = 0;
    long bad = 0;
    int code;

    program_name = "inject";
    while ((code = getopt(argc, argv, "n:s:")) != -1)
        if (code == 'n')
            most = strtol(optarg, NULL, 10);
        else if (code == 's')
            process_shim = optarg;
        else
            return STATUS_USAGE;
    for (; optind < argc; optind++)
        bad += flip_all_bits(argv[optind]);
    while (getline(&line, &room, stdin) > 0) {
        struct subject s;

        if (line[0] == '#' || line[0] == '\n')
            continue;
        subject_open(&s, line);
        try_all(&s);
        subject_close(&s);
    }
    free(line);
    for (int k = 0; k < KINDS; k++)
        bad += total[k].bad;
    return bad > 0;
}
