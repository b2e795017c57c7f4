/* Floats to ggml's types, to the bits of the reference (gguf-py's quants.quantize):
 * F32, F16, BF16, Q8_0, Q4_0, Q4_1. */
#ifndef FORMATS_QUANTISE_H
#define FORMATS_QUANTISE_H

#include "formats/dequant.h"

/* NULL where the type is only read; it reads blocks * block finite numbers. */
typedef void quantise_function(const float *from, size_t blocks, unsigned char *out);

quantise_function *quantise_find(enum quant_id id);

#endif
