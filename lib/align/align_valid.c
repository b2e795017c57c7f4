#include "align/align_valid.h"

#include "align/align_parts.h"
#include "metrics/expected.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>

/* A user's vector, and the row of the item to find. */
struct query {
    const real *x;
    int user;
    int64_t row;
};

/* Of at most so many users, evenly spread; free with free(). */
static struct query *queries(const struct align_examples *s, long users, long *n)
{
    struct query *list = mem_new((size_t)s->h->users, sizeof *list);
    long all = 0;

    for (int u = 0; u < s->h->users; u++) {
        const real *x = s->x.valid + (long)u * s->x.d;
        int64_t row = history_target(s->h, u, SPLIT_VALID);

        if (row >= 0 && isfinite(x[0]))
            list[all++] = (struct query){ x, u, row };
    }
    *n = users > 0 && users < all ? users : all;
    for (long i = 0; i < *n; i++)
        list[i] = list[(long)((double)i * (double)all / (double)*n)];
    return list;
}

/* y (items, d): what the vectors of all items or of all their texts are decoded to; free
 * with free(). */
static real *decoded(const struct align *m, const struct tower *t, const real *source,
                     real scale, long items)
{
    real *joint = mem_new((size_t)items * (size_t)t->shape.joint, sizeof *joint);
    real *y = mem_new((size_t)items * (size_t)m->item.shape.in, sizeof *y);

    tower_encode(t, m->p.values, joint, source, scale, items);
    tower_decode(&m->item, m->p.values, y, joint, items);
    free(joint);
    return y;
}

/* The NDCG@10 of one user's item, ranked by x . y; scores (items) is room. */
static double worth_of(const struct query *k, const struct history *h, const real *y,
                       int d, real *scores)
{
    int64_t first = h->first[k->user];

    real_gemv(CblasRowMajor, CblasNoTrans, h->items, d, 1, y, d, k->x, 1, 0, scores, 1);
    return expected_ndcg(expected_share_above(scores, h->items, h->item[k->row],
                                              h->item + first, k->row - first));
}

/* Releases y. */
static double mean_ndcg(const struct query *list, long n, const struct history *h,
                        real *y, int d)
{
    double *ndcg = mem_new((size_t)n, sizeof *ndcg), sum = 0;

#pragma omp parallel
    {
        real *scores = mem_new((size_t)h->items, sizeof *scores);

#pragma omp for schedule(dynamic, 16)
        for (long i = 0; i < n; i++)
            ndcg[i] = worth_of(&list[i], h, y, d, scores);
        free(scores);
    }
    for (long i = 0; i < n; i++)
        sum += ndcg[i];
    free(ndcg), free(y);
    return n > 0 ? sum / (double)n : NAN;
}

struct align_valid align_valid_ndcg(const struct align *m, const struct align_examples *s,
                                    const real *E, const real *Q, long users)
{
    long n, items = s->h->items;
    int d = s->x.d;
    struct query *list = queries(s, users, &n);
    struct align_valid v = { .q = NAN };

    v.e = mean_ndcg(list, n, s->h, decoded(m, &m->item, E, 1, items), d);
    if (align_decodes_text(m))
        v.q = mean_ndcg(list, n, s->h,
                        decoded(m, &m->text, Q, (real)m->o.text_scale, items), d);
    free(list);
    return v;
}

double align_valid_worth(const struct align_valid *v)
{
    return isnan(v->q) ? v->e : (v->e + v->q) / 2;
}
