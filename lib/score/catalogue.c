#include "score/catalogue_parts.h"

#include "util/mem.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

static double norm_of(const float *v, int64_t n)
{
    double sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += (double)v[i] * (double)v[i];
    return sqrt(sum);
}

struct search catalogue_search_new(const struct item_scorer *m, const struct history *h)
{
    struct search s = { m, h, mem_new((size_t)(m->items / ITEMS + 1), sizeof *s.norm) };

    for (int64_t i = 0; i < m->items; i++)
        s.norm[i / ITEMS] =
            fmax(s.norm[i / ITEMS], norm_of(m->item + i * m->width, m->width));
    return s;
}

void catalogue_search_free(struct search *s)
{
    free(s->norm);
}

void catalogue_block_new(struct block *b, const struct search *s, const int32_t *user,
                         int users)
{
    const struct item_scorer *m = s->m;
    size_t row = (size_t)m->width * sizeof *b->x;

    *b = (struct block){ .users = users };
    b->user = user;
    b->x = mem_new((size_t)users, row);
    b->score = mem_new((size_t)users * ITEMS, sizeof *b->score);
    for (int u = 0; m->is_dot && u < users; u++) {
        float *x = b->x + u * m->width;

        if (!item_scorer_knows(m, user[u]))
            continue;
        memcpy(x, m->user + user[u] * m->width, row);
        b->margin[u] = 2.0 * FLT_EPSILON * (double)m->width * norm_of(x, m->width);
    }
}

void catalogue_block_free(struct block *b)
{
    free(b->x);
    free(b->score);
}

void catalogue_block_scores(struct block *b, const struct search *s, int64_t first, int n)
{
    const struct item_scorer *m = s->m;
    const float *item = m->item + first * m->width;
    int width = (int)m->width;

    if (m->is_dot)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, b->users, n, width, 1, b->x,
                    width, item, width, 0, b->score, ITEMS);
    for (int u = 0; !m->is_dot && u < b->users; u++)
        item_scorer_scores(m, b->user[u], first, n, b->score + u * ITEMS);
}

double catalogue_block_margin(const struct block *b, const struct search *s, int u,
                              int64_t first)
{
    return b->margin[u] * s->norm[first / ITEMS];
}

int catalogue_block_users(int64_t rows)
{
    int64_t each = rows / (4 * omp_get_max_threads());

    return each < USERS_LEAST ? USERS_LEAST : each > USERS ? USERS : (int)each;
}

void catalogue_seen(struct seen *s, const struct history *h, int split, int user)
{
    *s = (struct seen){ 0 };
    s->item = mem_new((size_t)(h->first[user + 1] - h->first[user]), sizeof *s->item);
    s->count = history_items(h, user, split, s->item);
}
