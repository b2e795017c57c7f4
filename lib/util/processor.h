/* Can this processor run what the compiler made?  A program that was built for a newer
 * one would end by an illegal instruction; it ends with a line instead, before main. */
#ifndef UTIL_PROCESSOR_H
#define UTIL_PROCESSOR_H

#include <stdbool.h>

/* What a program may need of a processor, or have: a bit each, in this order. */
#define PROCESSOR_PARTS(X) \
    X("sse3", SSE3) X("ssse3", SSSE3) X("sse4.1", SSE41) X("sse4.2", SSE42) \
    X("popcnt", POPCNT) X("sse4a", SSE4A) X("avx", AVX) X("avx2", AVX2) X("fma", FMA) \
    X("bmi", BMI) X("bmi2", BMI2) X("avx512f", AVX512F) X("avx512cd", AVX512CD) \
    X("avx512bw", AVX512BW) X("avx512dq", AVX512DQ) X("avx512vl", AVX512VL) \
    X("avx512ifma", AVX512IFMA) X("avx512vbmi", AVX512VBMI) \
    X("avx512vbmi2", AVX512VBMI2) X("avx512vnni", AVX512VNNI) \
    X("avx512bitalg", AVX512BITALG) X("avx512vpopcntdq", AVX512VPOPCNTDQ) \
    X("avx512bf16", AVX512BF16)

#define PROCESSOR_PART(name, macro) PROCESSOR_##macro,
enum processor_part { PROCESSOR_PARTS(PROCESSOR_PART) PROCESSOR_PART_COUNT };
#undef PROCESSOR_PART

/* What the library was compiled for: a constant of a file of its own, since the check
 * itself is compiled for any processor. */
extern const unsigned processor_needed;

/* Returns whether the processor multiplies tiles of bfloat16 (AMX) and the system lets
 * this process do so, which the first call asks for. */
bool processor_has_tiles(void);

/* The name of the first part that is needed and not there, or NULL. */
const char *processor_missing(unsigned needed, unsigned there);

#endif
