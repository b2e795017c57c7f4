/* ggml's block formats, to floats.  A row is a whole number of blocks of `block`
 * numbers in `bytes` bytes each; half, float and bfloat16 are blocks of one.
 * Values are those of the reference (gguf-py's quants.dequantize) to the bit
 * except for the order of one multiplication and one addition. */
#ifndef FORMATS_DEQUANT_H
#define FORMATS_DEQUANT_H

#include <stddef.h>
#include <stdint.h>

/* The ids of the file. */
enum quant_id {
    QUANT_F32 = 0,
    QUANT_F16 = 1,
    QUANT_Q4_0 = 2,
    QUANT_Q4_1 = 3,
    QUANT_Q5_0 = 6,
    QUANT_Q5_1 = 7,
    QUANT_Q8_0 = 8,
    QUANT_Q2_K = 10,
    QUANT_Q3_K = 11,
    QUANT_Q4_K = 12,
    QUANT_Q5_K = 13,
    QUANT_Q6_K = 14,
    QUANT_IQ4_NL = 20,
    QUANT_IQ4_XS = 23,
    QUANT_BF16 = 30,
    QUANT_MXFP4 = 39,
};

struct quant {
    const char *name; /* "Q4_1" */
    size_t block;     /* numbers in a block */
    size_t bytes;     /* bytes of a block */
    /* Writes blocks * block floats; blocks need no alignment. */
    void (*floats)(const unsigned char *from, size_t blocks, float *out);
};

/* NULL where the type is not one of the above. */
const struct quant *dequant_find(uint32_t id);

/* "IQ2_XS", also for types that dequant_find does not know; "unknown" for others. */
const char *dequant_name(uint32_t id);

#endif
