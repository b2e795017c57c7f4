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

/* Adds a tensor or text frame, whose reader has checked that rows follow. */
int store_add(struct store *s, const struct frame *f, struct error *e);

/* Adds what of a stream ("-": stdin) is wanted by its name: 0, or -1 and the reason. */
int store_read(struct store *s, const char *path, bool wanted(const char *name),
               struct error *e);

/* Borrowed; NULL if there is none. */
const struct stored *store_find(const struct store *s, const char *name);

/* Rows that have come. */
int64_t stored_rows(const struct stored *s);

/* The attribute's value, or NULL. */
const char *stored_attr(const struct stored *s, const char *key);

void store_free(struct store *s);

#endif
