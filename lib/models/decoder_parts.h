/* Inside of lib/models/decoder_*.c.  n: rows of a pack, q: rows that are computed
 * beyond keys and values (all, but in the last layer only the wanted ones). */
#ifndef MODELS_DECODER_PARTS_H
#define MODELS_DECODER_PARTS_H

#include "models/decoder.h"

struct decoder_layer {
    real *attention_norm, *ff_norm; /* (width) */
    struct frozen qkv;              /* ((heads + 2 kv_heads) head_dim, width) */
    struct frozen out;              /* (width, heads head_dim) */
    struct frozen gate_up;          /* (2 ff, width): all gates, then all ups */
    struct frozen down;             /* (width, ff) */
};

struct decoder {
    struct decoder_config c;
    struct decoder_layer *layer;
    real *final_norm; /* (width) */
    real *embed;      /* (vocab, width) */
    struct frozen head;
    double *frequency; /* (head_dim / 2): radians a position */
    real embed_rms;
};

/* Of a fixed number of query rows: which rows they see.  The rows that any of them
 * sees lie side by side as the columns of a score matrix. */
struct decoder_block {
    int first, end;             /* queries */
    int range_first, range_end; /* of plan->range */
    int columns;
};

struct decoder_range {
    int from, to; /* rows of the pack (range), or columns (seen) */
    int at;       /* first column (range) */
};

struct decoder_plan {
    int queries;
    int *row;        /* (queries) their rows in the pack */
    int *seen_first; /* (queries + 1) into seen */
    struct decoder_range *seen, *range;
    struct decoder_block *block;
    int seens, seen_room, ranges, range_room, blocks, block_room;
};

/* What a layer's forward pass keeps for its backward pass.  In a workspace without
 * backward all layers share one, and x and mid are the same memory. */
struct decoder_saved {
    real *x;            /* (n, width) input */
    real *qkv;          /* (n, qkv.out) queries and keys rotated */
    real *lse;          /* (q, heads) log of each softmax's denominator */
    real *mid;          /* (q, width) after attention */
    real *gate_up;      /* (q, 2 ff); its gradient after backward */
    real *rstd1, *rstd2; /* (n), (q) of the two norms */
};

struct decoder_workspace {
    int layers, max_rows, max_wanted;
    bool backward;
    size_t bytes;
    int rows;                          /* of the pack that ran last */
    struct decoder_plan all, wanted;
    unsigned char *mark;               /* (max_rows) for making plans */
    int *column;                       /* (max_rows) the same */
    struct decoder_saved *saved;         /* (layers) */
    real *last, *last_rstd, *hidden;   /* (wanted, width), (wanted), (wanted, width) */
    real *cosine, *sine;               /* (rows, head_dim / 2) */
    real *normed;                      /* (n, width) scratch, also its gradient */
    real *attended;                    /* (q, heads head_dim), also its gradient */
    real *product;                     /* (q, ff), also its gradient */
    real *dx, *dqkv;                   /* (n, width), (n, qkv.out) */
    real *query, *result, *dresult;    /* (stacked rows, head_dim) of attention */
    real *score, *dscore;              /* (stacked rows, columns) */
    real *inverse;                     /* (stacked rows) */
    real *logits;                      /* (slots, vocab) */
    size_t logit_room;                 /* rows that fit into logits */
    int *slot;                         /* (wanted) row of logits, or -1 */
    real *lse;                         /* (wanted) by slot */
    real *head_rows, *head_row;        /* (wanted, width) by slot, (width) */
    real *share;                       /* (wanted) by slot: sum of weights */
};

/* Query rows of one block; times heads / kv_heads stacked for one product. */
enum { DECODER_BLOCK = 32 };

void decoder_plan_make(struct decoder_plan *plan, const struct decoder_pack *p,
                     struct decoder_workspace *w, int queries, const int *row);
void decoder_plan_free(struct decoder_plan *plan);

/* Columns of score for so many rows. */
int decoder_score_stride(int rows);

/* attended (q, heads head_dim), lse (q, heads) from qkv (n, ...) */
void decoder_attention_forward(real *attended, real *lse, const real *qkv,
                             const struct decoder_plan *plan, const struct decoder_config *c,
                             struct decoder_workspace *w);

/* dqkv (n, ...) = gradient; dattended (q, heads head_dim). */
void decoder_attention_backward(real *dqkv, const real *dattended, const real *qkv,
                              const real *lse, const struct decoder_plan *plan,
                              const struct decoder_config *c, struct decoder_workspace *w);

/* dhidden (wanted, width) = gradient of sum_j weight[j] * out[j]. */
void decoder_head_backward(real *dhidden, const struct decoder *m, struct decoder_workspace *w,
                         const struct decoder_term *term, const real *weight, int count);

/* Rotates queries and keys of qkv (n, ...) by their positions; sign -1: back. */
void decoder_rope(real *qkv, const struct decoder_config *c, const struct decoder_workspace *w,
                real sign);

/* Width of a row of queries, keys and values. */
static inline int decoder_qkv_width(const struct decoder_config *c)
{
    return (c->heads + 2 * c->kv_heads) * c->head_dim;
}

#endif
