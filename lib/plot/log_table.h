/* A training's log as columns of numbers. */
#ifndef PLOT_LOG_TABLE_H
#define PLOT_LOG_TABLE_H

#include "util/error.h"

struct log_table {
    char *name;    /* the run's: its file's, without folder and ending */
    char **column; /* (columns) */
    int columns;
    double *cell;  /* (rows, columns), NAN: empty */
    int rows, room;
};

/* 0, or -1 and the reason.  path "-" is standard input.  Free t with log_table_free in
 * either case. */
int log_table_read(struct log_table *t, const char *path, struct error *e);
void log_table_free(struct log_table *t);

/* The column of that name, or -1. */
int log_table_find(const struct log_table *t, const char *name);

/* Does the column (-1: none) hold a number? */
bool log_table_any(const struct log_table *t, int column);

#endif
