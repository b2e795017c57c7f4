#include "score/item_blend.h"

#include "score/logit.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double feature(const struct item_scorer *m, int32_t user, int32_t item)
{
    double score = (double)item_scorer_score(m, user, item);

    return m->by == BY_POP ? log1p(score) : score;
}

/* The features of several scorers on lists, as a logit takes them. */
struct features {
    struct logit logit;
    double *z, unit[BLEND_PARTS];
    int32_t *item;
    int *truth;
};

static bool is_known(const struct item_scorer *const *part, int parts, int32_t user)
{
    for (int k = 0; k < parts; k++)
        if (!item_scorer_knows(part[k], user))
            return false;
    return true;
}

/* Items that were added since have no CF vector. */
static bool has_features(const struct item_scorer *const *part, int parts, int32_t user,
                         int32_t item)
{
    for (int k = 0; k < parts; k++)
        if (isnan(feature(part[k], user, item)))
            return false;
    return true;
}

/* Candidates without a score take no part, nor does a row whose truth has none. */
static void add_row(struct features *f, const struct item_scorer *const *part, int parts,
                    const struct blend_lists *l, int64_t r)
{
    const int32_t *item = l->item + r * l->columns;
    double *z = f->z + f->logit.users * l->columns * parts;

    int32_t *kept = f->item + f->logit.users * l->columns;

    for (int j = 0; j < l->columns; j++) {
        bool there = item[j] >= 0 && has_features(part, parts, l->user[r], item[j]);

        kept[j] = there ? item[j] : -1;
        for (int k = 0; k < parts; k++)
            z[j * parts + k] = kept[j] < 0 ? 0 : feature(part[k], l->user[r], item[j]);
    }
    if (kept[l->truth[r]] < 0)
        return;
    f->truth[f->logit.users++] = l->truth[r];
}

/* Divides feature k by its deviation over all candidates, its unit. */
static void scale(struct features *f, int k)
{
    int parts = f->logit.width;
    int64_t n = f->logit.users * f->logit.columns, used = 0;
    double sum = 0, square = 0, variance;

    for (int64_t i = 0; i < n; i++) {
        double v = f->z[i * parts + k];

        used += f->item[i] >= 0;
        sum += v;
        square += v * v;
    }
    variance = used ? square / (double)used - sum / (double)used * (sum / (double)used)
                    : 0;
    f->unit[k] = variance > 0 ? sqrt(variance) : 1;
    for (int64_t i = 0; i < n; i++)
        f->z[i * parts + k] /= f->unit[k];
}

static void features_new(struct features *f, const struct item_scorer *const *part,
                         int parts, const struct blend_lists *l, double l2)
{
    size_t cells = (size_t)l->rows * (size_t)l->columns;

    *f = (struct features){ .logit = { .columns = l->columns, .width = parts,
                                      .l2 = l2 } };
    f->z = mem_new(cells * (size_t)parts, sizeof *f->z);
    f->item = mem_new(cells, sizeof *f->item);
    f->truth = mem_new((size_t)l->rows, sizeof *f->truth);
    for (int64_t r = 0; r < l->rows; r++)
        if (is_known(part, parts, l->user[r]))
            add_row(f, part, parts, l, r);
    for (int k = 0; k < parts; k++)
        scale(f, k);
    f->logit.z = f->z;
    f->logit.item = f->item;
    f->logit.truth = f->truth;
}

static void features_free(struct features *f)
{
    free(f->z);
    free(f->item);
    free(f->truth);
}

/* The weights of unscaled features, and the mean score of a candidate under them. */
static double fit(double *weight, const struct features *f)
{
    int parts = f->logit.width;
    double sum = 0;
    int64_t used = 0;

    logit_fit(&f->logit, weight);
    for (int64_t i = 0; i < f->logit.users * f->logit.columns; i++)
        for (int k = 0; k < parts; k++) {
            sum += f->item[i] < 0 ? 0 : weight[k] * f->z[i * parts + k];
            used += k == 0 && f->item[i] >= 0;
        }
    for (int k = 0; k < parts; k++)
        weight[k] /= f->unit[k];
    return used ? sum / (double)used : 0;
}

int item_blend_fit(struct item_blend *b, const struct blend_lists *l, double l2,
                   struct error *e)
{
    struct features f;
    double mean;

    features_new(&f, b->part, b->parts, l, l2);
    if (f.logit.users == 0) {
        features_free(&f);
        return fail(e, "no validation candidates of a user with vectors");
    }
    mean = fit(b->weight, &f);
    features_free(&f);
    if (b->unseens == 0)
        return 0;
    features_new(&f, b->unseen, b->unseens, l, l2);
    b->constant = mean - fit(b->unseen_weight, &f);
    features_free(&f);
    return 0;
}

const struct item_scorer *item_blend_history(const struct item_blend *b)
{
    for (int k = 0; k < b->parts; k++)
        if (b->part[k]->by == BY_TEXT_HISTORY)
            return b->part[k];
    return NULL;
}

int64_t item_blend_columns(const struct item_blend *b, int64_t width)
{
    const struct item_scorer *history = item_blend_history(b);

    return width + 1 + (history ? history->width + 1 : 0);
}

/* What a row is summed up in. */
struct sums {
    double *v, c, b; /* v (width) */
    int64_t width;
};

/* Adds weight times what m has of the item. */
static void add_item(struct sums *s, const struct item_scorer *m, int64_t item,
                     double weight)
{
    if (m->by == BY_POP)
        s->b += weight * log1p((double)m->item[item]);
    else if (m->by == BY_TEXT_HISTORY)
        s->c += weight;
    else
        for (int64_t j = 0; j < s->width; j++)
            s->v[j] += weight * (double)m->item[item * s->width + j];
}

static void sum_item(struct sums *s, const struct item_blend *b, int64_t item,
                     bool unseen)
{
    memset(s->v, 0, (size_t)s->width * sizeof *s->v);
    s->c = 0;
    s->b = unseen ? b->constant : 0;
    for (int k = 0; unseen && k < b->unseens; k++)
        add_item(s, b->unseen[k], item, b->unseen_weight[k]);
    for (int k = 0; !unseen && k < b->parts; k++)
        add_item(s, b->part[k], item, b->weight[k]);
}

void item_blend_rows(float *out, const struct item_blend *b, const int64_t *count,
                     int64_t items, int64_t width)
{
    const struct item_scorer *history = item_blend_history(b);
    struct sums s = { .v = mem_new((size_t)width, sizeof *s.v), .width = width };

    for (int64_t i = 0; i < items; i++) {
        sum_item(&s, b, i, b->unseens > 0 && count[i] == 0);
        for (int64_t j = 0; j < width; j++)
            *out++ = (float)s.v[j];
        if (history) {
            memcpy(out, history->text + i * history->width,
                   (size_t)history->width * sizeof *out);
            out += history->width;
            *out++ = (float)s.c;
        }
        *out++ = (float)s.b;
    }
    free(s.v);
}
