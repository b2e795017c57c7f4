/* The whole of stage 2 in double: from the losses through the frozen LLM to the
 * weights of both projections, against central differences. */
#include "../unit/stage2_help.h"

#include <omp.h>

#define H 3e-5        /* step of the central difference */
#define GRAD_TOL 1e-6 /* H^2 truncation times third derivatives of some tens */

#define PLAIN                                                                          \
    "candidate: [item]{title}\ntext: Choose:\\n{candidates}\\n\n"                     \
    "text: Seen: {history}\\n\ntext: The {noun} for [user] to {verb}:\\n\n"            \
    "answer: {title}\n"
#define NOTHING_SHARED                                                                 \
    "candidate: {title}[item]\ntext: [user] has {past} {history}. \n"                  \
    "text: Of {candidates} next:\\s\nanswer: \"{title}\"\n"
#define GUESSED                                                                        \
    "candidate: [item]{title}\ntext: Choose:\\n{candidates}\\n\n"                     \
    "text: [user]: [guess]\nanswer: {title}\n"
#define GUESSED_UNLISTED                                                               \
    "candidate: {title}\ntext: Choose:\\n{candidates}\\n\ntext: [guess]\n"            \
    "answer: {title}\n"
#define ALL_SHARED "candidate: [item]{title}\ntext: {candidates}\\n\nanswer: {title}\n"

struct shares {
    double select, title;
};

static double loss(struct small *m, const struct slate *lists, int count, struct shares w,
                   real *grad)
{
    struct trie_result result[2 * USERS];
    double sum = 0;
    int n = 0;
    struct error e;

    for (int i = 0; i < count; i++)
        n += lists[i].examples;
    if (stage2_run(&m->stage2, lists, count, w.select, w.title, result, grad, &e) < 0)
        fail_msg("%s", e.text);
    for (int i = 0; i < n; i++)
        sum += (w.select * result[i].soft + w.title * result[i].title) / n;
    return sum;
}

/* Along one random direction of each tensor. */
static void check_tensors(struct small *m, const struct slate *lists, int count,
                          struct shares w)
{
    struct params *p = &m->stage2.params;
    real *grad = params_arena(p), *kept = params_arena(p);

    loss(m, lists, count, w, grad);
    memcpy(kept, p->values, (size_t)p->size * sizeof *kept);
    for (int t = 0; t < p->count; t++) {
        long at = p->list[t].at, n = params_length(&p->list[t]);
        double up, down, got = 0, want, *direction = mem_new((size_t)n, sizeof(double));
        rng r = rng_keyed("direction", 1, (uint64_t)t, 0);

        for (long i = 0; i < n; i++) {
            direction[i] = rng_normal(&r) / sqrt((double)n);
            got += direction[i] * grad[at + i];
            p->values[at + i] = kept[at + i] + H * direction[i];
        }
        up = loss(m, lists, count, w, NULL);
        for (long i = 0; i < n; i++)
            p->values[at + i] = kept[at + i] - H * direction[i];
        down = loss(m, lists, count, w, NULL);
        for (long i = 0; i < n; i++)
            p->values[at + i] = kept[at + i];
        want = (up - down) / (2 * H);
        if (fabs(want) < 100 * GRAD_TOL * GRAD_TOL)
            fail_msg("%s: nothing depends on it", p->list[t].name);
        if (!(fabs(got - want) <= GRAD_TOL * (fabs(want) + .01)))
            fail_msg("%s: %.12g, differences give %.12g", p->list[t].name, got, want);
        free(direction);
    }
    free(grad);
    free(kept);
}

/* Users 0 and 1 share a list, user 2 has one. */
static void check_losses(struct small *m)
{
    const struct shares shares[] = { { .5, .5 }, { 1, 0 }, { 0, 1 } };
    struct example examples[USERS];
    struct slate lists[2];
    rng r = rng_keyed("lists", 1, 0, 0);

    small_project(m);
    for (int u = 0; u < USERS; u++)
        examples[u] = small_example(m, u);
    slate_draw(&lists[0], examples, 2, &m->history, 5, &r);
    slate_draw(&lists[1], examples + 2, 1, &m->history, 4, &r);
    for (int i = 0; i < 3; i++)
        check_tensors(m, lists, 2, shares[i]);
    slate_free(&lists[0]);
    slate_free(&lists[1]);
    small_free(m);
}

static void shared_list(void **state)
{
    struct small m;

    (void)state;
    small_new(&m, PLAIN, true, true);
    check_losses(&m);
}

static void standardised_inputs(void **state)
{
    struct small m;

    (void)state;
    small_new(&m, PLAIN, true, true);
    standardise_of(&m.stage2.item_standard, m.items, ITEMS, ITEM_IN);
    standardise_of(&m.stage2.user_standard, m.users, USERS, USER_IN);
    check_losses(&m);
}

/* Items by e and by q in one pack. */
static void mixed_items(void **state)
{
    float texts[ITEMS * ITEM_IN];
    rng r = rng_keyed("texts", 1, 0, 0);
    struct small m;

    (void)state;
    small_new(&m, PLAIN, true, true);
    for (int i = 0; i < ITEMS * ITEM_IN; i++)
        texts[i] = (float)rng_normal(&r);
    m.stage2.texts = texts;
    m.stage2.mix = .5;
    standardise_of_both(&m.stage2.item_standard, m.items, texts, .5, ITEMS, ITEM_IN);
    check_losses(&m);
}

/* Guesses at every kind of temperature, whose candidates have tokens in the list or not,
 * and labels that are the scorer's in part. */
static void check_guess(const char *template, bool users, double mix, double soft_labels,
                        bool each)
{
    float cf[ITEMS * USER_IN], texts[ITEMS * ITEM_IN];
    struct item_scorer scorer = { .by = BY_CF, .items = ITEMS, .width = USER_IN,
                                  .item = cf, .is_dot = true };
    struct item_words words = { 0 };
    rng r = rng_keyed("cf", 1, 0, 0);
    struct small m;

    for (int i = 0; i < ITEMS * USER_IN; i++)
        cf[i] = (float)rng_normal(&r);
    for (int i = 0; i < ITEMS * ITEM_IN; i++)
        texts[i] = (float)rng_normal(&r);
    small_new(&m, template, users, true);
    m.stage2.guess = (struct guess){ .count = each ? 1 : 4,
                                     .temperature = { each ? .7 : 0, .7, 2, INFINITY },
                                     .scorer = &scorer, .each = each };
    m.stage2.prompter.guesses = m.stage2.guess.count;
    if (each)
        item_words_new(&words, m.stage2.llm->bpe);
    m.stage2.words = words;
    m.stage2.soft_labels = soft_labels;
    m.stage2.texts = texts;
    m.stage2.mix = mix;
    m.takes_users = true;
    check_losses(&m);
    item_words_free(&words);
}

static void guesses(void **state)
{
    (void)state;
    check_guess(GUESSED, true, 0, 0, false);
    check_guess(GUESSED, true, .5, .5, false);
    check_guess(GUESSED_UNLISTED, false, 0, .5, false);
}

static void hypotheses(void **state)
{
    (void)state;
    check_guess(GUESSED, true, 0, 0, true);
    check_guess(GUESSED, true, .5, .5, true);
    check_guess(GUESSED_UNLISTED, false, 0, 1, true);
}

static void nothing_shared(void **state)
{
    struct small m;

    (void)state;
    small_new(&m, NOTHING_SHARED, true, true);
    check_losses(&m);
}

/* The answers then hang on the list's last row. */
static void all_shared(void **state)
{
    struct small m;

    (void)state;
    small_new(&m, ALL_SHARED, false, true);
    check_losses(&m);
}

static void users_only(void **state)
{
    struct small m;

    (void)state;
    small_new(&m, PLAIN, true, false);
    check_losses(&m);
}

/* As OPT-350m. */
static void opt(void **state)
{
    struct small m;

    (void)state;
    small_on(&m, "tests/fixtures/opt/after", PLAIN, true, true);
    check_losses(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shared_list),
        cmocka_unit_test(standardised_inputs),
        cmocka_unit_test(mixed_items),
        cmocka_unit_test(guesses),
        cmocka_unit_test(hypotheses),
        cmocka_unit_test(nothing_shared),
        cmocka_unit_test(all_shared),
        cmocka_unit_test(users_only),
        cmocka_unit_test(opt),
    };

    omp_set_num_threads(1); /* packs this small would wait for threads, not work */
    return cmocka_run_group_tests_name("stage2", tests, NULL, NULL);
}
