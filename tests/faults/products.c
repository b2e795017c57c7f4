/* LD_PRELOAD=products.so PROGRAM...: tells the thread sanitizer what OpenBLAS's products
 * read and write, which it does not see, since OpenBLAS is not compiled with it; then
 * lets OpenBLAS compute.  For tests/faults/watch.  Matrices lie row after row. */
#include <cblas.h>
#include <dlfcn.h>

void __tsan_read_range(void *p, unsigned long size);
void __tsan_write_range(void *p, unsigned long size);

typedef void range_seen(void *p, unsigned long size);

enum { ROWS = 64 }; /* of a matrix that is read; a language model's has 50000 */

/* A matrix of rows x columns elements of `size` bytes, rows ld elements apart: every
 * row of what is written, and up to ROWS, evenly, of what is read. */
static void seen(range_seen *range, const void *p, long rows, long columns, long ld,
                 long size)
{
    long step = range == __tsan_write_range ? 1 : 1 + (rows - 1) / ROWS;

    for (long i = 0; i < rows; i += step)
        range((char *)p + i * ld * size, (unsigned long)(columns * size));
}

static void seen_matrix(const void *p, enum CBLAS_TRANSPOSE transposed, long rows,
                        long columns, long ld, long size)
{
    if (transposed == CblasTrans)
        seen(__tsan_read_range, p, columns, rows, ld, size);
    else
        seen(__tsan_read_range, p, rows, columns, ld, size);
}

void cblas_sgemm(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb,
                 blasint m, blasint n, blasint k, float alpha, const float *a,
                 blasint lda, const float *b, blasint ldb, float beta, float *c,
                 blasint ldc)
{
    void (*next)(enum CBLAS_ORDER, enum CBLAS_TRANSPOSE, enum CBLAS_TRANSPOSE, blasint,
                 blasint, blasint, float, const float *, blasint, const float *, blasint,
                 float, float *, blasint);

    seen_matrix(a, ta, m, k, lda, sizeof *a);
    seen_matrix(b, tb, k, n, ldb, sizeof *b);
    seen(__tsan_write_range, c, m, n, ldc, sizeof *c);
    *(void **)&next = dlsym(RTLD_NEXT, "cblas_sgemm");
    next(order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void cblas_sgemv(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE ta, blasint m, blasint n,
                 float alpha, const float *a, blasint lda, const float *x, blasint dx,
                 float beta, float *y, blasint dy)
{
    void (*next)(enum CBLAS_ORDER, enum CBLAS_TRANSPOSE, blasint, blasint, float,
                 const float *, blasint, const float *, blasint, float, float *, blasint);

    seen(__tsan_read_range, a, m, n, lda, sizeof *a);
    seen(__tsan_read_range, x, ta == CblasTrans ? m : n, 1, dx, sizeof *x);
    seen(__tsan_write_range, y, ta == CblasTrans ? n : m, 1, dy, sizeof *y);
    *(void **)&next = dlsym(RTLD_NEXT, "cblas_sgemv");
    next(order, ta, m, n, alpha, a, lda, x, dx, beta, y, dy);
}

float cblas_sdot(blasint n, const float *x, blasint dx, const float *y, blasint dy)
{
    float (*next)(blasint, const float *, blasint, const float *, blasint);

    seen(__tsan_read_range, x, n, 1, dx, sizeof *x);
    seen(__tsan_read_range, y, n, 1, dy, sizeof *y);
    *(void **)&next = dlsym(RTLD_NEXT, "cblas_sdot");
    return next(n, x, dx, y, dy);
}
