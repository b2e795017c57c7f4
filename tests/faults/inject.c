/* Injects faults around filters and says what became of them:
 *
 *   inject [-n MOST] [-k KIND] [-s SHIM] [STREAM...] < SUBJECTS
 *
 * Each line of SUBJECTS is LABEL | INPUT | FILES | COMMAND: the file that is its
 * standard input (- for none), the files that it writes, and words without quotes.  At
 * most MOST faults of a kind are tried on a subject (0: all there are), evenly over the
 * places where they can be, or faults of KIND alone; of flips and cuts, 600 and 200
 * where programs load models or OpenBLAS, and of memo.  Every bit of each STREAM is
 * flipped in memory, for the reader alone.
 * Status 1 where an outcome was not right. */
#include "cache.h"
#include "kinds.h"
#include "mangle.h"

#include "util/error.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

long faults_most = 0;
struct tally *faults_now;

void faults_try(struct subject *s, const struct fault *f)
{
    enum result r = subject_try(s, f);

    faults_now->same += r == SAME;
    faults_now->error += r == ERROR;
    faults_now->pipe += r == PIPE;
    faults_now->bad += r == BAD;
}

long faults_place_of(long i, long n, long at_most)
{
    long count = n;

    if (faults_most > 0 && faults_most < count)
        count = faults_most;
    if (at_most < count)
        count = at_most;
    return i < count ? (long)((double)n * ((double)i + .5) / (double)count) : -1;
}

long faults_place(long i, long n)
{
    return faults_place_of(i, n, n);
}

bool subject_is_heavy(const struct subject *s)
{
    return s->cached || strstr(s->command, " -m ") || strstr(s->command, "--threads");
}

static const struct {
    const char *name;
    void (*try)(struct subject *s, const char *kind);
    char needs; /* s: an input that is a stream; t: --threads; 0: nothing */
} kinds[] = {
    { "bit flipped", kind_flip, 's' },
    { "cut short", kind_cut, 's' },
    { "upstream killed", kind_upstream_killed, 's' },
    { "upstream fails late", kind_upstream_fails, 's' },
    { "repeated frame", kind_reorder, 's' },
    { "dropped frame", kind_reorder, 's' },
    { "swapped frames", kind_reorder, 's' },
    { "two, one cut", kind_concatenate, 's' },
    { "downstream gone", kind_downstream_gone, 0 },
    { "short reads, writes", kind_short_calls, 0 },
    { "EINTR", kind_eintr, 0 },
    { "ENOSPC", kind_enospc, 0 },
    { "EIO", kind_eio, 0 },
    { "other chunks", kind_other_cuts, 's' },
    { "slow, dribbling", kind_timing, 's' },
    { "unknown keys", kind_unknown_keys, 's' },
    { "newer format", kind_newer_format, 's' },
    { "threads", kind_threads, 't' },
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static struct tally total[KINDS];
static const char *only_kind;

static bool applies(const struct subject *s, char needs)
{
    return needs == 0 || (needs == 't' && strstr(s->command, "--threads")) ||
           (needs == 's' && s->in.n > 11 && s->in.p[0] == 0x96);
}

static void try_all(struct subject *s)
{
    for (int k = 0; k < KINDS; k++) {
        struct tally t = { 0 };

        faults_now = &t;
        if (!applies(s, kinds[k].needs) ||
            (only_kind && strcmp(only_kind, kinds[k].name) != 0))
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
    for (long i = 0, at; (at = faults_place_of(i, 8 * (long)b.n, LONG_MAX)) >= 0; i++) {
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
    printf("the reader\tevery bit, in memory\t%ld\t0\t%ld\t0\t%ld\n", t.error + t.bad,
           t.error, t.bad);
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
    setenv("MILLRACE_CACHE", CACHE_FOLDER, 1);
    while ((code = getopt(argc, argv, "n:k:s:")) != -1)
        if (code == 'n')
            faults_most = strtol(optarg, NULL, 10);
        else if (code == 'k')
            only_kind = optarg;
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
