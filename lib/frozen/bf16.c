#include "frozen/bf16.h"

#include "frozen/bf16_amx.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/processor.h"

#include <stdlib.h>
#include <string.h>

void bf16_new(struct bf16_matrix *b, int inner, int columns)
{
    *b = (struct bf16_matrix){ .inner = inner, .columns = columns };
    b->data = mem_new(bf16_numbers(b), sizeof *b->data);
}

void bf16_free(struct bf16_matrix *b)
{
    free(b->data);
    b->data = NULL;
}

uint16_t bf16_round(float x)
{
    uint32_t u;

    memcpy(&u, &x, sizeof u);
    return (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

float bf16_float(uint16_t h)
{
    uint32_t u = (uint32_t)h << 16;
    float x;

    memcpy(&x, &u, sizeof x);
    return x;
}

#ifdef __x86_64__

#include <immintrin.h>

#define BF16_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

/* ROWS x 3 registers of sums, 3 of b and 1 of a: 28 of 32. */
enum { ROWS = 8, VECTORS = BF16_PANEL / 16 };

/* Rows of b multiplied at once: a's ROWS rows of them stay in the first cache and
 * a panel's in the second. */
enum { DEPTH = 1536 };

bool bf16_available(void)
{
    return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw")
           && __builtin_cpu_supports("avx512vl");
}

/* c (rows, 48) = a (rows, 2 pairs) b, where rows <= ROWS is a constant. */
BF16_TARGET static inline __attribute__((always_inline)) void
kernel(int rows, float *c, size_t c_stride, const uint16_t *a, size_t a_stride,
       const uint16_t *b, int pairs, const __mmask16 *mask, bool add)
{
    __m512 sum[ROWS][VECTORS];

#pragma GCC unroll 8
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 3
        for (int v = 0; v < VECTORS; v++)
            sum[i][v] = _mm512_setzero_ps();
    for (int p = 0; p < pairs; p++, b += 2 * BF16_PANEL, a += 2) {
        __m512bh column[VECTORS];

#pragma GCC unroll 3
        for (int v = 0; v < VECTORS; v++)
            column[v] = (__m512bh)_mm512_loadu_si512(b + 32 * v);
#pragma GCC unroll 8
        for (int i = 0; i < rows; i++) {
            int32_t pair;
            __m512bh x;

            memcpy(&pair, a + (size_t)i * a_stride, sizeof pair);
            x = (__m512bh)_mm512_set1_epi32(pair);
#pragma GCC unroll 3
            for (int v = 0; v < VECTORS; v++)
                sum[i][v] = _mm512_dpbf16_ps(sum[i][v], x, column[v]);
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 3
        for (int v = 0; v < VECTORS; v++) {
            float *to = c + (size_t)i * c_stride + 16 * v;

            if (add)
                sum[i][v] = _mm512_add_ps(sum[i][v], _mm512_maskz_loadu_ps(mask[v], to));
            _mm512_mask_storeu_ps(to, mask[v], sum[i][v]);
        }
}

BF16_TARGET static void kernel_rows(int rows, float *c, size_t c_stride,
                                    const uint16_t *a, size_t a_stride,
                                    const uint16_t *b, int pairs, const __mmask16 *mask,
                                    bool add)
{
    switch (rows) {
    case 1: kernel(1, c, c_stride, a, a_stride, b, pairs, mask, add); break;
    case 2: kernel(2, c, c_stride, a, a_stride, b, pairs, mask, add); break;
    case 3: kernel(3, c, c_stride, a, a_stride, b, pairs, mask, add); break;
    case 4: kernel(4, c, c_stride, a, a_stride, b, pairs, mask, add); break;
    case 5: kernel(5, c, c_stride, a, a_stride, b, pairs, mask, add); break;
    case 6: kernel(6, c, c_stride, a, a_stride, b, pairs, mask, add); break;
    case 7: kernel(7, c, c_stride, a, a_stride, b, pairs, mask, add); break;
    default: kernel(8, c, c_stride, a, a_stride, b, pairs, mask, add); break;
    }
}

BF16_TARGET void bf16_round_rows(uint16_t *to, size_t stride, const float *from,
                                 size_t from_stride, int depth, int n)
{
    for (int i = 0; i < n; i++, to += stride, from += from_stride)
        for (int k = 0; k < (depth + 31) / 32 * 32; k += 16) {
            int left = depth - k;
            __mmask16 m = left >= 16  ? 0xffff
                          : left > 0 ? (__mmask16)((1u << left) - 1)
                                     : 0;
            __m256bh h = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(m, from + k));

            _mm256_storeu_si256((__m256i *)(void *)(to + k), (__m256i)h);
        }
}

void bf16_register_tile(float *c, size_t c_stride, const uint16_t *a, size_t a_stride,
                        const struct bf16_matrix *b, int first, int depth, int n,
                        bool add)
{
    for (int j = 0; j < b->columns; j += BF16_PANEL) {
        const uint16_t *panel = b->data + bf16_at(b, first, j);
        __mmask16 mask[VECTORS];

        for (int v = 0; v < VECTORS; v++) {
            int left = b->columns - j - 16 * v;

            mask[v] = left >= 16 ? 0xffff : left > 0 ? (__mmask16)((1u << left) - 1) : 0;
        }
        for (int i = 0; i < n; i += ROWS)
            kernel_rows(n - i < ROWS ? n - i : ROWS, c + (size_t)i * c_stride + j,
                        c_stride, a + (size_t)i * a_stride, a_stride, panel,
                        (depth + 1) / 2, mask, add);
    }
}

void bf16_tile(float *c, size_t c_stride, const uint16_t *a, size_t a_stride,
               const struct bf16_matrix *b, int first, int depth, int n, bool add)
{
    if (processor_has_tiles())
        bf16_amx_tile(c, c_stride, a, a_stride, b, first, depth, n, add);
    else
        bf16_register_tile(c, c_stride, a, a_stride, b, first, depth, n, add);
}

void bf16_product(float *c, const float *a, const struct bf16_matrix *b, int n, bool add)
{
    size_t stride = bf16_stride(b->inner < DEPTH ? b->inner : DEPTH);
    size_t bytes = bf16_rows(n) * stride * 2;
    uint16_t *rounded = aligned_alloc(64, bytes ? bytes : 64);

    if (!rounded)
        die("out of memory: %zu bytes asked for", bytes);
    for (int first = 0; first < b->inner; first += DEPTH) {
        int depth = b->inner - first < DEPTH ? b->inner - first : DEPTH;

        bf16_round_rows(rounded, stride, a + first, (size_t)b->inner, depth, n);
        bf16_tile(c, (size_t)b->columns, rounded, stride, b, first, depth, n,
                  add || first);
    }
    free(rounded);
}

#else

bool bf16_available(void)
{
    return false;
}

void bf16_product(float *c, const float *a, const struct bf16_matrix *b, int n, bool add)
{
    (void)c, (void)a, (void)b, (void)n, (void)add;
    die("products in bfloat16 are not possible on this processor");
}

void bf16_round_rows(uint16_t *to, size_t stride, const float *from, size_t from_stride,
                     int depth, int n)
{
    (void)to, (void)stride, (void)from, (void)from_stride, (void)depth, (void)n;
    die("products in bfloat16 are not possible on this processor");
}

void bf16_tile(float *c, size_t c_stride, const uint16_t *a, size_t a_stride,
               const struct bf16_matrix *b, int first, int depth, int n, bool add)
{
    bf16_register_tile(c, c_stride, a, a_stride, b, first, depth, n, add);
}

void bf16_register_tile(float *c, size_t c_stride, const uint16_t *a, size_t a_stride,
                        const struct bf16_matrix *b, int first, int depth, int n,
                        bool add)
{
    (void)c, (void)c_stride, (void)a, (void)a_stride, (void)b, (void)first;
    (void)depth, (void)n, (void)add;
    die("products in bfloat16 are not possible on this processor");
}

#endif
