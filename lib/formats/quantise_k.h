/* Floats to ggml's K types, blocks of 256 numbers; as quantise_function, for quantise.c.
 * Not to the bits of the reference, which searches in another way; as near or nearer. */
#ifndef FORMATS_QUANTISE_K_H
#define FORMATS_QUANTISE_K_H

#include <stddef.h>

void quantise_k_4(const float *from, size_t blocks, unsigned char *out); /* Q4_K */
void quantise_k_5(const float *from, size_t blocks, unsigned char *out); /* Q5_K */
void quantise_k_6(const float *from, size_t blocks, unsigned char *out); /* Q6_K */

#endif
