#include "align/tower.h"

#include "nn/activation.h"
#include "nn/dropout.h"
#include "nn/init.h"
#include "nn/linear.h"
#include "util/mem.h"
#include "util/rng.h"

#include <stdlib.h>
#include <string.h>

enum { ENCODE_ROWS = 256 };

const char *const tower_net_names[] = {
    [TOWER_SHALLOW] = "shallow", [TOWER_DEEP] = "deep", NULL
};

static int check_width(int width, const char *what, struct error *e)
{
    if (width < 1 || width > TOWER_WIDTH)
        return fail(e, "%s of width %d, expected 1 to %d", what, width, TOWER_WIDTH);
    return 0;
}

static int check_shape(const struct tower_shape *s, struct error *e)
{
    if (s->hiddens < 0 || s->hiddens > TOWER_HIDDEN)
        return fail(e, "%d hidden layers, expected at most %d", s->hiddens, TOWER_HIDDEN);
    for (int i = 0; i < s->hiddens; i++)
        if (check_width(s->hidden[i], "a hidden layer", e) != 0)
            return -1;
    if (check_width(s->in, "an input", e) != 0)
        return -1;
    return check_width(s->joint, "a joint space", e);
}

int tower_add(struct tower *t, struct params *p, const char *prefix,
              struct tower_shape shape, struct error *e)
{
    if (check_shape(&shape, e) != 0)
        return -1;
    *t = (struct tower){ .shape = shape, .middle = shape.hiddens + 1 };
    t->layers = 2 * t->middle;
    t->width[0] = t->width[t->layers] = shape.in;
    t->width[t->middle] = shape.joint;
    for (int i = 0; i < shape.hiddens; i++)
        t->width[1 + i] = t->width[t->layers - 1 - i] = shape.hidden[i];
    for (int l = 0; l < t->layers; l++) {
        t->weight[l] = params_add(p, 2, t->width[l + 1], t->width[l], "%sfc%d.weight",
                                  prefix, l + 1);
        t->bias[l] = params_add(p, 1, t->width[l + 1], 1, "%sfc%d.bias", prefix, l + 1);
    }
    return 0;
}

int tower_shape_of(struct tower_shape *s, const int *width, int layers, struct error *e)
{
    *s = (struct tower_shape){ .in = width[0], .hiddens = layers / 2 - 1 };
    if (layers < 2 || layers % 2 != 0 || layers > TOWER_LAYERS)
        return fail(e, "%d layers, expected an even number up to %d", layers,
                    TOWER_LAYERS);
    for (int l = 0; l <= layers; l++)
        if (width[l] != width[layers - l])
            return fail(e, "layer %d puts out %d numbers, expected %d as layer %d takes",
                        layers - l, width[layers - l], width[l], l + 1);
    s->joint = width[layers / 2];
    memcpy(s->hidden, width + 1, (size_t)s->hiddens * sizeof *width);
    return check_shape(s, e);
}

void tower_init(const struct tower *t, real *values, const char *purpose, uint64_t seed)
{
    for (int l = 0; l < t->layers; l++) {
        rng r = rng_keyed(purpose, seed, (uint64_t)l, 0);

        init_linear(values + t->weight[l], (long)t->width[l] * t->width[l + 1],
                    t->width[l], &r);
        init_linear(values + t->bias[l], t->width[l + 1], t->width[l], &r);
    }
}

void tower_tape_new(struct tower_tape *k, const struct tower *t, int rows)
{
    *k = (struct tower_tape){ .rows = rows };
    for (int l = 0; l <= t->layers; l++) {
        size_t n = (size_t)rows * (size_t)t->width[l];

        k->z[l] = mem_new(2 * n, sizeof(real));
        k->d[l] = k->z[l] + n;
    }
}

void tower_tape_free(struct tower_tape *k)
{
    for (int l = 0; l <= TOWER_LAYERS; l++)
        free(k->z[l]);
    *k = (struct tower_tape){ 0 };
}

static bool is_hidden(const struct tower *t, int l)
{
    return l + 1 != t->middle && l + 1 != t->layers;
}

/* ReLU and dropout of rows from .. to - 1 in place, a mask for each row. */
static void activate_hidden(const struct tower *t, struct tower_tape *k, int l, int from,
                            int to, const char *purpose, uint64_t seed, uint64_t step)
{
    int width = t->width[l + 1];
    real *y = k->z[l + 1];

    relu_forward(y + (long)from * width, y + (long)from * width,
                 (long)(to - from) * width);
    if (k->dropout <= 0)
        return;
    for (int i = from; i < to; i++) {
        uint64_t row = (uint64_t)i * TOWER_LAYERS + (uint64_t)l;
        rng r = rng_keyed(purpose, seed, step, row);
        real mask[64];

        for (int j = 0; j < width; j += 64) {
            int n = width - j < 64 ? width - j : 64;
            real *at = y + (long)i * width + j;

            dropout_mask(mask, n, k->dropout, &r);
            dropout_forward(at, at, mask, n);
        }
    }
}

/* Layers [begin, end) of rows from .. to - 1. */
static void run_layers(const struct tower *t, const real *values, struct tower_tape *k,
                       int begin, int end, int from, int to, const char *purpose,
                       uint64_t seed, uint64_t step)
{
    for (int l = begin; l < end; l++) {
        int in = t->width[l], out = t->width[l + 1];
        real *y = k->z[l + 1] + (long)from * out;

        linear_forward(y, k->z[l] + (long)from * in, values + t->weight[l],
                       values + t->bias[l], to - from, in, out);
        if (is_hidden(t, l))
            activate_hidden(t, k, l, from, to, purpose, seed, step);
        else if (l + 1 == t->middle && t->shape.hiddens == 0)
            sigmoid_forward(y, y, (long)(to - from) * out);
    }
}

void tower_forward(const struct tower *t, const real *values, struct tower_tape *k,
                   int from, int to, const char *purpose, uint64_t seed, uint64_t step)
{
    run_layers(t, values, k, 0, k->decoded ? t->layers : t->middle, from, to, purpose,
               seed, step);
}

/* dy, the gradient of a layer's output y (n), to that before its activation.  The
 * output of ReLU and dropout is positive just where both let through. */
static void deactivate(real *dy, const real *y, long n, bool sigmoid, double dropout)
{
    real keep = (real)(1 / (1 - dropout));

    for (long i = 0; sigmoid && i < n; i++)
        dy[i] *= y[i] * (1 - y[i]);
    for (long i = 0; !sigmoid && i < n; i++)
        dy[i] = y[i] > 0 ? dy[i] * keep : 0;
}

void tower_decode_rows(const struct tower *t, const real *values, struct tower_tape *k,
                       int from, int to, const char *purpose, uint64_t seed,
                       uint64_t step)
{
    run_layers(t, values, k, t->middle, t->layers, from, to, purpose, seed, step);
}

/* Layers end - 1 down to begin of rows from .. to - 1; the gradient of the middle is
 * added to what is there. */
static void backward_layers(const struct tower *t, const real *values,
                            struct tower_tape *k, int begin, int end, int from, int to)
{
    int n = to - from;

    for (int l = end - 1; l >= begin; l--) {
        int in = t->width[l], out = t->width[l + 1];
        real *dy = k->d[l + 1] + (long)from * out, *dx = k->d[l] + (long)from * in;
        bool sigmoid = l + 1 == t->middle && t->shape.hiddens == 0;

        if (is_hidden(t, l) || sigmoid)
            deactivate(dy, k->z[l + 1] + (long)from * out, (long)n * out, sigmoid,
                       k->dropout);
        if (l == 0)
            break;
        if (l == t->middle)
            linear_backward(dx, NULL, NULL, dy, NULL, values + t->weight[l], n, in, out);
        else
            linear_input_gradient(dx, dy, values + t->weight[l], n, in, out);
    }
}

void tower_backward(const struct tower *t, const real *values, struct tower_tape *k,
                    int from, int to)
{
    backward_layers(t, values, k, 0, k->decoded ? t->layers : t->middle, from, to);
}

void tower_decode_backward(const struct tower *t, const real *values,
                           struct tower_tape *k, int from, int to)
{
    backward_layers(t, values, k, t->middle, t->layers, from, to);
}

void tower_weight_gradient(const struct tower *t, struct tower_tape *k, real *grad, int l,
                           int rows)
{
    bool used = l < t->middle || k->decoded;

    linear_weight_gradient(grad + t->weight[l], grad + t->bias[l], k->d[l + 1], k->z[l],
                           used ? rows : 0, t->width[l], t->width[l + 1]);
}

/* y (n, width[end]) of scale x (n, width[begin]) through layers [begin, end). */
static void map_rows(const struct tower *t, const real *values, int begin, int end,
                     real *y, const real *x, real scale, long n)
{
    int in = t->width[begin], out = t->width[end];

#pragma omp parallel for schedule(dynamic)
    for (long at = 0; at < n; at += ENCODE_ROWS) {
        int rows = (int)(n - at < ENCODE_ROWS ? n - at : ENCODE_ROWS);
        struct tower_tape k;

        tower_tape_new(&k, t, rows);
        for (long i = 0; i < (long)rows * in; i++)
            k.z[begin][i] = scale * x[at * in + i];
        run_layers(t, values, &k, begin, end, 0, rows, "", 0, 0);
        memcpy(y + at * out, k.z[end], (size_t)rows * (size_t)out * sizeof *y);
        tower_tape_free(&k);
    }
}

void tower_encode(const struct tower *t, const real *values, real *joint, const real *x,
                  real scale, long n)
{
    map_rows(t, values, 0, t->middle, joint, x, scale, n);
}

void tower_decode(const struct tower *t, const real *values, real *out, const real *joint,
                  long n)
{
    map_rows(t, values, t->middle, t->layers, out, joint, 1, n);
}
