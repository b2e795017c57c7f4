/* Choosing among answers: the trie's rows and terms, scores and losses, against
 * what each answer gives by itself. */
#include "prompt/answer_trie.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#define LOSS_TOL 1e-5 /* float terms of size 10 */

enum { VOCAB = 10, EOS = 9, COUNT = 6, LONGEST = 5 };

/* 0 and 1 part at the third token, 2 ends where 0 goes on, 3 is 0 again, 4 and 5
 * part from the others at once and from each other at the end. */
static const int tokens[COUNT][LONGEST] = {
    { 1, 2, 3, EOS }, { 1, 2, 4, EOS }, { 1, 2, EOS }, { 1, 2, 3, EOS },
    { 5, 6, 7, 8, EOS }, { 5, 6, 7, EOS },
};

static struct answer_trie answer_trie_of(const int (*list)[LONGEST], int count)
{
    struct answer_trie a = { 0 };

    for (int i = 0; i < count; i++) {
        struct codes *c = answer_trie_add(&a);

        for (int d = 0; d < LONGEST && list[i][d]; d++)
            MEM_PUSH(c->list, c->n, c->room, list[i][d]);
    }
    return a;
}

/* A stand-in for the LLM: the logit of a token after a path of tokens. */
static double logit(const int *path, int n, int token)
{
    uint64_t key = 17;
    rng r;

    for (int i = 0; i < n; i++)
        key = key * 31 + (uint64_t)path[i];
    r = rng_keyed("logit", key, (uint64_t)token, 0);
    return 2 * rng_normal(&r);
}

static double logp(const int *path, int n, int token)
{
    double sum = 0;

    for (int t = 0; t < VOCAB; t++)
        sum += exp(logit(path, n, t));
    return logit(path, n, token) - log(sum);
}

/* Tokens of the answer rows before and with `row`: the prompt is one row of code 0. */
static int path_of(const struct token_tree *s, int row, int *path)
{
    int segment = 0, n = s->position[row];

    while (s->segment[segment].end <= row)
        segment++;
    for (int at = row, left = n; left > 0; left--) {
        path[left - 1] = s->code[at];
        if (--at < s->segment[segment].first) {
            segment = s->segment[segment].parent;
            at = segment >= 0 ? s->segment[segment].end - 1 : 0;
        }
    }
    return n;
}

static real *ask(const struct token_tree *s)
{
    real *out = mem_new((size_t)s->terms, sizeof *out);

    for (int i = 0; i < s->terms; i++) {
        const struct decoder_term *t = &s->term[i];
        int path[64], n = path_of(s, s->want[t->row], path);

        out[i] = (real)(t->raw ? logit(path, n, t->token) : logp(path, n, t->token));
    }
    return out;
}

static void begin(struct token_tree *s)
{
    int prompt = 0;

    *s = (struct token_tree){ 0 };
    token_tree_open(s, -1);
    token_tree_add(s, &prompt, 1);
}

static int length_of(const int *answer)
{
    int n = 0;

    while (n < LONGEST && answer[n])
        n++;
    return n;
}

static bool goes_on_like(const int *other, const int *answer, int depth)
{
    for (int i = 0; i < depth; i++)
        if (other[i] != answer[i])
            return false;
    return length_of(other) > depth;
}

/* -log of the choice probability of answer i among those admitted (NULL: all). */
static double select_of(int i, const bool *admitted)
{
    double loss = 0;

    for (int d = 0; d < length_of(tokens[i]); d++) {
        bool on[VOCAB] = { false };
        double sum = 0;

        for (int j = 0; j < COUNT; j++)
            if ((!admitted || admitted[j]) && goes_on_like(tokens[j], tokens[i], d))
                on[tokens[j][d]] = true;
        for (int t = 0; t < VOCAB; t++)
            sum += on[t] ? exp(logit(tokens[i], d, t)) : 0;
        loss += log(sum) - logit(tokens[i], d, tokens[i][d]);
    }
    return loss;
}

static double sum_of(int i)
{
    double sum = 0;

    for (int d = 0; d < length_of(tokens[i]); d++)
        sum += logp(tokens[i], d, tokens[i][d]);
    return sum;
}

static void score_all(double *score, enum score_norm norm)
{
    const size_t bytes[COUNT] = { 3, 4, 5, 3, 7, 8 };
    struct answer_trie a = answer_trie_of(tokens, COUNT);
    struct trie_plan plan = { 0 };
    struct token_tree s;
    real *out;

    begin(&s);
    trie_plan_all(&plan, &s, &a, norm);
    for (int i = 1; i < s.wanted; i++)
        assert_true(s.want[i] > s.want[i - 1]); /* as the LLM wants them */
    out = ask(&s);
    trie_score(score, &plan, &a, out, norm, bytes);
    free(out);
    token_tree_free(&s);
    trie_plan_free(&plan);
    answer_trie_free(&a);
}

static void choice_probabilities(void **state)
{
    double score[COUNT], sum = 0;

    (void)state;
    score_all(score, NORM_CHOICE);
    for (int i = 0; i < COUNT; i++) {
        assert_true(fabs(score[i] + select_of(i, NULL)) < LOSS_TOL);
        sum += i == 3 ? 0 : exp(score[i]); /* distinct answers */
    }
    assert_true(fabs(sum - 1) < LOSS_TOL);
    assert_true(score[3] == score[0]);
}

static void likelihoods(void **state)
{
    const double bytes[COUNT] = { 3, 4, 5, 3, 7, 8 };
    double sum[COUNT], token[COUNT], byte[COUNT];

    (void)state;
    score_all(sum, NORM_SUM);
    score_all(token, NORM_TOKEN);
    score_all(byte, NORM_BYTE);
    for (int i = 0; i < COUNT; i++) {
        assert_true(fabs(sum[i] - sum_of(i)) < LOSS_TOL);
        assert_true(fabs(token[i] - sum_of(i) / length_of(tokens[i])) < LOSS_TOL);
        assert_true(fabs(byte[i] - sum_of(i) / bytes[i]) < LOSS_TOL);
    }
}

/* Rows of answers: 1 2 and 5 6 7 lead to forks; nothing follows the last fork. */
static void choosing_reads_no_row_too_much(void **state)
{
    struct answer_trie a = answer_trie_of(tokens, COUNT);
    struct trie_plan plan = { 0 };
    struct token_tree s;

    (void)state;
    begin(&s);
    trie_plan_all(&plan, &s, &a, NORM_CHOICE);
    assert_int_equal(s.rows, 1 + 2 + 3);
    assert_int_equal(s.wanted, 3);
    token_tree_free(&s);
    trie_plan_free(&plan);
    answer_trie_free(&a);
}

static struct trie_result path_result(int target, const bool *admitted, bool with_title,
                                      double select, double title, real *weight,
                                      real **out, struct trie_path *path, int *terms)
{
    struct answer_trie a = answer_trie_of(tokens, COUNT);
    struct trie_result r;
    struct token_tree s;

    begin(&s);
    trie_path_plan(path, &s, &a, admitted, target, with_title, NULL);
    assert_true(s.terms <= 64);
    *out = ask(&s);
    *terms = s.terms;
    r = trie_path_loss(path, *out, select, title, weight);
    token_tree_free(&s);
    answer_trie_free(&a);
    return r;
}

static void losses_of_every_target(void **state)
{
    (void)state;
    for (int mask = 1; mask < 1 << COUNT; mask++)
        for (int target = 0; target < COUNT; target++) {
            bool admitted[COUNT];
            struct trie_path path = { 0 };
            struct trie_result r;
            real weight[64] = { 0 }, *out;
            int terms;

            for (int i = 0; i < COUNT; i++)
                admitted[i] = mask >> i & 1;
            if (!admitted[target])
                continue;
            r = path_result(target, admitted, mask % 2, 1, 1, weight, &out, &path,
                            &terms);
            assert_true(fabs(r.select - select_of(target, admitted)) < LOSS_TOL);
            if (mask % 2)
                assert_true(fabs(r.title + sum_of(target) / length_of(tokens[target])) <
                            LOSS_TOL);
            free(out);
            trie_path_free(&path);
        }
}

/* weight is the gradient of the losses with respect to out. */
static void loss_gradient(void **state)
{
    const bool all[COUNT] = { true, true, true, true, true, true };
    const double select = .3, title = .7, step = 1e-2;
    struct trie_path path = { 0 };
    real weight[64] = { 0 }, unused[64], *out;
    int terms;

    (void)state;
    path_result(1, all, true, select, title, weight, &out, &path, &terms);
    for (int i = 0; i < terms; i++) {
        struct trie_result up, down;
        double want;

        out[i] += (real)step;
        up = trie_path_loss(&path, out, 0, 0, unused);
        out[i] -= (real)(2 * step);
        down = trie_path_loss(&path, out, 0, 0, unused);
        out[i] += (real)step;
        want = (select * (up.select - down.select) + title * (up.title - down.title)) /
               (2 * step);
        if (!(fabs((double)weight[i] - want) < 1e-3)) /* float differences */
            fail_msg("term %d: %g, differences give %g", i, (double)weight[i], want);
    }
    free(out);
    trie_path_free(&path);
}

/* The highest logit at every fork; equal answers never compete. */
static void right_is_the_highest(void **state)
{
    const bool same[COUNT] = { true, false, false, true, false, false };
    const bool two[COUNT] = { true, true, false, false, false, false };
    const int prefix[] = { 1, 2 };
    real weight[64] = { 0 }, *out;
    struct trie_path path = { 0 };
    struct trie_result r;
    int terms;

    (void)state;
    r = path_result(0, same, false, 1, 0, weight, &out, &path, &terms);
    assert_true(r.right);
    assert_true(r.select == 0);
    assert_int_equal(terms, 0);
    free(out);
    r = path_result(0, two, false, 1, 0, weight, &out, &path, &terms);
    assert_int_equal(r.right, logit(prefix, 2, 3) > logit(prefix, 2, 4));
    free(out);
    trie_path_free(&path);
}

static void one_candidate_and_none(void **state)
{
    struct answer_trie a = answer_trie_of(tokens, 1), none = { 0 };
    struct trie_plan plan = { 0 };
    struct token_tree s;
    double score = 1;

    (void)state;
    begin(&s);
    trie_plan_all(&plan, &s, &none, NORM_CHOICE);
    trie_plan_all(&plan, &s, &a, NORM_CHOICE);
    assert_int_equal(s.terms, 0);
    trie_score(&score, &plan, &a, NULL, NORM_CHOICE, NULL);
    assert_true(score == 0); /* log 1 */
    token_tree_free(&s);
    trie_plan_free(&plan);
    answer_trie_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(choice_probabilities),
        cmocka_unit_test(likelihoods),
        cmocka_unit_test(choosing_reads_no_row_too_much),
        cmocka_unit_test(losses_of_every_target),
        cmocka_unit_test(loss_gradient),
        cmocka_unit_test(right_is_the_highest),
        cmocka_unit_test(one_candidate_and_none),
    };

    return cmocka_run_group_tests_name("choice", tests, NULL, NULL);
}
