#include "project/stage2_data.h"
#include "history/history_read.h"

#include "project/stage2_items.h"
#include "prompt/short_titles.h"
#include "ranks/ranks.h"
#include "util/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const soft_names[] = { "no", "yes", "random", NULL };
const char *const guess_by_names[] = { ITEM_SCORERS(ITEM_SCORER_NAME) "best", NULL };
const char *const weights_names[] = { "expanded", "stored", NULL };

void stage2_open_llm(struct llm *llm, const struct stage2_options *o)
{
    enum frozen_precision precision =
        frozen_precision_of(o->precision, (enum frozen_weights)o->weights);
    struct error e;

    if (llm_open(llm, o->model, precision, &e) < 0)
        die("%s", e.text);
}

uint64_t stage2_agree_llm(const struct stage2_options *o)
{
    uint64_t digest;
    struct error e;

    if (llm_digest(o->model, &digest, &e) < 0)
        die("%s", e.text);
    ranks_agree_on("files of the LLM", digest);
    return digest;
}

void stage2_say_dropped(const char *of, long items)
{
    if (items > 0)
        say("%s%sthe model's context had no room for %ld of the history's items", of,
            of[0] ? ": " : "", items);
}

/* What --max-title asks for; "auto" is -1. */
static long max_title(const struct stage2_options *o)
{
    long most;

    if (strcmp(o->max_title, "auto") == 0)
        return -1;
    if (!option_long(o->max_title, &most) || most < 0 || most > 1000000)
        cli_mistake("--max-title: '%s' is neither auto nor a whole number from 0 to "
                    "1000000", o->max_title);
    return most;
}

static void keep_guess(struct filter *f, const struct stage2_options *o)
{
    if (o->guess_by == BY_TEXT_HISTORY)
        cli_mistake("--guess-by text-history: its vectors of users are of another kind "
                    "than those of training");
    if (o->guess_by != GUESS_BY_BEST) {
        item_scorer_keep(f, (enum item_scorer_by)o->guess_by);
        return;
    }
    item_scorer_keep(f, BY_FUSED);
    item_scorer_keep(f, BY_CF);
}

void stage2_keep(struct filter *f, const struct stage2_options *o)
{
    static const char *const names[] = { "inter.user", "inter.item", "inter.split",
                                         "item.title", "item.id",    "user.id",
                                         NULL };

    max_title(o); /* a mistake ends the program before anything is read */
    for (int i = 0; names[i]; i++)
        filter_keep(f, names[i]);
    if (o->users || o->items)
        filter_keep(f, "item.cf"); /* beside what was made from it */
    if (o->users && o->items && strcmp(o->guess, "none") != 0)
        keep_guess(f, o);
    if (!strchr(o->template, '\n') && file_exists(o->template))
        filter_reads_file(f, o->template);
    if (o->items)
        stage2_items_keep(f, o);
}

static void digest_of(struct filter *f, const char *name, const char *maker,
                      char text[DIGEST_TEXT])
{
    tensor_digest_text(filter_tensor(f, name, DT_F4, 2, maker), text);
}

/* Dies where the vectors were made from other ones than those beside them. */
static void check_origins(struct filter *f, const struct stage2_options *o)
{
    static const char *const users[] = { "user.cf.train", "user.cf.valid", "user.cf.test",
                                         "inter.cf", NULL };
    const char *made_from = filter_attr(f, "item.joint", "item.cf");
    const char *weights = filter_attr(f, "item.cf", "weights");
    char found[DIGEST_TEXT];

    if (!filter_has(f, "item.cf"))
        return;
    digest_of(f, "item.cf", "cf-embed", found);
    if (o->items && made_from && strcmp(made_from, found) != 0)
        die("'item.joint' was made from item.cf %s, beside it is %s: run align-train "
            "again",
            made_from, found);
    for (int i = 0; users[i]; i++) {
        const char *of = filter_attr(f, users[i], "weights");

        if (weights && of && strcmp(of, weights) != 0)
            die("'%s' is of CF weights %s, 'item.cf' of %s: run cf-embed again", users[i],
                of, weights);
    }
}

static void say_untitled(const struct texts *titles)
{
    long empty = 0;

    for (int64_t i = 0; i < titles->count; i++)
        empty += texts_length(titles, i) == 0;
    if (empty > 0)
        say("%ld of %lld items have no title: their words are all the same", empty,
            (long long)titles->count);
}

/* The titles as the prompts have them. */
static const struct texts *short_titles(struct stage2_data *d, const struct texts *titles,
                                        const struct bpe *bpe, int most)
{
    struct short_titles s;
    struct error e;

    if (most < 0 && short_titles_fit(&most, titles, bpe, &e) < 0)
        die("%s", e.text);
    d->max_title = most;
    if (most == 0)
        return titles;
    if (short_titles_make(&s, titles, bpe, most, &e) < 0)
        die("%s", e.text);
    if (s.cut > 0)
        say("%lld of %lld titles have more than %d tokens and are cut (--max-title); by "
            "that %lld have become the same as another",
            (long long)s.cut, (long long)titles->count, most, (long long)s.same);
    d->short_titles = s.titles;
    return &d->short_titles;
}

/* Says which scorer it is where that is left to the input. */
static enum item_scorer_by guess_by(struct filter *f, const struct stage2_options *o)
{
    if (o->guess_by != GUESS_BY_BEST)
        return (enum item_scorer_by)o->guess_by;
    if (filter_has(f, "item.fused")) {
        say("the guess is made from cf-fuse's scores");
        return BY_FUSED;
    }
    say("the guess is made from the CF model's scores; after cf-fuse it is made from "
        "those of texts, too");
    return BY_CF;
}

/* Where the template asks for a guess, and there are items to make it of. */
static void load_guess(struct stage2_data *d, struct filter *f,
                       const struct stage2_options *o)
{
    struct guess *g = &d->stage2.guess;

    if (!o->users || !o->items || strcmp(o->guess, "none") == 0 ||
        !template_has_guess(&d->template))
        return;
    if (guess_parse(g, o->guess) < 0)
        die("--guess: '%s' is neither each, each:T, none, nor a list of at most %d "
            "temperatures from 0 to inf", o->guess, GUESS_MOST);
    item_scorer_load(&d->scorer, f, guess_by(f, o));
    item_scorer_check_sizes(&d->scorer, d->stage2.item_count, -1);
    g->scorer = &d->scorer;
    g->history = &d->history;
    g->drawn = d->random ? &d->random_seed : NULL;
    d->stage2.prompter.guesses = g->count;
    d->stage2.calibrate = g->each ? o->calibrate : 0;
}

/* Options win over the template that was asked for, this over the training, whose words
 * may be another template's or given beside it. */
static struct template_words words_of(const struct template *t,
                                      const struct stage2_options *o)
{
    static const struct template_words usual = { "movie", "watch", "watched", BOS_AUTO };
    struct template_words file = template_words(t);
    struct template_words w = {
        o->noun[0] ? o->noun : NULL, o->verb[0] ? o->verb : NULL,
        o->past[0] ? o->past : NULL,
        cli_given("bos") ? (enum template_bos)o->bos : BOS_UNSAID,
    };

    if (o->template_given)
        template_words_fill(&w, &file);
    template_words_fill(&w, &o->trained);
    template_words_fill(&w, &file);
    template_words_fill(&w, &usual);
    return w;
}

/* Is the template's [user] in the prompts?  Projections of a training without it have
 * none. */
static bool takes_user_token(const struct template *t, const struct stage2_options *o)
{
    if (!o->users || !template_has_user(t))
        return false;
    if (o->no_user_token)
        say("the projections have no token of the user, so that the template's [user] is "
            "left out: project-train -t recall trains one");
    return !o->no_user_token;
}

void stage2_data_load(struct stage2_data *d, struct filter *f, const struct llm *llm,
                      const struct stage2_options *o)
{
    const struct texts *titles = filter_texts(f, "item.title", "data-import");
    const struct texts *users = filter_texts(f, "user.id", "data-import");
    struct error e;

    check_origins(f, o);
    say_untitled(titles);
    *d = (struct stage2_data){ .random = o->users == SOFT_RANDOM,
                               .random_seed = o->random_seed };
    if ((o->any_template ? template_load_text : template_load)(&d->template, o->template,
                                                               &e) < 0)
        die("%s", e.text);
    titles = short_titles(d, titles, llm->bpe, (int)max_title(o));
    d->stage2 = (struct stage2){
        .llm = llm,
        .item_ids = filter_has(f, "item.id") ? filter_texts(f, "item.id", "data-import")
                                             : NULL,
        .prompter = { .template = &d->template,
                      .bpe = llm->bpe,
                      .titles = titles,
                      .words = words_of(&d->template, o),
                      .users = takes_user_token(&d->template, o),
                      .items = o->items },
        .history = &d->history,
        .history_length = (int)o->history,
        .item_count = (int)titles->count,
    };
    d->stage2.workspaces = decoder_pool_new((enum recompute)o->recompute);
    history_read_bare(f, &d->history, users->count, titles->count);
    if (o->items)
        stage2_items_load(d, f, o);
    load_guess(d, f, o);
    if (o->items &&
        (o->words == WORDS_YES || (o->words == WORDS_BY_GUESS && d->stage2.guess.each)))
        item_words_new(&d->stage2.words, llm->bpe);
}

bool stage2_takes_users(const struct stage2 *s)
{
    return s->prompter.users || s->guess.count > 0;
}

const float *stage2_user_vector(const struct stage2_data *d, const struct tensor *vectors,
                                int64_t row, int user)
{
    const float *x = (const float *)vectors->data + row * vectors->shape[1];

    if (!stage2_takes_users(&d->stage2) || !isfinite(x[0]))
        return NULL;
    return d->random ? d->random_users + (int64_t)user * d->user_in : x;
}

struct example stage2_example(const struct stage2_data *d, int user, int split,
                              const struct tensor *vectors)
{
    struct example x = { .user = user, .target = -1, .row = -1 };

    if (split != SPLIT_NEXT)
        x.row = history_target(&d->history, user, (enum split)split);
    if (x.row < 0)
        x.row = d->history.first[user + 1];
    if (vectors)
        x.x = stage2_user_vector(d, vectors, user, user);
    return x;
}

void stage2_data_users(struct stage2_data *d, const struct tensor *vectors)
{
    int64_t width = vectors->shape[1], scored = d->scorer.width - d->scorer.text_width;

    d->user_in = (int)width;
    d->stage2.user.in = d->stage2.prompter.users ? (int)width : 0;
    if (d->stage2.guess.count > 0 && d->scorer.by != BY_POP && scored != width)
        die("the scorer of the guess takes vectors of %lld numbers, those of users have "
            "%lld: run cf-embed again", (long long)scored, (long long)width);
    if (d->random)
        d->random_users = stage2_random_like("random users", d->random_seed, NULL, 0,
                                             d->history.users * width);
}

void stage2_data_free(struct stage2_data *d)
{
    template_free(&d->template);
    texts_free(&d->short_titles);
    history_free(&d->history);
    params_free(&d->stage2.params);
    decoder_pool_free(d->stage2.workspaces);
    if (d->stage2.guess.count > 0)
        item_scorer_free(&d->scorer);
    standardise_free(&d->stage2.user_standard);
    standardise_free(&d->stage2.item_standard);
    item_words_free(&d->stage2.words);
    free(d->own_items);
    free(d->random_users);
}
