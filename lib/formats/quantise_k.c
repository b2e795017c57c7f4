#include "formats/quantise_k.h"

#include "util/half.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK = 256, GROUP = 32, GROUPS = BLOCK / GROUP, SIXTEEN = 16, TRIES = 12 };

/* The number as the file holds it, which later steps go on with. */
static float put_half(unsigned char *to, float x)
{
    uint16_t h = half_to_f16(x);

    to[0] = (unsigned char)h;
    to[1] = (unsigned char)(h >> 8);
    return half_from_f16(h);
}

static int clipped(float x, int low, int high)
{
    return x <= (float)low ? low : x >= (float)high ? high : (int)lrintf(x);
}

/* x is near scale q - minimum, q in 0 .. most: both numbers for the codes that a first
 * guess gives, by least squares.  Returns the sum of squared errors. */
static float fit(const float *x, float guess, float low, int most, float *scale,
                 float *minimum)
{
    float n = GROUP, sq = 0, sqq = 0, sx = 0, sxq = 0, error = 0, det;
    float by = guess > 0 ? 1 / guess : 0;
    int q[GROUP];

    for (int i = 0; i < GROUP; i++) {
        q[i] = clipped((x[i] - low) * by, 0, most);
        sq += (float)q[i];
        sqq += (float)(q[i] * q[i]);
        sx += x[i];
        sxq += x[i] * (float)q[i];
    }
    det = n * sqq - sq * sq;
    *scale = det > 0 ? (n * sxq - sx * sq) / det : 0;
    *minimum = det > 0 ? (sq * sxq - sqq * sx) / det : -low;
    if (*minimum < 0) { /* the file's are 0 or more */
        *minimum = 0;
        *scale = sqq > 0 ? sxq / sqq : 0;
    }
    for (int i = 0; i < GROUP; i++) {
        float d = *scale * (float)q[i] - *minimum - x[i];

        error += d * d;
    }
    return error;
}

/* The best of a few guesses at the width of a step. */
static void fit_group(const float *x, int most, float *scale, float *minimum)
{
    float low = 0, high = x[0], best = -1;

    for (int i = 0; i < GROUP; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    for (int k = 0; k <= TRIES; k++) {
        float s, m, steps = (float)most - 1 + .15f * (float)k;
        float error = fit(x, (high - low) / steps, low, most, &s, &m);

        if (s >= 0 && (best < 0 || error < best)) {
            best = error;
            *scale = s;
            *minimum = m;
        }
    }
}

/* Codes of 6 bits for numbers of 0 or more: the largest is 63 steps of *d. */
static void code_scales(const float v[GROUPS], unsigned char *half, int code[GROUPS])
{
    float most = 0, d;

    for (int g = 0; g < GROUPS; g++)
        most = v[g] > most ? v[g] : most;
    d = put_half(half, most / 63);
    for (int g = 0; g < GROUPS; g++)
        code[g] = d > 0 ? clipped(v[g] / d, 0, 63) : 0;
}

/* As k_scales in dequant.c reads them. */
static void pack_scales(unsigned char *s, const int scale[GROUPS],
                        const int minimum[GROUPS])
{
    for (int i = 0; i < 4; i++) {
        s[i] = (unsigned char)(scale[i] | scale[i + 4] >> 4 << 6);
        s[i + 4] = (unsigned char)(minimum[i] | minimum[i + 4] >> 4 << 6);
        s[i + 8] = (unsigned char)((scale[i + 4] & 15) | (minimum[i + 4] & 15) << 4);
    }
}

/* Scales and minima go to the 16 bytes at out; q (BLOCK) becomes the codes. */
static void code_block(const float *x, int most, unsigned char *out, int *q)
{
    float scale[GROUPS] = { 0 }, minimum[GROUPS] = { 0 }, d, m;
    int s[GROUPS], n[GROUPS];

    for (int g = 0; g < GROUPS; g++)
        fit_group(x + GROUP * g, most, &scale[g], &minimum[g]);
    code_scales(scale, out, s);
    code_scales(minimum, out + 2, n);
    pack_scales(out + 4, s, n);
    d = half_from_f16((uint16_t)(out[0] | out[1] << 8));
    m = half_from_f16((uint16_t)(out[2] | out[3] << 8));
    for (int i = 0; i < BLOCK; i++) {
        float step = d * (float)s[i / GROUP];

        q[i] = step > 0 ? clipped((x[i] + m * (float)n[i / GROUP]) / step, 0, most) : 0;
    }
}

/* 128 bytes: groups 2k (low halves) and 2k + 1 (high) share 32. */
static void put_codes(unsigned char *out, const int *q)
{
    for (int i = 0; i < BLOCK / 2; i++) {
        const int *pair = q + 2 * GROUP * (i / GROUP) + i % GROUP;

        out[i] = (unsigned char)((pair[0] & 15) | (pair[GROUP] & 15) << 4);
    }
}

void quantise_k_4(const float *from, size_t blocks, unsigned char *out)
{
    int q[BLOCK];

    for (; blocks > 0; blocks--, from += BLOCK, out += 144) {
        code_block(from, 15, out, q);
        put_codes(out + 16, q);
    }
}

void quantise_k_5(const float *from, size_t blocks, unsigned char *out)
{
    int q[BLOCK];

    for (; blocks > 0; blocks--, from += BLOCK, out += 176) {
        code_block(from, 31, out, q);
        memset(out + 16, 0, GROUP);
        for (int i = 0; i < BLOCK; i++)
            out[16 + i % GROUP] |= (unsigned char)(q[i] >> 4 << i / GROUP);
        put_codes(out + 48, q);
    }
}

/* The step for 16 numbers that have codes from -32 to 31: the number farthest from 0 is
 * -32 steps, or a little more. */
static float fit_sixteen(const float *x)
{
    float far = 0, best = -1, step = 0;

    for (int i = 0; i < SIXTEEN; i++)
        far = fabsf(x[i]) > fabsf(far) ? x[i] : far;
    for (int k = 0; far != 0 && k <= TRIES; k++) {
        float d = far / (-32 - .1f * (float)(k - TRIES / 2)), xq = 0, qq = 0, error = 0;

        for (int i = 0; i < SIXTEEN; i++) {
            float q = (float)clipped(x[i] / d, -32, 31);

            xq += x[i] * q;
            qq += q * q;
        }
        d = qq > 0 ? xq / qq : 0;
        for (int i = 0; d != 0 && i < SIXTEEN; i++) {
            float r = x[i] - d * (float)clipped(x[i] / d, -32, 31);

            error += r * r;
        }
        if (d != 0 && (best < 0 || error < best)) {
            best = error;
            step = d;
        }
    }
    return step;
}

void quantise_k_6(const float *from, size_t blocks, unsigned char *out)
{
    for (; blocks > 0; blocks--, from += BLOCK, out += 210) {
        float step[BLOCK / SIXTEEN], far = 0, d;

        memset(out, 0, 192);
        for (int g = 0; g < BLOCK / SIXTEEN; g++) {
            step[g] = fit_sixteen(from + SIXTEEN * g);
            far = fabsf(step[g]) > fabsf(far) ? step[g] : far;
        }
        d = put_half(out + 208, far / -128);
        for (int i = 0; i < BLOCK; i++) {
            int g = i / GROUP, h = g / 4, k = g % 4, at = i % GROUP, q;
            int scale = d != 0 ? clipped(step[i / SIXTEEN] / d, -128, 127) : 0;
            float by = d * (float)scale;

            q = (by != 0 ? clipped(from[i] / by, -32, 31) : 0) + 32;
            out[192 + i / SIXTEEN] = (unsigned char)(signed char)scale;
            out[64 * h + 32 * (k & 1) + at] |= (unsigned char)((q & 15) << 4 * (k / 2));
            out[128 + 32 * h + at] |= (unsigned char)(q >> 4 << 2 * k);
        }
    }
}
