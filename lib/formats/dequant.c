#include "formats/dequant.h"

#include "formats/dequant_avx512.h"
#include "formats/dequant_small.h"
#include "util/half.h"

#include <string.h>

/* Little-endian, at any address. */
static inline uint16_t bits_at(const unsigned char *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline float half_at(const unsigned char *p)
{
    return half_from_f16(bits_at(p));
}

static void f32_floats(const unsigned char *from, size_t blocks, float *out)
{
    memcpy(out, from, blocks * sizeof *out);
}

static void f16_floats(const unsigned char *from, size_t blocks, float *out)
{
    if (dequant_avx512_available()) {
        dequant_avx512_f16(from, blocks, out);
        return;
    }
    for (size_t i = 0; i < blocks; i++)
        out[i] = half_at(from + 2 * i);
}

static void bf16_floats(const unsigned char *from, size_t blocks, float *out)
{
    if (dequant_avx512_available()) {
        dequant_avx512_bf16(from, blocks, out);
        return;
    }
    for (size_t i = 0; i < blocks; i++)
        out[i] = half_from_bf16(bits_at(from + 2 * i));
}

/*  | f16 d | 16 bytes |: byte i holds numbers i (low) and i + 16 (high);  d (q - 8)  */
static void q4_0_floats(const unsigned char *from, size_t blocks, float *out)
{
    if (dequant_avx512_available()) {
        dequant_avx512_q4_0(from, blocks, out);
        return;
    }
    for (; blocks > 0; blocks--, from += 18, out += 32) {
        float d = half_at(from);

        for (int i = 0; i < 16; i++) {
            out[i] = d * (float)((from[2 + i] & 15) - 8);
            out[i + 16] = d * (float)((from[2 + i] >> 4) - 8);
        }
    }
}

/*  | f16 d | f16 m | 16 bytes |, as q4_0;  d q + m  */
static void q4_1_floats(const unsigned char *from, size_t blocks, float *out)
{
    if (dequant_avx512_available()) {
        dequant_avx512_q4_1(from, blocks, out);
        return;
    }
    for (; blocks > 0; blocks--, from += 20, out += 32) {
        float d = half_at(from), m = half_at(from + 2);

        for (int i = 0; i < 16; i++) {
            out[i] = d * (float)(from[4 + i] & 15) + m;
            out[i + 16] = d * (float)(from[4 + i] >> 4) + m;
        }
    }
}

/*  | f16 d | u32 fifth bits | 16 bytes |;  d (q - 16)  */
static void q5_0_floats(const unsigned char *from, size_t blocks, float *out)
{
    for (; blocks > 0; blocks--, from += 22, out += 32) {
        float d = half_at(from);
        uint32_t fifth;

        memcpy(&fifth, from + 2, sizeof fifth);
        for (int i = 0; i < 16; i++) {
            int low = (from[6 + i] & 15) | (int)(fifth >> i & 1) << 4;
            int high = (from[6 + i] >> 4) | (int)(fifth >> (i + 16) & 1) << 4;

            out[i] = d * (float)(low - 16);
            out[i + 16] = d * (float)(high - 16);
        }
    }
}

/*  | f16 d | f16 m | u32 fifth bits | 16 bytes |;  d q + m  */
static void q5_1_floats(const unsigned char *from, size_t blocks, float *out)
{
    for (; blocks > 0; blocks--, from += 24, out += 32) {
        float d = half_at(from), m = half_at(from + 2);
        uint32_t fifth;

        memcpy(&fifth, from + 4, sizeof fifth);
        for (int i = 0; i < 16; i++) {
            int low = (from[8 + i] & 15) | (int)(fifth >> i & 1) << 4;
            int high = (from[8 + i] >> 4) | (int)(fifth >> (i + 16) & 1) << 4;

            out[i] = d * (float)low + m;
            out[i + 16] = d * (float)high + m;
        }
    }
}

/*  | f16 d | 32 signed bytes |;  d q  */
static void q8_0_floats(const unsigned char *from, size_t blocks, float *out)
{
    if (dequant_avx512_available()) {
        dequant_avx512_q8_0(from, blocks, out);
        return;
    }
    for (; blocks > 0; blocks--, from += 34, out += 32) {
        float d = half_at(from);

        for (int i = 0; i < 32; i++)
            out[i] = d * (float)(signed char)from[2 + i];
    }
}

/* The eight 6-bit scales and minima of a K block, packed into 12 bytes:
 *   bytes 0-3   scale 0-3 (6 bits), upper 2 bits of scale 4-7
 *   bytes 4-7   minimum 0-3 (6 bits), upper 2 bits of minimum 4-7
 *   bytes 8-11  lower 4 bits of scale 4-7 (low) and of minimum 4-7 (high)  */
static void k_scales(const unsigned char *s, int scale[8], int minimum[8])
{
    for (int i = 0; i < 4; i++) {
        scale[i] = s[i] & 63;
        minimum[i] = s[i + 4] & 63;
        scale[i + 4] = (s[i + 8] & 15) | (s[i] >> 6) << 4;
        minimum[i + 4] = (s[i + 8] >> 4) | (s[i + 4] >> 6) << 4;
    }
}

/*  | f16 d | f16 m | 12 bytes of scales | 128 bytes |: 256 numbers in 8 groups of
 * 32; groups 2k (low halves) and 2k + 1 (high) share 32 bytes;
 * d scale q - m minimum  */
static void q4_k_floats(const unsigned char *from, size_t blocks, float *out)
{
    int scale[8], minimum[8];

    for (; blocks > 0; blocks--, from += 144, out += 256) {
        float d = half_at(from), m = half_at(from + 2);

        k_scales(from + 4, scale, minimum);
        for (int g = 0; g < 8; g++) {
            const unsigned char *q = from + 16 + 32 * (g / 2);
            float a = d * (float)scale[g], b = m * (float)minimum[g];

            for (int i = 0; i < 32; i++)
                out[32 * g + i] = a * (float)(q[i] >> 4 * (g & 1) & 15) - b;
        }
    }
}

/*  | f16 d | f16 m | 12 bytes of scales | 32 bytes of fifth bits | 128 bytes |:
 * as q4_k, and bit g of fifth byte i belongs to number i of group g  */
static void q5_k_floats(const unsigned char *from, size_t blocks, float *out)
{
    int scale[8], minimum[8];

    for (; blocks > 0; blocks--, from += 176, out += 256) {
        float d = half_at(from), m = half_at(from + 2);
        const unsigned char *fifth = from + 16;

        k_scales(from + 4, scale, minimum);
        for (int g = 0; g < 8; g++) {
            const unsigned char *q = from + 48 + 32 * (g / 2);
            float a = d * (float)scale[g], b = m * (float)minimum[g];

            for (int i = 0; i < 32; i++) {
                int n = (q[i] >> 4 * (g & 1) & 15) | (fifth[i] >> g & 1) << 4;

                out[32 * g + i] = a * (float)n - b;
            }
        }
    }
}

/*  | 128 bytes, lower 4 bits | 64 bytes, upper 2 bits | 16 signed scales | f16 d |:
 * 256 numbers in 2 halves of 4 groups of 32, a scale for each 16 numbers; in a half,
 * groups 0 and 1 are the low halves of its 64 bytes, 2 and 3 the high ones; group g
 * takes bits 2g and 2g + 1 of the half's 32 upper bytes;  d scale (q - 32)  */
static void q6_k_floats(const unsigned char *from, size_t blocks, float *out)
{
    for (; blocks > 0; blocks--, from += 210, out += 256) {
        float d = half_at(from + 208);

        for (int g = 0; g < 8; g++) {
            int h = g / 4, k = g % 4;
            const unsigned char *low = from + 64 * h + 32 * (k & 1);
            const unsigned char *high = from + 128 + 32 * h;
            const signed char *scale = (const signed char *)from + 192 + 2 * g;

            for (int i = 0; i < 32; i++) {
                int n = (low[i] >> 4 * (k / 2) & 15) | (high[i] >> 2 * k & 3) << 4;

                out[32 * g + i] = d * (float)scale[i / 16] * (float)(n - 32);
            }
        }
    }
}

static const struct quant quants[] = {
    [QUANT_F32] = { "F32", 1, 4, f32_floats },
    [QUANT_F16] = { "F16", 1, 2, f16_floats },
    [QUANT_Q4_0] = { "Q4_0", 32, 18, q4_0_floats },
    [QUANT_Q4_1] = { "Q4_1", 32, 20, q4_1_floats },
    [QUANT_Q5_0] = { "Q5_0", 32, 22, q5_0_floats },
    [QUANT_Q5_1] = { "Q5_1", 32, 24, q5_1_floats },
    [QUANT_Q8_0] = { "Q8_0", 32, 34, q8_0_floats },
    [QUANT_Q2_K] = { "Q2_K", 256, 84, dequant_small_q2_k },
    [QUANT_Q3_K] = { "Q3_K", 256, 110, dequant_small_q3_k },
    [QUANT_Q4_K] = { "Q4_K", 256, 144, q4_k_floats },
    [QUANT_Q5_K] = { "Q5_K", 256, 176, q5_k_floats },
    [QUANT_Q6_K] = { "Q6_K", 256, 210, q6_k_floats },
    [QUANT_IQ4_NL] = { "IQ4_NL", 32, 18, dequant_small_iq4_nl },
    [QUANT_IQ4_XS] = { "IQ4_XS", 256, 136, dequant_small_iq4_xs },
    [QUANT_MXFP4] = { "MXFP4", 32, 17, dequant_small_mxfp4 },
    [QUANT_BF16] = { "BF16", 1, 2, bf16_floats },
};

/* Types of the format that are not read here, for messages. */
static const char *const others[] = {
    [9] = "Q8_1",     [15] = "Q8_K",
    [16] = "IQ2_XXS", [17] = "IQ2_XS",  [18] = "IQ3_XXS", [19] = "IQ1_S",
    [21] = "IQ3_S",   [22] = "IQ2_S",
    [24] = "I8",      [25] = "I16",     [26] = "I32",    [27] = "I64",
    [28] = "F64",     [29] = "IQ1_M",   [34] = "TQ1_0",  [35] = "TQ2_0",
};

const struct quant *dequant_find(uint32_t id)
{
    return id < sizeof quants / sizeof *quants && quants[id].name ? &quants[id] : NULL;
}

const char *dequant_name(uint32_t id)
{
    const struct quant *q = dequant_find(id);

    if (q)
        return q->name;
    return id < sizeof others / sizeof *others && others[id] ? others[id] : "unknown";
}
