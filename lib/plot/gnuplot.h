/* The program gnuplot, as a child. */
#ifndef PLOT_GNUPLOT_H
#define PLOT_GNUPLOT_H

#include "util/error.h"

#include <stddef.h>

/* Runs gnuplot with script (length) on its standard input: 0 and what it wrote in *bytes
 * (*size; free it), or -1 and the reason: it is not installed, or it failed. */
int gnuplot_run(const char *script, size_t length, char **bytes, size_t *size,
                struct error *e);

#endif
