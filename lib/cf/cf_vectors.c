#include "cf/cf_vectors.h"

#include "util/mem.h"
#include "util/progress.h"

#include <math.h>
#include <stdlib.h>

struct tensor cf_vectors_items(const struct cf_model *m, int rows)
{
    struct tensor t = tensor_new2(DT_F4, rows, m->width);
    real *x = mem_new((size_t)m->width, sizeof *x);
    float *to = t.data;

    for (int i = 0; i < rows; i++) {
        if (i < m->items)
            cf_model_item(m, x, i);
        for (int j = 0; j < m->width; j++)
            *to++ = i < m->items ? (float)x[j] : NAN;
    }
    free(x);
    return t;
}

static struct tensor represent(const struct cf_model *m, const struct history *h,
                               const struct cf_position *p, int64_t n)
{
    struct tensor t = tensor_new2(DT_F4, n, m->width);
    real *x = mem_new((size_t)CF_POSITIONS * (size_t)m->width, sizeof *x);

    progress_begin("representing", "positions", n);
    for (int64_t i = 0; i < n; i += CF_POSITIONS) {
        int64_t some = n - i < CF_POSITIONS ? n - i : CF_POSITIONS;
        float *to = (float *)t.data + i * m->width;

        cf_model_represent(m, h, x, p + i, some);
        for (int64_t j = 0; j < some * m->width; j++)
            to[j] = (float)x[j];
        progress_update(i, NULL);
    }
    progress_end();
    free(x);
    return t;
}

struct tensor cf_vectors_users(const struct cf_model *m, const struct history *h,
                               enum cf_vectors_at at)
{
    static const enum split splits[] = { SPLIT_TRAIN, SPLIT_VALID, SPLIT_TEST,
                                         SPLIT_TEST };
    struct cf_position *p = mem_new((size_t)h->users, sizeof *p);
    struct tensor t;

    for (int u = 0; u < h->users; u++) {
        int64_t end =
            at == AFTER_ALL ? h->first[u + 1] : history_target(h, u, splits[at]);

        p[u] = (struct cf_position){ u, end, splits[at] };
    }
    t = represent(m, h, p, h->users);
    free(p);
    return t;
}

struct tensor cf_vectors_inter(const struct cf_model *m, const struct history *h)
{
    struct cf_position *p = mem_new((size_t)h->n, sizeof *p);
    struct tensor t;

    for (int u = 0; u < h->users; u++)
        for (int64_t i = h->first[u]; i < h->first[u + 1]; i++) {
            enum split split = (enum split)h->split[i];

            p[i] = (struct cf_position){ u, split == SPLIT_UNUSED ? -1 : i,
                                         split == SPLIT_HISTORY ? SPLIT_TEST : split };
        }
    t = represent(m, h, p, h->n);
    free(p);
    return t;
}
