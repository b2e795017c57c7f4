#include "llm/decoder_cache_parts.h"
#include "frozen/frozen_few_rows.h"
#include "nn/softcap.h"
#include "nn/vecmath.h"
#include "util/mem.h"
#include "util/thread_team.h"

#include <assert.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* A step as one of the threads sees it. */
struct member {
    const struct decoder *m;
    struct decoder_stepper *s;
    struct decoder_cache *const *cache;
    const real *embeddings;
    real *logits;
    int n;
    struct share share;
    real *score;
    void *scratch;
};

void decoder_fill(const struct decoder *m, struct decoder_cache *c,
                  const real *embeddings, int n, struct decoder_workspace *w)
{
    struct decoder_segment segment = { -1, 0, n };
    int *position, last = n - 1;

    assert(c->rows == 0 && n <= c->room);
    if (n == 0)
        return;
    position = mem_new((size_t)n, sizeof *position);
    for (int i = 0; i < n; i++)
        position[i] = i;
    struct decoder_pack p = { n, embeddings, position, 1, &segment, 1, &last };

    w->cache = c;
    decoder_forward(m, &p, w);
    w->cache = NULL;
    c->rows = n;
    free(position);
}

/* y (n, out) = x W^T + bias, or y +=, and then everybody has it. */
static void product(struct member *t, real *y, const real *x, const struct frozen *W,
                    const real *bias, bool add)
{
    frozen_few_rows_forward(y, x, W, bias, t->n, add, &t->share, t->scratch);
    thread_team_wait(t->share.team);
}

/* y = norm(x), both (n, width) and possibly the same; then everybody has it. */
static void normalise(struct member *t, real *y, const real *x,
                      const struct decoder_norm *norm)
{
    int first, end;
    size_t width = (size_t)t->m->c.width;

    thread_team_share(&t->share, t->n, 1, &first, &end);
    for (int i = first; i < end; i++) {
        struct decoder_stats stats = { t->s->mean + i, t->s->rstd + i };

        decoder_norm_forward(y + (size_t)i * width, &stats, x + (size_t)i * width, norm,
                             &t->m->c, 1);
    }
    thread_team_wait(t->share.team);
}

/* to (group, dim) = softmax(query (group, dim) keys^T) values, over `rows` rows. */
static void attend_head(real *to, const real *query, const real *keys, const real *values,
                        int rows, const struct decoder_config *c, real *score)
{
    int group = c->heads / c->kv_heads, dim = c->head_dim;
    real scale = decoder_attention_scale(c);

    for (int p = 0; p < rows; p++)
        for (int g = 0; g < group; g++)
            score[g * rows + p] = scale *
                                  vec_dot(query + g * dim, keys + (size_t)p * dim, dim);
    if (c->attention_cap > 0)
        softcap_forward(score, (real)c->attention_cap, (long)group * rows);
    for (int g = 0; g < group; g++) {
        real *s = score + g * rows;
        real inverse = 1 / (real)exp_row(s, s, max_row(s, rows), rows);

        for (int p = 0; p < rows; p++)
            s[p] *= inverse;
    }
    memset(to, 0, (size_t)(group * dim) * sizeof *to);
    for (int p = 0; p < rows; p++)
        for (int g = 0; g < group; g++) {
            real *restrict y = to + g * dim, w = score[g * rows + p];
            const real *restrict v = values + (size_t)p * dim;

#pragma omp simd
            for (int j = 0; j < dim; j++)
                y[j] += w * v[j];
        }
}

/* attended from qkv and what is kept, which gets the new rows. */
static void attention(struct member *t, int l)
{
    const struct decoder_config *c = &t->m->c;
    int group = c->heads / c->kv_heads, dim = c->head_dim, first, end;

    thread_team_share(&t->share, t->n * c->kv_heads, 1, &first, &end);
    for (int task = first; task < end; task++) {
        int i = task / c->kv_heads, h = task % c->kv_heads;
        struct decoder_cache *cache = t->cache[i];
        const real *qkv = t->s->qkv + (size_t)i * (size_t)decoder_qkv_width(c);
        int rows = cache->rows + 1, hidden = 0;
        size_t from;

        if (decoder_is_local(c, l) && rows > c->window)
            hidden = rows - c->window;
        from = (size_t)hidden * (size_t)dim;
        decoder_cache_put(cache, l, h, cache->rows, qkv);
        attend_head(t->s->attended + (size_t)(i * c->heads + h * group) * (size_t)dim,
                    qkv + h * group * dim, decoder_cache_keys(cache, l, h) + from,
                    decoder_cache_values(cache, l, h) + from, rows - hidden, c, t->score);
        decoder_scale(t->s->attended + (size_t)(i * c->heads + h * group) * (size_t)dim,
                      c->residual_factor, (size_t)group * (size_t)dim);
    }
    thread_team_wait(t->share.team);
}

/* Queries and keys: their norms, then by their positions. */
static void place(struct member *t, int l)
{
    const struct decoder_config *c = &t->m->c;
    struct decoder_stepper *s = t->s;
    int first, end, half = decoder_rotated(c) / 2;
    int kind = decoder_is_local(c, l) && t->m->frequency[1];
    real *qkv = s->qkv;

    if (!decoder_is_rotated(c, l) && !c->qk_norm)
        return;
    thread_team_share(&t->share, t->n, 1, &first, &end);
    qkv += (size_t)first * (size_t)decoder_qkv_width(c);
    if (c->qk_norm)
        decoder_qk_norm(qkv, s->qk_rstd + first * (c->heads + c->kv_heads),
                        &t->m->layer[l], c, end - first);
    if (decoder_is_rotated(c, l))
        decoder_rope(qkv, c, s->cosine[kind] + first * half, s->sine[kind] + first * half,
                     end - first, 1);
    thread_team_wait(t->share.team);
}

/* product = act(gate_up) */
static void activate(struct member *t)
{
    const struct decoder_config *c = &t->m->c;
    int first, end;
    real *to;

    thread_team_share(&t->share, t->n, 1, &first, &end);
    to = t->s->product + (size_t)first * (size_t)c->ff;
    decoder_activate(to, t->s->gate_up + (size_t)first * (size_t)decoder_ff_width(c),
                     end - first, c);
    decoder_scale(to, c->residual_factor, (size_t)(end - first) * (size_t)c->ff);
    thread_team_wait(t->share.team);
}

/* x += F y, or += norm(F y). */
static void join(struct member *t, const struct decoder_linear *F, const real *y,
                 const struct decoder_norm *norm)
{
    struct decoder_stepper *s = t->s;
    size_t width = (size_t)t->m->c.width;
    int first, end;

    if (!norm->w) {
        product(t, s->x, y, &F->w, F->bias, true);
        return;
    }
    product(t, s->branch, y, &F->w, F->bias, false);
    normalise(t, s->branch, s->branch, norm);
    thread_team_share(&t->share, t->n, 1, &first, &end);
    for (size_t i = (size_t)first * width; i < (size_t)end * width; i++)
        s->x[i] += s->branch[i];
    thread_team_wait(t->share.team);
}

/* What attention or the feed-forward sees: x, or its norm. */
static const real *before(struct member *t, const struct decoder_norm *norm)
{
    if (!norm->w)
        return t->s->x;
    normalise(t, t->s->normed, t->s->x, norm);
    return t->s->normed;
}

static void attend(struct member *t, const real *in, int l)
{
    const struct decoder_linear *qkv = &t->m->layer[l].qkv;

    product(t, t->s->qkv, in, &qkv->w, qkv->bias, false);
    place(t, l);
    attention(t, l);
}

static void feed(struct member *t, const real *in, int l)
{
    const struct decoder_linear *gate_up = &t->m->layer[l].gate_up;

    product(t, t->s->gate_up, in, &gate_up->w, gate_up->bias, false);
    activate(t);
}

/* x = norm(x + f(x)), for attention and then for the rest. */
static void run_layer_norm_after(struct member *t, int l)
{
    const struct decoder_layer *layer = &t->m->layer[l];
    const struct decoder_norm none = { NULL, NULL };
    struct decoder_stepper *s = t->s;

    attend(t, s->x, l);
    join(t, &layer->out, s->attended, &none);
    normalise(t, s->x, s->x, &layer->attention_norm);
    feed(t, s->x, l);
    join(t, &layer->down, s->product, &none);
    normalise(t, s->x, s->x, &layer->ff_norm);
}

/* x += f(x), each of a norm or as it is, each its norm or as it is; in parallel the
 * feed-forward sees the same x as attention. */
static void run_layer(struct member *t, int l)
{
    const struct decoder_layer *layer = &t->m->layer[l];
    struct decoder_stepper *s = t->s;

    if (t->m->c.layer_kind == DECODER_NORM_AFTER) {
        run_layer_norm_after(t, l);
        return;
    }
    attend(t, before(t, &layer->attention_norm), l);
    if (t->m->c.layer_kind == DECODER_PARALLEL)
        feed(t, before(t, &layer->ff_norm), l);
    join(t, &layer->out, s->attended, &layer->attention_post_norm);
    if (t->m->c.layer_kind != DECODER_PARALLEL)
        feed(t, before(t, &layer->ff_norm), l);
    join(t, &layer->down, s->product, &layer->ff_post_norm);
}

/* x: what the first layer sees. */
static void begin(struct member *t)
{
    const struct decoder *m = t->m;
    struct decoder_stepper *s = t->s;
    size_t width = (size_t)m->c.width, half = (size_t)decoder_rotated(&m->c) / 2;
    int first, end;

    if (decoder_projects(&m->c))
        product(t, s->x, t->embeddings, &m->project_in, NULL, false);
    thread_team_share(&t->share, t->n, 1, &first, &end);
    for (int i = first; i < end; i++) {
        real *x = s->x + (size_t)i * width;

        s->position[i] = decoder_cache_rows(t->cache[i]);
        if (!decoder_projects(&m->c))
            memcpy(x, t->embeddings + (size_t)i * width, width * sizeof *x);
        decoder_scale(x, m->c.embed_factor, width);
        if (m->c.positions == DECODER_LEARNED)
            decoder_add_positions(x, m, s->position + i, 1);
        for (int k = 0; k < 2 && m->frequency[k]; k++)
            decoder_angles(s->cosine[k] + (size_t)i * half, s->sine[k] + (size_t)i * half,
                           m, k, s->position + i, 1);
    }
    thread_team_wait(t->share.team);
}

static void finish(struct member *t)
{
    const struct decoder *m = t->m;
    struct decoder_stepper *s = t->s;
    size_t vocab = (size_t)m->c.vocab;
    real *x = s->x;
    int first, end;

    if (!m->c.no_final_norm) {
        normalise(t, s->normed, x, &m->final_norm);
        x = s->normed;
    }
    if (decoder_projects(&m->c)) {
        product(t, s->hidden, x, &m->project_out, NULL, false);
        x = s->hidden;
    }
    thread_team_share(&t->share, t->n, 1, &first, &end);
    decoder_scale(x + (size_t)first * (size_t)m->c.embed_width, m->c.logit_factor,
                  (size_t)(end - first) * (size_t)m->c.embed_width);
    thread_team_wait(t->share.team);
    product(t, t->logits, x, &m->head, NULL, false);
    if (m->c.logit_cap > 0)
        softcap_forward(t->logits + (size_t)first * vocab, (real)m->c.logit_cap,
                        (long)((size_t)(end - first) * vocab));
}

void decoder_step(const struct decoder *m, struct decoder_stepper *s,
                  struct decoder_cache *const *cache, const real *embeddings, int n,
                  real *logits)
{
    size_t scores = (size_t)(m->c.heads / m->c.kv_heads) * (size_t)s->room;

    assert(n > 0 && n <= s->sequences);
    for (int i = 0; i < n; i++)
        assert(cache[i]->rows < cache[i]->room && cache[i]->room <= s->room);
#pragma omp parallel num_threads(s->threads)
    {
        int me = omp_get_thread_num();
        struct member t = { m, s, cache, embeddings, logits, n,
                            { &s->team, me, omp_get_num_threads() },
                            s->score + (size_t)me * scores,
                            s->scratch + (size_t)me * s->scratch_bytes };

#pragma omp single
        thread_team_begin(&s->team, t.share.size);
        begin(&t);
        for (int l = 0; l < m->c.layers; l++)
            run_layer(&t, l);
        finish(&t);
    }
    for (int i = 0; i < n; i++)
        cache[i]->rows++;
}
