#include "nn/adam.h"

#include "util/mem.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

void adam_new(struct adam *a, const struct params *p, double lr, double beta1,
              double beta2, double eps)
{
    *a = (struct adam){ .lr = lr, .beta1 = beta1, .beta2 = beta2, .eps = eps,
                        .decay_vectors = true, .size = p->size };
    a->m = mem_new((size_t)p->size * 2, sizeof(real));
    a->v = a->m + p->size;
}

void adam_free(struct adam *a)
{
    free(a->m);
    a->m = a->v = NULL;
}

/* What one step needs, in the numbers' own type. */
struct step {
    real beta1, beta2, rate, root, eps, shrink, l2;
};

static inline void update(real *w, real *m, real *v, const real *grad, long n,
                          const struct step *s)
{
    const real b1 = s->beta1, b2 = s->beta2, rate = s->rate, root = s->root,
               eps = s->eps, shrink = s->shrink, l2 = s->l2;

#pragma omp simd
    for (long i = 0; i < n; i++) {
        real g = grad[i] + l2 * w[i];

        m[i] = b1 * m[i] + (1 - b1) * g;
        v[i] = b2 * v[i] + (1 - b2) * g * g;
#ifdef REAL_IS_DOUBLE
        w[i] = w[i] * shrink - rate * m[i] / (sqrt(v[i]) * root + eps);
#else
        w[i] = w[i] * shrink - rate * m[i] / (sqrtf(v[i]) * root + eps);
#endif
    }
}

/* n numbers of the tensor from number `from` on; grad (n) is theirs. */
static void update_tensor(const struct adam *a, struct params *p, const real *grad,
                          const struct param *tensor, long from, long n, struct step s)
{
    long at = tensor->at + from;
    bool decays = a->decay > 0 && (tensor->ndim > 1 || a->decay_vectors);

    s.shrink = decays && a->decoupled ? (real)(1 - a->lr * a->decay) : 1;
    s.l2 = decays && !a->decoupled ? (real)a->decay : 0;
    update(p->values + at, a->m + at, a->v + at, grad, n, &s);
}

static struct step step_of(const struct adam *a)
{
    double t = (double)a->step;

    return (struct step){
        .beta1 = (real)a->beta1,
        .beta2 = (real)a->beta2,
        .rate = (real)(a->lr / (1 - pow(a->beta1, t))),
        .root = (real)(1 / sqrt(1 - pow(a->beta2, t))),
        .eps = (real)a->eps,
    };
}

void adam_begin(struct adam *a)
{
    a->step++;
}

void adam_share_first(const struct adam *a, struct params *p, const real *grad,
                      int tensors)
{
    int threads = omp_get_num_threads(), me = omp_get_thread_num();
    struct step s = step_of(a);

    for (int i = 0; i < tensors; i++) {
        const struct param *t = &p->list[i];
        long n = params_length(t), each = (n / threads + 16) / 16 * 16;
        long from = each * me < n ? each * me : n, to = from + each < n ? from + each : n;

        update_tensor(a, p, grad + t->at + from, t, from, to - from, s);
    }
}

void adam_share(const struct adam *a, struct params *p, const real *grad)
{
    adam_share_first(a, p, grad, p->count);
}

void adam_tensor(const struct adam *a, struct params *p, const real *grad, int i)
{
    const struct param *t = &p->list[i];

    update_tensor(a, p, grad + t->at, t, 0, params_length(t), step_of(a));
}

void adam_rows(const struct adam *a, struct params *p, const real *grad, int i,
               long first, long rows)
{
    const struct param *t = &p->list[i];

    update_tensor(a, p, grad + t->at + first * t->cols, t, first * t->cols,
                  rows * t->cols, step_of(a));
}

void adam_scattered(const struct adam *a, struct params *p, const real *grad, int i,
                    long first, const int32_t *row, long n)
{
    const struct param *t = &p->list[i];
    struct step s = step_of(a);

#pragma omp for schedule(static)
    for (long j = 0; j < n; j++)
        update_tensor(a, p, grad + j * t->cols, t, (first + row[j]) * t->cols, t->cols,
                      s);
}

void adam_step(struct adam *a, struct params *p, const real *grad)
{
    adam_begin(a);
#pragma omp parallel if (p->size > 65536)
    adam_share(a, p, grad);
}
