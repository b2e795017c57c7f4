/* NCF by binary cross-entropy: an interaction has happened, those drawn beside it have
 * not.  Each pair is a row; the network's gradients of the blocks are added in order. */
#include "cf/cf_pairs.h"

#include "nn/dropout.h"
#include "nn/loss.h"
#include "util/mem.h"
#include "util/rng.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_AT_ONCE = 256 };

static long network_size(const struct neumf *m)
{
    return m->p.size - m->dense;
}

static int columns_of(const struct neumf *m, int table)
{
    return table == NEUMF_USER_GMF || table == NEUMF_ITEM_GMF ? m->shape.gmf : m->shape.mlp;
}

static bool is_of_users(int table)
{
    return table == NEUMF_USER_GMF || table == NEUMF_USER_MLP;
}

int cf_pairs_ncf_new(struct cf_trainer *t, struct error *e)
{
    struct cf_pairs *b = t->pairs;
    struct neumf *m = &t->model.neumf;
    size_t rows = (size_t)t->o.batch * (size_t)b->each;

    if (neumf_new(m, neumf_shape_of(t->h->users, t->h->items, t->o.width, t->o.blocks), e) !=
        0)
        return -1;
    t->model.width = neumf_width(m);
    neumf_init(m, t->o.seed);
    b->row_user = mem_new(rows, sizeof *b->row_user);
    b->tables = NEUMF_TABLES;
    for (int i = 0; i < NEUMF_TABLES; i++) {
        b->drow[i] = mem_new(rows * (size_t)columns_of(m, i), sizeof(real));
        b->table[i] = (struct cf_table){ .tensor = i, .is_of_users = is_of_users(i),
                                         .id = is_of_users(i) ? b->row_user : b->drawn,
                                         .rows = b->drow[i], .n = (long)rows, .each = 1 };
    }
    b->block_grad = mem_new((size_t)b->blocks * (size_t)network_size(m), sizeof(real));
    b->tapes = omp_get_max_threads();
    b->tape = mem_new((size_t)b->tapes, sizeof *b->tape);
    for (int i = 0; i < b->tapes; i++)
        neumf_tape_new(&b->tape[i], m, ROWS_AT_ONCE);
    return 0;
}

void cf_pairs_ncf_free(struct cf_pairs *b)
{
    for (int i = 0; i < b->tapes; i++)
        neumf_tape_free(&b->tape[i]);
    for (int i = 0; i < CF_TABLES; i++)
        free(b->drow[i]);
    free(b->row_user), free(b->tape), free(b->block_grad);
}

/* The vectors of pairs from .. from + n - 1, and what is dropped of them. */
static void lay_out(struct cf_trainer *t, struct neumf_tape *tape, long from, int n)
{
    struct cf_pairs *b = t->pairs;
    const struct neumf *m = &t->model.neumf;
    long V = neumf_width(m);
    rng r = rng_keyed("cf-train dropout", t->o.seed, (uint64_t)t->at.step, (uint64_t)from);

    for (int i = 0; i < n; i++) {
        b->row_user[from + i] = b->user[(from + i) / b->each];
        neumf_user(m, tape->u + i * V, b->row_user[from + i]);
        neumf_item(m, tape->v + i * V, b->drawn[from + i]);
    }
    tape->drops = t->o.dropout > 0;
    for (int i = 0; i < m->shape.layers && tape->drops; i++)
        dropout_mask(tape->mask[i],
                     (long)n * (i ? m->shape.out[i - 1] : 2 * m->shape.mlp), t->o.dropout,
                     &r);
}

static void keep_gradients(struct cf_pairs *b, const struct neumf *m,
                           const struct neumf_tape *tape, long from, int n)
{
    long G = m->shape.gmf, M = m->shape.mlp, V = G + M;

    for (int i = 0; i < NEUMF_TABLES; i++) {
        long cols = columns_of(m, i);
        const real *d = (is_of_users(i) ? tape->du : tape->dv) + (i < NEUMF_USER_MLP ? 0 : G);

        for (long j = 0; j < n; j++)
            memcpy(b->drow[i] + (from + j) * cols, d + j * V, (size_t)cols * sizeof *d);
    }
}

/* At most ROWS_AT_ONCE rows; their loss. */
static double rows_step(struct cf_trainer *t, real *grad, long from, int n)
{
    struct cf_pairs *b = t->pairs;
    const struct neumf *m = &t->model.neumf;
    struct neumf_tape *tape = &b->tape[omp_get_thread_num()];
    double loss = 0, scale = 1.0 / ((double)t->o.batch * b->each);

    lay_out(t, tape, from, n);
    neumf_forward(m, tape, n);
    memset(tape->dy, 0, (size_t)n * sizeof *tape->dy);
    for (int i = 0; i < n; i++)
        loss += bce_logits_all(tape->dy + i, tape->y + i, (from + i) % b->each == 0, 1,
                               scale);
    neumf_backward(m, tape, grad, n);
    keep_gradients(b, m, tape, from, n);
    return loss;
}

void cf_pairs_ncf_block(struct cf_trainer *t, int index, int from, int to)
{
    struct cf_pairs *b = t->pairs;
    long size = network_size(&t->model.neumf), end = (long)to * b->each;
    real *grad = b->block_grad + index * size;

    memset(grad, 0, (size_t)size * sizeof *grad);
    b->loss[index] = 0;
    for (long row = (long)from * b->each; row < end; row += ROWS_AT_ONCE)
        b->loss[index] += rows_step(
            t, grad, row, (int)(end - row < ROWS_AT_ONCE ? end - row : ROWS_AT_ONCE));
}

void cf_pairs_ncf_network_share(struct cf_trainer *t)
{
    struct cf_pairs *b = t->pairs;
    const struct neumf *m = &t->model.neumf;
    long size = network_size(m);

#pragma omp for schedule(dynamic)
    for (int i = NEUMF_TABLES; i < m->p.count; i++) {
        long at = m->p.list[i].at - m->dense, n = params_length(&m->p.list[i]);
        real *grad = b->grad + m->dense + at;

        memcpy(grad, b->block_grad + at, (size_t)n * sizeof *grad);
        for (int k = 1; k < b->blocks; k++)
            params_merge(grad, b->block_grad + k * size + at, n);
        adam_tensor(&t->adam, t->p, b->grad, i);
    }
}
