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

/* Pushes a new value on the stack, zeroed but for its kind, and returns the value. */
struct pickle_value *pickle_push(struct machine *m, enum pickle_kind kind);

/* Takes the next n bytes of the file.  Returns them, or NULL and the reason in m->e where
 * fewer are left. */
const unsigned char *pickle_take(struct machine *m, uint64_t n);

/* Takes the topmost value above the last mark off the stack.  Returns the value, or NULL
 * and the reason in m->e where there is none. */
struct pickle_value *pickle_pop(struct machine *m);

/* Adds v to a list, tuple or dict. */
void pickle_add(struct pickle_value *to, struct pickle_value *v);

/* Takes a little-endian number of so many bytes, at most 8, into *n.  Returns 0, or -1
 * and the reason in m->e where fewer are left. */
int pickle_number(struct machine *m, int bytes, uint64_t *n);

/* The opcodes that push one value.  Each returns 0, or -1 and the reason in m->e.  The
 * caller gives a constant as kind << 1 | value.  An int of 4 bytes has a sign, a shorter
 * int has none.  A long is a length and so many bytes in two's complement.  A float's
 * most significant byte comes first.  A text is a length and so many bytes. */
int pickle_constant(struct machine *m, int kind_and_value);
int pickle_int(struct machine *m, int bytes);
int pickle_long(struct machine *m, int length_bytes);
int pickle_float(struct machine *m, int unused);
int pickle_text(struct machine *m, int length_bytes);

/* The opcodes that name, make and fill objects.  Each returns 0, or -1 and the reason in
 * m->e. */
int pickle_global(struct machine *m, int calls_it);
int pickle_stack_global(struct machine *m, int unused);
int pickle_reduce(struct machine *m, int unused);
int pickle_new(struct machine *m, int unused);
int pickle_build(struct machine *m, int unused);
int pickle_persistent(struct machine *m, int unused);

#endif
