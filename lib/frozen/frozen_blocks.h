/* Products with a frozen matrix that stays as it lies in its file, in ggml's block
 * formats or in half floats: 4 to 16 bits a weight instead of 32.  Tiles of it are
 * expanded into a buffer that fits the cache and multiplied there, so that nowhere
 * more than a tile exists in floats; for a few rows, which are bound by the reading
 * of the weights, a stretch of a row at a time.
 *
 * Called outside of a parallel region a product runs on all threads, inside of one on
 * its own.  Tiles are the same at any number of threads, each is computed by one
 * thread in a fixed order, and so are the results' bits. */
#ifndef FROZEN_FROZEN_BLOCKS_H
#define FROZEN_FROZEN_BLOCKS_H

#include "formats/dequant.h"

#include <stdbool.h>

enum { STORED_PARTS = 3 };

/* Rows one after the other in somebody's memory, usually a mapped file's. */
struct stored_part {
    const struct quant *type;
    const unsigned char *data;
    size_t row_bytes;
    int rows;
    int pairs; /* 0, or a head's rows (even) whose order is llama.cpp's of Q and K: the
                  two numbers that are rotated together stand side by side there, and
                  half a head apart here */
};

/* W (out, in): parts one below the other, of at most STORED_PARTS. */
struct frozen_blocks {
    int out, in, parts;
    struct stored_part part[STORED_PARTS];
};

/* Returns where the blocks of row `index` of W begin, and their type. */
const unsigned char *frozen_blocks_at(const struct frozen_blocks *W, int index,
                                      const struct quant **type);

/* Writes columns [from, from + n) of row `index` of W into row (n). */
void frozen_blocks_row(const struct frozen_blocks *W, int index, int from, int n,
                       float *row);

/* Computes y (n, out) = x (n, in) W^T, or y += where add is set.  With bf16, where the
 * processor has such products, rounds x and W to bfloat16, unless the rows are few. */
void frozen_blocks_forward(float *y, const float *x, const struct frozen_blocks *W, int n,
                           bool add, bool bf16);

/* Computes dx (n, in) = dy (n, out) W, or dx += where add is set; bf16 as above. */
void frozen_blocks_backward(float *dx, const float *dy, const struct frozen_blocks *W,
                            int n, bool add, bool bf16);

#endif
