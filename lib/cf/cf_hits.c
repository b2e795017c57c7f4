#include "cf/cf_hits.h"

#include "metrics/expected.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <stdlib.h>

static bool is_own(const struct history *h, int user, int32_t item)
{
    for (int64_t i = h->first[user]; i < h->first[user + 1]; i++)
        if (h->item[i] == item)
            return true;
    return false;
}

static real score(const struct cf_model *m, const real *x, int item)
{
    real s;

    cf_model_score(m, &s, x, item, 1);
    return s;
}

/* An item that is not the user's own and not among the n drawn ones, or -1: a small
 * catalogue may have no more. */
static int32_t draw(const struct history *h, int user, rng *r, const int32_t *drawn,
                    int n)
{
    enum { TRIES = 1000 };

    for (int tries = 0; tries < TRIES; tries++) {
        int32_t item = (int32_t)rng_below(r, (uint64_t)h->items);
        bool old = is_own(h, user, item);

        for (int i = 0; i < n && !old; i++)
            old = drawn[i] == item;
        if (!old)
            return item;
    }
    return -1;
}

/* The mean of hr@1 over the orders of ties: 0 below an item, 1 / ties beside. */
static double hit(const struct cf_model *m, const struct history *h, const real *x,
                  const struct cf_position *p, uint64_t seed)
{
    int32_t drawn[HITS_NEGATIVES];
    rng r = rng_keyed("cf-train hits", seed, (uint64_t)p->split, (uint64_t)p->user);
    real truth = score(m, x, h->item[p->end]);
    int tied = 1;

    for (int i = 0; i < HITS_NEGATIVES; i++) {
        real s;

        drawn[i] = draw(h, p->user, &r, drawn, i);
        if (drawn[i] < 0)
            break;
        s = score(m, x, drawn[i]);
        if (s > truth)
            return 0;
        tied += s == truth;
    }
    return 1.0 / tied;
}

/* The targets of that split of every stride-th user; free with free(). */
static struct cf_position *targets(const struct history *h, enum split split, int stride,
                                   long *n)
{
    struct cf_position *p = mem_new((size_t)(h->users / stride) + 1, sizeof *p);

    *n = 0;
    for (int u = 0; u < h->users; u += stride) {
        int64_t row = history_target(h, u, split);

        if (row >= 0)
            p[(*n)++] = (struct cf_position){ u, row, split };
    }
    return p;
}

double cf_hits(const struct cf_model *m, const struct history *h, enum split split,
               uint64_t seed)
{
    long n, seen = 0;
    struct cf_position *p = targets(h, split, h->users / HITS_USERS + 1, &n);
    real *x = mem_new((size_t)n * (size_t)m->width, sizeof *x);
    double sum = 0;

    cf_model_represent(m, h, x, p, n);
    for (long i = 0; i < n; i++)
        if (!isnan(x[i * m->width])) {
            sum += hit(m, h, x + i * m->width, &p[i], seed);
            seen++;
        }
    free(p);
    free(x);
    return seen > 0 ? sum / (double)seen : NAN;
}

/* What a validation item's rank in the catalogue is worth. */
static double valid_ndcg(const struct cf_model *m, const struct history *h, const real *x,
                         const struct cf_position *p, real *scores)
{
    int64_t first = h->first[p->user];

    cf_model_score(m, scores, x, 0, m->items);
    return expected_ndcg(expected_share_above(scores, m->items, h->item[p->end],
                                              h->item + first, p->end - first));
}

/* The targets of that split of at most so many users (0: all), evenly spread; free with
 * free(). */
static struct cf_position *spread_targets(const struct history *h, enum split split,
                                          long users, long *n)
{
    long all;
    struct cf_position *p = targets(h, split, 1, &all);

    *n = users > 0 && users < all ? users : all;
    for (long i = 0; i < *n; i++)
        p[i] = p[(long)((double)i * (double)all / (double)*n)];
    return p;
}

double cf_valid_ndcg(const struct cf_model *m, const struct history *h, long users)
{
    long n, seen = 0;
    struct cf_position *p = spread_targets(h, SPLIT_VALID, users, &n);
    real *x = mem_new((size_t)n * (size_t)m->width, sizeof *x);
    double *ndcg = mem_new((size_t)n, sizeof *ndcg), sum = 0;

    cf_model_represent(m, h, x, p, n);
#pragma omp parallel
    {
        real *scores = mem_new((size_t)m->items, sizeof *scores);

#pragma omp for schedule(dynamic, 16)
        for (long i = 0; i < n; i++)
            if (!isnan(x[i * m->width]))
                ndcg[i] = valid_ndcg(m, h, x + i * m->width, &p[i], scores);
        free(scores);
    }
    for (long i = 0; i < n; i++) {
        sum += ndcg[i];
        seen += !isnan(x[i * m->width]);
    }
    free(p), free(x), free(ndcg);
    return seen > 0 ? sum / (double)seen : NAN;
}
