/* Products in bfloat16 by tiles of 16 x 16 sums, on processors that have AMX: several
 * times the multiplications of AVX512-BF16.  bf16.c chooses. */
#ifndef FROZEN_BF16_AMX_H
#define FROZEN_BF16_AMX_H

#include "frozen/bf16.h"

/* bf16_tile, where processor_has_tiles() of util/processor.h says yes.  A number is
 * summed over its pairs in the order of these, whatever stands beside it. */
void bf16_amx_tile(float *c, size_t c_stride, const uint16_t *a, size_t a_stride,
                   const struct bf16_matrix *b, int first, int depth, int n, bool add);

#endif
