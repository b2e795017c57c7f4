#include "kinds.h"

#include "util/error.h"
#include "util/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void kind_downstream_gone(struct subject *s, const char *kind)
{
    if (s->out.n == 0)
        return;
    for (int i = 0; i < 2; i++)
        faults_try(s, &(struct fault){
            kind, { .sink = SINK_GONE, .sink_bytes = i ? 1 : 0 },
            PIPE | (i ? SAME : 0), NULL, NULL });
    faults_try(s, &(struct fault){
        kind, { .sink = SINK_GONE, .ignore_sigpipe = true },
                                        ERROR, "Broken pipe", NULL });
}

static void try_shim(struct subject *s, const char *kind, const char *fault,
                     unsigned allowed, const char *says)
{
    if (s->cached) /* can do without what it cannot keep, remember or take from there */
        allowed |= SAME;
    faults_try(s, &(struct fault){ kind, { .fault = fault }, allowed, says, NULL });
}

void kind_short_calls(struct subject *s, const char *kind)
{
    try_shim(s, kind, "short=1", SAME, NULL);
    try_shim(s, kind, "short=7", SAME, NULL);
}

void kind_eintr(struct subject *s, const char *kind)
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

    if (subject_try(s, &(struct fault){ kind, { .fault = fault }, SAME, NULL, NULL }) !=
        SAME)
        faults_now->bad++;
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
    long most = s->cached && !reads ? n : CALLS_MOST;

    for (long i = 0, at; (at = faults_place_of(i, n, most)) >= 0; i++) {
        char *spec = mem_format("short=%d,%s=%ld", PIECE, fault, at + 1);

        try_shim(s, kind, spec, ERROR, says);
        free(spec);
    }
}

void kind_enospc(struct subject *s, const char *kind)
{
    failing_calls(s, kind, "enospc", false, "No space left on device");
    failing_calls(s, kind, "once", false, "No space left on device");
    if (s->out.n > 0)
        faults_try(s, &(struct fault){ kind, { .sink = SINK_FULL }, ERROR,
                                            "No space left on device", NULL });
}

void kind_eio(struct subject *s, const char *kind)
{
    failing_calls(s, kind, "eio", true, "Input/output error");
}

void kind_timing(struct subject *s, const char *kind)
{
    static const enum feed feeds[] = { FEED_SLOW, FEED_DRIBBLE };

    for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++)
        faults_try(s, &(struct fault){
            kind, { .feed = feeds[i], .sink = SINK_PIPE }, SAME, NULL, NULL });
}

void kind_threads(struct subject *s, const char *kind)
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
        faults_try(s, &(struct fault){ kind, { .argv = argv }, SAME, NULL, NULL });
    }
}
