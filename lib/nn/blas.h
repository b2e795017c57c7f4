/* The process's numerical set-up: OpenMP has the threads, OpenBLAS one. */
#ifndef NN_BLAS_H
#define NN_BLAS_H

/* To be called after the options are parsed and before numerical work.  Chooses
 * OpenBLAS's AVX-512 kernels where the processor has them and OpenBLAS does not
 * know the processor, one thread for each of its calls, and OpenMP threads that
 * sleep while they wait.  These are read when the libraries load, so the program
 * executes itself once more with them set (3 ms); what the user has set stays. */
void blas_start(char **argv);

/* "SkylakeX": the kernels in use. */
const char *blas_kernels(void);

#endif
