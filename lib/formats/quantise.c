#include "formats/quantise.h"

#include "formats/quantise_k.h"
#include "util/half.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 32 };

static void put_half(unsigned char *to, float x)
{
    uint16_t h = half_to_f16(x);

    to[0] = (unsigned char)h;
    to[1] = (unsigned char)(h >> 8);
}

static void to_f32(const float *from, size_t blocks, unsigned char *out)
{
    memcpy(out, from, blocks * sizeof *from);
}

static void to_f16(const float *from, size_t blocks, unsigned char *out)
{
    for (size_t i = 0; i < blocks; i++)
        put_half(out + 2 * i, from[i]);
}

static void to_bf16(const float *from, size_t blocks, unsigned char *out)
{
    for (size_t i = 0; i < blocks; i++) {
        uint16_t h = half_to_bf16(from[i]);

        out[2 * i] = (unsigned char)h;
        out[2 * i + 1] = (unsigned char)(h >> 8);
    }
}

/* 1 / d, 0 for 0: what numbers are multiplied by instead of divided by d. */
static float inverse(float d)
{
    return d != 0 ? 1 / d : 0;
}

/* d = max |x| / 127;  q = x / d, halves away from zero */
static void to_q8_0(const float *from, size_t blocks, unsigned char *out)
{
    for (; blocks > 0; blocks--, from += BLOCK, out += 34) {
        float most = 0, by;

        for (int i = 0; i < BLOCK; i++)
            most = fabsf(from[i]) > most ? fabsf(from[i]) : most;
        by = inverse(most / 127);
        put_half(out, most / 127);
        for (int i = 0; i < BLOCK; i++)
            out[2 + i] = (unsigned char)(signed char)roundf(from[i] * by);
    }
}

/* x * y + z where sum and product are rounded by themselves or, as the reference has
 * it for q4_0, only the sum is.  In double the product is exact, and so a compiler
 * that fuses the two changes nothing. */
static float product_sum(float x, float y, float z, int round_product)
{
    double product = (double)x * (double)y;

    return round_product ? (float)((double)(float)product + (double)z)
                         : (float)(product + (double)z);
}

static int code(float x)
{
    return x >= 15 ? 15 : x > 0 ? (int)x : 0;
}

/* Numbers i and i + 16 share a byte. */
static void put_codes(unsigned char *to, const int *q)
{
    for (int i = 0; i < BLOCK / 2; i++)
        to[i] = (unsigned char)(q[i] | q[i + BLOCK / 2] << 4);
}

/* d = x / -8 of the x with the largest magnitude;  q = x / d + 8 */
static void to_q4_0(const float *from, size_t blocks, unsigned char *out)
{
    for (; blocks > 0; blocks--, from += BLOCK, out += 18) {
        float most = from[0], by;
        int q[BLOCK];

        for (int i = 1; i < BLOCK; i++)
            most = fabsf(from[i]) > fabsf(most) ? from[i] : most;
        by = inverse(most / -8);
        put_half(out, most / -8);
        for (int i = 0; i < BLOCK; i++)
            q[i] = code(product_sum(from[i], by, 8.5f, 0));
        put_codes(out + 2, q);
    }
}

/* m = min, d = (max - min) / 15;  q = (x - m) / d */
static void to_q4_1(const float *from, size_t blocks, unsigned char *out)
{
    for (; blocks > 0; blocks--, from += BLOCK, out += 20) {
        float low = from[0], high = from[0], by;
        int q[BLOCK];

        for (int i = 1; i < BLOCK; i++) {
            low = from[i] < low ? from[i] : low;
            high = from[i] > high ? from[i] : high;
        }
        by = inverse((high - low) / 15);
        put_half(out, (high - low) / 15);
        put_half(out + 2, low);
        for (int i = 0; i < BLOCK; i++)
            q[i] = code(product_sum(from[i] - low, by, .5f, 1));
        put_codes(out + 4, q);
    }
}

#define WORD(word, id, function) word,
#define TYPE(word, id, function) id,
#define FUNCTION(word, id, function) [id] = function,

const char *const quantise_names[] = { QUANTISE_TYPES(WORD) NULL };
const enum quant_id quantise_types[] = { QUANTISE_TYPES(TYPE) };

static quantise_function *const functions[] = { QUANTISE_TYPES(FUNCTION) };

quantise_function *quantise_find(enum quant_id id)
{
    return (size_t)id < sizeof functions / sizeof *functions ? functions[id] : NULL;
}
