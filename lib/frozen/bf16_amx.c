#include "frozen/bf16_amx.h"

#include "util/error.h"

#include <string.h>

#ifdef __x86_64__

#include <immintrin.h>

#define AMX_TARGET __attribute__((target("amx-tile,amx-bf16")))

enum {
    SIDE = 16,      /* rows and columns of a tile of sums */
    STEP = 32,      /* rows of b in a tile of it: 16 pairs */
    BLOCK = 2 * SIDE,
    PANEL_BYTES = 2 * BF16_PANEL * sizeof(uint16_t), /* from pair to pair of a panel */
};

/* Eight tiles of 16 rows of 64 bytes; the layout is the processor's (palette 1). */
static const struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
} tiles = { .palette = 1, .bytes = { 64, 64, 64, 64, 64, 64, 64, 64 },
            .rows = { SIDE, SIDE, SIDE, SIDE, SIDE, SIDE, SIDE, SIDE } };

/* The compiler does not know what tiles read: this writes it out before. */
static inline void memory_is_written(void)
{
    __asm__ volatile("" ::: "memory");
}

/* Up to 32 x 32 sums: where they go, and what is multiplied. */
struct block {
    float *c;
    size_t c_bytes; /* from row to row */
    const uint16_t *a[2], *b[2];
    size_t a_bytes;
    int steps;
    bool add;
};

/* Tiles 0 to 3 are sums, 4 and 5 rows of a, 6 and 7 columns of b.  down and across, 1 or
 * 2, are constants. */
AMX_TARGET static inline __attribute__((always_inline)) void
multiply(const struct block *k, int down, int across)
{
    float *low = k->c + SIDE * k->c_bytes / sizeof *k->c;

    memory_is_written();
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    if (k->add) {
        _tile_loadd(0, k->c, k->c_bytes);
        if (across == 2)
            _tile_loadd(1, k->c + SIDE, k->c_bytes);
        if (down == 2)
            _tile_loadd(2, low, k->c_bytes);
        if (down == 2 && across == 2)
            _tile_loadd(3, low + SIDE, k->c_bytes);
    }
    for (int s = 0; s < k->steps; s++) {
        size_t along = (size_t)s * STEP, below = (size_t)s * SIDE * 2 * BF16_PANEL;

        _tile_loadd(4, k->a[0] + along, k->a_bytes);
        _tile_loadd(6, k->b[0] + below, PANEL_BYTES);
        _tile_dpbf16ps(0, 4, 6);
        if (across == 2) {
            _tile_loadd(7, k->b[1] + below, PANEL_BYTES);
            _tile_dpbf16ps(1, 4, 7);
        }
        if (down == 2) {
            _tile_loadd(5, k->a[1] + along, k->a_bytes);
            _tile_dpbf16ps(2, 5, 6);
        }
        if (down == 2 && across == 2)
            _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, k->c, k->c_bytes);
    if (across == 2)
        _tile_stored(1, k->c + SIDE, k->c_bytes);
    if (down == 2)
        _tile_stored(2, low, k->c_bytes);
    if (down == 2 && across == 2)
        _tile_stored(3, low + SIDE, k->c_bytes);
}

AMX_TARGET static void multiply_some(const struct block *k, int rows, int columns)
{
    if (rows > SIDE && columns > SIDE)
        multiply(k, 2, 2);
    else if (rows > SIDE)
        multiply(k, 2, 1);
    else if (columns > SIDE)
        multiply(k, 1, 2);
    else
        multiply(k, 1, 1);
}

static void copy(float *to, size_t to_stride, const float *from, size_t from_stride,
                 int rows, int columns)
{
    size_t bytes = (size_t)columns * sizeof *to;

    for (int i = 0; i < rows; i++, to += to_stride, from += from_stride)
        if (columns == BLOCK) /* mostly: a few moves where the bytes are a constant */
            memcpy(to, from, BLOCK * sizeof *to);
        else
            memcpy(to, from, bytes);
}

/* A block that reaches over an edge of c goes through a whole one. */
AMX_TARGET static void at_edge(const struct block *k, int rows, int columns)
{
    _Alignas(64) float whole[BLOCK * BLOCK];
    struct block inside = *k;

    inside.c = whole;
    inside.c_bytes = BLOCK * sizeof *whole;
    if (k->add) {
        memset(whole, 0, sizeof whole);
        copy(whole, BLOCK, k->c, k->c_bytes / sizeof *whole, rows, columns);
    }
    multiply_some(&inside, rows, columns);
    copy(k->c, k->c_bytes / sizeof *whole, whole, BLOCK, rows, columns);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

AMX_TARGET void bf16_amx_tile(float *c, size_t c_stride, const uint16_t *a,
                              size_t a_stride, const struct bf16_matrix *b, int first,
                              int depth, int n, bool add)
{
    struct block k = { .c_bytes = c_stride * sizeof *c, .add = add,
                       .a_bytes = a_stride * sizeof *a,
                       .steps = (depth + STEP - 1) / STEP };

    _tile_loadconfig(&tiles);
    for (int j = 0; j < b->columns; j += BLOCK) {
        int columns = least(BLOCK, b->columns - j);

        k.b[0] = b->data + bf16_at(b, first, j);
        k.b[1] = columns > SIDE ? b->data + bf16_at(b, first, j + SIDE) : NULL;
        for (int i = 0; i < n; i += BLOCK) {
            int rows = least(BLOCK, n - i);

            k.c = c + (size_t)i * c_stride + j;
            k.a[0] = a + (size_t)i * a_stride;
            k.a[1] = k.a[0] + SIDE * a_stride;
            if (rows % SIDE || columns % SIDE)
                at_edge(&k, rows, columns);
            else
                multiply_some(&k, rows, columns);
        }
    }
    _tile_release();
}

#else

void bf16_amx_tile(float *c, size_t c_stride, const uint16_t *a, size_t a_stride,
                   const struct bf16_matrix *b, int first, int depth, int n, bool add)
{
    (void)c, (void)c_stride, (void)a, (void)a_stride, (void)b, (void)first;
    (void)depth, (void)n, (void)add;
    die("products by tiles are not possible on this processor");
}

#endif
