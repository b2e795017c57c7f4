#include "project/prealign.h"

#include "project/mixed_items.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEMPERATURE .07

/* Rows (n, width) divided by their lengths, which are kept. */
static void normalise(real *z, real *length, const real *y, int n, int width)
{
    for (int i = 0; i < n; i++) {
        double sum = 1e-12;

        for (int j = 0; j < width; j++)
            sum += (double)y[i * width + j] * (double)y[i * width + j];
        length[i] = (real)sqrt(sum);
        for (int j = 0; j < width; j++)
            z[i * width + j] = y[i * width + j] / length[i];
    }
}

/* dy = (dz - z (z . dz)) / length, in place of dz. */
static void normalise_backward(real *dz, const real *z, const real *length, int n,
                               int width)
{
    for (int i = 0; i < n; i++) {
        real *d = dz + i * width;
        const real *u = z + i * width;
        double along = 0;

        for (int j = 0; j < width; j++)
            along += (double)d[j] * (double)u[j];
        for (int j = 0; j < width; j++)
            d[j] = (d[j] - u[j] * (real)along) / length[i];
    }
}

/* Similarities p (count, items) into probabilities minus one-hot, each divided by
 * count and the temperature: the gradient.  Columns below count are targets, of
 * which each row sees its own. */
static double softmax_gradient(real *p, int count, int items, double *right)
{
    double loss = 0;
    int hits = 0;

    for (int i = 0; i < count; i++) {
        real *row = p + i * items;
        double top = row[i], sum = 0;

        for (int j = count; j < items; j++)
            top = (double)row[j] > top ? (double)row[j] : top;
        hits += top == row[i];
        for (int j = 0; j < items; j++) {
            double q = j == i || j >= count ? exp((row[j] - top) / TEMPERATURE) : 0;

            if (j == i)
                loss -= (row[i] - top) / TEMPERATURE;
            row[j] = (real)q;
            sum += q;
        }
        loss += log(sum);
        for (int j = 0; j < items; j++)
            row[j] = (real)((row[j] / sum - (j == i)) / (TEMPERATURE * count));
    }
    *right = (double)hits / count;
    return loss / count;
}

/* Inputs of both projections: x of the examples; targets, then negatives. */
static void gather(const struct stage2 *s, const struct example *examples, int count,
                   int items, rng *r, uint64_t mix, real *user_x, real *item_x)
{
    for (int i = 0; i < count; i++)
        standardise_apply(user_x + i * s->user.in, &s->user_standard, examples[i].x,
                          s->user.in);
    for (int i = 0; i < items; i++) {
        int item = i < count ? examples[i].target
                             : (int)rng_below(r, (uint64_t)s->item_count);

        standardise_apply(item_x + i * s->item.in, &s->item_standard,
                          mixed_items_vector(s, mixed_items_number(s, mix, item)),
                          s->item.in);
    }
}

double prealign_step(struct stage2 *s, struct adam *adam, const struct example *examples,
                     int count, int negatives, rng *r, uint64_t mix, double *right)
{
    int items = count + negatives, width = s->item.width;
    size_t nu = (size_t)count * (size_t)width, ni = (size_t)items * (size_t)width;
    real *user_x = mem_new((size_t)count * (size_t)s->user.in, sizeof(real));
    real *item_x = mem_new((size_t)items * (size_t)s->item.in, sizeof(real));
    real *user = mem_new(3 * nu + (size_t)count, sizeof(real)), *zu = user + nu;
    real *item = mem_new(3 * ni + (size_t)items, sizeof(real)), *zi = item + ni;
    real *dzu = zu + nu, *dzi = zi + ni, *lu = dzu + nu, *li = dzi + ni;
    real *p = mem_new((size_t)count * (size_t)items, sizeof(real));
    real *grad = params_arena(&s->params);
    struct projector_state *su = projector_state_new(&s->user, count);
    struct projector_state *si = projector_state_new(&s->item, items);
    double loss;

    gather(s, examples, count, items, r, mix, user_x, item_x);
    projector_forward(user, su, &s->user, &s->params, user_x, count);
    projector_forward(item, si, &s->item, &s->params, item_x, items);
    normalise(zu, lu, user, count, width);
    normalise(zi, li, item, items, width);
    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, count, items, width, 1, zu, width,
              zi, width, 0, p, items);
    loss = softmax_gradient(p, count, items, right);
    real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, count, width, items, 1, p, items,
              zi, width, 0, dzu, width);
    real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, items, width, count, 1, p, items,
              zu, width, 0, dzi, width);
    normalise_backward(dzu, zu, lu, count, width);
    normalise_backward(dzi, zi, li, items, width);
    projector_backward(grad, su, &s->user, &s->params, dzu);
    projector_backward(grad, si, &s->item, &s->params, dzi);
    adam_step(adam, &s->params, grad);
    projector_state_free(su);
    projector_state_free(si);
    free(user_x);
    free(item_x);
    free(user);
    free(item);
    free(p);
    free(grad);
    return loss;
}
