/* What delimited.c and delimited_header.c share; for these alone. */
#ifndef DATA_DELIMITED_PARTS_H
#define DATA_DELIMITED_PARTS_H

#include "data/delimited.h"
#include "data/marks.h"

/* What is kept between records. */
struct cutter {
    char separator[4];
    size_t width;      /* of the separator */
    bool trim, hidden; /* hidden: the first field of each record has no name */
    bool held;         /* the record in field was read, but not given out */
    bool lent;         /* the records' fields are these */
    unsigned char *wide; /* a latin-1 record as UTF-8 */
    int64_t next_line;
    int fields, room;
    char **field;      /* (fields) of the record, all of them */
    size_t *length;
    /* Most records hold no quote and separators of a byte: they are cut along marks of
     * data[base .. base + marked) in the window; marked 0: there are none. */
    struct marks marks;
    size_t base, marked, next; /* next: the first mark that is not passed */
};

/* The dialect's separator, or whichever the first line has if it lacks that.
 * 0, or -1. */
int delimited_guess(struct records *r, struct error *e);

/* The columns' names from the record in own->field.  0, or -1 and the reason. */
int delimited_names(struct records *r, struct error *e);

/* Without a header: the first record is one, and its fields have numbers. */
int delimited_numbers(struct records *r, struct error *e);

#endif
