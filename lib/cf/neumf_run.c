/* Forward and backward of NeuMF over rows of pairs. */
#include "cf/neumf.h"

#include "cf/backbone.h"
#include "nn/activation.h"
#include "nn/dropout.h"
#include "nn/linear.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

static int in_of(const struct neumf *m, int map)
{
    return map > 0 ? m->shape.out[map - 1] : 2 * m->shape.mlp;
}

static void carve_all(struct carver *c, struct neumf_tape *t, const struct neumf *m)
{
    size_t n = (size_t)t->room, V = (size_t)neumf_width(m), widest = 0;
    real **pairs[] = { &t->u, &t->v, &t->du, &t->dv };
    int L = m->shape.layers;

    for (int i = 0; i < 4; i++)
        *pairs[i] = backbone_carve(c, n * V);
    for (int i = 0; i <= L; i++) {
        size_t in = (size_t)in_of(m, i);

        widest = in > widest ? in : widest;
        t->x[i] = backbone_carve(c, n * in);
        if (i < L)
            t->mask[i] = backbone_carve(c, n * in);
    }
    t->top = backbone_carve(c, n * (size_t)(m->shape.gmf + m->shape.out[L - 1]));
    t->y = backbone_carve(c, n);
    t->dy = backbone_carve(c, n);
    t->a = backbone_carve(c, n * widest);
    t->c = backbone_carve(c, n * widest);
}

void neumf_tape_new(struct neumf_tape *t, const struct neumf *m, int room)
{
    struct carver c = { 0 };

    *t = (struct neumf_tape){ .room = room };
    carve_all(&c, t, m);
    c.memory = t->memory = mem_new(c.used, sizeof(real));
    c.used = 0;
    carve_all(&c, t, m);
}

void neumf_tape_free(struct neumf_tape *t)
{
    free(t->memory);
}

static void drop(const struct neumf_tape *t, real *x, int map, long n)
{
    if (t->drops)
        dropout_forward(x, x, t->mask[map], n);
}

void neumf_forward(const struct neumf *m, struct neumf_tape *t, int n)
{
    const real *p = m->p.values;
    int G = m->shape.gmf, M = m->shape.mlp, V = G + M, L = m->shape.layers;
    int last = m->shape.out[L - 1];

    for (long i = 0; i < n; i++) {
        memcpy(t->x[0] + i * 2 * M, t->u + i * V + G, (size_t)M * sizeof(real));
        memcpy(t->x[0] + i * 2 * M + M, t->v + i * V + G, (size_t)M * sizeof(real));
    }
    for (int i = 0; i < L; i++) {
        long count = (long)n * m->shape.out[i];

        drop(t, t->x[i], i, (long)n * in_of(m, i));
        linear_forward(t->x[i + 1], t->x[i], p + m->w[i], p + m->b[i], n, in_of(m, i),
                       m->shape.out[i]);
        relu_forward(t->x[i + 1], t->x[i + 1], count);
    }
    for (long i = 0; i < n; i++) {
        real *top = t->top + i * (G + last);

        for (int j = 0; j < G; j++)
            top[j] = t->u[i * V + j] * t->v[i * V + j];
        memcpy(top + G, t->x[L] + i * last, (size_t)last * sizeof *top);
    }
    linear_forward(t->y, t->top, p + m->predict_w, p + m->predict_b, n, G + last, 1);
}

/* The tower: a, the gradient of its output, to that of its input, in a or c; which. */
static real *tower_backward(const struct neumf *m, struct neumf_tape *t, real *grad,
                            int n)
{
    real *dy = t->a, *dx = t->c;

    for (int i = m->shape.layers - 1; i >= 0; i--) {
        int in = in_of(m, i), out = m->shape.out[i];
        long count = (long)n * out;
        real *kept = dy;

        for (long j = 0; j < count; j++)
            dy[j] = t->x[i + 1][j] > 0 ? dy[j] : 0;
        linear_backward(NULL, grad + m->w[i] - m->dense, grad + m->b[i] - m->dense, dy,
                        t->x[i], NULL, n, in, out);
        linear_input_gradient(dx, dy, m->p.values + m->w[i], n, in, out);
        drop(t, dx, i, (long)n * in);
        dy = dx;
        dx = kept;
    }
    return dy;
}

void neumf_backward(const struct neumf *m, struct neumf_tape *t, real *grad, int n)
{
    const real *w = m->p.values + m->predict_w;
    int G = m->shape.gmf, M = m->shape.mlp, V = G + M;
    int last = m->shape.out[m->shape.layers - 1];
    const real *dx;

    linear_backward(NULL, grad + m->predict_w - m->dense, grad + m->predict_b - m->dense,
                    t->dy, t->top, NULL, n, G + last, 1);
    for (long i = 0; i < n; i++) {
        for (int j = 0; j < G; j++) {
            t->du[i * V + j] = t->dy[i] * w[j] * t->v[i * V + j];
            t->dv[i * V + j] = t->dy[i] * w[j] * t->u[i * V + j];
        }
        for (int j = 0; j < last; j++)
            t->a[i * last + j] = t->dy[i] * w[G + j];
    }
    dx = tower_backward(m, t, grad, n);
    for (long i = 0; i < n; i++) {
        memcpy(t->du + i * V + G, dx + i * 2 * M, (size_t)M * sizeof(real));
        memcpy(t->dv + i * V + G, dx + i * 2 * M + M, (size_t)M * sizeof(real));
    }
}
