/* Floats to ggml's types: F32, F16, BF16, Q8_0, Q4_0, Q4_1 to the bits of the reference
 * (gguf-py's quants.quantize), and the K types Q4_K, Q5_K, Q6_K (quantise_k.h). */
#ifndef FORMATS_QUANTISE_H
#define FORMATS_QUANTISE_H

#include "formats/dequant.h"

/* Every type that is written: its word, its number and the function in quantise.c. */
#define QUANTISE_TYPES(ROW)                                                              \
    ROW("f16", QUANT_F16, to_f16)                                                        \
    ROW("bf16", QUANT_BF16, to_bf16)                                                     \
    ROW("f32", QUANT_F32, to_f32)                                                        \
    ROW("q8_0", QUANT_Q8_0, to_q8_0)                                                     \
    ROW("q4_0", QUANT_Q4_0, to_q4_0)                                                     \
    ROW("q4_1", QUANT_Q4_1, to_q4_1)                                                     \
    ROW("q6_k", QUANT_Q6_K, quantise_k_6)                                                \
    ROW("q5_k", QUANT_Q5_K, quantise_k_5)                                                \
    ROW("q4_k", QUANT_Q4_K, quantise_k_4)

extern const char *const quantise_names[];   /* NULL closes */
extern const enum quant_id quantise_types[]; /* beside each name */

/* NULL where the type is only read; it reads blocks * block finite numbers. */
typedef void quantise_function(const float *from, size_t blocks, unsigned char *out);

/* Returns the function that writes blocks of the type, or NULL where it is only read. */
quantise_function *quantise_find(enum quant_id id);

#endif
