/* The process's numerical set-up: OpenMP has the threads, OpenBLAS one. */
#ifndef NN_BLAS_H
#define NN_BLAS_H

/* Sets the process up, after the options are parsed and before numerical work.  Chooses
 * OpenBLAS's AVX-512 kernels where the processor has them and OpenBLAS does not know the
 * processor, one thread for each call of OpenBLAS, and OpenMP threads that sleep while
 * they wait.  The libraries read these settings when they load, so the program executes
 * itself once more with them (3 ms).  What the user has set stays. */
void blas_start(char **argv);

/* Returns the name of the kernels in use, "SkylakeX". */
const char *blas_kernels(void);

#endif
