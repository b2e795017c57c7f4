/* Stage 2 against PyTorch, and that it can learn: small lists by heart. */
#include "nn/adam.h"
#include "stage2_help.h"

#include <stdio.h>

#define EXPECTED "tests/fixtures/stage2/"
#define OPT "tests/fixtures/opt/"
#define LOSS_TOL 2e-4 /* float logits of some tens, summed over an answer */
#define GRAD_TOL 2e-4 /* the same, of a gradient's longest row sum */

#define TEMPLATE                                                                       \
    "candidate: [item]{title}\nseparator: \\n\ntext: Choose:\\n{candidates}\\n\\n\n"    \
    "text: For [user] now:\\n\nanswer: {title}\n"

static void fill(struct params *p, long at, int rows, int columns, double (*f)(int, int))
{
    for (int i = 0; i < rows * columns; i++)
        p->values[at + i] = (real)f(i, columns);
}

static double weight_at(int i, int columns)
{
    return cos(2 + .3 * i) / sqrt(columns);
}

static double bias_at(int i, int columns)
{
    (void)columns;
    return .1 * sin(3 + .5 * i);
}

static double norm_at(int i, int columns)
{
    (void)columns;
    return 1 + .1 * cos(i);
}

static void fill_projector(struct params *p, const struct projector *f, double gain)
{
    fill(p, f->w1, f->width, f->in, weight_at);
    fill(p, f->b1, f->width, 1, bias_at);
    fill(p, f->ln_w, f->width, 1, norm_at);
    fill(p, f->ln_b, f->width, 1, bias_at);
    fill(p, f->w2, f->width, f->width, weight_at);
    fill(p, f->b2, f->width, 1, bias_at);
    p->values[f->gain] = (real)gain;
}

static void check_grad(const struct params *p, const real *grad, const char *name,
                       FILE *f)
{
    int t = params_find(p, name);
    const struct param *q;
    double worst = 0, largest = 0;

    assert_true(t >= 0);
    q = &p->list[t];
    for (int r = 0; r < q->rows; r++) {
        double want, got = 0;

        assert_int_equal(fscanf(f, "%lf", &want), 1);
        for (int c = 0; c < q->cols; c++)
            got += (double)grad[q->at + (long)r * q->cols + c];
        worst = fmax(worst, fabs(got - want));
        largest = fmax(largest, fabs(want));
    }
    if (!(worst <= GRAD_TOL * (largest + 1e-3)))
        fail_msg("%s: off by %g of %g", name, worst, largest);
}

static void compare(const struct small *m, const struct trie_result *result,
                    const real *grad, const char *expected)
{
    FILE *f = fopen(expected, "r");
    char word[32], name[64];
    int users = 0, tensors = 0, right;
    double select, title;

    assert_non_null(f);
    while (fscanf(f, "%31s", word) == 1 && strcmp(word, "line") != 0) {
        if (strcmp(word, "grad") == 0) {
            assert_int_equal(fscanf(f, "%63s", name), 1);
            check_grad(&m->stage2.params, grad, name, f);
            tensors++;
            continue;
        }
        assert_int_equal(fscanf(f, "%lf %lf %d", &select, &title, &right), 3);
        if (!(fabs(result[users].select - select) < LOSS_TOL))
            fail_msg("user %d: select %g, PyTorch %g", users, result[users].select,
                     select);
        if (!(fabs(result[users].title - title) < LOSS_TOL))
            fail_msg("user %d: title %g, PyTorch %g", users, result[users].title, title);
        assert_int_equal(result[users++].right, right);
    }
    assert_int_equal(users, 2);
    assert_int_equal(tensors, 14);
    fclose(f);
}

static void as_in_pytorch(const char *llm, const char *expected)
{
    int candidate[] = { 4, 1, 0, 5, 3, 2 }, target_at[] = { 1, 0 };
    bool admitted[] = { true, true, false, true, true, true,
                        true, true, true, false, true, true };
    struct small m;
    struct example examples[2] = { { .user = 0, .target = 1 },
                                   { .user = 1, .target = 4 } };
    struct slate l = { examples, 2, candidate, 6, target_at, admitted };
    struct trie_result result[2];
    struct error e;
    real *grad;

    small_on(&m, llm, TEMPLATE, true, true);
    small_project(&m);
    m.stage2.history = NULL;
    for (int i = 0; i < ITEMS * ITEM_IN; i++)
        m.items[i] = (float)sin(1 + .7 * i);
    for (int i = 0; i < 2 * USER_IN; i++)
        m.users[i] = (float)sin(1 + .7 * i);
    for (int u = 0; u < 2; u++)
        examples[u].x = m.users + u * USER_IN;
    fill_projector(&m.stage2.params, &m.stage2.user, .2);
    fill_projector(&m.stage2.params, &m.stage2.item, .3);
    grad = params_arena(&m.stage2.params);
    assert_int_equal(stage2_run(&m.stage2, &l, 1, .5, .5, result, grad, &e), 0);
    compare(&m, result, grad, expected);
    free(grad);
    small_free(&m);
}

static void llama_as_in_pytorch(void **state)
{
    (void)state;
    as_in_pytorch(TINY, EXPECTED "expected");
}

static void opt_as_in_pytorch(void **state)
{
    (void)state;
    as_in_pytorch(OPT "before", EXPECTED "opt-before");
    as_in_pytorch(OPT "after", EXPECTED "opt-after");
}

/* Sixteen fixed examples, each of a user of its own, four candidates each. */
static void sixteen_by_heart(void **state)
{
    enum { N = 16, STEPS = 300 };
    struct small m;
    struct example examples[N];
    struct slate lists[N];
    struct trie_result result[N];
    struct adam adam;
    struct error e;
    float x[N * USER_IN];
    real *grad;
    int right = 0, steps = 0;
    rng r = rng_keyed("sixteen", 1, 0, 0);

    (void)state;
    small_new(&m, TEMPLATE, true, true);
    small_project(&m);
    m.stage2.history = NULL;
    for (int i = 0; i < N * USER_IN; i++)
        x[i] = (float)rng_normal(&r);
    for (int i = 0; i < N; i++) {
        examples[i] = (struct example){ i % USERS, i % ITEMS, 0, x + i * USER_IN };
        slate_draw(&lists[i], &examples[i], 1, &m.history, 4, &r);
    }
    adam_new(&adam, &m.stage2.params, 3e-3, .9, .98, 1e-8);
    grad = params_arena(&m.stage2.params);
    for (; right < N && steps < STEPS; steps++) {
        memset(grad, 0, (size_t)m.stage2.params.size * sizeof *grad);
        assert_int_equal(stage2_run(&m.stage2, lists, N, 1, 0, result, grad, &e), 0);
        adam_step(&adam, &m.stage2.params, grad);
        right = 0;
        for (int i = 0; i < N; i++)
            right += result[i].right;
        if (steps == 0)
            assert_true(right < N);
    }
    if (right < N)
        fail_msg("%d of %d right after %d steps", right, N, steps);
    for (int i = 0; i < N; i++)
        slate_free(&lists[i]);
    adam_free(&adam);
    free(grad);
    small_free(&m);
}

/* Each item's word is a plain token of the vocabulary, and two items have two words as
 * long as there are words; y grows by the word's embedding. */
static void items_begin_from_words(void **state)
{
    struct item_words w, again;
    real *y, *row;
    struct small m;
    int width;

    (void)state;
    small_new(&m, "candidate: [item]{title}\ntext: {candidates}\nanswer: {title}\n",
              false, true);
    item_words_new(&w, m.stage2.llm->bpe);
    item_words_new(&again, m.stage2.llm->bpe);
    assert_true(w.count > 0 && w.count == again.count);
    assert_memory_equal(w.token, again.token, (size_t)w.count * sizeof *w.token);
    for (int i = 0; i < w.count; i++) {
        assert_false(bpe_is_special(m.stage2.llm->bpe, w.token[i]));
        for (int j = 0; j < i; j++)
            assert_int_not_equal(w.token[i], w.token[j]);
    }
    width = decoder_config(m.stage2.llm->model)->embed_width;
    y = mem_new((size_t)width, sizeof *y);
    row = mem_new((size_t)width, sizeof *row);
    y[0] = 1;
    item_words_add(y, &w, m.stage2.llm->model, w.count + 1);
    decoder_embed(m.stage2.llm->model, w.token[1], row);
    for (int j = 0; j < width; j++)
        assert_true(y[j] == row[j] + (j == 0));
    free(y);
    free(row);
    item_words_free(&w);
    item_words_free(&again);
    small_free(&m);
}

/* Candidates of one list. */
enum { LISTED = 5 };

static const int listed[LISTED] = { 4, 1, 0, 5, 3 };

/* A small model with a guess in its prompt, and the scores that the guess is made of. */
struct guessing {
    struct small m;
    float cf[ITEMS * USER_IN];
    struct item_scorer scorer;
    struct item_words words;
};

static void guessing_new(struct guessing *g, struct guess guess)
{
    for (int i = 0; i < ITEMS * USER_IN; i++)
        g->cf[i] = (float)cos(1 + .9 * i);
    g->scorer = (struct item_scorer){ .by = BY_CF, .items = ITEMS, .width = USER_IN,
                                      .item = g->cf, .is_dot = true };
    small_new(&g->m, "candidate: [item]{title}\ntext: {candidates}\\n\ntext: [guess]\n"
                     "answer: {title}\n", false, true);
    g->m.takes_users = true;
    small_project(&g->m);
    item_words_new(&g->words, g->m.stage2.llm->bpe);
    guess.scorer = &g->scorer;
    g->m.stage2.guess = guess;
    g->m.stage2.prompter.guesses = guess.count;
}

static void guessing_free(struct guessing *g)
{
    item_words_free(&g->words);
    small_free(&g->m);
}

/* score (N) of these candidates for user 0, the target said to be `target`. */
static void guessing_score(struct guessing *g, double *score, int target, bool guessed)
{
    struct stage2_request r = { .split = SPLIT_TRAIN, .candidate = listed,
                                .count = LISTED, .score = score };
    struct error e;

    r.example = small_example(&g->m, 0);
    r.example.target = target;
    if (!guessed)
        r.example.x = NULL;
    assert_int_equal(stage2_score(&g->m.stage2, &r, 1, NORM_CHOICE, &e), 0);
}

/* Scores with a guess are of x and the candidates: whichever of these the truth is. */
static void scores_do_not_see_the_truth(void **state)
{
    static const struct guess guess[] = {
        { .count = 2, .temperature = { .7, INFINITY } },
        { .count = 1, .temperature = { 1 }, .each = true },
    };
    double score[2][LISTED], plain[LISTED];
    struct guessing g;

    (void)state;
    for (int k = 0; k < 2; k++) {
        guessing_new(&g, guess[k]);
        guessing_score(&g, score[0], listed[0], true);
        guessing_score(&g, score[1], listed[1], true);
        assert_memory_equal(score[0], score[1], sizeof score[0]);
        g.m.stage2.guess.count = g.m.stage2.prompter.guesses = 0;
        guessing_score(&g, plain, listed[0], false);
        assert_memory_not_equal(score[0], plain, sizeof plain); /* it is looked at */
        guessing_free(&g);
    }
}

/* Scores under one hypothesis at a time are those of a mixture: probabilities, and where
 * all belief is in the best candidate, the scores of the guess that is this one. */
static void hypotheses_make_a_mixture(void **state)
{
    static const struct guess each = { .count = 1, .temperature = { 1 }, .each = true };
    double mixed[LISTED], sharp[LISTED], best[LISTED], sum = 0;
    struct guessing g;

    (void)state;
    guessing_new(&g, each);
    g.m.stage2.words = g.words;
    guessing_score(&g, mixed, 0, true);
    g.m.stage2.guess.temperature[0] = 0;
    guessing_score(&g, sharp, 0, true);
    g.m.stage2.guess.each = false;
    guessing_score(&g, best, 0, true);
    for (int i = 0; i < LISTED; i++) {
        assert_true(fabs(sharp[i] - best[i]) < 1e-4); /* other sums, other order */
        sum += exp(mixed[i]);
    }
    assert_true(fabs(sum - 1) < 1e-5); /* float logits */
    assert_memory_not_equal(mixed, sharp, sizeof mixed);
    guessing_free(&g);
}

/* under (LISTED, LISTED): scores where all belief is in one candidate, the row's. */
static void score_under_each(double under[LISTED][LISTED], struct guessing *g)
{
    float believed[ITEMS];
    double T = g->m.stage2.guess.temperature[0];

    g->m.stage2.guess.temperature[0] = 0;
    g->scorer.bias = believed;
    for (int h = 0; h < LISTED; h++) {
        memset(believed, 0, sizeof believed);
        believed[listed[h]] = 1e6F;
        guessing_score(g, under[h], 0, true);
    }
    g->scorer.bias = NULL;
    g->m.stage2.guess.temperature[0] = T;
}

/* Calibrated scores are those without, less the log of the mean of what the model says
 * under each hypothesis; where one alone is asked about, they are as without. */
static void calibrated_without_liking(void **state)
{
    static const struct guess each = { .count = 1, .temperature = { 1 }, .each = true };
    double under[LISTED][LISTED], plain[LISTED], half[LISTED], whole[LISTED];
    double best[2][LISTED];
    struct guessing g;

    (void)state;
    guessing_new(&g, each);
    g.m.stage2.words = g.words;
    guessing_score(&g, plain, 0, true);
    score_under_each(under, &g);
    g.m.stage2.calibrate = .5;
    guessing_score(&g, half, 0, true);
    g.m.stage2.calibrate = 1;
    guessing_score(&g, whole, 0, true);
    for (int i = 0; i < LISTED; i++) {
        double sum = 0;

        for (int h = 0; h < LISTED; h++)
            sum += exp(under[h][i]);
        assert_true(fabs(plain[i] - whole[i] - log(sum / LISTED)) < 1e-4); /* as above */
        assert_true(fabs(plain[i] - half[i] - .5 * log(sum / LISTED)) < 1e-4);
    }
    for (int k = 0; k < 2; k++) {
        g.m.stage2.guess.temperature[0] = 0;
        g.m.stage2.calibrate = k;
        guessing_score(&g, best[k], 0, true);
    }
    assert_memory_equal(best[0], best[1], sizeof best[0]);
    guessing_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(llama_as_in_pytorch),
        cmocka_unit_test(opt_as_in_pytorch),
        cmocka_unit_test(sixteen_by_heart),
        cmocka_unit_test(items_begin_from_words),
        cmocka_unit_test(scores_do_not_see_the_truth),
        cmocka_unit_test(hypotheses_make_a_mixture),
        cmocka_unit_test(calibrated_without_liking),
    };

    return cmocka_run_group_tests_name("stage2", tests, NULL, NULL);
}
