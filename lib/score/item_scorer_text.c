/* Scorers made of texts without stage 1: what it has to beat where no training has seen
 * an item. */
#include "align/text_baseline.h"
#include "history/history_read.h"
#include "score/item_scorer_parts.h"
#include "stream/finite.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/rng.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool item_scorer_is_text(enum item_scorer_by by)
{
    return by == BY_TEXT_NEAREST || by == BY_TEXT_RIDGE || by == BY_TEXT_HISTORY;
}

void item_scorer_text_keep(struct filter *f, enum item_scorer_by by)
{
    history_read_keep(f);
    filter_keep(f, "item.text");
    if (by != BY_TEXT_HISTORY)
        filter_keep(f, "item.cf");
}

static const struct tensor *finite_tensor(struct filter *f, const char *name,
                                          int64_t items, const char *maker)
{
    const struct tensor *t = filter_tensor_sized(f, name, DT_F4, items, -1, maker);
    struct error e;

    if (finite_check_all(name, t->data, t->shape[0], t->shape[1], &e) < 0)
        die("%s: run %s again", e.text, maker);
    return t;
}

/* m->owned (items, d): CF vectors from texts. */
static void predict(struct item_scorer *m, struct filter *f, const struct tensor *text,
                    const struct history *h)
{
    const struct tensor *cf = finite_tensor(f, "item.cf", h->items, "cf-embed");
    int64_t *count = history_popularity(h);
    struct text_baseline b = { .count = count, .items = (long)m->items,
                               .d = (int)cf->shape[1], .D = (int)text->shape[1] };

    b.E = cf->data; /* real is float wherever programs are built */
    b.Q = text->data;
    m->width = b.d;
    m->owned = mem_new((size_t)m->items * (size_t)m->width, sizeof *m->owned);
    if (m->by == BY_TEXT_NEAREST)
        text_baseline_nearest((real *)(void *)m->owned, &b, TEXT_NEAREST);
    else
        text_baseline_ridge((real *)(void *)m->owned, &b, TEXT_RIDGE);
    free(count);
}

/* m->owned (items, D): texts as rows of length 1. */
static void unit_texts(struct item_scorer *m, const struct tensor *text)
{
    m->width = m->text_width = text->shape[1];
    m->owned = mem_new((size_t)m->items * (size_t)m->width, sizeof *m->owned);
    m->text = m->owned;
    for (int64_t i = 0; i < m->items; i++) {
        const float *q = (const float *)text->data + i * m->width;
        double square = 0;

        for (int64_t j = 0; j < m->width; j++)
            square += (double)q[j] * (double)q[j];
        for (int64_t j = 0; j < m->width; j++)
            m->owned[i * m->width + j] =
                square > 0 ? (float)((double)q[j] / sqrt(square)) : 0;
    }
}

void item_scorer_text_load(struct item_scorer *m, struct filter *f)
{
    const struct tensor *text;
    struct history h;

    history_read(f, &h);
    text = finite_tensor(f, "item.text", h.items, "sbert-encode");
    m->items = h.items;
    m->is_dot = true;
    if (m->by == BY_TEXT_HISTORY)
        unit_texts(m, text);
    else
        predict(m, f, text, &h);
    history_free(&h);
}

/* The split before which vectors of that name stand. */
static int split_of(const char *vectors)
{
    int split = SPLIT_NEXT;

    while (split > 0 && strcmp(split_vectors[split], vectors) != 0)
        split--;
    return split;
}

/* The row of a user that the split predicts, or the end of the user's rows. */
static int64_t row_of(const struct history *h, int user, int split)
{
    int64_t row = split == SPLIT_NEXT ? -1 : history_target(h, user, (enum split)split);

    return row < 0 ? h->first[user + 1] : row;
}

/* mean (text_width) of the texts of items (n); 0 of none. */
static void mean_of(float *mean, const struct item_scorer *m, const int32_t *item, int n)
{
    for (int64_t j = 0; j < m->text_width; j++) {
        double sum = 0;

        for (int k = 0; k < n; k++)
            sum += (double)m->text[item[k] * m->text_width + j];
        mean[j] = n > 0 ? (float)(sum / n) : 0;
    }
}

/* mean (text_width) of the texts of the last items before a row, of that split; 0 of
 * none.  Returns how many items these are. */
static int mean_text(float *mean, const struct item_scorer *m, const struct history *h,
                     int user, int64_t row, int split)
{
    int32_t window[TEXT_HISTORY];
    enum split seen = split == SPLIT_NEXT ? SPLIT_TEST : (enum split)split;
    int n = history_window(h, user, row, seen, TEXT_HISTORY, window);

    mean_of(mean, m, window, n);
    return n;
}

void item_scorer_text_vector(float *to, const struct item_scorer *m, const float *x,
                             const struct history *h, int user, int64_t row, int split)
{
    int64_t d = m->width - m->text_width;

    memcpy(to, x, (size_t)d * sizeof *x);
    if (h)
        mean_text(to + d, m, h, user, row, split);
    else
        memset(to + d, 0, (size_t)m->text_width * sizeof *to);
}

void item_scorer_text_vector_drawn(float *to, const struct item_scorer *m, const float *x,
                                   uint64_t seed, int user)
{
    int64_t d = m->width - m->text_width;
    rng r = rng_keyed("random texts", seed, (uint64_t)user, 0);
    int32_t item[TEXT_HISTORY];

    for (int k = 0; k < TEXT_HISTORY; k++)
        item[k] = (int32_t)rng_below(&r, (uint64_t)m->items);
    memcpy(to, x, (size_t)d * sizeof *x);
    mean_of(to + d, m, item, TEXT_HISTORY);
}

void item_scorer_text_users(struct item_scorer *m, struct filter *f, const char *name)
{
    int split = split_of(name);
    const float *x = m->user;
    int64_t d = m->width - m->text_width;
    struct history h;

    history_read(f, &h);
    m->users = d > 0 ? m->users : h.users;
    item_scorer_source_check(m, h.items, h.users);
    free(m->own_user);
    m->own_user = mem_new((size_t)m->users * (size_t)m->width, sizeof *m->own_user);
#pragma omp parallel for schedule(static)
    for (int u = 0; u < h.users; u++) {
        float *to = m->own_user + u * m->width;

        if (d > 0)
            memcpy(to, x + u * d, (size_t)d * sizeof *x);
        if (mean_text(to + d, m, &h, u, row_of(&h, u, split), split) == 0 && d == 0)
            to[0] = NAN;
    }
    m->user = m->own_user;
    history_free(&h);
}
