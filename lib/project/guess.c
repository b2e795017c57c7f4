#include "project/guess.h"

#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHORT 1e-12 /* a sum of soft tokens below this has no direction */

static int parse_each(struct guess *g, const char *text)
{
    char *end;

    g->each = true;
    g->count = 1;
    g->temperature[0] = 1;
    if (*text == 0)
        return 0;
    if (*text != ':')
        return -1;
    g->temperature[0] = strtod(text + 1, &end);
    return end == text + 1 || *end || !(g->temperature[0] >= 0) ? -1 : 0;
}

int guess_parse(struct guess *g, const char *text)
{
    g->count = 0;
    if (strncmp(text, "each", 4) == 0)
        return parse_each(g, text + 4);
    for (;;) {
        char *end;
        double t = strtod(text, &end);

        if (end == text || !(t >= 0) || g->count == GUESS_MOST || (*end && *end != ','))
            return -1;
        g->temperature[g->count++] = t;
        if (!*end)
            return 0;
        text = end + 1;
    }
}

/* Candidates that the scorer has no number for, such as items added since, score as the
 * others do on average: the guess says nothing of them. */
static void fill_missing(double *s, const int *slot, int count)
{
    double sum = 0;
    int known = 0;

    for (int c = 0; c < count; c++)
        if (slot[c] >= 0 && !isnan(s[c])) {
            sum += s[c];
            known++;
        }
    for (int c = 0; c < count; c++)
        if (slot[c] >= 0 && isnan(s[c]))
            s[c] = known > 0 ? sum / known : 0;
}

/* The split of the row that u is to predict. */
static int split_of(const struct history *h, const struct example *u)
{
    return h && u->row < h->first[u->user + 1] ? h->split[u->row] : SPLIT_NEXT;
}

/* The vector that the scorer scores for, made in *room where it is more than x. */
static const float *vector_of(float **room, const struct guess *g,
                              const struct example *u)
{
    *room = NULL;
    if (g->scorer->text_width == 0)
        return u->x;
    *room = mem_new((size_t)g->scorer->width, sizeof **room);
    if (g->drawn)
        item_scorer_vector_drawn(*room, g->scorer, u->x, *g->drawn, u->user);
    else
        item_scorer_vector(*room, g->scorer, u->x, g->history, u->user, u->row,
                           split_of(g->history, u));
    return *room;
}

/* s (count): scores of those that take part.  Returns how many these are. */
static int scores(double *s, const struct guess *g, const struct example *u,
                  const int *candidate, const int *slot, int count)
{
    float *room;
    const float *x = vector_of(&room, g, u);
    int n = 0;

    for (int c = 0; c < count; c++) {
        if (slot[c] >= 0)
            s[c] = item_scorer_vector_score(g->scorer, x, candidate[c]);
        n += slot[c] >= 0;
    }
    fill_missing(s, slot, count);
    free(room);
    return n;
}

static double highest(const double *s, const int *slot, int count)
{
    double top = -INFINITY;

    for (int c = 0; c < count; c++)
        if (slot[c] >= 0)
            top = fmax(top, s[c]);
    return top;
}

/* p (count) = softmax(s / T); T = 0: all of it on the best, shared by equals. */
static void soften(double *p, const double *s, const int *slot, int count, double T)
{
    double top = highest(s, slot, count), sum = 0;

    for (int c = 0; c < count; c++) {
        p[c] = slot[c] < 0 ? 0 : T > 0 ? exp((s[c] - top) / T) : s[c] == top;
        sum += p[c];
    }
    for (int c = 0; c < count; c++)
        p[c] /= sum;
}

/* p (count) = softmax(s / T) of the admitted candidates' scores, 0 elsewhere. */
static void believe(double *p, const struct guess *g, const struct example *u,
                    const int *candidate, const bool *admitted, int count, double T)
{
    double *s = mem_new((size_t)count, sizeof *s);
    int *slot = mem_new((size_t)count, sizeof *slot);

    for (int c = 0; c < count; c++)
        slot[c] = !admitted || admitted[c] ? 0 : -1;
    scores(s, g, u, candidate, slot, count);
    soften(p, s, slot, count, T);
    free(s);
    free(slot);
}

void guess_belief(double *p, const struct guess *g, const struct example *u,
                  const int *candidate, const bool *admitted, int count)
{
    believe(p, g, u, candidate, admitted, count, g->temperature[0]);
}

/* w (count) = s minus the mean of the n that take part. */
static void centre(double *w, const double *s, const int *slot, int count, int n)
{
    double sum = 0;

    for (int c = 0; c < count; c++)
        sum += slot[c] >= 0 ? s[c] : 0;
    for (int c = 0; c < count; c++)
        w[c] = slot[c] >= 0 ? s[c] - sum / n : 0;
}

void guess_labels(double *label, const struct guess *g, const struct example *u,
                  const int *candidate, const bool *admitted, int count, int target,
                  double soft)
{
    believe(label, g, u, candidate, admitted, count, 1);
    for (int c = 0; c < count; c++)
        label[c] = soft * label[c] + (c == target ? 1 - soft : 0);
}

void guess_row_new(struct guess_row *r, const struct guess *g, const struct example *u,
                   const int *candidate, const int *slot, const bool *admitted,
                   int count)
{
    double *s = mem_new((size_t)count, sizeof *s), *w = mem_new((size_t)count, sizeof *w);
    int n;

    *r = (struct guess_row){ .count = count };
    r->slot = mem_new((size_t)count, sizeof *r->slot);
    r->weight = mem_new((size_t)g->count * (size_t)count, sizeof *r->weight);
    for (int c = 0; c < count; c++)
        r->slot[c] = !admitted || admitted[c] ? slot[c] : -1;
    n = scores(s, g, u, candidate, r->slot, count);
    for (int k = 0; k < g->count; k++) {
        double T = g->temperature[k];

        if (isinf(T) && n > 1)
            centre(w, s, r->slot, count, n);
        else
            soften(w, s, r->slot, count, isinf(T) ? 0 : T);
        for (int c = 0; c < count; c++)
            r->weight[(long)k * count + c] = (real)w[c];
    }
    free(s);
    free(w);
}

void guess_row_hypothesis(struct guess_row *r, const int *slot, int count, int h)
{
    *r = (struct guess_row){ .count = count };
    r->slot = mem_new((size_t)count, sizeof *r->slot);
    r->weight = mem_new((size_t)count, sizeof *r->weight);
    memcpy(r->slot, slot, (size_t)count * sizeof *slot);
    r->weight[h] = 1;
}

void guess_row_free(struct guess_row *r)
{
    free(r->slot);
    free(r->weight);
    *r = (struct guess_row){ 0 };
}

/* sum (width) of w_c y_c; returns its length. */
static double direction(double *sum, const struct guess_row *r, const real *w,
                        const real *y, int width)
{
    double square = 0;

    memset(sum, 0, (size_t)width * sizeof *sum);
    for (int c = 0; c < r->count; c++)
        for (int j = 0; j < width && r->slot[c] >= 0; j++)
            sum[j] += (double)w[c] * (double)y[(size_t)r->slot[c] * (size_t)width + j];
    for (int j = 0; j < width; j++)
        square += sum[j] * sum[j];
    return sqrt(square);
}

/* The root of the mean square length of those that take part, n of them. */
static double mean_length(const struct guess_row *r, const real *y, int width, int *n)
{
    double square = 0;

    *n = 0;
    for (int c = 0; c < r->count; c++) {
        const real *row = y + (size_t)(r->slot[c] < 0 ? 0 : r->slot[c]) * (size_t)width;

        if (r->slot[c] < 0)
            continue;
        ++*n;
        for (int j = 0; j < width; j++)
            square += (double)row[j] * (double)row[j];
    }
    return *n ? sqrt(square / *n) : 0;
}

void guess_forward(real *out, const struct guess_row *r, int tokens, const real *y,
                   int width)
{
    double *sum = mem_new((size_t)width, sizeof *sum), L;
    int n;

    L = mean_length(r, y, width, &n);
    for (int k = 0; k < tokens; k++) {
        double length = direction(sum, r, r->weight + (long)k * r->count, y, width);

        for (int j = 0; j < width; j++)
            out[(long)k * width + j] = (real)(length > SHORT ? L * sum[j] / length : 0);
    }
    free(sum);
}

/* With u = r / |r|:  dr = L (dg - u (u . dg)) / |r|,  dL = u . dg,
 * dy_c = w_c dr + dL y_c / (n L). */
void guess_backward(real *dy, const struct guess_row *r, int tokens, const real *y,
                    const real *dout, int width)
{
    double *sum = mem_new((size_t)width, sizeof *sum), L;
    int n;

    L = mean_length(r, y, width, &n);
    for (int k = 0; k < tokens; k++) {
        const real *w = r->weight + (long)k * r->count, *d = dout + (long)k * width;
        double length = direction(sum, r, w, y, width), along = 0;

        if (!(length > SHORT))
            continue;
        for (int j = 0; j < width; j++)
            along += sum[j] / length * (double)d[j];
        for (int c = 0; c < r->count; c++) {
            size_t at = (size_t)(r->slot[c] < 0 ? 0 : r->slot[c]) * (size_t)width;

            for (int j = 0; j < width && r->slot[c] >= 0; j++)
                dy[at + j] += (real)((double)w[c] * L / length *
                                         ((double)d[j] - sum[j] / length * along) +
                                     along * (double)y[at + j] / (n * L));
        }
    }
    free(sum);
}
