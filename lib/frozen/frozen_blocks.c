#include "frozen/frozen_blocks.h"

#include "frozen/bf16.h"
#include "util/error.h"

#include <cblas.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* Rows of x up to which the weights are streamed past them instead of tiled. */
enum { FEW = 4 };

/* Tiles, (columns of the product) x (depth): the floats or bfloat16s of one lie in
 * the second cache.  Columns of a bf16 tile are whole panels. */
enum {
    REAL_COLUMNS = 384, REAL_DEPTH = 384,
    BF16_FORWARD = 2 * BF16_PANEL, BF16_FORWARD_DEPTH = 512,
    BF16_BACKWARD = 8 * BF16_PANEL, BF16_BACKWARD_DEPTH = 256,
    FEW_COLUMNS = 32, FEW_DEPTH = 2048, /* forward */
    FEW_STRETCH = 512,                  /* backward: numbers of a row */
    CACHE_LINE = 64, ROWS_AHEAD = 8,
};

/* y (n, columns) = x (n, inner) times W^T (forward) or W. */
struct product {
    float *y;
    const float *x;
    const struct frozen_blocks *W;
    int n, inner, columns;
    bool add;
    uint16_t *rounded; /* (n, stride): x in bfloat16 */
    size_t stride;
};

/* Tile `first`..`first + count` of the columns; buffer is the thread's own. */
typedef void tile_function(const struct product *p, int first, int count, void *buffer);

static int least(int a, int b)
{
    return a < b ? a : b;
}

static void *scratch(size_t bytes)
{
    void *p = aligned_alloc(64, (bytes + 64) / 64 * 64);

    if (!p)
        die("out of memory: %zu bytes asked for", bytes);
    return p;
}

/* Place in llama.cpp's order of row r of ours. */
static int paired(int r, int pairs)
{
    int in = r % pairs, half = pairs / 2;

    return r - in + 2 * (in % half) + in / half;
}

/* Columns [from, from + n) of a row that begins at `blocks`. */
static void expand(float *to, const struct quant *q, const unsigned char *blocks,
                   size_t from, size_t n)
{
    size_t block = q->block, skip = from % block;
    float whole[256];

    blocks += from / block * q->bytes;
    while (n > 0) {
        size_t take =
            skip || n < block ? (n < block - skip ? n : block - skip) : n - n % block;

        if (take < block) {
            q->floats(blocks, 1, whole);
            memcpy(to, whole + skip, take * sizeof *to);
            blocks += q->bytes;
        } else {
            q->floats(blocks, take / block, to);
            blocks += take / block * q->bytes;
        }
        to += take;
        n -= take;
        skip = 0;
    }
}

const unsigned char *frozen_blocks_at(const struct frozen_blocks *W, int index,
                                      const struct quant **type)
{
    const struct stored_part *p = W->part;

    while (index >= p->rows)
        index -= p++->rows;
    if (p->pairs)
        index = paired(index, p->pairs);
    *type = p->type;
    return p->data + (size_t)index * p->row_bytes;
}

void frozen_blocks_row(const struct frozen_blocks *W, int index, int from, int n,
                       float *row)
{
    const struct quant *type;
    const unsigned char *blocks = frozen_blocks_at(W, index, &type);

    expand(row, type, blocks, (size_t)from, (size_t)n);
}

/* Asks memory for the blocks of columns [from, from + n) of row `index`, which lie too
 * far from the last ones for the processor to foresee; nothing where there are none. */
static void ask_for(const struct frozen_blocks *W, int index, int from, int n)
{
    const struct quant *type;
    const unsigned char *blocks;
    size_t bytes;

    if (index >= W->out || from >= W->in)
        return;
    blocks = frozen_blocks_at(W, index, &type);
    blocks += (size_t)from / type->block * type->bytes;
    bytes = ((size_t)least(n, W->in - from) + type->block - 1) / type->block
            * type->bytes;
    for (size_t i = 0; i < bytes; i += CACHE_LINE)
        __builtin_prefetch(blocks + i, 0, 2);
}

/* All tiles of `wide` columns, in parallel where nobody else is. */
static void each_tile(const struct product *p, tile_function *tile, int wide,
                      size_t bytes)
{
#pragma omp parallel if (!omp_in_parallel())
    {
        void *buffer = scratch(bytes);

#pragma omp for schedule(dynamic)
        for (int first = 0; first < p->columns; first += wide)
            tile(p, first, least(wide, p->columns - first), buffer);
        free(buffer);
    }
}

static void real_forward(const struct product *p, int first, int count, void *buffer)
{
    float *w = buffer;

    for (int k = 0; k < p->inner; k += REAL_DEPTH) {
        int depth = least(REAL_DEPTH, p->inner - k);

        for (int j = 0; j < count; j++)
            frozen_blocks_row(p->W, first + j, k, depth, w + (size_t)j * (size_t)depth);
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, p->n, count, depth, 1,
                    p->x + k, p->inner, w, depth, p->add || k, p->y + first, p->columns);
    }
}

static void real_backward(const struct product *p, int first, int count, void *buffer)
{
    float *w = buffer;

    for (int k = 0; k < p->inner; k += REAL_DEPTH) {
        int depth = least(REAL_DEPTH, p->inner - k);

        for (int j = 0; j < depth; j++)
            frozen_blocks_row(p->W, k + j, first, count, w + (size_t)j * (size_t)count);
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, p->n, count, depth, 1,
                    p->x + k, p->inner, w, count, p->add || k, p->y + first, p->columns);
    }
}

static void bf16_forward(const struct product *p, int first, int count, void *buffer)
{
    float *rows = buffer;
    const float *row[BF16_COLUMNS];
    struct bf16_matrix b = { .columns = count };

    for (int i = 0; i < BF16_COLUMNS; i++)
        row[i] = rows + i * BF16_FORWARD_DEPTH;
    b.data = (uint16_t *)(void *)(rows + BF16_COLUMNS * BF16_FORWARD_DEPTH);
    for (int k = 0; k < p->inner; k += BF16_FORWARD_DEPTH) {
        b.inner = least(BF16_FORWARD_DEPTH, p->inner - k);
        for (int j = 0; j < count; j += BF16_COLUMNS) {
            int here = least(BF16_COLUMNS, count - j);

            for (int i = 0; i < here; i++) {
                ask_for(p->W, first + j + i, k + BF16_FORWARD_DEPTH, BF16_FORWARD_DEPTH);
                frozen_blocks_row(p->W, first + j + i, k, b.inner,
                                  rows + i * BF16_FORWARD_DEPTH);
            }
            bf16_pack_columns(&b, j, row, here);
        }
        bf16_tile(p->y + first, (size_t)p->columns, p->rounded + k, p->stride, &b, 0,
                  b.inner, p->n, p->add || k);
    }
}

static void bf16_backward(const struct product *p, int first, int count, void *buffer)
{
    float *pair = buffer;
    struct bf16_matrix b = { .columns = count };

    b.data = (uint16_t *)(void *)(pair + 2 * BF16_BACKWARD);
    for (int k = 0; k < p->inner; k += BF16_BACKWARD_DEPTH) {
        b.inner = least(BF16_BACKWARD_DEPTH, p->inner - k);
        for (int j = 0; j < 2 * (int)bf16_pairs(&b); j += 2) {
            float *odd = j + 1 < b.inner ? pair + BF16_BACKWARD : NULL;

            ask_for(p->W, k + j + ROWS_AHEAD, first, count);
            ask_for(p->W, k + j + ROWS_AHEAD + 1, first, count);
            if (j < b.inner)
                frozen_blocks_row(p->W, k + j, first, count, pair);
            if (odd)
                frozen_blocks_row(p->W, k + j + 1, first, count, odd);
            bf16_pack_rows(&b, j, j < b.inner ? pair : NULL, odd);
        }
        bf16_tile(p->y + first, (size_t)p->columns, p->rounded + k, p->stride, &b, 0,
                  b.inner, p->n, p->add || k);
    }
}

enum { LANES = 64 }; /* sums that run side by side */

static float dot(const float *a, const float *b, int n)
{
    float lane[LANES] = { 0 }, sum = 0;
    int j = 0;

    for (; j + LANES <= n; j += LANES)
#pragma omp simd
        for (int l = 0; l < LANES; l++)
            lane[l] += a[j + l] * b[j + l];
    for (; j < n; j++)
        sum += a[j] * b[j];
    for (int l = 0; l < LANES; l++)
        sum += lane[l];
    return sum;
}

static void few_forward(const struct product *p, int first, int count, void *buffer)
{
    float *w = buffer, sum[FEW][FEW_COLUMNS] = { { 0 } };

    for (int k = 0; k < p->inner; k += FEW_DEPTH) {
        int depth = least(FEW_DEPTH, p->inner - k);

        for (int j = 0; j < count; j++) {
            frozen_blocks_row(p->W, first + j, k, depth, w);
            for (int i = 0; i < p->n; i++)
                sum[i][j] += dot(p->x + (size_t)i * (size_t)p->inner + k, w, depth);
        }
    }
    for (int i = 0; i < p->n; i++)
        for (int j = 0; j < count; j++) {
            float *y = p->y + (size_t)i * (size_t)p->columns + first + j;

            *y = p->add ? *y + sum[i][j] : sum[i][j];
        }
}

static void few_backward(const struct product *p, int first, int count, void *buffer)
{
    float *w = buffer;

    for (int i = 0; !p->add && i < p->n; i++)
        memset(p->y + (size_t)i * (size_t)p->columns + first, 0,
               (size_t)count * sizeof *p->y);
    for (int k = 0; k < p->inner; k++) {
        frozen_blocks_row(p->W, k, first, count, w);
        for (int i = 0; i < p->n; i++) {
            float *restrict y = p->y + (size_t)i * (size_t)p->columns + first;
            float x = p->x[(size_t)i * (size_t)p->inner + (size_t)k];

#pragma omp simd
            for (int j = 0; j < count; j++)
                y[j] += x * w[j];
        }
    }
}

/* x rounded once for all tiles. */
static void round_x(struct product *p)
{
    p->stride = bf16_stride(p->inner);
    p->rounded = scratch(bf16_rows(p->n) * p->stride * sizeof *p->rounded);
    bf16_round_rows(p->rounded, p->stride, p->x, (size_t)p->inner, p->inner, p->n);
}

void frozen_blocks_forward(float *y, const float *x, const struct frozen_blocks *W, int n,
                           bool add, bool bf16)
{
    struct product p = { y, x, W, n, W->in, W->out, add, NULL, 0 };

    if (n <= FEW) {
        each_tile(&p, few_forward, FEW_COLUMNS, FEW_DEPTH * sizeof(float));
    } else if (bf16 && bf16_available()) {
        round_x(&p);
        each_tile(&p, bf16_forward, BF16_FORWARD,
                  BF16_FORWARD_DEPTH * (BF16_COLUMNS * sizeof(float)
                                        + BF16_FORWARD * sizeof(uint16_t)));
        free(p.rounded);
    } else {
        each_tile(&p, real_forward, REAL_COLUMNS,
                  REAL_COLUMNS * REAL_DEPTH * sizeof(float));
    }
}

void frozen_blocks_backward(float *dx, const float *dy, const struct frozen_blocks *W,
                            int n, bool add, bool bf16)
{
    struct product p = { dx, dy, W, n, W->out, W->in, add, NULL, 0 };

    if (n <= FEW) {
        each_tile(&p, few_backward, FEW_STRETCH, FEW_STRETCH * sizeof(float));
    } else if (bf16 && bf16_available()) {
        round_x(&p);
        each_tile(&p, bf16_backward, BF16_BACKWARD,
                  BF16_BACKWARD * (2 * sizeof(float)
                                   + BF16_BACKWARD_DEPTH * sizeof(uint16_t)));
        free(p.rounded);
    } else {
        each_tile(&p, real_backward, REAL_COLUMNS,
                  REAL_COLUMNS * REAL_DEPTH * sizeof(float));
    }
}
