/* The process's numerical set-up: OpenMP has the threads, OpenBLAS one. */
#ifndef NN_BLAS_H
#define NN_BLAS_H

#include <stdbool.h>

/* Sets the process up, after the options are parsed and before numerical work.  Chooses
 * OpenBLAS's kernels for AVX-512 or AVX2 where the processor has these and OpenBLAS takes
 * lesser ones, being older than the processor.  Gives each call of OpenBLAS one thread,
 * and lets OpenMP's threads sleep while they wait.  The libraries read these settings
 * when they load, so the program executes itself once more with them (3 ms).  What the
 * user has set stays. */
void blas_start(char **argv);

/* Returns the OPENBLAS_CORETYPE that suits a processor with such instructions better than
 * the kernels of that name, or NULL.  A processor that OpenBLAS does not know runs on
 * "Prescott" otherwise, at a quarter of the speed. */
const char *blas_better(const char *kernels, bool avx512, bool avx2);

/* Returns the name of the kernels in use, "SkylakeX". */
const char *blas_kernels(void);

#endif
