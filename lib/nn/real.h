/* The number type of everything that is trained.  The library is compiled a
 * second time with REAL_IS_DOUBLE, and gradients are checked there. */
#ifndef NN_REAL_H
#define NN_REAL_H

#include <cblas.h>

#ifdef REAL_IS_DOUBLE
typedef double real;
#define real_gemm cblas_dgemm
#define real_dot cblas_ddot
#define real_gemv cblas_dgemv
#else
typedef float real;
#define real_gemm cblas_sgemm
#define real_dot cblas_sdot
#define real_gemv cblas_sgemv
#endif

#endif
