/* Products in bfloat16 with sums in float, on processors that have AVX512-BF16: up to
 * twice the multiplications of float, several times as many where they have AMX too, and
 * half the bytes of a matrix. */
#ifndef FROZEN_BF16_H
#define FROZEN_BF16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BF16_PANEL = 48, /* columns of a panel: three registers */
    BF16_ROWS = 16,  /* rows of the left matrix that a processor may read at once */
};

/* A matrix (inner, columns) that stands on the right of products, cut into panels
 * of BF16_PANEL columns; within a panel, pairs of rows are interleaved:
 *
 *     b[0][0] b[1][0] b[0][1] b[1][1] ... b[0][47] b[1][47]   b[2][0] b[3][0] ...
 *
 * Columns beyond the last and rows up to the next multiple of 32 are zero. */
struct bf16_matrix {
    int inner, columns;
    uint16_t *data;
};

/* Returns whether this processor has the instructions.  bf16_product needs them. */
bool bf16_available(void);

/* Makes b a zeroed matrix.  Release b with bf16_free. */
void bf16_new(struct bf16_matrix *b, int inner, int columns);
void bf16_free(struct bf16_matrix *b);

/* Pairs of rows of a panel. */
static inline size_t bf16_pairs(const struct bf16_matrix *b)
{
    return ((size_t)b->inner + 31) / 32 * 16;
}

/* Numbers in data. */
static inline size_t bf16_numbers(const struct bf16_matrix *b)
{
    size_t panels = ((size_t)b->columns + BF16_PANEL - 1) / BF16_PANEL;

    return panels * bf16_pairs(b) * 2 * BF16_PANEL;
}

/* Place of element (k, j) in data. */
static inline size_t bf16_at(const struct bf16_matrix *b, int k, int j)
{
    size_t pairs = bf16_pairs(b);

    return ((size_t)(j / BF16_PANEL) * pairs + (size_t)(k / 2)) * 2 * BF16_PANEL
           + (size_t)(j % BF16_PANEL) * 2 + (size_t)(k % 2);
}

/* Return x rounded to the nearest bfloat16, ties to even, and the float of a bfloat16.  x
 * is finite. */
uint16_t bf16_round(float x);
float bf16_float(uint16_t h);

/* Computes c (n, columns) = a (n, inner) b, or c += where add is set.  Rounds a to
 * bfloat16 on the way. */
void bf16_product(float *c, const float *a, const struct bf16_matrix *b, int n, bool add);

/* The two halves of it.  Numbers in a row of n rounded ones of `depth`: an odd multiple
 * of 32, so that rows do not fall on one another in a cache. */
static inline size_t bf16_stride(int depth)
{
    return (((size_t)depth + 31) / 32 | 1) * 32;
}

/* Rows to make room for where n are multiplied. */
static inline size_t bf16_rows(int n)
{
    return ((size_t)n + BF16_ROWS - 1) / BF16_ROWS * BF16_ROWS;
}

/* to (n, stride) = from (n rows of `depth`, from_stride apart), zeros behind. */
void bf16_round_rows(uint16_t *to, size_t stride, const float *from, size_t from_stride,
                     int depth, int n);

/* to (n, stride) = the columns of from (depth rows of n numbers, from_stride apart), with
 * zeros behind up to a multiple of 32.  Up to bf16_rows(n) rows of `to` are written. */
void bf16_round_columns(uint16_t *to, size_t stride, const float *from,
                        size_t from_stride, int depth, int n);

/* c (n, columns; rows c_stride apart) = a (n, depth; a_stride apart) times b's rows
 * [first, first + depth), or c += where add is set.  first is a multiple of 32, and so is
 * depth, or a has zeros up to the next.  a has bf16_rows(n) rows that can be read. */
void bf16_tile(float *c, size_t c_stride, const uint16_t *a, size_t a_stride,
               const struct bf16_matrix *b, int first, int depth, int n, bool add);

/* The same without AMX. */
void bf16_register_tile(float *c, size_t c_stride, const uint16_t *a, size_t a_stride,
                        const struct bf16_matrix *b, int first, int depth, int n,
                        bool add);

/* Filling a matrix from floats.  Rows k (even) and k + 1 of b, (columns) each; NULL: of
 * zeros. */
void bf16_pack_rows(struct bf16_matrix *b, int k, const float *even, const float *odd);

/* Columns [j, j + count) of b from as many rows of `inner` numbers each; j is a multiple
 * of BF16_COLUMNS, count BF16_COLUMNS or, at the end of b, less.  Rows behind `inner`
 * become zero. */
enum { BF16_COLUMNS = 16 };

void bf16_pack_columns(struct bf16_matrix *b, int j, const float *const *row, int count);

#endif
