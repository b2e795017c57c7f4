#include "project/stage2_trained.h"

#include "util/file.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

void stage2_trained_keep(struct filter *f, const struct stage2_options *o)
{
    static const char *const items[] = { "item.joint", "item.joint_text", "item.cf" };

    stage2_keep(f, o);
    filter_keep(f, "proj.*");
    for (size_t i = 0; o->items && i < sizeof items / sizeof *items; i++)
        filter_keep(f, items[i]);
    /* which scorer the guess was of, the projections tell only once they are read; those
     * of texts are kept where the command line asks for them */
    for (int by = BY_CF; o->users && o->items && by <= BY_FUSED; by++)
        item_scorer_keep(f, (enum item_scorer_by)by);
    for (int i = SPLIT_VALID; o->users && split_vectors[i]; i++)
        filter_keep(f, split_vectors[i]);
    filter_keep(f, "cand.*");
}

static const char *attr_or(struct filter *f, const char *tensor, const char *option,
                           const char *key, const char *otherwise)
{
    const char *value = cli_given(option) ? NULL : filter_attr(f, tensor, key);

    return value ? value : otherwise;
}

static int choice_of(const char *const *names, const char *value, int otherwise)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], value) == 0)
            return i;
    return otherwise;
}

static const char *any_projection(struct filter *f)
{
    return filter_has(f, "proj.item.0.weight") ? "proj.item.0.weight"
           : filter_has(f, "proj.user.0.weight") ? "proj.user.0.weight"
                                                 : NULL;
}

/* Soft tokens of random vectors, where the training had them and no option says other. */
static void take_random(int *vectors, struct filter *f, const char *from,
                        const char *option, const char *key)
{
    if (*vectors == SOFT_STREAM && attr_or(f, from, option, key, "no")[0] == 'y')
        *vectors = SOFT_RANDOM;
}

/* What the projections were trained with holds where nothing else is asked for. */
static void take_training_options(struct stage2_options *o, struct filter *f,
                                  const char *model)
{
    const char *from = any_projection(f);
    const char *llm, *history, *seed, *cold, *guess, *title, *bos, *words;

    if (!from) {
        o->users = o->items = SOFT_NONE;
        return;
    }
    llm = filter_attr(f, from, "llm");
    if (llm && strcmp(llm, file_base(model)) != 0)
        die("the projections were trained for %s, not for %s: run project-train again",
            llm, file_base(model));
    guess = filter_attr(f, from, "guess"); /* older ones have none */
    if (!filter_has(f, "proj.user.0.weight") && (!guess || strcmp(guess, "none") == 0))
        o->users = SOFT_NONE;
    o->no_user_token = !filter_has(f, "proj.user.0.weight");
    o->guess = cli_given("guess") ? o->guess : guess ? guess : "none";
    words = filter_attr(f, from, "item_words"); /* older ones have none */
    o->words = words && strcmp(words, "yes") == 0 ? WORDS_YES : WORDS_NO;
    if (!cli_given("guess-by")) /* older ones have none, and had the CF model's */
        o->guess_by = choice_of(item_scorer_names,
                                attr_or(f, from, "guess-by", "guess_by", ""), BY_CF);
    if (!filter_has(f, "proj.item.0.weight"))
        o->items = SOFT_NONE;
    take_random(&o->users, f, from, "user", "random_users");
    take_random(&o->items, f, from, "items", "random_items");
    o->template = attr_or(f, from, "template", "template", o->template);
    o->template_given = cli_given("template");
    bos = filter_attr(f, from, "bos");
    o->trained = (struct template_words){
        filter_attr(f, from, "noun"), filter_attr(f, from, "verb"),
        filter_attr(f, from, "past"), bos ? template_bos_find(bos) : BOS_UNSAID,
    };
    o->joint = choice_of(joint_names, attr_or(f, from, "joint", "joint", ""),
                         o->joint);
    cold = attr_or(f, from, "cold-share", "cold_share", NULL);
    if (cold)
        o->cold_share = strtod(cold, NULL);
    title = attr_or(f, from, "max-title", "max_title", NULL); /* older ones have none */
    if (!cli_given("max-title"))
        o->max_title = title ? title : "0";
    history = attr_or(f, from, "history", "history", NULL);
    if (history)
        o->history = strtol(history, NULL, 10);
    seed = filter_attr(f, from, "seed");
    o->random_seed = seed ? strtoull(seed, NULL, 10) : cli_seed;
}

/* Vectors of another training mean nothing to these projections. */
static void check_vectors(struct filter *f, const struct stage2_options *o)
{
    const char *from = any_projection(f);
    const char *trained = from ? filter_attr(f, from, "vectors") : NULL;
    char found[DIGEST_TEXT];

    stage2_items_digest(f, o, found);
    if (trained && *trained && *found && !cli_given("joint") &&
        strcmp(trained, found) != 0)
        die("the projections were trained on item vectors %s, the input's are %s: run "
            "project-train again", trained, found);
}

void stage2_trained_options(struct stage2_options *o, struct filter *f, const char *model)
{
    take_training_options(o, f, model);
    check_vectors(f, o);
}

/* User vectors of any split: all are of one width. */
static const struct tensor *any_users(struct filter *f)
{
    int split = SPLIT_NEXT;

    while (split > SPLIT_VALID && !filter_has(f, split_vectors[split]))
        split--;
    return filter_tensor(f, split_vectors[split], DT_F4, 2, "cf-embed");
}

static void load_weights(struct stage2_data *d, struct filter *f)
{
    struct stage2 *s = &d->stage2;
    int width = decoder_config(s->llm->model)->embed_width;
    bool gain = filter_has(f, "proj.item.gain") || filter_has(f, "proj.user.gain");

    if (s->prompter.users)
        projector_add(&s->user, &s->params, PROJECTOR_USER, s->user.in, width, gain);
    if (s->prompter.items)
        projector_add(&s->item, &s->params, PROJECTOR_ITEM, s->item.in, width, gain);
    params_allocate(&s->params);
    /* into the arena, in the table's order */
    for (int i = 0; i < s->params.count; i++) {
        const struct param *p = &s->params.list[i];
        char *name = mem_format("proj.%s", p->name);
        const struct tensor *t =
            filter_tensor_sized(f, name, DT_F4, p->rows, p->ndim == 1 ? 0 : p->cols,
                                "project-train");

        memcpy(s->params.values + p->at, t->data, tensor_bytes(t));
        free(name);
    }
}

void stage2_trained_load(struct stage2_data *d, struct filter *f, const struct llm *llm,
                         const struct stage2_options *o)
{
    stage2_data_load(d, f, llm, o);
    if (o->users)
        stage2_data_users(d, any_users(f));
    load_weights(d, f);
}
