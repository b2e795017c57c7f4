#include "frozen/bf16_room.h"

#include "util/error.h"
#include "util/mem.h"

#include <stdlib.h>

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Numbers of the left and of the right matrix, whichever of the two numbers is which. */
static size_t left_room(int a, int b)
{
    return most(bf16_rows(a) * bf16_stride(b), bf16_rows(b) * bf16_stride(a));
}

static size_t right_room(int a, int b)
{
    struct bf16_matrix one = { a, b, NULL }, other = { b, a, NULL };

    return most(bf16_numbers(&one), bf16_numbers(&other));
}

size_t bf16_room_take(struct bf16_room *room, int a, int b, int c)
{
    size_t left = most(most(left_room(a, b), left_room(b, c)), left_room(a, c));
    size_t right = most(most(right_room(a, b), right_room(b, c)), right_room(a, c));
    size_t rows = most(most((size_t)a, (size_t)b), (size_t)c);

    if (room) {
        room->left = mem_new(left, sizeof *room->left);
        room->right = mem_new(right, sizeof *room->right);
        room->row = mem_new(rows, sizeof *room->row);
    }
    return (left + right) * sizeof *room->left + rows * sizeof *room->row;
}

void bf16_room_free(struct bf16_room *room)
{
    free(room->left);
    free(room->right);
    free(room->row);
}

#ifndef REAL_IS_DOUBLE

/* B^T from the rows of B. */
static struct bf16_matrix of_columns(int inner, int columns, const struct bf16_room *room)
{
    struct bf16_matrix b = { inner, columns, room->right };

    for (int j = 0; j < columns; j += BF16_COLUMNS)
        bf16_pack_columns(&b, j, room->row + j,
                          columns - j < BF16_COLUMNS ? columns - j : BF16_COLUMNS);
    return b;
}

/* B from its rows. */
static struct bf16_matrix of_rows(int inner, int columns, const struct bf16_room *room)
{
    struct bf16_matrix b = { inner, columns, room->right };

    for (int k = 0; k < 2 * (int)bf16_pairs(&b); k += 2)
        bf16_pack_rows(&b, k, k < inner ? room->row[k] : NULL,
                       k + 1 < inner ? room->row[k + 1] : NULL);
    return b;
}

/* c = a (n, b's inner; rows a_stride apart) b */
static void left_times(real *c, size_t c_stride, const real *a, size_t a_stride, int n,
                       const struct bf16_matrix *b, const struct bf16_room *room)
{
    size_t stride = bf16_stride(b->inner);

    bf16_round_rows(room->left, stride, a, a_stride, b->inner, n);
    bf16_tile(c, c_stride, room->left, stride, b, 0, b->inner, n, false);
}

void bf16_room_times_transposed(real *c, size_t c_stride, const real *a, size_t a_stride,
                                int n, int inner, int columns,
                                const struct bf16_room *room)
{
    struct bf16_matrix b = of_columns(inner, columns, room);

    left_times(c, c_stride, a, a_stride, n, &b, room);
}

void bf16_room_times(real *c, size_t c_stride, const real *a, size_t a_stride, int n,
                     int inner, int columns, const struct bf16_room *room)
{
    struct bf16_matrix b = of_rows(inner, columns, room);

    left_times(c, c_stride, a, a_stride, n, &b, room);
}

void bf16_room_add_transposed(real *c, size_t c_stride, const real *a, size_t a_stride,
                              int n, int inner, int columns,
                              const struct bf16_room *room)
{
    struct bf16_matrix b = of_rows(inner, columns, room);
    size_t stride = bf16_stride(inner);

    bf16_round_columns(room->left, stride, a, a_stride, inner, n);
    bf16_tile(c, c_stride, room->left, stride, &b, 0, inner, n, true);
}

#else

void bf16_room_times_transposed(real *c, size_t c_stride, const real *a, size_t a_stride,
                                int n, int inner, int columns,
                                const struct bf16_room *room)
{
    (void)c, (void)c_stride, (void)a, (void)a_stride;
    (void)n, (void)inner, (void)columns, (void)room;
    die("products in bfloat16 are not possible in double");
}

void bf16_room_times(real *c, size_t c_stride, const real *a, size_t a_stride, int n,
                     int inner, int columns, const struct bf16_room *room)
{
    bf16_room_times_transposed(c, c_stride, a, a_stride, n, inner, columns, room);
}

void bf16_room_add_transposed(real *c, size_t c_stride, const real *a, size_t a_stride,
                              int n, int inner, int columns,
                              const struct bf16_room *room)
{
    bf16_room_times_transposed(c, c_stride, a, a_stride, n, inner, columns, room);
}

#endif
