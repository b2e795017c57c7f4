#include "evaluation/trec_write.h"

#include "util/file_write.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The id as one word into text; -1 where it is none. */
static int word(char *text, size_t size, const struct texts *ids, int32_t i,
                const char *what, struct error *e)
{
    const char *id = ids && i < ids->count ? texts_at(ids, i) : NULL;

    if (!id) {
        snprintf(text, size, "%d", i);
        return 0;
    }
    if (!*id || strpbrk(id, " \t\r\n") || strlen(id) >= size)
        return fail(e, "the %s id '%s' is not one word, as TREC's files need it", what,
                    id);
    memcpy(text, id, strlen(id) + 1);
    return 0;
}

struct placed {
    float score;
    uint64_t draw;
    int32_t item;
};

static int by_score(const struct placed *x, const struct placed *y)
{
    if (isnan(x->score) || isnan(y->score))
        return isnan(x->score) - isnan(y->score);
    return (x->score < y->score) - (x->score > y->score);
}

static int by_place(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    int order = by_score(x, y);

    if (order)
        return order;
    if (x->draw != y->draw)
        return x->draw < y->draw ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

/* User u's candidates in order: placed (columns); how many, 0 without any score. */
static int place_all(struct placed *placed, const struct evaluation *v,
                     const float *score, int64_t u, bool *tied)
{
    rng r = rng_keyed("metrics ties", v->seed, (uint64_t)v->user[u], 0);
    bool scored = false;
    int n = 0;

    for (int j = 0; j < v->columns; j++) {
        int32_t item = v->item[u * v->columns + j];

        if (item < 0)
            continue;
        placed[n++] = (struct placed){ score[u * v->columns + j], rng_next(&r), item };
        scored |= !isnan(placed[n - 1].score);
    }
    qsort(placed, (size_t)n, sizeof *placed, by_place);
    *tied = false;
    for (int i = 1; i < n; i++)
        *tied |= by_score(&placed[i - 1], &placed[i]) == 0;
    return scored ? n : 0;
}

static int write_user(FILE *f, const struct trec_ids *ids, int32_t user,
                      const struct placed *placed, int n, const char *tag,
                      struct error *e)
{
    char query[256], document[256];

    if (word(query, sizeof query, ids->user, user, "user", e) < 0)
        return -1;
    for (int i = 0; i < n; i++) {
        if (word(document, sizeof document, ids->item, placed[i].item, "item", e) < 0)
            return -1;
        fprintf(f, "%s Q0 %s %d %d %s\n", query, document, i + 1, n - 1 - i, tag);
    }
    return 0;
}

static int close_file(struct file_write *a, int got, struct error *e)
{
    if (got == 0)
        return file_write_commit(a, e);
    file_write_abandon(a);
    return -1;
}

int trec_write_run(const struct evaluation *v, const struct trec_ids *ids,
                   const float *score, const char *tag, const char *path, int64_t *tied,
                   struct error *e)
{
    struct placed *placed;
    struct file_write a;
    int got = 0;

    *tied = 0;
    if (!*tag || strpbrk(tag, " \t\r\n"))
        return fail(e, "the scorer's name '%s' is not one word, as TREC's files need it",
                    tag);
    if (v->people < v->users)
        return fail(e, "some users have several rows of candidates, and a TREC run ranks "
                       "once for each");
    if (file_write_begin(&a, path, e) < 0)
        return -1;
    placed = mem_new((size_t)v->columns, sizeof *placed);
    for (int64_t u = 0; u < v->users && got == 0; u++) {
        bool drawn;
        int n = place_all(placed, v, score, u, &drawn);

        *tied += drawn && n > 0;
        got = write_user(a.f, ids, v->user[u], placed, n, tag, e);
    }
    free(placed);
    return close_file(&a, got, e);
}

int trec_write_qrels(const struct evaluation *v, const struct trec_ids *ids,
                     const char *path, struct error *e)
{
    char query[256], document[256];
    struct file_write a;
    int got = 0;

    if (file_write_begin(&a, path, e) < 0)
        return -1;
    for (int64_t u = 0; u < v->users && got == 0; u++) {
        got = word(query, sizeof query, ids->user, v->user[u], "user", e);
        if (got == 0)
            got = word(document, sizeof document, ids->item, v->true_item[u], "item", e);
        if (got == 0)
            fprintf(a.f, "%s 0 %s 1\n", query, document);
    }
    return close_file(&a, got, e);
}
