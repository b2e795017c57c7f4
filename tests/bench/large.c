/* What a large LLM costs from the weights as stored in its file: a stage-2 step of one
 * user (forward; backward with each layer run forward again), and the scores of 20
 * candidates for one user, as decoder packs of the sizes that prompts have.
 *
 *     large MODEL.gguf
 *     large limit
 *
 * prints seconds, GFLOP/s of the layers' products, their share of what the same bf16
 * products from expanded weights reach in this run, and the peak of resident memory,
 * mapped pages of the file included; with limit, the GFLOP/s of bf16 products alone. */
#include "llm/decoder_config.h"
#include "llm/llm.h"
#include "frozen/bf16.h"
#include "nn/blas.h"
#include "util/clock.h"
#include "util/mem.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { PROMPT = 400, TITLE = 8, CANDIDATES = 20, SIZE = 4096, ROWS = 512, ROUNDS = 4 };

/* GFLOP/s of all threads, each on a matrix of its own. */
static double limit(void)
{
    double best = 1e9;

    for (int r = 0; r < ROUNDS; r++) {
        double from;
#pragma omp parallel
        {
            struct bf16_matrix b;
            float *x = mem_new(ROWS * SIZE, sizeof *x),
                  *y = mem_new(ROWS * SIZE, sizeof *y);

            bf16_new(&b, SIZE, SIZE);
#pragma omp barrier
#pragma omp single
            from = clock_seconds();
            bf16_product(y, x, &b, ROWS, false);
#pragma omp barrier
#pragma omp single
            best = fmin(best, clock_seconds() - from);
            bf16_free(&b);
            free(x);
            free(y);
        }
    }
    return omp_get_max_threads() * 2.0 * ROWS * SIZE * SIZE / best / 1e9;
}

/* Weights that every row is multiplied with: those of the layers. */
static double weights(const struct decoder_config *c)
{
    double sum = 0;

    for (int what = 0; what < DECODER_MATRICES; what++) {
        int rows, columns;

        decoder_shape(c, what, &rows, &columns);
        if (decoder_by_layer(what) && decoder_has(c, what) && !decoder_is_vector(what))
            sum += (double)rows * columns * c->layers;
    }
    return sum;
}

/* A prompt and `titles` answers below it; each row of an answer is asked for, and the
 * prompt's last. */
struct work {
    struct decoder_pack pack;
    struct decoder_term *term;
    real *weight, *out;
    int terms;
};

static struct work make_work(const struct decoder *m, int titles)
{
    int rows = PROMPT + titles * TITLE, terms = titles * TITLE;
    size_t width = (size_t)decoder_config(m)->embed_width;
    int *position = mem_new((size_t)rows, sizeof *position);
    int *want = mem_new((size_t)rows, sizeof *want), wanted = 1;
    struct decoder_segment *s = mem_new((size_t)titles + 1, sizeof *s);
    real *x = mem_new((size_t)rows * width, sizeof *x);
    struct work k = { .term = mem_new((size_t)terms, sizeof *k.term), .terms = terms };

    k.weight = mem_new((size_t)terms, sizeof *k.weight);
    k.out = mem_new((size_t)terms, sizeof *k.out);
    s[0] = (struct decoder_segment){ -1, 0, PROMPT };
    want[0] = PROMPT - 1;
    for (int r = 0; r < PROMPT; r++)
        position[r] = r;
    for (int t = 0; t < titles; t++) {
        int first = PROMPT + t * TITLE;

        s[t + 1] = (struct decoder_segment){ 0, first, first + TITLE };
        for (int i = 0; i < TITLE; i++) {
            k.term[t * TITLE + i] =
                (struct decoder_term){ i ? wanted - 1 : 0, 300 + 31 * t + i, false };
            k.weight[t * TITLE + i] = -1;
            position[first + i] = PROMPT + i;
            want[wanted++] = first + i;
        }
    }
    for (int r = 0; r < rows; r++)
        decoder_embed(m, 300 + 7 * r % 40000 % (decoder_config(m)->vocab - 300),
                      x + (size_t)r * width);
    k.pack = (struct decoder_pack){ rows, x, position, titles + 1, s, wanted, want };
    return k;
}

static double peak(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss * 1024 / (1 << 30);
}

/* passes: how often each row goes through the layers' products. */
static void measure(const struct decoder *m, const char *what, int titles, int passes,
                    double most)
{
    struct work k = make_work(m, titles);
    struct decoder_workspace *w =
        decoder_workspace_new(m, k.pack.rows, k.pack.wanted,
                              passes > 1 ? DECODER_RECOMPUTE : DECODER_FORWARD);
    double from = clock_seconds(), seconds, flops, sum = 0;

    decoder_forward(m, &k.pack, w);
    decoder_logp(m, w, k.term, k.terms, k.out);
    if (passes > 1)
        decoder_backward(m, w, k.term, k.weight, k.terms);
    seconds = clock_seconds() - from;
    flops = 2 * weights(decoder_config(m)) * k.pack.rows * passes / 1e9;
    for (int i = 0; i < k.terms; i++)
        sum += (double)k.out[i];
    printf("%s: %d tokens, %.1f s, %.0f GFLOP/s, %.0f %% of the limit; workspace %.2f "
           "GiB, peak memory %.2f GiB (log-likelihood %.3f a token)\n", what, k.pack.rows,
           seconds, flops / seconds, 100 * flops / seconds / most,
           (double)decoder_workspace_bytes(w) / (1 << 30), peak(), sum / k.terms);
    fflush(stdout);
    decoder_workspace_free(w);
}

int main(int argc, char **argv)
{
    struct error e;
    struct llm llm;
    double most, from;

    if (argc != 2)
        die("usage: large MODEL.gguf, or large limit");
    blas_start(argv);
    if (!bf16_available())
        die("this processor has no bfloat16 products, which are measured here");
    most = limit();
    if (strcmp(argv[1], "limit") == 0) {
        printf("%.1f\n", most);
        return 0;
    }
    printf("limit of bf16 products, %d threads: %.0f GFLOP/s\n", omp_get_max_threads(),
           most);
    from = clock_seconds();
    if (llm_open(&llm, argv[1], FROZEN_STORED_BF16, &e) < 0)
        die("%s", e.text);
    printf("opened in %.1f s, %.1f thousand million weights in the layers\n",
           clock_seconds() - from, weights(decoder_config(llm.model)) / 1e9);
    measure(llm.model, "stage-2 step of one user", 1, 3, most);
    measure(llm.model, "scores of 20 candidates", CANDIDATES, 1, most);
    printf("limit again: %.0f GFLOP/s\n", limit());
    llm_close(&llm);
    return 0;
}
