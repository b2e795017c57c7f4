/* The log of a training, --log FILE of every trainer: a line of numbers a step or an
 * epoch, tabs between, for plots and for other programs.  The first line names the
 * columns: `step`, `seconds`, the trainer's own, and `lr`, the learning rate of the step.
 * A number that was not measured there is an empty cell.
 *
 * A new training replaces the file.  One that goes on from a checkpoint keeps the lines
 * up to the checkpoint's step and adds to them, so that the file is that of an
 * uninterrupted training, seconds aside.  Each line is written at once, so that one can
 * look on.  What goes wrong with the file ends the program with the reason. */
#ifndef UTIL_TRAIN_LOG_H
#define UTIL_TRAIN_LOG_H

#include "util/file_write.h"

#include <stdbool.h>
#include <stdint.h>

struct train_log {
    const char *path; /* --log; NULL: none is kept */
    struct file_write file;
    bool elsewhere;      /* another process writes it */
    int columns;         /* the trainer's own, and lr */
    double from, before; /* clock at the beginning; seconds of what was resumed */
};

/* The option for a program's table; unit is a literal such as "epoch". */
#define TRAIN_LOG_OPTION(l, unit)                                                        \
    { OPT_OUTPUT, 0, "log", &(l).path,                                                   \
      "write losses and rates to FILE, a line each " unit,                               \
      .record = OPT_IDLE }

/* Begins the file, where one was asked for.  columns: the trainer's own names, closed by
 * NULL.  going_on: the training resumes after `step`; where the file is not there, it
 * begins with the next line. */
void train_log_begin(struct train_log *l, const char *const *columns, bool going_on,
                     int64_t step);

/* Is one asked for? */
bool train_log_wanted(const struct train_log *l);

/* One line: values of the trainer's own columns and lr, in order; NAN: not measured. */
void train_log_line(struct train_log *l, int64_t step, const double *value);

/* Puts the log, whole, in its place.  Ends the program where that fails. */
void train_log_end(struct train_log *l);

#endif
