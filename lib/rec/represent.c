#include "rec/represent.h"

#include "models/sasrec_store.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

void cf_model_load(struct cf_model *m, struct filter *f, int items, int known, int heads)
{
    *m = (struct cf_model){ .items = items, .width = 1 };
    if (filter_has(f, "cf.pop") && !filter_has(f, "cf.item_emb.weight")) {
        if (tensor_rows(filter_tensor(f, "cf.pop", DT_F4, 1, "cf-train")) == known)
            m->items = known;
        m->pop = filter_tensor_sized(f, "cf.pop", DT_F4, m->items, 0, "cf-train")->data;
        return;
    }
    sasrec_load(&m->sasrec, f, heads);
    m->is_sasrec = true;
    m->width = m->sasrec.shape.width;
    if (m->sasrec.shape.items == known)
        m->items = known;
    if (m->sasrec.shape.items != m->items)
        die("'cf.item_emb.weight' has %d items, expected the %d of 'item.id': was it "
            "trained on other data?",
            m->sasrec.shape.items, items);
}

void cf_model_free(struct cf_model *m)
{
    if (m->is_sasrec)
        sasrec_free(&m->sasrec);
}

void cf_model_digest(const struct cf_model *m, char text[DIGEST_TEXT])
{
    if (m->is_sasrec)
        sasrec_digest(&m->sasrec, text);
    else
        digest_text(XXH3_64bits(m->pop, (size_t)m->items * sizeof *m->pop), text);
}

static float item_number(const struct cf_model *m, int item, int j)
{
    if (item >= m->items)
        return NAN;
    return m->is_sasrec ? (float)sasrec_item(&m->sasrec, item)[j] : m->pop[item];
}

struct tensor represent_items(const struct cf_model *m, int rows)
{
    struct tensor t = tensor_new2(DT_F4, rows, m->width);
    float *to = t.data;

    for (int i = 0; i < rows; i++)
        for (int j = 0; j < m->width; j++)
            to[(long)i * m->width + j] = item_number(m, i, j);
    return t;
}

/* Takes items that the model does not know out of a window; how many are left. */
static int known_only(const struct cf_model *m, int32_t *window, int n)
{
    int left = 0;

    for (int i = 0; i < n; i++)
        if (window[i] < m->items)
            window[left++] = window[i];
    return left;
}

/* Rows of a result: the user, and the row before which its window ends (-1:
 * none) of that split. */
struct position {
    int user;
    int64_t end;
    enum split split;
};

enum { POSITIONS_AT_ONCE = 4096 }; /* a multiple of sasrec_represent's blocks */

/* The vectors (n, width) of n positions, at most POSITIONS_AT_ONCE. */
static void represent_some(const struct cf_model *m, const struct history *h, float *out,
                           const struct position *p, int n)
{
    int maxlen = m->is_sasrec ? m->sasrec.shape.maxlen : 1;
    int32_t *window = mem_new((size_t)n * (size_t)maxlen, sizeof *window);
    int *length = mem_new((size_t)n, sizeof *length);
    real *x = mem_new((size_t)n * (size_t)m->width, sizeof *x);

    for (int i = 0; i < n; i++)
        if (p[i].end >= 0)
            length[i] = known_only(m, window + (long)i * maxlen,
                                   history_window(h, p[i].user, p[i].end, p[i].split,
                                                  maxlen, window + (long)i * maxlen));
    if (m->is_sasrec)
        sasrec_represent(&m->sasrec, x, window, length, n);
    else
        for (int i = 0; i < n; i++)
            x[i] = length[i] > 0 ? 1 : (real)NAN;
    for (long i = 0; i < (long)n * m->width; i++)
        out[i] = (float)x[i];
    free(window);
    free(length);
    free(x);
}

static struct tensor represent(const struct cf_model *m, const struct history *h,
                               const struct position *p, int64_t n)
{
    struct tensor t = tensor_new2(DT_F4, n, m->width);

    progress_begin("representing", "positions", n);
    for (int64_t i = 0; i < n; i += POSITIONS_AT_ONCE) {
        represent_some(m, h, (float *)t.data + i * m->width, p + i,
                       (int)(n - i < POSITIONS_AT_ONCE ? n - i : POSITIONS_AT_ONCE));
        progress_update(i, NULL);
    }
    progress_end();
    return t;
}

struct tensor represent_users(const struct cf_model *m, const struct history *h,
                              enum represent_at at)
{
    static const enum split splits[] = { SPLIT_TRAIN, SPLIT_VALID, SPLIT_TEST, SPLIT_TEST };
    struct position *p = mem_new((size_t)h->users, sizeof *p);
    struct tensor t;

    for (int u = 0; u < h->users; u++) {
        int64_t end =
            at == AFTER_ALL ? h->first[u + 1] : history_target(h, u, splits[at]);

        p[u] = (struct position){ u, end, splits[at] };
    }
    t = represent(m, h, p, h->users);
    free(p);
    return t;
}

struct tensor represent_inter(const struct cf_model *m, const struct history *h)
{
    struct position *p = mem_new((size_t)h->n, sizeof *p);
    struct tensor t;

    for (int u = 0; u < h->users; u++)
        for (int64_t i = h->first[u]; i < h->first[u + 1]; i++) {
            enum split split = (enum split)h->split[i];

            p[i] = (struct position){ u, split == SPLIT_UNUSED ? -1 : i,
                                      split == SPLIT_HISTORY ? SPLIT_TEST : split };
        }
    t = represent(m, h, p, h->n);
    free(p);
    return t;
}
