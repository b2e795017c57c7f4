/* A text file as records with named fields, whatever its format: what lib/data/layout
 * names as a kind reads it, and the rest of the library does not know which one it
 * was. */
#ifndef DATA_RECORDS_H
#define DATA_RECORDS_H

#include "data/moment.h"
#include "data/text_window.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RECORDS_COLUMNS_MAX = 1024, RECORDS_KEYS = 4 };

/* A column, and the keys under which JSON has it: the first that is there. */
struct records_key {
    const char *name, *from[RECORDS_KEYS];
    bool perhaps; /* no column where the first record lacks it */
};

/* How fields stand in a file. */
struct dialect {
    const char *separator; /* "," or "::" */
    bool quotes;  /* "a ""quoted"" field", which may hold separators and newlines */
    bool typed;   /* the header's names carry a type, "rating:float" */
    bool guess;   /* another separator, if the first line has that and not this */
    bool trim;    /* a field ends before the spaces around it (guess finds this, too) */
    bool bare;    /* no header: columns are named "1", "2", ... */
    bool latin;   /* a record that is no UTF-8 is latin-1 */
    const char *encoding;        /* NULL: UTF-8 */
    const char *const *columns;  /* their names, closed by NULL, without a header; NULL:
                                  * it has one */
    /* JSON: columns (closed by one without a name), no others; texts are HTML. */
    const struct records_key *keys;
    bool no_more, entities;
    /* JSON: other columns, NULL: every key is one; with `columns` a first line of such
     * names alone is no record. */
    bool (*wants)(const char *key);
};

struct records;

/* A way of reading.  open gives r its columns, next its fields; close is called also
 * after they failed.  is_list (NULL: nothing is one) says of the last record's field
 * whether it was made of a list. */
struct records_kind {
    int (*open)(struct records *r, struct error *e);
    int (*next)(struct records *r, struct error *e);
    void (*close)(struct records *r);
    const char *(*shape)(const struct records *r, int column);
    const char *(*object)(const struct records *r, const char *const *names);
    bool opens; /* by itself, through records_open */
};

struct records {
    char *path;
    const struct records_kind *kind;
    struct dialect dialect;
    int columns;    /* may grow with a record, where no header says them */
    char **name;    /* (columns) */
    char **field;   /* (columns) of the last record, each closed by a NUL */
    size_t *length; /* (columns) */
    int64_t line;   /* where the last record began, from 1 */
    struct text_window in;
    void *own;      /* the kind's */
};

/* Opens and reads what comes before the records; "-" is stdin.  0, or -1 and the reason
 * ("path:line: ...").  Release with records_close, also after an error. */
int records_open(struct records *r, const char *path, const struct records_kind *kind,
                 const struct dialect *dialect, struct error *e);
void records_close(struct records *r);

/* 1 and the next record in field, valid until the next call; 0 at the end; -1. */
int records_next(struct records *r, struct error *e);

/* The column of that name, or else of that number from 1, or -1. */
int records_column_at(const struct records *r, const char *name);

/* The column of that name, or -1. */
int records_column(const struct records *r, const char *name);

/* The first column that has one of these names (closed by NULL), or else the first that
 * has one but for case, spaces, '_' and '-'; or -1. */
int records_column_of(const struct records *r, const char *const *names);

/* Is it one of the names (closed by NULL) but for case, spaces, '_', '-' and '.'? */
bool records_named(const char *name, const char *const *names);

/* "path:line: reason"; always -1. */
int records_fail(const struct records *r, struct error *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "path:line: no column 'tme', which --time asks for: did you mean time?"; always -1. */
int records_fail_column(const struct records *r, struct error *e, const char *asked,
                        const char *option);

/* "path:line: item_id is empty", and where JSON's keys have other names, those that were
 * looked for; always -1. */
int records_fail_empty(const struct records *r, int column, struct error *e);

/* What the last record's field is in JSON, "a list" or "an object" (whose field is "");
 * NULL: a single value or nothing. */
const char *records_shape(const struct records *r, int column);

/* The key of the last record that has one of these names (closed by NULL) and an object
 * as its value; valid until the next record; NULL: there is none. */
const char *records_object(const struct records *r, const char *const *names);

/* The field of a record as a finite decimal number: 0, or -1 and the reason. */
int records_number(const struct records *r, int column, double *value, struct error *e);

/* The same as a time, with its fraction. */
int records_moment(const struct records *r, int column, struct moment *value,
                   struct error *e);

/* For kinds: one more column, named by a new copy of name; its field is "". */
void records_add_column(struct records *r, const char *name);

#endif
