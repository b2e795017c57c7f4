/* Tensors and texts put together again from their chunks, by name. */
#ifndef STREAM_STORE_H
#define STREAM_STORE_H

#include "stream/frame.h"

struct stored {
    char *name;
    bool is_text;
    int64_t rows;          /* to come in all */
    int64_t first, next;   /* row 0 here is row first of them; the row that must follow */
    struct tensor tensor;
    struct texts texts;
    struct attr *attrs;    /* closed by a NULL key; owned */
    bool of_fragment;      /* its input was one */
    bool finite;           /* finite_check has seen it */
};

struct store {
    struct stored *items;
    int count, room;
    bool fragments; /* rows may begin anew at any row, not only at 0 */
};

/* Adds a tensor or text frame, whose reader has checked that its rows follow.  Returns 0,
 * or -1 and the reason in e where rows do not follow or the shape changes. */
int store_add(struct store *s, const struct frame *f, struct error *e);

/* Adds the tensors and texts of the stream at path ("-": stdin) whose names are wanted.
 * Returns 0, or -1 and the reason in e. */
int store_read(struct store *s, const char *path, bool wanted(const char *name),
               struct error *e);

/* Returns what is stored under that name, which s owns, or NULL. */
const struct stored *store_find(const struct store *s, const char *name);

/* Returns the number of rows that have come. */
int64_t stored_rows(const struct stored *s);

/* Returns the value of the attribute, which s owns, or NULL. */
const char *stored_attr(const struct stored *s, const char *key);

void store_free(struct store *s);

#endif
