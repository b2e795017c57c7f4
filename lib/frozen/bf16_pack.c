#include "frozen/bf16.h"

#include "util/error.h"

#ifdef __x86_64__

#include <immintrin.h>

#define BF16_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

/* 16 floats as the lower halves of 16 numbers. */
BF16_TARGET static inline __m512i rounded(const float *from, __mmask16 mask)
{
    __m256bh h = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, from));

    return _mm512_cvtepu16_epi32((__m256i)h);
}

/* Numbers [j, j + 16) of two rows of n as 16 pairs; NULL: zeros. */
BF16_TARGET static inline __m512i pair_of(const float *even, const float *odd, int j,
                                          int n)
{
    int left = n - j;
    __mmask16 mask = left >= 16 ? 0xffff : (__mmask16)((1u << left) - 1);
    __m512i zero = _mm512_setzero_si512();
    __m512i low = even ? rounded(even + j, mask) : zero;
    __m512i high = odd ? _mm512_slli_epi32(rounded(odd + j, mask), 16) : zero;

    return _mm512_or_si512(low, high);
}

BF16_TARGET void bf16_pack_rows(struct bf16_matrix *b, int k, const float *even,
                                const float *odd)
{
    for (int j = 0; j < b->columns; j += 16)
        _mm512_storeu_si512(b->data + bf16_at(b, k, j),
                            pair_of(even, odd, j, b->columns));
}

/* r[i] holds row i of 16 x 16 numbers and comes out with column i: pairs, fours,
 * eights and halves of registers change places. */
BF16_TARGET static inline void transpose(__m512i r[16])
{
    __m512i t[16];

    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 16; i += 4)
        for (int h = 0; h < 2; h++) {
            r[i + 2 * h] = _mm512_unpacklo_epi64(t[i + h], t[i + h + 2]);
            r[i + 2 * h + 1] = _mm512_unpackhi_epi64(t[i + h], t[i + h + 2]);
        }
    /* r[4 g + c], lane l: rows 4 g .. 4 g + 3 of column 4 l + c */
    for (int c = 0; c < 4; c++) {
        __m512i a = _mm512_shuffle_i32x4(r[c], r[4 + c], 0x88);
        __m512i b = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0x88);
        __m512i d = _mm512_shuffle_i32x4(r[c], r[4 + c], 0xdd);
        __m512i e = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0xdd);

        t[c] = _mm512_shuffle_i32x4(a, b, 0x88);
        t[8 + c] = _mm512_shuffle_i32x4(a, b, 0xdd);
        t[4 + c] = _mm512_shuffle_i32x4(d, e, 0x88);
        t[12 + c] = _mm512_shuffle_i32x4(d, e, 0xdd);
    }
    for (int i = 0; i < 16; i++)
        r[i] = t[i];
}

/* Numbers [k, k + 32) of a row as 16 pairs, zeros behind the row's `depth`. */
BF16_TARGET static inline __m512i pairs(const float *row, int k, int depth)
{
    int left = depth - k;
    __mmask16 low = left >= 16  ? 0xffff
                    : left > 0 ? (__mmask16)((1u << left) - 1)
                               : 0;
    __mmask16 high = left >= 32   ? 0xffff
                     : left >= 16 ? (__mmask16)((1u << (left - 16)) - 1)
                                  : 0;

    return (__m512i)_mm512_cvtne2ps_pbh(_mm512_maskz_loadu_ps(high, row + k + 16),
                                        _mm512_maskz_loadu_ps(low, row + k));
}

BF16_TARGET void bf16_pack_columns(struct bf16_matrix *b, int j, const float *const *row,
                                   int count)
{
    uint16_t *to = b->data + bf16_at(b, 0, j);
    int all = (int)bf16_pairs(b);

    for (int p = 0; p < all; p += 16) {
        __m512i r[BF16_COLUMNS];

        for (int i = 0; i < BF16_COLUMNS; i++)
            r[i] = i < count ? pairs(row[i], 2 * p, b->inner) : _mm512_setzero_si512();
        transpose(r);
        for (int i = 0; i < 16; i++, to += 2 * BF16_PANEL)
            _mm512_storeu_si512(to, r[i]);
    }
}

BF16_TARGET void bf16_round_columns(uint16_t *to, size_t stride, const float *from,
                                    size_t from_stride, int depth, int n)
{
    for (int k = 0; k < depth; k += 32)
        for (int j = 0; j < n; j += 16) {
            __m512i r[16];

            for (int p = 0; p < 16; p++) {
                int at = k + 2 * p;
                const float *even = from + (size_t)at * from_stride;

                r[p] = pair_of(at < depth ? even : NULL,
                               at + 1 < depth ? even + from_stride : NULL, j, n);
            }
            transpose(r);
            for (int i = 0; i < 16; i++)
                _mm512_storeu_si512(to + (size_t)(j + i) * stride + k, r[i]);
        }
}

#else

void bf16_pack_rows(struct bf16_matrix *b, int k, const float *even, const float *odd)
{
    (void)b, (void)k, (void)even, (void)odd;
    die("products in bfloat16 are not possible on this processor");
}

void bf16_pack_columns(struct bf16_matrix *b, int j, const float *const *row, int count)
{
    (void)b, (void)j, (void)row, (void)count;
    die("products in bfloat16 are not possible on this processor");
}

void bf16_round_columns(uint16_t *to, size_t stride, const float *from,
                        size_t from_stride, int depth, int n)
{
    (void)to, (void)stride, (void)from, (void)from_stride, (void)depth, (void)n;
    die("products in bfloat16 are not possible on this processor");
}

#endif
