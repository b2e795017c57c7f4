/* What quantisation costs: log-likelihoods per token of texts, one a line on stdin, by
 * each model against the first.
 *
 *     quant_loss REFERENCE.gguf MODEL.gguf...  < titles
 *
 * The texts stand in quotes, as in prompts; the first token is given.  Products in
 * f32. */
#include "llm/llm.h"
#include "nn/blas.h"
#include "util/file.h"
#include "util/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct texts {
    char **text;
    long n, room;
};

static struct texts read_texts(void)
{
    struct texts t = { 0 };
    char *line = NULL;
    size_t room = 0;
    ssize_t n;

    while ((n = getline(&line, &room, stdin)) > 0) {
        line[n - (line[n - 1] == '\n')] = 0;
        MEM_PUSH(t.text, t.n, t.room, mem_format("\"%s\"", line));
    }
    free(line);
    return t;
}

/* Of all tokens but the first: their sum, and how many. */
static double likelihood(const struct llm *llm, const char *text, int *tokens)
{
    int *id, n, width = decoder_config(llm->model)->embed_width;
    struct error e;
    double sum = 0;

    n = bpe_encode(llm->bpe, text, strlen(text), &id, &e);
    if (n < 2)
        die("%s: %s", text, n < 0 ? e.text : "expected two tokens at least");
    struct decoder_segment s = { -1, 0, n };
    int *position = mem_new((size_t)n, sizeof *position);
    real *x = mem_new((size_t)(n * width), sizeof *x),
         *out = mem_new((size_t)n, sizeof *out);
    struct decoder_term *term = mem_new((size_t)n, sizeof *term);
    struct decoder_pack p = { n, x, position, 1, &s, n - 1, position };
    struct decoder_workspace *w =
        decoder_workspace_new(llm->model, n, n, DECODER_FORWARD);

    for (int i = 0; i < n; i++) {
        position[i] = i;
        decoder_embed(llm->model, id[i], x + i * width);
        if (i > 0)
            term[i - 1] = (struct decoder_term){ i - 1, id[i], false };
    }
    decoder_forward(llm->model, &p, w);
    decoder_logp(llm->model, w, term, n - 1, out);
    for (int i = 0; i + 1 < n; i++)
        sum += (double)out[i];
    *tokens = n - 1;
    decoder_workspace_free(w);
    free(position), free(x), free(out), free(term), free(id);
    return sum;
}

/* (texts) log-likelihood a token; returns the perplexity over all tokens. */
static double measure(const char *path, const struct texts *t, double *per_token)
{
    double sum = 0;
    long tokens = 0;
    struct error e;
    struct llm llm;

    if (llm_open(&llm, path, FROZEN_STORED, &e) < 0)
        die("%s", e.text);
#pragma omp parallel for schedule(dynamic)
    for (long i = 0; i < t->n; i++) {
        int n;
        double l = likelihood(&llm, t->text[i], &n);

        per_token[i] = l / n;
#pragma omp critical
        {
            sum += l;
            tokens += n;
        }
    }
    llm_close(&llm);
    return exp(-sum / (double)tokens);
}

int main(int argc, char **argv)
{
    struct texts t;
    double *reference, *other, base;

    blas_start(argv);
    t = read_texts();
    if (argc < 2 || t.n == 0)
        die("usage: quant_loss REFERENCE.gguf MODEL.gguf... < texts");
    reference = mem_new((size_t)t.n, sizeof *reference);
    other = mem_new((size_t)t.n, sizeof *other);
    base = measure(argv[1], &t, reference);
    printf("%ld texts; differences of log-likelihood a token from %s\n", t.n,
           file_base(argv[1]));
    printf("%-14s %9s %9s %11s %9s\n", "model", "mean |d|", "max |d|", "perplexity",
           "change");
    printf("%-14s %9s %9s %11.3f\n", file_base(argv[1]), "", "", base);
    for (int m = 2; m < argc; m++) {
        double p = measure(argv[m], &t, other), mean = 0, most = 0;

        for (long i = 0; i < t.n; i++) {
            mean += fabs(other[i] - reference[i]) / (double)t.n;
            most = fmax(most, fabs(other[i] - reference[i]));
        }
        printf("%-14s %9.4f %9.4f %11.3f %+8.2f%%\n", file_base(argv[m]), mean, most, p,
               100 * (p / base - 1));
        fflush(stdout);
    }
    return 0;
}
