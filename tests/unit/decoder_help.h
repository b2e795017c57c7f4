/* What the tests of the decoder share. */
#ifndef TESTS_UNIT_DECODER_HELP_H
#define TESTS_UNIT_DECODER_HELP_H

#include "llm/decoder_load.h"
#include "util/mem.h"

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

#define GGUF "tests/fixtures/tiny/SmolLM2.gguf"
#define FOLDER "tests/fixtures/tiny/llama"

static inline struct decoder *load_as(const char *path, enum frozen_precision precision)
{
    struct error e;
    struct decoder *m = decoder_load(path, precision, &e);

    if (!m)
        fail_msg("%s", e.text);
    return m;
}

static inline struct decoder *load(const char *path)
{
    return load_as(path, FROZEN_REAL);
}

static inline real *embed_all(const struct decoder *m, const int *id, int n)
{
    int width = decoder_config(m)->embed_width;
    real *x = mem_new((size_t)n * (size_t)width, sizeof *x);

    for (int i = 0; i < n; i++)
        decoder_embed(m, id[i], x + i * width);
    return x;
}

static inline int *counting(int n, int from)
{
    int *v = mem_new((size_t)n, sizeof *v);

    for (int i = 0; i < n; i++)
        v[i] = from + i;
    return v;
}

/* One sequence: logp (n - 1) of its own tokens and grad (n, width) of their sum,
 * where keep is for backward. */
static inline void plain_keeping(const struct decoder *m, const int *id, int n,
                                 enum decoder_keep keep, real *logp, real *grad)
{
    struct decoder_segment segment = { -1, 0, n };
    int *position = counting(n, 0);
    real *x = embed_all(m, id, n), *one = mem_new((size_t)n, sizeof *one);
    struct decoder_pack p = { n, x, position, 1, &segment, n - 1, position };
    struct decoder_workspace *w = decoder_workspace_new(m, n + 3, n, keep);
    struct decoder_term *term = mem_new((size_t)n, sizeof *term);

    for (int i = 0; i + 1 < n; i++) {
        term[i] = (struct decoder_term){ i, id[i + 1], false };
        one[i] = 1;
    }
    decoder_forward(m, &p, w);
    decoder_logp(m, w, term, n - 1, logp);
    if (keep != DECODER_FORWARD)
        memcpy(grad, decoder_backward(m, w, term, one, n - 1),
               (size_t)(n * decoder_config(m)->embed_width) * sizeof *grad);
    decoder_workspace_free(w);
    free(position);
    free(x);
    free(one);
    free(term);
}

/* grad NULL: forward only. */
static inline void plain(const struct decoder *m, const int *id, int n, real *logp,
                         real *grad)
{
    plain_keeping(m, id, n, grad ? DECODER_BACKWARD : DECODER_FORWARD, logp, grad);
}

static inline double number(FILE *f)
{
    double v;

    assert_int_equal(fscanf(f, "%lf", &v), 1);
    return v;
}

static inline void compare_prompt(const struct decoder *m, FILE *f)
{
    int n, width = decoder_config(m)->embed_width, id[256];
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

/* The model at path against a file of tests/fixtures/tiny.py's or opt.py's. */
static inline void compare(const char *path, enum frozen_precision precision,
                           const char *expected)
{
    struct decoder *m = load_as(path, precision);
    FILE *f = fopen(expected, "r");
    int prompts;

    assert_non_null(f);
    assert_int_equal(fscanf(f, "prompts %d", &prompts), 1);
    assert_true(prompts > 0);
    while (prompts--)
        compare_prompt(m, f);
    fclose(f);
    decoder_free(m);
}

#endif
