#include "formats/dequant_avx512.h"

#include "util/half.h"

#include <assert.h>

#ifdef __x86_64__

#include <immintrin.h>

#define WIDE_TARGET __attribute__((target("avx512f")))

bool dequant_avx512_available(void)
{
    return __builtin_cpu_supports("avx512f");
}

WIDE_TARGET void dequant_avx512_f16(const unsigned char *from, size_t count, float *out)
{
    size_t i = 0;

    for (; i + 16 <= count; i += 16)
        _mm512_storeu_ps(out + i, _mm512_cvtph_ps(_mm256_loadu_si256(
                                      (const void *)(from + 2 * i))));
    for (; i < count; i++)
        out[i] = half_from_f16((uint16_t)(from[2 * i] | from[2 * i + 1] << 8));
}

WIDE_TARGET void dequant_avx512_bf16(const unsigned char *from, size_t count, float *out)
{
    size_t i = 0;

    for (; i + 16 <= count; i += 16) {
        __m512i h = _mm512_cvtepu16_epi32(_mm256_loadu_si256(
            (const void *)(from + 2 * i)));

        _mm512_storeu_ps(out + i, _mm512_castsi512_ps(_mm512_slli_epi32(h, 16)));
    }
    for (; i < count; i++)
        out[i] = half_from_bf16((uint16_t)(from[2 * i] | from[2 * i + 1] << 8));
}

/* The half float at p in every place. */
WIDE_TARGET static inline __m512 half_all(const unsigned char *p)
{
    uint16_t h;

    memcpy(&h, p, sizeof h);
    return _mm512_cvtph_ps(_mm256_set1_epi16((short)h));
}

WIDE_TARGET void dequant_avx512_q8_0(const unsigned char *from, size_t blocks, float *out)
{
    for (; blocks > 0; blocks--, from += 34, out += 32) {
        __m512 d = half_all(from);

        for (int i = 0; i < 32; i += 16) {
            __m512i q = _mm512_cvtepi8_epi32(_mm_loadu_si128(
                (const void *)(from + 2 + i)));

            _mm512_storeu_ps(out + i, _mm512_mul_ps(d, _mm512_cvtepi32_ps(q)));
        }
    }
}

/* 0 .. 15 as floats, less `zero`: the lower four bits of a number pick one. */
WIDE_TARGET static inline __m512 table(float zero)
{
    __m512 v = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

    return _mm512_sub_ps(v, _mm512_set1_ps(zero));
}

WIDE_TARGET void dequant_avx512_q4_0(const unsigned char *from, size_t blocks, float *out)
{
    __m512 value = table(8);

    for (; blocks > 0; blocks--, from += 18, out += 32) {
        __m512 d = half_all(from);
        __m512i q = _mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)(from + 2)));
        __m512i high = _mm512_srli_epi32(q, 4);

        _mm512_storeu_ps(out, _mm512_mul_ps(d, _mm512_permutexvar_ps(q, value)));
        _mm512_storeu_ps(out + 16, _mm512_mul_ps(d, _mm512_permutexvar_ps(high, value)));
    }
}

WIDE_TARGET void dequant_avx512_q4_1(const unsigned char *from, size_t blocks, float *out)
{
    __m512 value = table(0);

    for (; blocks > 0; blocks--, from += 20, out += 32) {
        __m512 d = half_all(from), m = half_all(from + 2);
        __m512i q = _mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)(from + 4)));
        __m512i high = _mm512_srli_epi32(q, 4);

        _mm512_storeu_ps(out, _mm512_fmadd_ps(d, _mm512_permutexvar_ps(q, value), m));
        _mm512_storeu_ps(out + 16,
                         _mm512_fmadd_ps(d, _mm512_permutexvar_ps(high, value), m));
    }
}

#else

bool dequant_avx512_available(void)
{
    return false;
}

#define NOT_HERE(name)                                                                   \
    void name(const unsigned char *from, size_t blocks, float *out)                      \
    {                                                                                    \
        (void)from, (void)blocks, (void)out;                                             \
        assert(!"called where dequant_avx512_available() is false");                     \
    }

NOT_HERE(dequant_avx512_f16)
NOT_HERE(dequant_avx512_bf16)
NOT_HERE(dequant_avx512_q8_0)
NOT_HERE(dequant_avx512_q4_0)
NOT_HERE(dequant_avx512_q4_1)

#endif
