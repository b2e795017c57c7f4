/* numpy's .npy files, versions 1 to 3:
 *
 *     6 bytes   93 "NUMPY"
 *     2 bytes   version
 *     2 bytes   n, little-endian (4 bytes from version 2 on)
 *     n bytes   {'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }
 *     the rest  the elements
 */
#ifndef FORMATS_NPY_H
#define FORMATS_NPY_H

#include "formats/dtype_convert.h"
#include "util/file.h"

struct npy {
    struct mapped file;
    struct foreign array; /* borrows from file */
};

/* Maps and checks; 0, or -1 and the reason.  Release with npy_close. */
int npy_open(struct npy *n, const char *path, struct error *e);
void npy_close(struct npy *n);

/* Writes a file that appears when it is whole; 0, or -1 and the reason. */
int npy_write(const char *path, const struct tensor *t, struct error *e);

#endif
