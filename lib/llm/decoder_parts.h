/* Inside of lib/llm/decoder_*.c.  n: rows of a pack, q: rows that are computed
 * beyond keys and values (all, but in the last layer only the wanted ones). */
#ifndef LLM_DECODER_PARTS_H
#define LLM_DECODER_PARTS_H

#include "llm/decoder.h"
#include "llm/decoder_config.h"

struct decoder_norm {
    real *w, *b; /* (width); b NULL: none */
};

struct decoder_linear {
    struct frozen w;
    real *bias; /* (w.out), NULL: none */
};

struct decoder_layer {
    struct decoder_norm attention_norm, ff_norm;
    struct decoder_linear qkv;     /* ((heads + 2 kv_heads) head_dim, width) */
    struct decoder_linear out;     /* (width, heads head_dim) */
    struct decoder_linear gate_up; /* (ff_width, width): all gates, then all ups */
    struct decoder_linear down;    /* (width, ff) */
};

struct decoder {
    struct decoder_config c;
    struct decoder_layer *layer;
    struct decoder_norm final_norm; /* w NULL: none */
    struct frozen embed;            /* (vocab, embed_width), real or stored */
    struct frozen head;             /* (vocab, embed_width) */
    struct frozen project_in;       /* (width, embed_width), where these differ */
    struct frozen project_out;      /* (embed_width, width) */
    real *position;    /* learned: (context + DECODER_POSITION_OFFSET, width) */
    double *frequency; /* rotary: (head_dim / 2) radians a position */
    real embed_rms;
    struct decoder_source source; /* what stored weights lie in, owned; else zeros */
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

/* Kept of a norm for its backward pass; mean is not a root mean square norm's. */
struct decoder_stats {
    real *mean, *rstd;
};

/* What a layer's forward pass keeps for its backward pass.  In a workspace that
 * recomputes, all layers share everything but x; in one without backward x too, and
 * x, mid and sum are the same memory. */
struct decoder_saved {
    real *x;       /* (n, width) input */
    real *qkv;     /* (n, qkv.out) queries and keys rotated */
    real *lse;     /* (q, heads) log of each softmax's denominator */
    real *mid;     /* (q, width) after attention */
    real *gate_up; /* (q, ff_width); its gradient after backward */
    real *sum;     /* (q, width) norm_after: what the second norm saw; else NULL */
    struct decoder_stats attention, ff; /* (n) of the two norms */
};

struct decoder_workspace {
    int layers, max_rows, max_wanted;
    enum decoder_keep keep;
    bool measured; /* not to be used: only its bytes are counted */
    size_t bytes;
    int rows;                          /* of the pack that ran last */
    struct decoder_cache *cache;       /* gets keys and values of all rows, or NULL */
    struct decoder_plan all, wanted;
    unsigned char *mark;               /* (max_rows) for making plans */
    int *column;                       /* (max_rows) the same */
    struct decoder_saved *saved;         /* (layers) */
    real *last;                        /* (wanted, width) of the last layer */
    struct decoder_stats final;        /* (wanted) */
    real *hidden;                      /* (wanted, embed_width) */
    real *cosine, *sine;               /* (rows, head_dim / 2) */
    real *normed;                      /* (n, width or embed_width) scratch */
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
    real *head_rows, *head_row;        /* (wanted, embed_width) by slot, (embed_width) */
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

/* dhidden (wanted, embed_width) = gradient of sum_j weight[j] * out[j]. */
void decoder_head_backward(real *dhidden, const struct decoder *m, struct decoder_workspace *w,
                         const struct decoder_term *term, const real *weight, int count);

/* cosine, sine (n, head_dim / 2): of the angles that rows at these positions (n) are
 * rotated by. */
void decoder_angles(real *cosine, real *sine, const struct decoder *m, const int *position,
                    int n);

/* Rotates queries and keys of qkv (n, ...) by cosine and sine; sign -1: back. */
void decoder_rope(real *qkv, const struct decoder_config *c, const real *cosine,
                  const real *sine, int n, real sign);

/* x (n, width) += the learned positions of rows that stand there (n). */
void decoder_add_positions(real *x, const struct decoder *m, const int *position, int n);

/* Of every layer's qkv (n, ...), queries and keys rotated: what comes after is to see
 * (decoder_cache.c). */
void decoder_cache_take(struct decoder_cache *cache, int layer, const real *qkv, int n);

/* Parts of a layer, forward and backward (decoder_layer.c).  next (q, width): the
 * layer's output; NULL: only what its backward pass needs is computed. */
void decoder_layer_forward(real *next, const struct decoder *m, int l,
                           struct decoder_workspace *w);

/* w->dx: gradient of the layer's output (q, width) becomes its input's (n, width). */
void decoder_layer_backward(const struct decoder *m, int l, struct decoder_workspace *w);

/* y, x (n, width)   stats (n): kept for backward */
void decoder_norm_forward(real *y, const struct decoder_stats *stats, const real *x,
                          const struct decoder_norm *norm, const struct decoder_config *c,
                          int n);

/* dx (n, width) += gradient */
void decoder_norm_backward(real *dx, const real *dy, const real *x,
                           const struct decoder_stats *stats,
                           const struct decoder_norm *norm, const struct decoder_config *c,
                           int n);

/* Do project_in and project_out stand around the layers? */
static inline bool decoder_projects(const struct decoder_config *c)
{
    return c->embed_width != c->width;
}

/* Of gate_up: gates and ups, or ups alone. */
static inline int decoder_ff_width(const struct decoder_config *c)
{
    return (c->ff_kind == DECODER_SWIGLU ? 2 : 1) * c->ff;
}

/* Width of a row of queries, keys and values. */
static inline int decoder_qkv_width(const struct decoder_config *c)
{
    return (c->heads + 2 * c->kv_heads) * c->head_dim;
}

#endif
