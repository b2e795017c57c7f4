/* A Llama against itself: packs, workspaces, threads. */
#include "decoder_help.h"

#include "util/rng.h"

/* the same numbers added in another order; gradients relative to the largest */
#define PACK_TOL 2e-5

/* A tree of 93 rows; token of row r is id[r]. */
enum { ROWS = 93, SEGMENTS = 8 };

static const struct decoder_segment tree[SEGMENTS] = {
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
    struct decoder_term term[ROWS];
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
        t->term[t->wanted] = (struct decoder_term){ t->wanted, (i * 7) % vocab, false };
        t->weight[t->wanted] = (real)rng_normal(&r);
        t->want[t->wanted++] = i;
    }
}

static real *tree_run(const struct decoder *m, struct tree_run *t)
{
    int width = decoder_config(m)->embed_width;
    struct decoder_workspace *w = decoder_workspace_new(m, ROWS, ROWS, DECODER_BACKWARD);
    real *x = embed_all(m, t->id, ROWS), *grad = mem_new(ROWS * 64, sizeof *grad);
    struct decoder_pack p = { ROWS, x, t->position, SEGMENTS, tree, t->wanted, t->want };

    assert_true(width <= 64);
    decoder_forward(m, &p, w);
    decoder_logp(m, w, t->term, t->wanted, t->out);
    memcpy(grad, decoder_backward(m, w, t->term, t->weight, t->wanted),
           (size_t)(ROWS * width) * sizeof *grad);
    decoder_workspace_free(w);
    free(x);
    return grad;
}

/* The branch of segment s as a sequence of its own: checks what the tree says about
 * the segment's own rows, adds their share to grad. */
static void check_branch(const struct decoder *m, const struct tree_run *t, int s,
                         real *grad)
{
    int row[ROWS], n = branch(s, row), k = 0, want[ROWS];
    int width = decoder_config(m)->embed_width;
    int id[ROWS], *position = counting(n, 0);
    struct decoder_segment segment = { -1, 0, n };
    struct decoder_term term[ROWS];
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
                term[k] = (struct decoder_term){ k, t->term[j].token, false };
                k++;
            }
    }
    x = embed_all(m, id, n);
    if (k) {
        struct decoder_pack p = { n, x, position, 1, &segment, k, want };
        struct decoder_workspace *w = decoder_workspace_new(m, n, k, DECODER_BACKWARD);

        decoder_forward(m, &p, w);
        decoder_logp(m, w, term, k, out);
        for (int j = 0; j < k; j++)
            if (!(fabs((double)(out[j] - t->out[from[j]])) <= PACK_TOL))
                fail_msg("segment %d, row %d: alone %g, in the tree %g", s,
                         row[want[j]], (double)out[j], (double)t->out[from[j]]);
        g = decoder_backward(m, w, term, weight, k);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < width; j++)
                grad[row[i] * width + j] += g[i * width + j];
        decoder_workspace_free(w);
    }
    free(position);
    free(x);
}

static void tree_equals_its_branches(void **state)
{
    struct decoder *m = load(FOLDER);
    struct tree_run t;
    int n = ROWS * decoder_config(m)->embed_width;
    real *grad, *sum = mem_new((size_t)n, sizeof *sum);
    double most = 1;

    (void)state;
    tree_prepare(&t, decoder_config(m)->vocab);
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
    decoder_free(m);
}

/* Logits of two tokens of a row differ as their log-probabilities do, and so does
 * the gradient of the difference. */
static void raw_terms_give_differences(void **state)
{
    struct decoder *m = load(GGUF);
    int id[] = { 54, 395, 336, 459, 299 }, want[] = { 2, 4 }, n = 5;
    int *position = counting(n, 0), width = decoder_config(m)->embed_width;
    struct decoder_segment segment = { -1, 0, n };
    real *x = embed_all(m, id, n), out[2][4], weight[] = { 1, -1, .5, -.5 };
    struct decoder_pack p = { n, x, position, 1, &segment, 2, want };
    struct decoder_workspace *w = decoder_workspace_new(m, n, 2, DECODER_BACKWARD);
    real *grad = mem_new((size_t)(n * width), sizeof *grad);

    (void)state;
    for (int raw = 0; raw < 2; raw++) {
        struct decoder_term term[] = {
            { 0, 3, raw }, { 0, 8, raw }, { 1, 70, raw }, { 1, 599, raw }
        };
        const real *g;

        decoder_forward(m, &p, w);
        decoder_logp(m, w, term, 4, out[raw]);
        g = decoder_backward(m, w, term, weight, 4);
        for (int i = 0; i < n * width; i++)
            if (raw)
                assert_true(fabs((double)(g[i] - grad[i])) <= PACK_TOL);
            else
                grad[i] = g[i];
    }
    for (int k = 0; k < 4; k += 2)
        assert_true(fabs((double)(out[0][k] - out[0][k + 1] - out[1][k] + out[1][k + 1]))
                    <= PACK_TOL);
    decoder_workspace_free(w);
    free(position);
    free(x);
    free(grad);
    decoder_free(m);
}

/* A workspace that has seen a larger pack gives the same bytes as a new one. */
static void workspaces_are_reused(void **state)
{
    struct decoder *m = load(GGUF);
    int id[60], *position = counting(60, 0), width = decoder_config(m)->embed_width;
    struct decoder_workspace *w = decoder_workspace_new(m, 60, 60, DECODER_BACKWARD);
    struct decoder_workspace *fresh = NULL;
    struct decoder_term term[60];
    real *x, out[3][60], weight[60], *grad = mem_new((size_t)(60 * width), sizeof *grad);

    (void)state;
    for (int i = 0; i < 60; i++) {
        id[i] = (i * 41) % 600;
        term[i] = (struct decoder_term){ i, (i * 7) % 600, false };
        weight[i] = 1;
    }
    x = embed_all(m, id, 60);
    for (int k = 0; k < 3; k++) {
        int n = k ? 17 : 60, wanted = k ? 3 : 60;
        struct decoder_segment segment = { -1, 0, n };
        struct decoder_pack p = {
            n, x, position, 1, &segment, wanted, position + n - wanted
        };
        struct decoder_workspace *use = w;
        const real *g;

        if (k == 2)
            use = fresh = decoder_workspace_new(m, n, 3, DECODER_BACKWARD);
        decoder_forward(m, &p, use);
        decoder_logp(m, use, term, wanted, out[k]);
        g = decoder_backward(m, use, term, weight, wanted);
        if (k == 1)
            memcpy(grad, g, (size_t)(n * width) * sizeof *grad);
        if (k == 2)
            assert_memory_equal(grad, g, (size_t)(n * width) * sizeof *grad);
    }
    assert_memory_equal(out[1], out[2], 3 * sizeof(real));
    decoder_workspace_free(w);
    decoder_workspace_free(fresh);
    decoder_free(m);
    free(position);
    free(x);
    free(grad);
}

/* Sequences on threads of their own, whatever their number: the same bytes. */
static void threads_change_nothing(void **state)
{
    struct decoder *m = load(GGUF);
    int id[30], n = 30, width = decoder_config(m)->embed_width;
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
    decoder_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree_equals_its_branches),
        cmocka_unit_test(raw_terms_give_differences),
        cmocka_unit_test(workspaces_are_reused),
        cmocka_unit_test(threads_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
