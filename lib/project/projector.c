#include "project/projector.h"

#include "nn/activation.h"
#include "nn/init.h"
#include "nn/layernorm.h"
#include "nn/linear.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LN_EPS ((real)1e-5)

static const char *const kind_names[] = { "user", "item" };

void projector_add(struct projector *f, struct params *p, enum projector_kind kind,
                   int in, int width, bool with_gain)
{
    const char *k = kind_names[kind];

    *f = (struct projector){ .kind = kind, .in = in, .width = width };
    f->w1 = params_add(p, 2, width, in, "%s.0.weight", k);
    f->b1 = params_add(p, 1, width, 1, "%s.0.bias", k);
    f->ln_w = params_add(p, 1, width, 1, "%s.1.weight", k);
    f->ln_b = params_add(p, 1, width, 1, "%s.1.bias", k);
    f->w2 = params_add(p, 2, width, width, "%s.3.weight", k);
    f->b2 = params_add(p, 1, width, 1, "%s.3.bias", k);
    f->gain = with_gain ? params_add(p, 1, 1, 1, "%s.gain", k) : -1;
}

void projector_init(const struct projector *f, struct params *p, uint64_t seed)
{
    rng r = rng_keyed("projector", seed, f->kind, 0);
    real *v = p->values;

    init_xavier_normal(v + f->w1, f->width, f->in, &r);
    init_linear(v + f->b1, f->width, f->in, &r);
    init_constant(v + f->ln_w, f->width, 1);
    init_constant(v + f->ln_b, f->width, 0);
    init_xavier_normal(v + f->w2, f->width, f->width, &r);
    init_linear(v + f->b2, f->width, f->width, &r);
    if (f->gain >= 0)
        v[f->gain] = 1;
}

struct projector_state *projector_state_new(const struct projector *f, int room)
{
    struct projector_state *s = mem_new(1, sizeof *s);
    size_t n = (size_t)room * (size_t)f->width;

    s->room = room;
    s->hidden = mem_new(n, sizeof(real));
    s->norm = mem_new(n, sizeof(real));
    s->act = mem_new(n, sizeof(real));
    s->y = mem_new(n, sizeof(real));
    s->dy = mem_new(n, sizeof(real));
    s->dact = mem_new(n, sizeof(real));
    s->mean = mem_new((size_t)room, sizeof(real));
    s->rstd = mem_new((size_t)room, sizeof(real));
    return s;
}

void projector_state_free(struct projector_state *s)
{
    if (!s)
        return;
    free(s->hidden);
    free(s->norm);
    free(s->act);
    free(s->y);
    free(s->dy);
    free(s->dact);
    free(s->mean);
    free(s->rstd);
    free(s);
}

static real gain_of(const struct projector *f, const struct params *p)
{
    return f->gain >= 0 ? p->values[f->gain] : 1;
}

void projector_forward(real *out, struct projector_state *s, const struct projector *f,
                       const struct params *p, const real *x, int n)
{
    const real *v = p->values, gain = gain_of(f, p);
    long size = (long)n * f->width;

    s->n = n;
    s->x = x;
    linear_forward(s->hidden, x, v + f->w1, v + f->b1, n, f->in, f->width);
    layernorm_forward(s->norm, s->mean, s->rstd, s->hidden, v + f->ln_w, v + f->ln_b, n,
                      f->width, LN_EPS);
    if (f->kind == PROJECTOR_USER)
        leaky_relu_forward(s->act, s->norm, size);
    else
        gelu_forward(s->act, s->norm, size);
    linear_forward(s->y, s->act, v + f->w2, v + f->b2, n, f->width, f->width);
    for (long i = 0; i < size; i++)
        out[i] = gain * s->y[i];
}

void projector_backward(real *grad, struct projector_state *s, const struct projector *f,
                        const struct params *p, const real *dout)
{
    const real *v = p->values, gain = gain_of(f, p);
    long size = (long)s->n * f->width;
    double dgain = 0;

    for (long i = 0; i < size; i++) {
        dgain += (double)dout[i] * (double)s->y[i];
        s->dy[i] = gain * dout[i];
    }
    if (f->gain >= 0)
        grad[f->gain] += (real)dgain;
    memset(s->dact, 0, (size_t)size * sizeof(real));
    linear_backward(s->dact, grad + f->w2, grad + f->b2, s->dy, s->act, v + f->w2, s->n,
                    f->width, f->width);
    memset(s->dy, 0, (size_t)size * sizeof(real));
    if (f->kind == PROJECTOR_USER)
        leaky_relu_backward(s->dy, s->dact, s->norm, size);
    else
        gelu_backward(s->dy, s->dact, s->norm, size);
    memset(s->dact, 0, (size_t)size * sizeof(real));
    layernorm_backward(s->dact, grad + f->ln_w, grad + f->ln_b, s->dy, s->hidden,
                       v + f->ln_w, s->mean, s->rstd, s->n, f->width);
    linear_backward(NULL, grad + f->w1, grad + f->b1, s->dact, s->x, v + f->w1, s->n,
                    f->in, f->width);
}

void projector_set_rms(const struct projector *f, struct params *p, const real *x, int n,
                       real rms)
{
    struct projector_state *s = projector_state_new(f, n);
    size_t size = (size_t)n * (size_t)f->width;
    real *y = mem_new(size, sizeof *y);
    double sum = 0;

    projector_forward(y, s, f, p, x, n);
    for (size_t i = 0; i < size; i++)
        sum += (double)y[i] * (double)y[i];
    if (f->gain >= 0 && sum > 0)
        p->values[f->gain] *= rms / (real)sqrt(sum / (double)size);
    free(y);
    projector_state_free(s);
}

void projector_fold(const struct projector *f, struct params *p, const real *mean,
                    const real *scale)
{
    for (int o = 0; o < f->width; o++) {
        real *w = p->values + f->w1 + (long)o * f->in;
        double moved = 0;

        for (int i = 0; i < f->in; i++) {
            w[i] *= scale[i];
            moved += (double)w[i] * (double)mean[i];
        }
        p->values[f->b1 + o] -= (real)moved;
    }
}
