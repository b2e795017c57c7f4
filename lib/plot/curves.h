/* Courses of trainings, from the logs of their --log FILE (util/train_log.h): a panel for
 * what is measured, the runs on top of each other. */
#ifndef PLOT_CURVES_H
#define PLOT_CURVES_H

#include "plot/figure.h"
#include "util/error.h"

struct curves_choice {
    const char *names; /* "loss,ndcg@10", "": those that are validated, and loss */
    const char *over;  /* the column along x */
    long smooth;       /* rows of a running mean; 0: as many as show some 50 means */
};

/* Adds the panels of the logs paths (count; "-": standard input) to f: 0, or -1 and the
 * reason, where a file is no log or has not what is asked for. */
int curves_read(struct figure *f, char *const *paths, int count,
                const struct curves_choice *choice, struct error *e);

#endif
