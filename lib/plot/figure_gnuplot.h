/* A figure as gnuplot's commands, and what gnuplot draws of them. */
#ifndef PLOT_FIGURE_GNUPLOT_H
#define PLOT_FIGURE_GNUPLOT_H

#include "plot/figure.h"
#include "util/error.h"

#include <stddef.h>
#include <stdio.h>

enum picture { PICTURE_PNG, PICTURE_SVG };

/* The commands, data included. */
void figure_gnuplot_script(FILE *out, const struct figure *f, enum picture kind);

/* Runs gnuplot on them: 0 and the picture in *bytes (*size, free it), or -1 and the
 * reason: there is no gnuplot, or it fails. */
int figure_gnuplot_draw(const struct figure *f, enum picture kind, char **bytes,
                        size_t *size, struct error *e);

#endif
