/* The two 16-bit floating types of model files: widened to float exactly, and floats
 * rounded to them, to the nearest, ties to even. */
#ifndef UTIL_HALF_H
#define UTIL_HALF_H

#include <stdint.h>
#include <string.h>

static inline float half_bits(uint32_t bits)
{
    float f;

    memcpy(&f, &bits, sizeof f);
    return f;
}

/* bfloat16: the upper half of a float. */
static inline float half_from_bf16(uint16_t h)
{
    return half_bits((uint32_t)h << 16);
}

/* IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
static inline float half_from_f16(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16;
    uint32_t rest = h & 0x7fff;

    if (rest >= 0x7c00) /* infinity, NaN */
        return half_bits(sign | 0x7f800000 | (rest & 0x3ff) << 13);
    if (rest < 0x400) /* subnormal: fraction times 2^-24 */
        return sign ? -(float)rest * 0x1p-24f : (float)rest * 0x1p-24f;
    return half_bits(sign | (rest + (112 << 10)) << 13);
}

static inline uint16_t half_to_bf16(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    if (x != x) /* a NaN stays one */
        return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* Beyond 65504 (more than half a step): infinity. */
static inline uint16_t half_to_f16(float x)
{
    uint32_t bits, sign, rest;

    memcpy(&bits, &x, sizeof bits);
    sign = bits >> 16 & 0x8000;
    rest = bits & 0x7fffffff;
    if (rest > 0x7f800000) /* NaN */
        return (uint16_t)(sign | 0x7e00);
    if (rest >= 0x477ff000) /* 65520 */
        return (uint16_t)(sign | 0x7c00);
    if (rest < 0x38800000) { /* below 2^-14: units of 2^-24, which .5 has as its last */
        float shifted = half_bits(rest) + .5f;

        memcpy(&bits, &shifted, sizeof bits);
        return (uint16_t)(sign | (bits - 0x3f000000));
    }
    rest += 0xfff + (rest >> 13 & 1);
    return (uint16_t)(sign | (rest - (112u << 23)) >> 13);
}

#endif
