#include "cache.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { FOLDERS_OPEN = 8 };

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *at)
{
    (void)s, (void)kind, (void)at;
    return remove(path);
}

static struct outcome run_undisturbed(const struct subject *s, bool shim)
{
    struct job job = { .argv = (char **)s->argv, .in = s->reads ? &s->in : NULL,
                       .fault = shim ? "none" : NULL };

    return process_run(&job);
}

void cache_prepare(const struct subject *s, bool shim)
{
    struct outcome o;

    if (!s->cached)
        return;
    nftw(CACHE_FOLDER, remove_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS);
    if (!s->hit)
        return;
    o = run_undisturbed(s, shim);
    outcome_free(&o);
}

/* Is it a file that a whole cache does not have? */
static int is_left(const char *path, const struct stat *s, int kind, struct FTW *at)
{
    bool known = strcmp(path, CACHE_FOLDER "/lock") == 0 ||
                 strncmp(path, CACHE_FOLDER "/digests/", 14) == 0 ||
                 (strncmp(path, CACHE_FOLDER "/entries/", 14) == 0 &&
                  strlen(path + at->base) == 32);

    (void)s;
    return kind != FTW_D && !known;
}

const char *cache_check(const struct subject *s, bool shim)
{
    struct outcome o;
    const char *why = NULL;

    if (!s->cached)
        return NULL;
    o = run_undisturbed(s, shim);
    if (o.status != 0 || o.signal != 0 || !bytes_equal(&o.out, &s->out))
        why = "afterwards its cache gives another answer, or none";
    else if (memmem(o.err.p, o.err.n, "computing it again", 18))
        why = "afterwards there is a damaged answer in its cache";
    else if (nftw(CACHE_FOLDER, is_left, FOLDERS_OPEN, FTW_PHYS) != 0)
        why = "a file is left in its cache";
    outcome_free(&o);
    return why;
}
