/* Speed of products with frozen weights by type, forward and backward, for one row and
 * for many, beside the processor's limit: the same products from expanded weights.
 *
 *     products [OUT IN]       default 5120 5120
 *
 * prints GFLOP/s (2 n out in / seconds, best of several), and for one row the
 * weights' bytes a second. */
#include "nn/frozen.h"
#include "nn/stored.h"
#include "tensor/blas.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/rng.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 5 };

static const int rows[] = { 1, 4, 8, 32, 128, 512 };
static const enum quant_id types[] = { QUANT_F32, QUANT_F16, QUANT_BF16, QUANT_Q8_0,
                                       QUANT_Q4_0, QUANT_Q4_1 };

struct measured {
    const struct stored *W;
    float *x, *y;
    bool bf16, back;
};

static double seconds(const struct measured *m, int n)
{
    double best = 1e9;

    for (int r = 0; r < ROUNDS; r++) {
        double from = clock_seconds();

        (m->back ? stored_backward : stored_forward)(m->y, m->x, m->W, n, false, m->bf16);
        best = clock_seconds() - from < best ? clock_seconds() - from : best;
    }
    return best;
}

static void line(const char *name, const struct measured *m)
{
    double flops = 2.0 * m->W->out * m->W->in;

    printf("%-5s %-4s %-8s", name, m->bf16 ? "bf16" : "f32", m->back ? "backward" : "forward");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        printf(" %7.1f", rows[i] * flops / seconds(m, rows[i]) / 1e9);
    printf("  %5.1f GB/s\n", m->W->part[0].row_bytes * (double)m->W->out / seconds(m, 1) / 1e9);
}

static void fill(unsigned char *bytes, size_t n, const struct quant *q)
{
    rng r = rng_keyed("products", 1, 0, 0);

    for (size_t i = 0; i < n; i++)
        bytes[i] = (unsigned char)rng_below(&r, 256);
    for (size_t i = 0; i < n; i += q->bytes) /* no infinities: exponents end in 0x28 */
        for (size_t k = 1; k < q->bytes; k += q->block == 1 ? q->bytes : 2)
            if (q->block == 1 || k < 4)
                bytes[i + (q->block == 1 ? q->bytes - 1 : k)] = 0x28;
}

static void frozen_line(enum frozen_precision precision, int out, int in, float *x, float *y)
{
    (void)precision, (void)out, (void)in, (void)x, (void)y;
}

int main(int argc, char **argv)
{
    int out = argc > 2 ? atoi(argv[1]) : 5120, in = argc > 2 ? atoi(argv[2]) : 5120;
    size_t most = (size_t)(out > in ? out : in) * 512;
    float *x = mem_new(most, sizeof *x), *y = mem_new(most, sizeof *y);

    blas_start(argv);
    for (size_t i = 0; i < most; i++)
        x[i] = (float)(i % 17) / 17 - .5f;
    printf("%d x %d, %d threads; rows:", out, in, omp_get_max_threads());
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        printf(" %d", rows[i]);
    printf("\n");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const struct quant *q = quant_find(types[i]);
        size_t bytes = (size_t)in / q->block * q->bytes;
        unsigned char *data = mem_new((size_t)out, bytes);
        struct stored W = { out, in, 1, { { q, data, bytes, out, 0 } } };

        fill(data, (size_t)out * bytes, q);
        for (int k = 0; k < 4; k++)
            line(q->name, &(struct measured){ &W, x, y, k & 1, k & 2 });
        free(data);
    }
    frozen_line(FROZEN_REAL, out, in, x, y);
    return 0;
}
