/* Generating step by step against the whole sequence at once, and a sequence among
 * others against it alone. */
#include "decoder_help.h"

#include "llm/decoder_cache.h"
#include "llm/decoder_parts.h"
#include "util/rng.h"

#include <omp.h>

/* The same numbers added in another order, logits of some units. */
#define STEP_TOL 1e-4
/* Prompt and steps round to bfloat16 at the same places, but sums differ before: where
 * the whole's attention is in float, as that of steps is. */
#define BF16_STEP_TOL .15
/* Where it is in bfloat16: numbers with 8 bits, of logits of random models, which are 2
 * to 4 (root mean square): any, and the root mean square of all. */
#define BF16_WHOLE_TOL 1
#define BF16_WHOLES_TOL .1

#define BEFORE "tests/fixtures/opt/before"
#define AFTER "tests/fixtures/opt/after"

enum { LONGEST = 70, SEQUENCES = 7, STEPS = 9 };

/* A workspace for forward passes, whose attention may be in float where products are in
 * bfloat16. */
static struct decoder_workspace *workspace(const struct decoder *m, int rows, int wanted,
                                           bool in_float)
{
    struct decoder_workspace *w = decoder_workspace_new(m, rows, wanted, DECODER_FORWARD);

    if (in_float) {
        bf16_room_free(&w->bf16);
        w->bf16 = (struct bf16_room){ 0 };
    }
    return w;
}

static void draw(const struct decoder *m, int *id, int n, uint64_t what)
{
    rng r = rng_keyed("cache", 1, what, 0);

    for (int i = 0; i < n; i++)
        id[i] = (int)rng_below(&r, (uint64_t)decoder_config(m)->vocab);
}

/* Logits (n, vocab) of the whole sequence. */
static real *whole(const struct decoder *m, const int *id, int n, bool in_float)
{
    int vocab = decoder_config(m)->vocab;
    struct decoder_segment segment = { -1, 0, n };
    int *position = counting(n, 0);
    real *x = embed_all(m, id, n);
    real *out = mem_new((size_t)(n * vocab), sizeof *out);
    struct decoder_term *term = mem_new((size_t)(n * vocab), sizeof *term);
    struct decoder_pack p = { n, x, position, 1, &segment, n, position };
    struct decoder_workspace *w = workspace(m, n, n, in_float);

    for (int i = 0; i < n * vocab; i++)
        term[i] = (struct decoder_term){ i / vocab, i % vocab, true };
    decoder_forward(m, &p, w);
    decoder_logp(m, w, term, n * vocab, out);
    decoder_workspace_free(w);
    free(position);
    free(x);
    free(term);
    return out;
}

static struct decoder_cache *filled(const struct decoder *m, const int *id, int n,
                                    int room, bool in_float)
{
    struct decoder_cache *c = decoder_cache_new(m, room);
    struct decoder_workspace *w = workspace(m, n + 1, 1, in_float);
    real *x = embed_all(m, id, n);

    decoder_fill(m, c, x, n, w);
    assert_int_equal(decoder_cache_rows(c), n);
    decoder_workspace_free(w);
    free(x);
    return c;
}

/* `prompt` rows at once, the others one by one; tolerance of any logit, and of the root
 * mean square of what all are off. */
static void check_steps(const struct decoder *m, int prompt, int n, bool in_float,
                        double tolerance, double mean_tolerance)
{
    double square = 0;
    int vocab = decoder_config(m)->vocab, id[LONGEST];
    struct decoder_stepper *s = decoder_stepper_new(m, 1, LONGEST);
    struct decoder_cache *c;
    real *want, *logits = mem_new((size_t)vocab, sizeof *logits);

    draw(m, id, n, 1);
    want = whole(m, id, n, in_float);
    c = filled(m, id, prompt, n, in_float);
    for (int i = prompt; i < n; i++) {
        real *x = embed_all(m, id + i, 1);

        decoder_step(m, s, &c, x, 1, logits);
        for (int v = 0; v < vocab; v++) {
            double off = (double)(logits[v] - want[i * vocab + v]);

            square += off * off;
            if (!(fabs(off) <= tolerance))
                fail_msg("row %d of %d, token %d: %g, the whole gives %g", i, n, v,
                         (double)logits[v], (double)want[i * vocab + v]);
        }
        free(x);
    }
    assert_true(sqrt(square / ((n - prompt) * vocab)) <= mean_tolerance);
    decoder_cache_free(c);
    decoder_stepper_free(s);
    free(want);
    free(logits);
}

static void check_some_steps(const struct decoder *m, bool in_float, double tolerance,
                             double mean_tolerance)
{
    check_steps(m, 0, 12, in_float, tolerance, mean_tolerance);
    check_steps(m, 1, 3, in_float, tolerance, mean_tolerance);
    check_steps(m, 40, LONGEST, in_float, tolerance, mean_tolerance);
}

static void steps_equal_the_whole(void **state)
{
    const struct {
        const char *path;
        enum frozen_precision precision;
    } kind[] = {
        { GGUF, FROZEN_REAL },   { GGUF, FROZEN_STORED },  { BEFORE, FROZEN_REAL },
        { AFTER, FROZEN_REAL },  { AFTER, FROZEN_STORED }, { GGUF, FROZEN_BF16 },
        { BEFORE, FROZEN_BF16 }, { AFTER, FROZEN_BF16 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
        bool bf16 = frozen_is_bf16(kind[i].precision);
        double tolerance = bf16 ? BF16_STEP_TOL : STEP_TOL;
        struct decoder *m;

        if (!frozen_available(kind[i].precision))
            continue;
        m = load_as(kind[i].path, kind[i].precision);
        check_some_steps(m, true, tolerance, tolerance);
        if (bf16)
            check_some_steps(m, false, BF16_WHOLE_TOL, BF16_WHOLES_TOL);
        decoder_free(m);
    }
}

/* All sequences' logits of all steps (steps, sequences, vocab), `together` at a time. */
static void run(const struct decoder *m, int together, real *out)
{
    size_t vocab = (size_t)decoder_config(m)->vocab;
    size_t width = (size_t)decoder_config(m)->embed_width;
    struct decoder_stepper *s = decoder_stepper_new(m, SEQUENCES, LONGEST);
    struct decoder_cache *c[SEQUENCES];
    real *x = mem_new(SEQUENCES * width, sizeof *x);
    int id[SEQUENCES][LONGEST];

    for (int q = 0; q < SEQUENCES; q++) {
        draw(m, id[q], LONGEST, (uint64_t)q);
        c[q] = filled(m, id[q], 5 * q + 1, 5 * q + 1 + STEPS, false);
    }
    for (int i = 0; i < STEPS; i++)
        for (int q = 0; q < SEQUENCES; q += together) {
            int n = SEQUENCES - q < together ? SEQUENCES - q : together;

            for (int k = 0; k < n; k++)
                decoder_embed(m, id[q + k][5 * (q + k) + 1 + i], x + (size_t)k * width);
            decoder_step(m, s, c + q, x, n, out + (size_t)(i * SEQUENCES + q) * vocab);
        }
    for (int q = 0; q < SEQUENCES; q++)
        decoder_cache_free(c[q]);
    decoder_stepper_free(s);
    free(x);
}

static void others_and_threads_change_no_bit(void **state)
{
    static const enum frozen_precision precision[] = { FROZEN_REAL, FROZEN_STORED,
                                                       FROZEN_BF16, FROZEN_STORED_BF16 };
    static const char *const path[] = { GGUF, BEFORE, AFTER };

    (void)state;
    for (size_t k = 0; k < 12; k++) {
        struct decoder *m;
        size_t n;
        real *alone, *with;

        if (!frozen_available(precision[k % 4]))
            continue;
        m = load_as(path[k / 4], precision[k % 4]);
        n = STEPS * SEQUENCES * (size_t)decoder_config(m)->vocab;
        alone = mem_new(n, sizeof *alone);
        with = mem_new(n, sizeof *with);
        omp_set_num_threads(1);
        run(m, 1, alone);
        for (int together = 2; together <= SEQUENCES; together++) {
            omp_set_num_threads(together % 3 + 1);
            run(m, together, with);
            assert_memory_equal(alone, with, n * sizeof *alone);
        }
        decoder_free(m);
        free(alone);
        free(with);
    }
}

static int likeliest(const real *logits, int n)
{
    int best = 0;

    for (int i = 1; i < n; i++)
        best = logits[i] > logits[best] ? i : best;
    return best;
}

/* n numbers of f. */
static void numbers_of(FILE *f, int *v, int n)
{
    for (int i = 0; i < n; i++)
        v[i] = (int)number(f);
}

/* One line of the fixture: what is likeliest, again and again. */
static void check_greedy(const struct decoder *m, FILE *f)
{
    int n = (int)number(f), id[256], said[64], tokens, last;
    struct decoder_stepper *s = decoder_stepper_new(m, 1, 256);
    real *logits = mem_new((size_t)decoder_config(m)->vocab, sizeof *logits);
    struct decoder_cache *c;

    assert_in_range(n, 2, 256);
    numbers_of(f, id, n);
    tokens = (int)number(f);
    assert_in_range(tokens, 1, 64);
    numbers_of(f, said, tokens);
    c = filled(m, id, n - 1, n - 1 + tokens, false);
    last = id[n - 1];
    for (int i = 0; i < tokens; i++) {
        real *x = embed_all(m, &last, 1);

        decoder_step(m, s, &c, x, 1, logits);
        last = likeliest(logits, decoder_config(m)->vocab);
        if (last != said[i])
            fail_msg("token %d behind %d: %d, transformers %d", i, n, last, said[i]);
        free(x);
    }
    decoder_cache_free(c);
    decoder_stepper_free(s);
    free(logits);
}

static void greedy_equals_transformers(void **state)
{
    FILE *f = fopen("tests/fixtures/generate.expected", "r");
    char name[64], path[128];
    int lines = 0;

    (void)state;
    assert_non_null(f);
    for (; fscanf(f, "%63s", name) == 1; lines++) {
        struct decoder *m;

        snprintf(path, sizeof path, "tests/fixtures/%s", name);
        m = load(path);
        check_greedy(m, f);
        decoder_free(m);
    }
    assert_int_equal(lines, 9);
    fclose(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greedy_equals_transformers),
        cmocka_unit_test(steps_equal_the_whole),
        cmocka_unit_test(others_and_threads_change_no_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
