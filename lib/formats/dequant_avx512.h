/* Inside of dequant.c: the same loops sixteen numbers at a time, to the same bits, for
 * the types that products run from. */
#ifndef FORMATS_DEQUANT_AVX512_H
#define FORMATS_DEQUANT_AVX512_H

#include <stdbool.h>
#include <stddef.h>

/* Has this processor AVX-512?  The others must not be called where it has not. */
bool dequant_avx512_available(void);

/* from: numbers, or blocks of the type; out: as many floats, 32 to a block. */
void dequant_avx512_f16(const unsigned char *from, size_t count, float *out);
void dequant_avx512_bf16(const unsigned char *from, size_t count, float *out);
void dequant_avx512_q8_0(const unsigned char *from, size_t blocks, float *out);
void dequant_avx512_q4_0(const unsigned char *from, size_t blocks, float *out);
void dequant_avx512_q4_1(const unsigned char *from, size_t blocks, float *out);

#endif
