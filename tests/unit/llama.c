/* A Llama against transformers (tests/fixtures/tiny.py) and against itself. */
#include "models/llama.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* float against double, 2 layers of width 48: errors of some 1e-6 */
#define LOGP_TOL 1e-4
/* the same, relative to the largest gradient of the prompt */
#define GRAD_TOL 1e-4
/* the same numbers added in another order; gradients relative to the largest */
#define PACK_TOL 2e-5

/* products of numbers with 8 bits: 2^-9 each, here about .02 of a logit */
#define BF16_TOL .15
#define BF16_COSINE .995

#define GGUF "tests/fixtures/tiny/SmolLM2.gguf"
#define FOLDER "tests/fixtures/tiny/llama"

static struct llama *load(const char *path)
{
    struct error e;
    struct llama *m = llama_load(path, FROZEN_REAL, &e);

    if (!m)
        fail_msg("%s", e.text);
    return m;
}

static real *embed_all(const struct llama *m, const int *id, int n)
{
    int width = llama_config(m)->width;
    real *x = mem_new((size_t)n * (size_t)width, sizeof *x);

    for (int i = 0; i < n; i++)
        llama_embed(m, id[i], x + i * width);
    return x;
}

static int *counting(int n, int from)
{
    int *v = mem_new((size_t)n, sizeof *v);

    for (int i = 0; i < n; i++)
        v[i] = from + i;
    return v;
}

/* One sequence: logp (n - 1) of its own tokens and grad (n, width) of their sum;
 * grad NULL: forward only. */
static void plain(const struct llama *m, const int *id, int n, real *logp, real *grad)
{
    struct llama_segment segment = { -1, 0, n };
    int *position = counting(n, 0);
    real *x = embed_all(m, id, n), *one = mem_new((size_t)n, sizeof *one);
    struct llama_pack p = { n, x, position, 1, &segment, n - 1, position };
    struct llama_workspace *w = llama_workspace_new(m, n + 3, n, grad != NULL);
    struct llama_term *term = mem_new((size_t)n, sizeof *term);

    for (int i = 0; i + 1 < n; i++) {
        term[i] = (struct llama_term){ i, id[i + 1], false };
        one[i] = 1;
    }
    llama_forward(m, &p, w);
    llama_logp(m, w, term, n - 1, logp);
    if (grad)
        memcpy(grad, llama_backward(m, w, term, one, n - 1),
               (size_t)(n * llama_config(m)->width) * sizeof *grad);
    llama_workspace_free(w);
    free(position);
    free(x);
    free(one);
    free(term);
}

static double number(FILE *f)
{
    double v;

    assert_int_equal(fscanf(f, "%lf", &v), 1);
    return v;
}

static void compare_prompt(const struct llama *m, FILE *f)
{
    int n, width = llama_config(m)->width, id[256];
    real *logp, *grad, *forward_only;
    double *want, most = 0;

    assert_int_equal(fscanf(f, " prompt %d text %*[^\n] ids", &n), 1);
    assert_in_range(n, 2, 256);
    for (int i = 0; i < n; i++)
        id[i] = (int)number(f);
    logp = mem_new((size_t)n, sizeof *logp);
    forward_only = mem_new((size_t)n, sizeof *logp);
    grad = mem_new((size_t)(n * width), sizeof *grad);
    want = mem_new((size_t)(n * width), sizeof *want);
    plain(m, id, n, logp, grad);
    plain(m, id, n, forward_only, NULL);
    assert_int_equal(fscanf(f, " logp%n", &(int){ 0 }), 0);
    for (int i = 0; i + 1 < n; i++) {
        double expected = number(f);

        if (!(fabs((double)logp[i] - expected) <= LOGP_TOL))
            fail_msg("token %d: %g, expected %g", i, (double)logp[i], expected);
        if (!(fabs((double)forward_only[i] - expected) <= LOGP_TOL))
            fail_msg("token %d, forward only: %g, expected %g", i,
                     (double)forward_only[i], expected);
    }
    assert_int_equal(fscanf(f, " grad%n", &(int){ 0 }), 0);
    for (int i = 0; i < n * width; i++) {
        want[i] = number(f);
        most = fmax(most, fabs(want[i]));
    }
    for (int i = 0; i < n * width; i++)
        if (!(fabs((double)grad[i] - want[i]) <= GRAD_TOL * most))
            fail_msg("gradient %d: %g, expected %g", i, (double)grad[i], want[i]);
    free(logp);
    free(forward_only);
    free(grad);
    free(want);
}

static void compare(const char *path)
{
    struct llama *m = load(path);
    FILE *f = fopen("tests/fixtures/tiny/llama.expected", "r");
    int prompts;

    assert_non_null(f);
    assert_int_equal(fscanf(f, "prompts %d", &prompts), 1);
    assert_true(prompts > 0);
    while (prompts--)
        compare_prompt(m, f);
    fclose(f);
    llama_free(m);
}

static void gguf_equals_transformers(void **state)
{
    (void)state;
    compare(GGUF);
}

static void folder_equals_transformers(void **state)
{
    (void)state;
    compare(FOLDER);
}

/* A tree of 93 rows; token of row r is id[r]. */
enum { ROWS = 93, SEGMENTS = 8 };

static const struct llama_segment tree[SEGMENTS] = {
    { -1, 0, 40 },  { 0, 40, 43 },  { 1, 43, 44 },  { 1, 44, 47 },
    { 0, 47, 75 },  { 4, 75, 78 },  { 4, 78, 80 },  { -1, 80, 93 },
};

/* Row numbers of the branch that ends with segment s, root first; their count. */
static int branch(int s, int *row)
{
    int n = tree[s].parent >= 0 ? branch(tree[s].parent, row) : 0;

    for (int r = tree[s].first; r < tree[s].end; r++)
        row[n++] = r;
    return n;
}

struct tree_run {
    int id[ROWS], position[ROWS], *want, wanted;
    struct llama_term term[ROWS];
    real out[ROWS], weight[ROWS];
};

/* Every third row, the last of each segment among them, is asked for the token of
 * the row behind it. */
static void tree_prepare(struct tree_run *t, int vocab)
{
    rng r = rng_keyed("tree", 1, 0, 0);

    t->want = mem_new(ROWS, sizeof *t->want);
    t->wanted = 0;
    for (int s = 0; s < SEGMENTS; s++) {
        int row[ROWS], n = branch(s, row);

        for (int i = 0; i < n; i++)
            t->position[row[i]] = i;
    }
    for (int i = 0; i < ROWS; i++)
        t->id[i] = (int)rng_below(&r, (uint64_t)vocab);
    for (int i = 2; i < ROWS; i += 3) {
        t->term[t->wanted] = (struct llama_term){ t->wanted, (i * 7) % vocab, false };
        t->weight[t->wanted] = (real)rng_normal(&r);
        t->want[t->wanted++] = i;
    }
}

static real *tree_run(const struct llama *m, struct tree_run *t)
{
    int width = llama_config(m)->width;
    struct llama_workspace *w = llama_workspace_new(m, ROWS, ROWS, true);
    real *x = embed_all(m, t->id, ROWS), *grad = mem_new(ROWS * 64, sizeof *grad);
    struct llama_pack p = { ROWS, x, t->position, SEGMENTS, tree, t->wanted, t->want };

    assert_true(width <= 64);
    llama_forward(m, &p, w);
    llama_logp(m, w, t->term, t->wanted, t->out);
    memcpy(grad, llama_backward(m, w, t->term, t->weight, t->wanted),
           (size_t)(ROWS * width) * sizeof *grad);
    llama_workspace_free(w);
    free(x);
    return grad;
}

/* The branch of segment s as a sequence of its own: checks what the tree says about
 * the segment's own rows, adds their share to grad. */
static void check_branch(const struct llama *m, const struct tree_run *t, int s,
                         real *grad)
{
    int row[ROWS], n = branch(s, row), k = 0, want[ROWS], width = llama_config(m)->width;
    int id[ROWS], *position = counting(n, 0);
    struct llama_segment segment = { -1, 0, n };
    struct llama_term term[ROWS];
    real weight[ROWS], out[ROWS], *x;
    int from[ROWS];
    const real *g;

    for (int i = 0; i < n; i++) {
        id[i] = t->id[row[i]];
        for (int j = 0; j < t->wanted; j++)
            if (t->want[j] == row[i] && row[i] >= tree[s].first) {
                want[k] = i;
                from[k] = j;
                weight[k] = t->weight[j];
                term[k] = (struct llama_term){ k, t->term[j].token, false };
                k++;
            }
    }
    x = embed_all(m, id, n);
    if (k) {
        struct llama_pack p = { n, x, position, 1, &segment, k, want };
        struct llama_workspace *w = llama_workspace_new(m, n, k, true);

        llama_forward(m, &p, w);
        llama_logp(m, w, term, k, out);
        for (int j = 0; j < k; j++)
            if (!(fabs((double)(out[j] - t->out[from[j]])) <= PACK_TOL))
                fail_msg("segment %d, row %d: alone %g, in the tree %g", s,
                         row[want[j]], (double)out[j], (double)t->out[from[j]]);
        g = llama_backward(m, w, term, weight, k);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < width; j++)
                grad[row[i] * width + j] += g[i * width + j];
        llama_workspace_free(w);
    }
    free(position);
    free(x);
}

static void tree_equals_its_branches(void **state)
{
    struct llama *m = load(FOLDER);
    struct tree_run t;
    int n = ROWS * llama_config(m)->width;
    real *grad, *sum = mem_new((size_t)n, sizeof *sum);
    double most = 1;

    (void)state;
    tree_prepare(&t, llama_config(m)->vocab);
    grad = tree_run(m, &t);
    for (int s = 0; s < SEGMENTS; s++)
        check_branch(m, &t, s, sum);
    for (int i = 0; i < n; i++)
        most = fmax(most, fabs((double)sum[i]));
    for (int i = 0; i < n; i++)
        if (!(fabs((double)(grad[i] - sum[i])) <= PACK_TOL * most))
            fail_msg("gradient %d: tree %g, branches %g", i, (double)grad[i],
                     (double)sum[i]);
    free(grad);
    free(sum);
    free(t.want);
    llama_free(m);
}

/* Logits of two tokens of a row differ as their log-probabilities do, and so does
 * the gradient of the difference. */
static void raw_terms_give_differences(void **state)
{
    struct llama *m = load(GGUF);
    int id[] = { 54, 395, 336, 459, 299 }, want[] = { 2, 4 }, n = 5;
    int *position = counting(n, 0), width = llama_config(m)->width;
    struct llama_segment segment = { -1, 0, n };
    real *x = embed_all(m, id, n), out[2][4], weight[] = { 1, -1, .5, -.5 };
    struct llama_pack p = { n, x, position, 1, &segment, 2, want };
    struct llama_workspace *w = llama_workspace_new(m, n, 2, true);
    real *grad = mem_new((size_t)(n * width), sizeof *grad);

    (void)state;
    for (int raw = 0; raw < 2; raw++) {
        struct llama_term term[] = {
            { 0, 3, raw }, { 0, 8, raw }, { 1, 70, raw }, { 1, 599, raw }
        };
        const real *g;

        llama_forward(m, &p, w);
        llama_logp(m, w, term, 4, out[raw]);
        g = llama_backward(m, w, term, weight, 4);
        for (int i = 0; i < n * width; i++)
            if (raw)
                assert_true(fabs((double)(g[i] - grad[i])) <= PACK_TOL);
            else
                grad[i] = g[i];
    }
    for (int k = 0; k < 4; k += 2)
        assert_true(fabs((double)(out[0][k] - out[0][k + 1] - out[1][k] + out[1][k + 1]))
                    <= PACK_TOL);
    llama_workspace_free(w);
    free(position);
    free(x);
    free(grad);
    llama_free(m);
}

/* Sequences on threads of their own, whatever their number: the same bytes. */
static void threads_change_nothing(void **state)
{
    struct llama *m = load(GGUF);
    int id[30], n = 30, width = llama_config(m)->width;
    real *grad[2][6], logp[2][6][30];

    (void)state;
    for (int i = 0; i < n; i++)
        id[i] = (i * 37) % 600;
    for (int t = 0; t < 2; t++) {
#pragma omp parallel for num_threads(3 * t + 1)
        for (int k = 0; k < 6; k++) {
            grad[t][k] = mem_new((size_t)(n * width), sizeof(real));
            plain(m, id + k, n - k, logp[t][k], grad[t][k]);
        }
    }
    for (int k = 0; k < 6; k++) {
        assert_memory_equal(logp[0][k], logp[1][k], (size_t)(n - k - 1) * sizeof(real));
        assert_memory_equal(grad[0][k], grad[1][k],
                            (size_t)((n - k) * width) * sizeof(real));
        free(grad[0][k]);
        free(grad[1][k]);
    }
    llama_free(m);
}

/* Weights and activations with 8 bits: log-probabilities within some percent. */
static void bf16_is_near(void **state)
{
    struct error e;
    struct llama *m, *b;
    int id[] = { 54, 395, 336, 459, 299, 19, 27, 27, 23, 11 }, n = 10, size;
    real logp[2][10], *grad[2];
    double dot = 0, norm[2] = { 0 };

    (void)state;
    if (!frozen_available(FROZEN_BF16))
        skip();
    m = load(GGUF);
    b = llama_load(GGUF, FROZEN_BF16, &e);
    assert_non_null(b);
    size = n * llama_config(m)->width;
    for (int k = 0; k < 2; k++) {
        grad[k] = mem_new((size_t)size, sizeof(real));
        plain(k ? b : m, id, n, logp[k], grad[k]);
    }
    for (int i = 0; i + 1 < n; i++)
        assert_true(fabs((double)(logp[0][i] - logp[1][i])) <= BF16_TOL);
    for (int i = 0; i < size; i++) {
        dot += (double)grad[0][i] * (double)grad[1][i];
        for (int k = 0; k < 2; k++)
            norm[k] += (double)grad[k][i] * (double)grad[k][i];
    }
    assert_true(dot / sqrt(norm[0] * norm[1]) >= BF16_COSINE);
    free(grad[0]);
    free(grad[1]);
    llama_free(m);
    llama_free(b);
}

static void other_files_are_refused(void **state)
{
    const struct {
        const char *path, *says;
    } wrong[] = {
        { "tests/fixtures/tiny.py", "tests/fixtures/tiny.py" },
        { "tests/fixtures", "config.json" },
        { "tests/fixtures/none.gguf", "none.gguf" },
    };
    struct error e;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_null(llama_load(wrong[i].path, FROZEN_REAL, &e));
        if (!strstr(e.text, wrong[i].says))
            fail_msg("'%s' does not say '%s'", e.text, wrong[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gguf_equals_transformers),
        cmocka_unit_test(folder_equals_transformers),
        cmocka_unit_test(tree_equals_its_branches),
        cmocka_unit_test(raw_terms_give_differences),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(bf16_is_near),
        cmocka_unit_test(other_files_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
