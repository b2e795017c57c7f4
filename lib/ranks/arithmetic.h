/* What this processor and its libraries make of the same numbers.  Another libm or
 * OpenBLAS gives other last bits, and so does the same one on another processor. */
#ifndef RANKS_ARITHMETIC_H
#define RANKS_ARITHMETIC_H

#include <stdint.h>

/* Returns a digest of some thousand results of each function of libm that trainings call,
 * and of a product. */
uint64_t arithmetic_digest(void);

#endif
