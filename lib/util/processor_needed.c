/* Compiled as everything else is: the compiler's own macros say for what. */
#include "util/processor.h"

#define NEED(part) | 1u << PROCESSOR_##part

const unsigned processor_needed = 0
#ifdef __SSE3__
    NEED(SSE3)
#endif
#ifdef __SSSE3__
    NEED(SSSE3)
#endif
#ifdef __SSE4_1__
    NEED(SSE41)
#endif
#ifdef __SSE4_2__
    NEED(SSE42)
#endif
#ifdef __POPCNT__
    NEED(POPCNT)
#endif
#ifdef __SSE4A__
    NEED(SSE4A)
#endif
#ifdef __AVX__
    NEED(AVX)
#endif
#ifdef __AVX2__
    NEED(AVX2)
#endif
#ifdef __FMA__
    NEED(FMA)
#endif
#ifdef __BMI__
    NEED(BMI)
#endif
#ifdef __BMI2__
    NEED(BMI2)
#endif
#ifdef __AVX512F__
    NEED(AVX512F)
#endif
#ifdef __AVX512CD__
    NEED(AVX512CD)
#endif
#ifdef __AVX512BW__
    NEED(AVX512BW)
#endif
#ifdef __AVX512DQ__
    NEED(AVX512DQ)
#endif
#ifdef __AVX512VL__
    NEED(AVX512VL)
#endif
#ifdef __AVX512IFMA__
    NEED(AVX512IFMA)
#endif
#ifdef __AVX512VBMI__
    NEED(AVX512VBMI)
#endif
#ifdef __AVX512VBMI2__
    NEED(AVX512VBMI2)
#endif
#ifdef __AVX512VNNI__
    NEED(AVX512VNNI)
#endif
#ifdef __AVX512BITALG__
    NEED(AVX512BITALG)
#endif
#ifdef __AVX512VPOPCNTDQ__
    NEED(AVX512VPOPCNTDQ)
#endif
#ifdef __AVX512BF16__
    NEED(AVX512BF16)
#endif
    ;
