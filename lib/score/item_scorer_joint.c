/* Scorers made of what stage 1 has made. */
#include "align/align_store.h"
#include "history/history_read.h"
#include "history/warmth.h"
#include "score/item_scorer_parts.h"
#include "stream/finite.h"
#include "util/error.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void item_scorer_check_made_from(struct filter *f, const char *name, const char *maker)
{
    const char *cf = filter_attr(f, name, "item.cf");
    char found[DIGEST_TEXT];

    if (!cf || !filter_has(f, "item.cf"))
        return;
    tensor_digest_text(filter_tensor(f, "item.cf", DT_F4, 2, "cf-embed"), found);
    if (strcmp(cf, found) != 0)
        die("'%s' was made from item.cf %s, beside it is %s: run %s again", name, cf,
            found, maker);
}

/* Towers and vectors of different trainings must not meet. */
static void check_origins(struct filter *f, const struct align *a, const char *name)
{
    const char *towers = filter_attr(f, name, "towers");
    char found[DIGEST_TEXT];

    if (towers && strcmp(towers, align_digest(a, found)) != 0)
        die("'%s' is of towers %s, 'align.*' are %s: run align-embed again", name, towers,
            found);
    item_scorer_check_made_from(f, name, "align-train");
}

/* The joint vectors (items, joint) of that scorer, borrowed. */
static const struct tensor *take_joint(struct filter *f, const struct align *a,
                                       enum item_scorer_by by, int64_t items)
{
    const struct item_scorer_source *from = &item_scorer_source[by];
    const struct tensor *t = filter_tensor_sized(f, from->tensor, DT_F4, items,
                                                 a->item.shape.joint, from->maker);

    check_origins(f, a, from->tensor);
    return t;
}

/* to (n, out) = dec of from (n, in), through `real`, which the library's double build
 * makes another type than that of streams. */
static void decode_rows(float *to, const struct align *a, const float *from, int64_t n)
{
    size_t in = (size_t)n * (size_t)a->item.shape.joint;
    size_t out = (size_t)n * (size_t)a->item.shape.in;
    real *joint = mem_new(in, sizeof *joint), *decoded = mem_new(out, sizeof *decoded);

    for (size_t i = 0; i < in; i++)
        joint[i] = (real)from[i];
    tower_decode(&a->item, a->p.values, decoded, joint, (long)n);
    for (size_t i = 0; i < out; i++)
        to[i] = (float)decoded[i];
    free(joint);
    free(decoded);
}

/* m->owned: dec of joint (items, joint), called name. */
static void decode(struct item_scorer *m, const struct align *a, const char *name,
                   const float *joint, int64_t items)
{
    struct tensor decoded;
    struct error e;

    if (finite_check_all(name, joint, items, a->item.shape.joint, &e) < 0)
        die("%s: run %s again", e.text, item_scorer_source[m->by].maker);
    m->items = items;
    m->width = a->item.shape.in;
    decoded = tensor_new2(DT_F4, m->items, m->width);
    decode_rows(decoded.data, a, joint, m->items);
    if (finite_check_all(name, decoded.data, m->items, m->width, &e) < 0)
        die("%s once it is decoded with 'align.*'", e.text);
    m->owned = decoded.data;
    m->is_dot = true;
}

void item_scorer_joint_load(struct item_scorer *m, struct filter *f)
{
    const struct tensor *t;
    struct align a;

    align_load(&a, f);
    t = take_joint(f, &a, m->by, -1);
    decode(m, &a, item_scorer_source[m->by].tensor, t->data, t->shape[0]);
    align_free(&a);
}

/* e, or q where there is no e that training has seen. */
void item_scorer_auto_load(struct item_scorer *m, struct filter *f)
{
    const struct tensor *e, *q;
    struct history h;
    struct align a;
    float *mixed;
    int texts;

    history_read(f, &h);
    align_load(&a, f);
    e = take_joint(f, &a, BY_JOINT, h.items);
    q = take_joint(f, &a, BY_JOINT_TEXT, h.items);
    mixed = warmth_joint(&h, 0, e->data, q->data, e->shape[1], &texts);
    decode(m, &a, "item.joint and item.joint_text", mixed, h.items);
    free(mixed);
    align_free(&a);
    history_free(&h);
}
