#include "project/stage2_items.h"

#include "history/trained_rows.h"
#include "history/warmth.h"
#include "stream/finite.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>

const char *const joint_names[] = { "joint", "text", "cf", "auto", NULL };

static const struct {
    const char *tensor, *maker;
} joint_tensors[] = {
    [JOINT_ITEM] = { "item.joint", "align-train" },
    [JOINT_TEXT] = { "item.joint_text", "align-train" },
    [JOINT_CF] = { "item.cf", "cf-embed" },
    [JOINT_AUTO] = { "item.joint", "align-train" }, /* and item.joint_text */
};

void stage2_items_keep(struct filter *f, const struct stage2_options *o)
{
    filter_keep(f, joint_tensors[o->joint].tensor);
    if (o->joint == JOINT_AUTO || o->joint_mix > 0)
        filter_keep(f, joint_tensors[JOINT_TEXT].tensor);
}

float *stage2_random_like(const char *purpose, uint64_t seed, const float *v, int64_t n,
                          int64_t count)
{
    float *random = mem_new((size_t)count, sizeof *random);
    rng r = rng_keyed(purpose, seed, 0, 0);
    double sum = 0;
    int64_t finite = 0;

    for (int64_t i = 0; i < n; i++)
        if (isfinite(v[i])) {
            sum += (double)v[i] * (double)v[i];
            finite++;
        }
    for (int64_t i = 0; i < count; i++)
        random[i] = (float)(rng_normal(&r) * sqrt(finite ? sum / (double)finite : 1));
    return random;
}

/* item.joint_text, beside e. */
static const float *text_vectors(struct filter *f, const struct tensor *e)
{
    return filter_tensor_sized(f, joint_tensors[JOINT_TEXT].tensor, DT_F4, tensor_rows(e),
                               e->shape[1], joint_tensors[JOINT_TEXT].maker)
        ->data;
}

/* d->own_items: e or q, item by item. */
static void mix_by_warmth(struct stage2_data *d, struct filter *f,
                          const struct stage2_options *o, const struct tensor *e)
{
    int texts;

    d->own_items = warmth_joint(&d->history, o->cold_share, e->data, text_vectors(f, e),
                                e->shape[1], &texts);
    say("vectors of %d of %lld items are from text: the coldest %g %%, and those without "
        "training interactions",
        texts, (long long)tensor_rows(e), 100 * o->cold_share);
}

static void check_finite(const float *v, const struct tensor *like, enum joint_kind of)
{
    struct error e;

    if (finite_check_all(joint_tensors[of].tensor, v, like->shape[0], like->shape[1],
                         &e) < 0)
        die("%s: run %s again", e.text, joint_tensors[of].maker);
}

void stage2_items_load(struct stage2_data *d, struct filter *f,
                       const struct stage2_options *o)
{
    struct stage2 *s = &d->stage2;
    const char *name = joint_tensors[o->joint].tensor;
    const struct tensor *t = filter_tensor_sized(f, name, DT_F4, s->item_count, -1,
                                                 joint_tensors[o->joint].maker);
    int64_t n = shape_count(t->shape, 2);

    s->item.in = (int)t->shape[1];
    if (o->items == SOFT_RANDOM)
        d->own_items =
            stage2_random_like("random items", o->random_seed, t->data, n, n);
    else if (o->joint == JOINT_AUTO)
        mix_by_warmth(d, f, o, t);
    s->items = d->own_items ? d->own_items : t->data;
    check_finite(s->items, t,
                 o->joint == JOINT_AUTO ? JOINT_TEXT : (enum joint_kind)o->joint);
    if (o->joint_mix > 0) {
        s->mix = o->joint_mix;
        s->texts = text_vectors(f, t);
        check_finite(s->texts, t, JOINT_TEXT);
    }
}

void stage2_items_digest(struct filter *f, const struct stage2_options *o,
                         char text[DIGEST_TEXT])
{
    const char *name = joint_tensors[o->joint].tensor;

    text[0] = 0;
    if (o->items)
        trained_rows_digest(
            f, name, filter_tensor(f, name, DT_F4, 2, joint_tensors[o->joint].maker),
            text);
}
