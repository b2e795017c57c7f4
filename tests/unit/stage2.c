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

static void check_grad(const struct params *p, const real *grad, const char *name, FILE *f)
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
            fail_msg("user %d: select %g, PyTorch %g", users, result[users].select, select);
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
    struct example examples[2] = { { .user = 0, .target = 1 }, { .user = 1, .target = 4 } };
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

/* Scores with a guess are of x and the candidates: whichever of these the truth is. */
static void scores_do_not_see_the_truth(void **state)
{
    static const int candidate[] = { 4, 1, 0, 5, 3 };
    enum { N = sizeof candidate / sizeof *candidate };
    float cf[ITEMS * USER_IN];
    struct item_scorer scorer = { .by = BY_CF, .items = ITEMS, .width = USER_IN,
                                  .item = cf, .is_dot = true };
    double score[2][N], plain[N];
    struct stage2_request r = { .split = SPLIT_TRAIN, .candidate = candidate, .count = N };
    struct error e;
    struct small m;

    (void)state;
    for (int i = 0; i < ITEMS * USER_IN; i++)
        cf[i] = (float)cos(1 + .9 * i);
    small_new(&m, "candidate: [item]{title}\ntext: {candidates}\\n\ntext: [guess]\n"
                  "answer: {title}\n", false, true);
    m.takes_users = true;
    small_project(&m);
    m.stage2.guess = (struct guess){ 2, { .7, INFINITY }, &scorer };
    m.stage2.prompter.guesses = 2;
    for (int i = 0; i < 2; i++) {
        r.example = small_example(&m, 0);
        r.example.target = candidate[i];
        r.score = score[i];
        assert_int_equal(stage2_score(&m.stage2, &r, 1, NORM_CHOICE, &e), 0);
    }
    assert_memory_equal(score[0], score[1], sizeof score[0]);
    m.stage2.guess.count = m.stage2.prompter.guesses = 0;
    r.example.x = NULL;
    r.score = plain;
    assert_int_equal(stage2_score(&m.stage2, &r, 1, NORM_CHOICE, &e), 0);
    assert_memory_not_equal(score[0], plain, sizeof plain); /* the guess is looked at */
    small_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(llama_as_in_pytorch),
        cmocka_unit_test(opt_as_in_pytorch),
        cmocka_unit_test(sixteen_by_heart),
        cmocka_unit_test(scores_do_not_see_the_truth),
    };

    return cmocka_run_group_tests_name("stage2", tests, NULL, NULL);
}
