/* Block formats of fewer bits: K formats of 2 and 3 bits, and those whose 4 bits look up
 * a number in a list. */
#include "formats/dequant_small.h"

#include "util/half.h"

#include <math.h>
#include <stdint.h>

static inline float half_at(const unsigned char *p)
{
    return half_from_f16((uint16_t)(p[0] | p[1] << 8));
}

/*  | 16 bytes, scale (low half) and minimum | 64 bytes | f16 d | f16 m |: 256 numbers in
 * 2 halves of 4 groups of 32, a scale for each 16; group k of a half takes bits 2k and
 * 2k + 1 of its 32 bytes;  d scale q - m minimum  */
void dequant_small_q2_k(const unsigned char *from, size_t blocks, float *out)
{
    for (; blocks > 0; blocks--, from += 84, out += 256) {
        float d = half_at(from + 80), m = half_at(from + 82);

        for (int g = 0; g < 16; g++) {
            const unsigned char *q = from + 16 + 32 * (g / 8) + 16 * (g % 2);
            float a = d * (float)(from[g] & 15), b = m * (float)(from[g] >> 4);

            for (int i = 0; i < 16; i++)
                out[16 * g + i] = a * (float)(q[i] >> 2 * (g % 8 / 2) & 3) - b;
        }
    }
}

/*  | 32 bytes of third bits | 64 bytes | 12 bytes of scales | f16 d |: laid out as q2_k;
 * bit g / 2 of third byte i (of 32) belongs to number i of group pair g / 2.  Scale g has
 * 6 bits: 4 in byte g % 8 (low half, from 8 on high), 2 in byte 8 + g % 4;
 * d (scale - 32) (q - 4)  */
void dequant_small_q3_k(const unsigned char *from, size_t blocks, float *out)
{
    for (; blocks > 0; blocks--, from += 110, out += 256) {
        const unsigned char *s = from + 96;
        float d = half_at(from + 108);

        for (int g = 0; g < 16; g++) {
            const unsigned char *q = from + 32 + 32 * (g / 8) + 16 * (g % 2);
            const unsigned char *third = from + 16 * (g % 2);
            int scale = (s[g % 8] >> 4 * (g / 8) & 15) | (s[8 + g % 4] >> 2 * (g / 4) & 3)
                                                             << 4;
            float a = d * (float)(scale - 32);

            for (int i = 0; i < 16; i++) {
                int n = (q[i] >> 2 * (g % 8 / 2) & 3) | (third[i] >> g / 2 & 1) << 2;

                out[16 * g + i] = a * (float)(n - 4);
            }
        }
    }
}

/* Levels closer together near zero, where weights are many. */
static const float levels[16] = { -127, -104, -83, -65, -49, -35, -22, -10,
                                  1,    13,   25,  38,  53,  69,  89,  113 };

/* 16 bytes: byte i holds numbers i (low) and i + 16 (high). */
static void look_up(const unsigned char *q, const float *list, float scale, float *out)
{
    for (int i = 0; i < 16; i++) {
        out[i] = scale * list[q[i] & 15];
        out[i + 16] = scale * list[q[i] >> 4];
    }
}

/*  | f16 d | 16 bytes |;  d level[q]  */
void dequant_small_iq4_nl(const unsigned char *from, size_t blocks, float *out)
{
    for (; blocks > 0; blocks--, from += 18, out += 32)
        look_up(from + 2, levels, half_at(from), out);
}

/*  | f16 d | 2 bytes, upper 2 bits of 8 scales | 4 bytes, lower 4 bits | 128 bytes |;
 * d (scale - 32) level[q]  */
void dequant_small_iq4_xs(const unsigned char *from, size_t blocks, float *out)
{
    for (; blocks > 0; blocks--, from += 136, out += 256) {
        int high = from[2] | from[3] << 8;
        float d = half_at(from);

        for (int g = 0; g < 8; g++) {
            int scale = (from[4 + g / 2] >> 4 * (g % 2) & 15) | (high >> 2 * g & 3) << 4;

            look_up(from + 8 + 16 * g, levels, d * (float)(scale - 32), out + 32 * g);
        }
    }
}

/*  | a byte x | 16 bytes |: numbers of 4 bits (sign, two of the exponent, one of the
 * fraction), here twice what they are;  2^(x - 128) number[q]  */
void dequant_small_mxfp4(const unsigned char *from, size_t blocks, float *out)
{
    static const float numbers[16] = { 0, 1,  2,  3,  4,  6,  8,  12,
                                       0, -1, -2, -3, -4, -6, -8, -12 };

    for (; blocks > 0; blocks--, from += 17, out += 32)
        look_up(from + 1, numbers, ldexpf(1, from[0] - 128), out);
}
