/* The two directions in which vectors differ most. */
#ifndef PLOT_PCA_H
#define PLOT_PCA_H

#include <stdint.h>

struct pca {
    int d;
    double *mean;     /* (d) */
    double *axis[2];  /* (d) of length 1, the coordinate of largest size positive */
    double share[2];  /* of the variance */
};

/* Of the rows of all sets together: sets (count), each (rows, d).  Release p with
 * pca_free. */
struct pca_rows {
    const float *x;
    int64_t rows;
};
void pca_new(struct pca *p, const struct pca_rows *sets, int count, int d);
void pca_free(struct pca *p);

/* Where x (d) lies along an axis. */
double pca_along(const struct pca *p, int axis, const float *x);

#endif
