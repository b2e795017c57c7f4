/* Inside of lib/llm/decoder_*.c.  n: rows of a pack, q: rows that are computed
 * beyond keys and values (all, but in the last layer only the wanted ones). */
#ifndef LLM_DECODER_PARTS_H
#define LLM_DECODER_PARTS_H

#include "frozen/bf16_room.h"
#include "llm/decoder.h"
#include "llm/decoder_config.h"

#include <math.h>

struct decoder_norm {
    real *w, *b; /* (width); b NULL: none */
};

struct decoder_linear {
    struct frozen w;
    real *bias; /* (w.out), NULL: none */
};

struct decoder_layer {
    struct decoder_norm attention_norm, ff_norm; /* w NULL: none, here and below */
    struct decoder_norm attention_post_norm, ff_post_norm;
    real *q_norm, *k_norm;         /* (head_dim, or of all heads) */
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
    real *position;    /* learned: (context + position_offset, width) */
    double *frequency[2]; /* rotary: (rotated / 2) radians a position; [1]: of local
                             layers where these have their own, else NULL */
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
    real *raw;     /* (n, (heads + kv_heads) head_dim) queries, keys before their norm */
    real *qk_rstd; /* (n, heads + kv_heads) of that norm */
    real *attention_result, *ff_result; /* (q, width) what the norms of results saw */
    struct decoder_stats attention, ff; /* (n) of the two norms */
    struct decoder_stats attention_post, ff_post;
};

struct decoder_workspace {
    int layers, max_rows, max_wanted;
    enum decoder_keep keep;
    bool measured; /* not to be used: only its bytes are counted */
    size_t bytes;
    int rows;                          /* of the pack that ran last */
    struct decoder_cache *cache;       /* gets keys and values of all rows, or NULL */
    struct decoder_plan all[2], wanted[2]; /* [1]: in local layers */
    unsigned char *mark;               /* (max_rows) for making plans */
    int *column;                       /* (max_rows) the same */
    struct decoder_saved *saved;         /* (layers) */
    real *last;                        /* (wanted, width) of the last layer */
    struct decoder_stats final;        /* (wanted) */
    real *hidden;                      /* (wanted, embed_width) */
    real *cosine[2], *sine[2];         /* (rows, rotated / 2), as decoder's frequency */
    real *normed;                      /* (n, width or embed_width) scratch */
    real *attended;                    /* (q, heads head_dim), also its gradient */
    real *product;                     /* (q, ff), also its gradient */
    real *dx, *dqkv;                   /* (n, width), (n, qkv.out) */
    real *query, *result, *dresult;    /* (stacked rows, head_dim) of attention */
    real *score, *dscore;              /* (stacked rows, columns) */
    struct bf16_room bf16;             /* of attention; NULLs: its products are in real */
    real *slope;                       /* (columns) of a cap on scores */
    real *branch;                      /* (n, width) of a result's norm */
    real *qk_row;                      /* ((heads + kv_heads) head_dim) */
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

/* row (queries) in the pack; NULL: all.  window 0: each sees all before it. */
void decoder_plan_make(struct decoder_plan *plan, const struct decoder_pack *p,
                       struct decoder_workspace *w, int queries, const int *row,
                       int window);
void decoder_plan_free(struct decoder_plan *plan);

/* Columns of score for so many rows. */
int decoder_score_stride(int rows);

/* attended (q, heads head_dim), lse (q, heads) from qkv (n, ...) */
void decoder_attention_forward(real *attended, real *lse, const real *qkv,
                               const struct decoder_plan *plan,
                               const struct decoder_config *c,
                               struct decoder_workspace *w);

/* dqkv (n, ...) = gradient; dattended (q, heads head_dim). */
void decoder_attention_backward(real *dqkv, const real *dattended, const real *qkv,
                                const real *lse, const struct decoder_plan *plan,
                                const struct decoder_config *c,
                                struct decoder_workspace *w);

/* dhidden (wanted, embed_width) = gradient of sum_j weight[j] * out[j]. */
void decoder_head_backward(real *dhidden, const struct decoder *m,
                           struct decoder_workspace *w, const struct decoder_term *term,
                           const real *weight, int count);

/* cosine, sine (n, rotated / 2) of the angles that rows at these positions (n) are
 * rotated by, in a layer of the kind `local` (0 or 1), times rope_magnitude. */
void decoder_angles(real *cosine, real *sine, const struct decoder *m, int local,
                    const int *position, int n);

/* Rotates queries and keys of qkv (n, ...) by cosine and sine; sign -1: back. */
void decoder_rope(real *qkv, const struct decoder_config *c, const real *cosine,
                  const real *sine, int n, real sign);

/* Queries and keys of qkv (n, ...) become their norms; rstd (n, heads + kv_heads). */
void decoder_qk_norm(real *qkv, real *rstd, const struct decoder_layer *layer,
                     const struct decoder_config *c, int n);

/* Of one row: dx ((heads + kv_heads) head_dim) += the gradient of raw, from dy's. */
void decoder_qk_norm_backward(real *dx, const real *dy, const real *raw, const real *rstd,
                              const struct decoder_layer *layer,
                              const struct decoder_config *c);

/* x (n) *= factor, unless that is 0 or 1. */
void decoder_scale(real *x, double factor, size_t n);

/* product (q, ff) = act(gate_up (q, ff_width)) */
void decoder_activate(real *product, const real *gate_up, int q,
                      const struct decoder_config *c);

/* gate_up becomes its gradient. */
void decoder_activate_backward(real *gate_up, const real *dproduct, int q,
                               const struct decoder_config *c);

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

/* What forward and backward share: rotates queries and keys of qkv (n, ...) by the angles
 * of layer l, sign -1: back; the plan of layer l; to (q, width) = the plan's rows of x,
 * to may be x. */
void decoder_layer_rotate(real *qkv, const struct decoder *m, int l,
                          const struct decoder_workspace *w, real sign);
const struct decoder_plan *decoder_layer_plan(const struct decoder *m, int l,
                                              const struct decoder_workspace *w);
void decoder_layer_pick(real *to, const real *x, const struct decoder_plan *plan,
                        int width);

/* y, x (n, width)   stats (n): kept for backward */
void decoder_norm_forward(real *y, const struct decoder_stats *stats, const real *x,
                          const struct decoder_norm *norm, const struct decoder_config *c,
                          int n);

/* dx (n, width) += gradient */
void decoder_norm_backward(real *dx, const real *dy, const real *x,
                           const struct decoder_stats *stats,
                           const struct decoder_norm *norm,
                           const struct decoder_config *c, int n);

/* Do project_in and project_out stand around the layers? */
static inline bool decoder_projects(const struct decoder_config *c)
{
    return c->embed_width != c->width;
}

static inline bool decoder_is_gated(const struct decoder_config *c)
{
    return c->ff_kind == DECODER_SWIGLU || c->ff_kind == DECODER_GELU_TANH_GLU;
}

/* Of gate_up: gates and ups, or ups alone. */
static inline int decoder_ff_width(const struct decoder_config *c)
{
    return (decoder_is_gated(c) ? 2 : 1) * c->ff;
}

/* Does what attention and feed-forward give go through norms? */
static inline bool decoder_norms_results(const struct decoder_config *c)
{
    return c->layer_kind == DECODER_NORM_RESULT || c->layer_kind == DECODER_NORM_AROUND;
}

/* Tables of angles: none, one, or one more for local layers. */
static inline int decoder_rope_kinds(const struct decoder_config *c)
{
    return c->positions != DECODER_ROTARY ? 0 : c->rope_theta_local > 0 ? 2 : 1;
}

/* Numbers of a head that are rotated. */
static inline int decoder_rotated(const struct decoder_config *c)
{
    return c->rotated ? c->rotated : c->head_dim;
}

static inline bool decoder_is_rotated(const struct decoder_config *c, int layer)
{
    return c->positions == DECODER_ROTARY && !(c->layer_does[layer] & DECODER_UNROTATED);
}

/* Does the layer see no further than the window?  0 or 1. */
static inline int decoder_is_local(const struct decoder_config *c, int layer)
{
    return c->window > 0 && (c->layer_does[layer] & DECODER_LOCAL) != 0;
}

/* Is any layer local?  0 or 1. */
static inline int decoder_has_local(const struct decoder_config *c)
{
    int local = 0;

    for (int l = 0; l < c->layers; l++)
        local |= decoder_is_local(c, l);
    return local;
}

static inline real decoder_attention_scale(const struct decoder_config *c)
{
    return (real)(c->attention_scale > 0 ? c->attention_scale : 1 / sqrt(c->head_dim));
}

/* Width of a row's queries and keys. */
static inline int decoder_qk_width(const struct decoder_config *c)
{
    return (c->heads + c->kv_heads) * c->head_dim;
}

/* Width of a row of queries, keys and values. */
static inline int decoder_qkv_width(const struct decoder_config *c)
{
    return (c->heads + 2 * c->kv_heads) * c->head_dim;
}

#endif
