/* Block formats of fewer bits; as struct quant's floats in dequant.h, for dequant.c. */
#ifndef FORMATS_DEQUANT_SMALL_H
#define FORMATS_DEQUANT_SMALL_H

#include <stddef.h>

/* from: blocks of the type; out: the floats of all blocks. */
void dequant_small_q2_k(const unsigned char *from, size_t blocks, float *out);
void dequant_small_q3_k(const unsigned char *from, size_t blocks, float *out);
void dequant_small_iq4_nl(const unsigned char *from, size_t blocks, float *out);
void dequant_small_iq4_xs(const unsigned char *from, size_t blocks, float *out);
void dequant_small_mxfp4(const unsigned char *from, size_t blocks, float *out);

#endif
