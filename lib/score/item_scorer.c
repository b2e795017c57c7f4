#include "score/item_scorer.h"

#include "history/history_read.h"
#include "score/item_scorer_parts.h"
#include "util/error.h"
#include "util/mem.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_decoded(enum item_scorer_by by)
{
    return by == BY_JOINT || by == BY_JOINT_TEXT || by == BY_AUTO;
}

void item_scorer_keep(struct filter *f, enum item_scorer_by by)
{
    if (by == BY_POP || by == BY_AUTO || by == BY_FUSED)
        history_read_keep(f);
    if (item_scorer_is_text(by))
        item_scorer_text_keep(f, by);
    else if (by != BY_POP)
        filter_keep(f, item_scorer_source[by].tensor);
    if (by == BY_CF)
        cf_network_keep(f);
    if (is_decoded(by))
        filter_keep(f, "align.*");
    if (by == BY_AUTO)
        filter_keep(f, item_scorer_source[BY_JOINT_TEXT].tensor);
    if (by == BY_JOINT || by == BY_AUTO || by == BY_FUSED)
        filter_keep(f, "item.cf"); /* beside what was made from it */
}

bool item_scorer_is_of_cf(enum item_scorer_by by)
{
    return by != BY_POP && by != BY_TEXT_HISTORY;
}

void item_scorer_keep_users(struct filter *f, enum item_scorer_by by, const char *name)
{
    if (item_scorer_is_of_cf(by))
        filter_keep(f, name);
}

static void load_counts(struct item_scorer *m, struct filter *f)
{
    struct history h;
    int64_t *count;

    history_read(f, &h);
    count = history_popularity(&h);
    m->items = h.items;
    m->users = h.users;
    m->width = 1;
    m->owned = mem_new((size_t)m->items, sizeof *m->owned);
    for (int64_t i = 0; i < m->items; i++)
        m->owned[i] = (float)count[i];
    free(count);
    history_free(&h);
}

static void load_cf(struct item_scorer *m, struct filter *f)
{
    const char *network = filter_attr(f, "item.cf", "network");
    const struct item_scorer_source *from = &item_scorer_source[BY_CF];
    const struct tensor *t = filter_tensor(f, from->tensor, DT_F4, 2, from->maker);

    m->items = t->shape[0];
    m->width = t->shape[1];
    m->item = t->data;
    m->is_dot = network == NULL;
    if (network) /* real is float wherever programs are built */
        cf_network_load(&m->network, f, network, (const real *)(const void *)m->item,
                        m->items, (int)m->width);
}

void item_scorer_load(struct item_scorer *m, struct filter *f, enum item_scorer_by by)
{
    *m = (struct item_scorer){ .by = by };
    if (by == BY_POP)
        load_counts(m, f);
    else if (by == BY_CF)
        load_cf(m, f);
    else if (by == BY_AUTO)
        item_scorer_auto_load(m, f);
    else if (by == BY_FUSED)
        item_scorer_fused_load(m, f);
    else if (item_scorer_is_text(by))
        item_scorer_text_load(m, f);
    else
        item_scorer_joint_load(m, f);
    if (m->owned)
        m->item = m->owned;
}

void item_scorer_free(struct item_scorer *m)
{
    free(m->owned);
    free(m->own_user);
    free(m->own_text);
    free(m->bias);
    cf_network_free(&m->network);
}

/* Vectors of different training runs must not meet. */
static void check_weights(struct filter *f, const char *user_name)
{
    const char *item = filter_attr(f, "item.cf", "weights");
    const char *user = filter_attr(f, user_name, "weights");

    if (item && user && strcmp(item, user) != 0)
        die("'item.cf' is of weights %s, '%s' of %s: run cf-embed again", item, user_name,
            user);
}

/* The largest sum of a row's absolute values, and the row; NaN rows have none. */
static double largest(const float *x, int64_t rows, int64_t width, int64_t *at)
{
    double most = 0;

    *at = 0;
    for (int64_t i = 0; i < rows; i++) {
        double sum = 0;

        for (int64_t j = 0; j < width; j++)
            sum += fabs((double)x[i * width + j]);
        if (sum > most) {
            most = sum;
            *at = i;
        }
    }
    return most;
}

/* |x . y| <= sum|x| sum|y|, and likewise whatever is summed on the way. */
static void check_range(const struct item_scorer *m, const char *users)
{
    int64_t item, user;
    double most = largest(m->item, m->items, m->width, &item) *
                  largest(m->user, m->users, m->width, &user);

    if (!(most < (double)FLT_MAX))
        die("'%s' row %" PRId64 " and '%s' row %" PRId64 " are so large that their score "
            "may be no finite number", users, user, item_scorer_source[m->by].tensor,
            item);
}

void item_scorer_users(struct item_scorer *m, struct filter *f, const char *name)
{
    const struct tensor *t;

    if (m->by == BY_POP)
        return;
    if (m->by == BY_TEXT_HISTORY) {
        item_scorer_text_users(m, f, name);
        return;
    }
    t = filter_tensor_sized(f, name, DT_F4, -1, m->width - m->text_width, "cf-embed");
    m->users = t->shape[0];
    m->user = t->data;
    check_weights(f, name);
    if (m->text_width > 0)
        item_scorer_text_users(m, f, name);
    if (m->is_dot || m->bias)
        check_range(m, name);
}

void item_scorer_check_sizes(const struct item_scorer *m, int64_t items, int64_t users)
{
    item_scorer_source_check(m, items, users);
}

bool item_scorer_knows(const struct item_scorer *m, int64_t user)
{
    return !m->user || !isnan(m->user[user * m->width]);
}

/* One copy, so that equal vectors give equal bits wherever this is called. */
static __attribute__((noinline)) float dot(const float *a, const float *b, int64_t n)
{
    float sum = 0;

#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Only a missing vector makes a missing score; this may run in several threads. */
static void check_network(const struct item_scorer *m, const float *x, int64_t first,
                          int64_t count, const float *score)
{
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(score[i]) && !isnan(x[0]) &&
            !isnan(m->item[(first + i) * m->width]))
#pragma omp critical(item_scorer_check)
            die("the network 'cf.*': the score of item %" PRId64 " is no finite number",
                first + i);
}

/* Scores of items first .. first + count - 1 for x, NULL where all users are one. */
static void score_items(const struct item_scorer *m, const float *x, int64_t first,
                        int64_t count, float *score)
{
    if (m->network.kind) {
        cf_network_scores(&m->network, (const real *)(const void *)x, first, count,
                          (real *)(void *)score);
        check_network(m, x, first, count, score);
        return;
    }
    for (int64_t i = 0; i < count; i++)
        score[i] =
            x ? dot(x, m->item + (first + i) * m->width, m->width) : m->item[first + i];
    for (int64_t i = 0; m->bias && i < count; i++)
        score[i] += m->bias[first + i];
}

void item_scorer_scores(const struct item_scorer *m, int64_t user, int64_t first,
                        int64_t count, float *score)
{
    score_items(m, m->user ? m->user + user * m->width : NULL, first, count, score);
}

void item_scorer_vector(float *to, const struct item_scorer *m, const float *x,
                        const struct history *h, int user, int64_t row, int split)
{
    item_scorer_text_vector(to, m, x, h, user, row, split);
}

void item_scorer_vector_drawn(float *to, const struct item_scorer *m, const float *x,
                              uint64_t seed, int user)
{
    item_scorer_text_vector_drawn(to, m, x, seed, user);
}

float item_scorer_vector_score(const struct item_scorer *m, const float *x, int64_t item)
{
    float score;

    score_items(m, m->by == BY_POP ? NULL : x, item, 1, &score);
    return score;
}

float item_scorer_score(const struct item_scorer *m, int64_t user, int64_t item)
{
    float score;

    item_scorer_scores(m, user, item, 1, &score);
    return score;
}
