/* Tables as text: a header line that names the columns, then a record a line.
 * Every record is checked for its number of fields and for valid UTF-8. */
#ifndef DATA_DELIMITED_H
#define DATA_DELIMITED_H

#include "data/moment.h"
#include "util/error.h"
#include "util/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How fields stand in a line. */
struct dialect {
    char separator;
    bool quotes; /* "a ""quoted"" field", which may hold separators and newlines */
    bool typed;  /* the header's names carry a type, "rating:float" */
};

struct delimited {
    char *path;
    struct dialect dialect;
    int columns;
    char **name;     /* (columns) without types */
    char **field;    /* (columns) of the last record, each closed by a NUL */
    size_t *length;  /* (columns) */
    int64_t line;    /* where the last record began, from 1 */
    struct mapped map;
    size_t at;       /* where the next record begins */
    int64_t next_line;
    char *text;      /* the last record's fields, one after the other */
    size_t text_room;
    size_t *offset;  /* where in text each field begins */
    int fields, field_room;
};

/* Opens and reads the header; 0, or -1 and the reason ("path:line: ...").
 * Release with delimited_close, also after an error. */
int delimited_open(struct delimited *d, const char *path, struct dialect dialect,
                   struct error *e);
void delimited_close(struct delimited *d);

/* 1 and the next record in field, valid until the next call; 0 at the end; -1. */
int delimited_next(struct delimited *d, struct error *e);

/* The column of that name, or -1. */
int delimited_column(const struct delimited *d, const char *name);

/* The first column that has one of these names (closed by NULL), or -1. */
int delimited_column_of(const struct delimited *d, const char *const *names);

/* "path:line: reason"; always -1. */
int delimited_fail(const struct delimited *d, struct error *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The field of a record as a finite decimal number: 0, or -1 and the reason. */
int delimited_number(const struct delimited *d, int column, double *value,
                     struct error *e);

/* The same as a time, with its fraction. */
int delimited_moment(const struct delimited *d, int column, struct moment *value,
                     struct error *e);

#endif
