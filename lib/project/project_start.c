#include "project/mixed_items.h"
#include "project/prealign.h"
#include "project/project_trainer_parts.h"
#include "util/mem.h"

#include <stdlib.h>

#define BESIDE_WORD .25 /* of a word's length, what F_I adds to it in the beginning */

enum {
    GAIN_ROWS = 512,      /* that tell how long soft tokens are */
    PREALIGN_BATCH = 128,
    PREALIGN_STEPS = 8    /* that draw on the same epoch */
};

/* Soft tokens as long as the LLM's own on average. */
static void set_gains(struct project_trainer *t)
{
    struct stage2 *s = &t->data->stage2;
    real rms = decoder_embed_rms(s->llm->model), *x;
    uint64_t mix = project_mix_key(t, -1, 0);
    int items = s->item_count < GAIN_ROWS ? s->item_count : GAIN_ROWS;
    int users = t->count < GAIN_ROWS ? (int)t->count : GAIN_ROWS;

    x = mem_new((size_t)items * (size_t)s->item.in + (size_t)users * (size_t)s->user.in,
                sizeof *x);
    for (long i = 0; i < items && s->item.in; i++)
        standardise_apply(x + i * s->item.in, &s->item_standard,
                          mixed_items_vector(s, mixed_items_number(s, mix, (int)i)),
                          s->item.in);
    if (s->item.in)
        projector_set_rms(&s->item, &s->params, x, items,
                          s->words.count > 0 ? rms * BESIDE_WORD : rms);
    for (long i = 0; i < users && s->user.in; i++)
        standardise_apply(x + i * s->user.in, &s->user_standard, t->examples[i].x,
                          s->user.in);
    if (s->user.in)
        projector_set_rms(&s->user, &s->params, x, users, rms);
    free(x);
}

static void set_standards(struct project_trainer *t)
{
    struct stage2 *s = &t->data->stage2;
    const struct tensor *users = t->vectors.user_train;

    if (s->item.in)
        standardise_of_both(&s->item_standard, s->items, s->texts, s->mix, s->item_count,
                            s->item.in);
    if (s->user.in)
        standardise_of(&s->user_standard, users->data, tensor_rows(users), s->user.in);
}

void project_start_projectors(struct project_trainer *t)
{
    struct stage2 *s = &t->data->stage2;
    int width = decoder_config(s->llm->model)->embed_width;

    if (s->user.in)
        projector_add(&s->user, &s->params, PROJECTOR_USER, s->user.in, width, t->o.gain);
    if (s->item.in)
        projector_add(&s->item, &s->params, PROJECTOR_ITEM, s->item.in, width, t->o.gain);
    params_allocate(&s->params);
    if (s->user.in)
        projector_init(&s->user, &s->params, t->o.seed);
    if (s->item.in)
        projector_init(&s->item, &s->params, t->o.seed);
    if (t->o.standardise)
        set_standards(t);
    if (t->o.gain)
        set_gains(t);
}

struct project_prealigned project_prealign(struct project_trainer *t)
{
    struct stage2 *s = &t->data->stage2;
    struct project_prealigned mean = { 0 };
    struct adam adam;

    adam_new(&adam, &s->params, t->o.prealign_lr, .9, .98, 1e-8);
    for (long i = 0; i < t->o.prealign; i++) {
        rng r = rng_keyed("project-train prealign", t->o.seed, (uint64_t)i, 0);
        long count = t->count < PREALIGN_BATCH ? t->count : PREALIGN_BATCH;
        long from = i % PREALIGN_STEPS * count % (t->count - count + 1);
        double loss, right;

        if (i % PREALIGN_STEPS == 0)
            project_make_epoch(t, i / PREALIGN_STEPS);
        loss = prealign_step(s, &adam, t->examples + from, (int)count, PREALIGN_NEGATIVES,
                             &r, project_mix_key(t, i, -1), &right);
        mean.loss += (i ? .05 : 1) * (loss - mean.loss);
        mean.right += (i ? .05 : 1) * (right - mean.right);
    }
    adam_free(&adam);
    return mean;
}
