#include "frozen/frozen_few_rows.h"

#include <stddef.h>

#ifdef __AVX512F__

#include <immintrin.h>

enum {
    COLUMNS = FEW_BLOCKS_COLUMNS, ROWS = FEW_BLOCKS_ROWS, BLOCK = 32,
    AHEAD = 4096, /* bytes that are asked for before they are needed: columns mostly lie
                     one behind the other */
};

/* A block's numbers. */
struct pair {
    __m512 low, high;
};

typedef struct pair block_function(const unsigned char *block);

#define INLINE static inline __attribute__((always_inline))

/* The half float at p in every place. */
INLINE __m512 half_all(const unsigned char *p)
{
    uint16_t h;

    memcpy(&h, p, sizeof h);
    return _mm512_cvtph_ps(_mm256_set1_epi16((short)h));
}

/* 0 .. 15, less `zero`: the lower four bits of a number pick one. */
INLINE struct pair pick(const unsigned char *p, float zero)
{
    __m512 v = _mm512_sub_ps(_mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
                                            14, 15),
                             _mm512_set1_ps(zero));
    __m512i q = _mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)p));

    return (struct pair){ _mm512_permutexvar_ps(q, v),
                          _mm512_permutexvar_ps(_mm512_srli_epi32(q, 4), v) };
}

INLINE struct pair q4_0(const unsigned char *block)
{
    __m512 d = half_all(block);
    struct pair q = pick(block + 2, 8);

    return (struct pair){ _mm512_mul_ps(d, q.low), _mm512_mul_ps(d, q.high) };
}

INLINE struct pair q4_1(const unsigned char *block)
{
    __m512 d = half_all(block), m = half_all(block + 2);
    struct pair q = pick(block + 4, 0);

    return (struct pair){ _mm512_fmadd_ps(d, q.low, m), _mm512_fmadd_ps(d, q.high, m) };
}

INLINE struct pair q8_0(const unsigned char *block)
{
    __m512 d = half_all(block);
    __m128i low = _mm_loadu_si128((const void *)(block + 2));
    __m128i high = _mm_loadu_si128((const void *)(block + 18));

    return (struct pair){
        _mm512_mul_ps(d, _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(low))),
        _mm512_mul_ps(d, _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(high)))
    };
}

/* Of a kind of blocks and a number of rows that are constants where this is called.  Each
 * sum has 16 lanes, added up by halves at the end, as frozen_few_rows.c does it for
 * more rows, and in the same words: a compiler that joins a product and a sum does so in
 * both, and a row has the same bytes alone and among others. */
INLINE void sums(float sum[ROWS][COLUMNS], const float *x,
                 const unsigned char *const column[COLUMNS], block_function *numbers,
                 size_t bytes, int in, int rows)
{
    __m512 s[ROWS][COLUMNS];

#pragma GCC unroll 4
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int j = 0; j < COLUMNS; j++)
            s[i][j] = _mm512_setzero_ps();
    for (int k = 0, b = 0; k < in; k += BLOCK, b++) {
        const unsigned char *next = column[0] + AHEAD + (size_t)(COLUMNS * b) * bytes;

        _mm_prefetch((const void *)next, _MM_HINT_T0);
        _mm_prefetch((const void *)(next + 64), _MM_HINT_T0);
#pragma GCC unroll 4
        for (int j = 0; j < COLUMNS; j++) {
            struct pair w = numbers(column[j] + (size_t)b * bytes);

#pragma GCC unroll 4
            for (int i = 0; i < rows; i++) {
                const float *at = x + (size_t)i * (size_t)in + k;

                s[i][j] += _mm512_loadu_ps(at) * w.low;
                s[i][j] += _mm512_loadu_ps(at + 16) * w.high;
            }
        }
    }
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < COLUMNS; j++) {
            few_lanes lanes = (few_lanes)s[i][j];

            sum[i][j] = few_lanes_sum(&lanes);
        }
}

#define SUMS_OF(name, bytes)                                                             \
    static void sums_##name(float sum[ROWS][COLUMNS], const float *x,                    \
                            const unsigned char *const column[COLUMNS], int in,          \
                            int rows)                                                    \
    {                                                                                    \
        switch (rows) {                                                                  \
        case 1: sums(sum, x, column, name, bytes, in, 1); break;                         \
        case 2: sums(sum, x, column, name, bytes, in, 2); break;                         \
        case 3: sums(sum, x, column, name, bytes, in, 3); break;                         \
        default: sums(sum, x, column, name, bytes, in, 4); break;                        \
        }                                                                                \
    }

SUMS_OF(q4_0, 18)
SUMS_OF(q4_1, 20)
SUMS_OF(q8_0, 34)

static const struct kind {
    uint32_t id;
    void (*sums)(float sum[ROWS][COLUMNS], const float *x,
                 const unsigned char *const column[COLUMNS], int in, int rows);
} kinds[] = {
    { QUANT_Q4_0, sums_q4_0 },
    { QUANT_Q4_1, sums_q4_1 },
    { QUANT_Q8_0, sums_q8_0 },
};

static const struct kind *kind_of(const struct quant *type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (type == dequant_find(kinds[i].id))
            return &kinds[i];
    return NULL;
}

bool frozen_few_blocks_find(const struct frozen_blocks *W, int first,
                            const unsigned char *column[COLUMNS],
                            const struct quant **type)
{
    *type = NULL;
    for (int j = 0; j < COLUMNS; j++) {
        int index = first + j < W->out ? first + j : W->out - 1;
        const struct quant *its;

        column[j] = frozen_blocks_at(W, index, &its);
        if (j > 0 && its != *type)
            return false;
        *type = its;
    }
    return kind_of(*type) != NULL;
}

void frozen_few_blocks_sums(float sum[ROWS][COLUMNS], const float *x,
                            const unsigned char *const column[COLUMNS],
                            const struct quant *type, int in, int rows)
{
    kind_of(type)->sums(sum, x, column, in, rows);
}

#else

bool frozen_few_blocks_find(const struct frozen_blocks *W, int first,
                            const unsigned char *column[FEW_BLOCKS_COLUMNS],
                            const struct quant **type)
{
    (void)W, (void)first, (void)column, (void)type;
    return false;
}

void frozen_few_blocks_sums(float sum[FEW_BLOCKS_ROWS][FEW_BLOCKS_COLUMNS],
                            const float *x,
                            const unsigned char *const column[FEW_BLOCKS_COLUMNS],
                            const struct quant *type, int in, int rows)
{
    (void)x, (void)column, (void)type, (void)in, (void)rows;
    memset(sum, 0, FEW_BLOCKS_ROWS * sizeof *sum); /* frozen_few_blocks_find says no */
}

#endif
