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

static void add_row(struct features *f, const struct item_scorer *const *part, int parts,
                    const struct blend_lists *l, int64_t r)
{
    const int32_t *item = l->item + r * l->columns;
    double *z = f->z + f->logit.users * l->columns * parts;

    for (int j = 0; j < l->columns; j++)
        for (int k = 0; k < parts; k++)
            z[j * parts + k] = item[j] < 0 ? 0 : feature(part[k], l->user[r], item[j]);
    memcpy(f->item + f->logit.users * l->columns, item,
           (size_t)l->columns * sizeof *item);
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
    if (!b->text)
        return 0;
    features_new(&f, &b->text, 1, l, l2);
    b->constant = mean - fit(&b->text_weight, &f);
    features_free(&f);
    return 0;
}

/* row (width + 1) += weight times what m has of the item. */
static void add_item(double *row, const struct item_scorer *m, int64_t item,
                     int64_t width, double weight)
{
    if (m->by == BY_POP) {
        row[width] += weight * log1p((double)m->item[item]);
        return;
    }
    for (int64_t j = 0; j < width; j++)
        row[j] += weight * (double)m->item[item * width + j];
}

void item_blend_rows(float *out, const struct item_blend *b, const int64_t *count,
                     int64_t items, int64_t width)
{
    double *row = mem_new((size_t)width + 1, sizeof *row);

    for (int64_t i = 0; i < items; i++) {
        memset(row, 0, ((size_t)width + 1) * sizeof *row);
        if (b->text && count[i] == 0) {
            add_item(row, b->text, i, width, b->text_weight);
            row[width] = b->constant;
        } else
            for (int k = 0; k < b->parts; k++)
                add_item(row, b->part[k], i, width, b->weight[k]);
        for (int64_t j = 0; j <= width; j++)
            out[i * (width + 1) + j] = (float)row[j];
    }
    free(row);
}
