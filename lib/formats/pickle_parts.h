/* The machine that pickle.c runs: its stack in pickle_machine.c, its opcodes in
 * pickle_scalars.c, pickle_build.c and pickle.c; for these alone. */
#ifndef FORMATS_PICKLE_PARTS_H
#define FORMATS_PICKLE_PARTS_H

#include "formats/pickle.h"

enum { PICKLE_BLOCK = 256 };

/* Values stay where they are until the end. */
struct pickle_block {
    struct pickle_block *next;
    int used;
    struct pickle_value value[PICKLE_BLOCK];
};

struct pickle {
    struct pickle_block *blocks;
    struct pickle_value *root;
    struct pickle_value **storage;
    long storages, storage_room;
};

/* The machine at work. */
struct machine {
    const unsigned char *start, *at, *end;
    struct pickle *p;
    struct pickle_value **stack, **memo;
    long height, room, memos, memo_room;
    long *mark; /* heights of the stack */
    long marks, mark_room;
    bool stopped;
    struct error *e;
};

/* A new value on the stack, zeroed but for its kind. */
struct pickle_value *pickle_push(struct machine *m, enum pickle_kind kind);

/* n bytes of the file, or NULL and the reason. */
const unsigned char *pickle_take(struct machine *m, uint64_t n);

/* The topmost value off the stack, not below the last mark; NULL and the reason. */
struct pickle_value *pickle_pop(struct machine *m);

/* Adds to a list, tuple or dict. */
void pickle_add(struct pickle_value *to, struct pickle_value *v);

/* A little-endian number of at most 8 bytes. */
int pickle_number(struct machine *m, int bytes, uint64_t *n);

/* The opcodes that push one value: 0, or -1 and the reason.  A constant is given as
 * kind << 1 | value; an int of 4 bytes has a sign, shorter ones have none; a long is a
 * length and so many bytes in two's complement; a float's most significant byte is
 * first; a text is a length and bytes. */
int pickle_constant(struct machine *m, int kind_and_value);
int pickle_int(struct machine *m, int bytes);
int pickle_long(struct machine *m, int length_bytes);
int pickle_float(struct machine *m, int unused);
int pickle_text(struct machine *m, int length_bytes);

/* The opcodes that name, make and fill objects: 0, or -1 and the reason. */
int pickle_global(struct machine *m, int calls_it);
int pickle_stack_global(struct machine *m, int unused);
int pickle_reduce(struct machine *m, int unused);
int pickle_new(struct machine *m, int unused);
int pickle_build(struct machine *m, int unused);
int pickle_persistent(struct machine *m, int unused);

#endif
