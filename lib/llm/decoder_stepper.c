#include "llm/decoder_cache_parts.h"
#include "frozen/frozen_few_rows.h"
#include "util/mem.h"

#include <omp.h>
#include <stdlib.h>

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t scratch_for(const struct decoder *m, int rows)
{
    size_t most = frozen_few_rows_scratch(&m->head, rows);

    for (int l = 0; l < m->c.layers; l++) {
        const struct decoder_layer *layer = &m->layer[l];

        most = larger(most, frozen_few_rows_scratch(&layer->qkv.w, rows));
        most = larger(most, frozen_few_rows_scratch(&layer->out.w, rows));
        most = larger(most, frozen_few_rows_scratch(&layer->gate_up.w, rows));
        most = larger(most, frozen_few_rows_scratch(&layer->down.w, rows));
    }
    if (decoder_projects(&m->c)) {
        most = larger(most, frozen_few_rows_scratch(&m->project_in, rows));
        most = larger(most, frozen_few_rows_scratch(&m->project_out, rows));
    }
    return most;
}

struct decoder_stepper *decoder_stepper_new(const struct decoder *m, int sequences,
                                            int room)
{
    const struct decoder_config *c = &m->c;
    struct decoder_stepper *s = mem_new(1, sizeof *s);
    size_t n = (size_t)sequences,
           width = larger((size_t)c->width, (size_t)c->embed_width);
    size_t half = (size_t)c->head_dim / 2;

    s->sequences = sequences;
    s->room = room;
    s->threads = omp_get_max_threads();
    s->position = mem_new(n, sizeof *s->position);
    s->x = mem_new(n * (size_t)c->width, sizeof(real));
    s->normed = mem_new(n * width, sizeof(real));
    s->qkv = mem_new(n * (size_t)decoder_qkv_width(c), sizeof(real));
    s->attended = mem_new(n * (size_t)(c->heads * c->head_dim), sizeof(real));
    s->gate_up = mem_new(n * (size_t)decoder_ff_width(c), sizeof(real));
    s->product = mem_new(n * (size_t)c->ff, sizeof(real));
    s->hidden = mem_new(n * (size_t)c->embed_width, sizeof(real));
    for (int k = 0; k < decoder_rope_kinds(c); k++) {
        s->cosine[k] = mem_new(n * half, sizeof(real));
        s->sine[k] = mem_new(n * half, sizeof(real));
    }
    s->qk_rstd = mem_new(n * (size_t)(c->heads + c->kv_heads), sizeof(real));
    s->branch = mem_new(n * (size_t)c->width, sizeof(real));
    s->mean = mem_new(n, sizeof(real));
    s->rstd = mem_new(n, sizeof(real));
    s->score = mem_new((size_t)s->threads * (size_t)(c->heads / c->kv_heads) *
                           (size_t)room,
                       sizeof(real));
    s->scratch_bytes = scratch_for(m, sequences);
    s->scratch = mem_new((size_t)s->threads, s->scratch_bytes);
    return s;
}

void decoder_stepper_free(struct decoder_stepper *s)
{
    if (!s)
        return;
    free(s->position);
    free(s->x);
    free(s->normed);
    free(s->qkv);
    free(s->attended);
    free(s->gate_up);
    free(s->product);
    free(s->hidden);
    for (int k = 0; k < 2; k++) {
        free(s->cosine[k]);
        free(s->sine[k]);
    }
    free(s->qk_rstd);
    free(s->branch);
    free(s->mean);
    free(s->rstd);
    free(s->score);
    free(s->scratch);
    free(s);
}
