/* Products in bfloat16 of two matrices that are both computed only now: they are rounded
 * on the way, one of them given by where its rows are.  Sums are in float; where real is
 * double there are none. */
#ifndef FROZEN_BF16_ROOM_H
#define FROZEN_BF16_ROOM_H

#include "frozen/bf16.h"
#include "nn/real.h"

/* Scratch of products: what stands on their left and on their right, and where the rows
 * are.  All NULL: none. */
struct bf16_room {
    uint16_t *left, *right;
    const real **row;
};

/* Returns the bytes of room for products whose n, inner and columns are, in any order, at
 * most the three given here.  Takes it, unless room is NULL; free with bf16_room_free. */
size_t bf16_room_take(struct bf16_room *room, int a, int b, int c);
void bf16_room_free(struct bf16_room *room);

/* c (n, columns; rows c_stride apart) = a (n, inner; rows a_stride apart) B^T, where
 * room->row[] are the `columns` rows of B, of `inner` numbers each. */
void bf16_room_times_transposed(real *c, size_t c_stride, const real *a, size_t a_stride,
                                int n, int inner, int columns,
                                const struct bf16_room *room);

/* c = a B, where room->row[] are the `inner` rows of B, of `columns` numbers each. */
void bf16_room_times(real *c, size_t c_stride, const real *a, size_t a_stride, int n,
                     int inner, int columns, const struct bf16_room *room);

/* c += a^T B, a (inner, n; rows a_stride apart), B as above. */
void bf16_room_add_transposed(real *c, size_t c_stride, const real *a, size_t a_stride,
                              int n, int inner, int columns,
                              const struct bf16_room *room);

#endif
