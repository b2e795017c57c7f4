/* A figure as characters, for a terminal without pictures. */
#ifndef PLOT_FIGURE_TEXT_H
#define PLOT_FIGURE_TEXT_H

#include "plot/figure.h"

#include <stdio.h>

enum { FIGURE_TEXT_LEAST = 40 }; /* characters that are needed in a line */

/* Panels below each other, in lines of width characters: bars lie, and other series
 * have marks of their own.  Series without a name are left out: they would hide the
 * others. */
void figure_text(FILE *out, const struct figure *f, int width);

#endif
