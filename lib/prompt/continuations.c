#include "prompt/continuations.h"

#include "prompt/answer_trie.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINES_A_BLOCK 32 /* scored in parallel, then printed in order */

struct line {
    char *text;
    double *score;
    int count;
    struct error error;
    int failed;
};

/* next: the text goes on after another. */
static int encode(struct codes *out, const struct llm *llm, const char *text, size_t n,
                  bool next, struct error *e)
{
    int *ids, count = next ? bpe_encode_next(llm->bpe, text, n, &ids, e)
                           : bpe_encode(llm->bpe, text, n, &ids, e);

    if (count < 0)
        return -1;
    for (int i = 0; i < count; i++)
        MEM_PUSH(out->list, out->n, out->room, ids[i]);
    free(ids);
    return 0;
}

/* The prompt's tokens into prompt, the candidates' into a. */
static int parse(struct line *l, const struct llm *llm, struct codes *prompt,
                 struct answer_trie *a)
{
    char *rest = l->text, *field = strsep(&rest, "\t");
    bool begun = *field != '\0';

    if (!rest)
        return fail(&l->error, "expected prompt<TAB>candidate..., found no tab");
    if (bpe_adds_bos(llm->bpe) && bpe_bos(llm->bpe) >= 0)
        MEM_PUSH(prompt->list, prompt->n, prompt->room, bpe_bos(llm->bpe));
    if (encode(prompt, llm, field, strlen(field), false, &l->error) < 0)
        return -1;
    if (prompt->n == 0)
        return fail(&l->error, "the prompt is empty, and this model has no start token");
    while ((field = strsep(&rest, "\t"))) {
        if (encode(answer_trie_add(a), llm, field, strlen(field), begun, &l->error) < 0)
            return -1;
    }
    return 0;
}

static void score(struct line *l, const struct llm *llm, const struct codes *prompt,
                  const struct answer_trie *a)
{
    const struct decoder *m = llm->model;
    struct token_tree q = { 0 };
    struct trie_plan plan = { 0 };
    struct decoder_workspace *w;
    struct decoder_pack pack;
    real *out, *embeddings;

    token_tree_open(&q, -1);
    token_tree_add(&q, prompt->list, prompt->n);
    trie_plan_all(&plan, &q, a, NORM_SUM);
    out = mem_new((size_t)q.terms, sizeof *out);
    embeddings = mem_new((size_t)q.rows * (size_t)decoder_config(m)->embed_width,
                         sizeof(real));
    token_tree_embed(embeddings, &q, m, NULL, NULL);
    pack = token_tree_pack(&q, embeddings);
    w = decoder_workspace_new(m, q.rows, q.wanted + 1, DECODER_FORWARD);
    if (q.terms > 0) {
        decoder_forward(m, &pack, w);
        decoder_logp(m, w, q.term, q.terms, out);
    }
    l->count = a->count;
    l->score = mem_new((size_t)a->count, sizeof *l->score);
    trie_score(l->score, &plan, a, out, NORM_SUM, NULL);
    for (int i = 0; i < a->count && !l->failed; i++)
        if (!isfinite(l->score[i]))
            l->failed = fail(&l->error,
                             "the model overflows: a score is no finite number");
    decoder_workspace_free(w);
    trie_plan_free(&plan);
    token_tree_free(&q);
    free(embeddings);
    free(out);
}

static void score_line(struct line *l, const struct llm *llm)
{
    struct codes prompt = { 0 };
    struct answer_trie a = { 0 };
    int context = decoder_config(llm->model)->context;

    l->failed = parse(l, llm, &prompt, &a);
    if (!l->failed && prompt.n + answer_trie_longest(&a) > context)
        l->failed = fail(&l->error, "%d tokens, the model's context has %d",
                         prompt.n + answer_trie_longest(&a), context);
    if (!l->failed)
        score(l, llm, &prompt, &a);
    codes_free(&prompt);
    answer_trie_free(&a);
}

static void print_line(const struct line *l)
{
    for (int i = 0; i < l->count; i++)
        printf("%s%.6f", i ? "\t" : "", l->score[i]);
    putchar('\n');
}

/* Up to LINES_A_BLOCK lines; how many, or -1. */
static int read_block(struct line *block, struct channel *in, const char *name,
                      struct error *e)
{
    int n = 0;

    while (n < LINES_A_BLOCK) {
        char *text = NULL;
        size_t room = 0;
        ssize_t length = channel_line(in, &text, &room);

        if (length < 0) {
            free(text);
            break;
        }
        block[n] = (struct line){ .text = text };
        if (strlen(text) != (size_t)length)
            block[n].failed = fail(&block[n].error, "a NUL in the line");
        n++;
    }
    return in->error ? fail(e, "%s: %s", name, channel_reason(in)) : n;
}

int continuations_score(const struct llm *llm, struct channel *in, const char *name,
                        struct error *e)
{
    struct line block[LINES_A_BLOCK];
    long done = 0;
    int n, result = 0;

    while (result == 0 && (n = read_block(block, in, name, e)) != 0) {
        if (n < 0)
            return -1;
#pragma omp parallel for schedule(dynamic) if (n > 1)
        for (int i = 0; i < n; i++)
            if (!block[i].failed)
                score_line(&block[i], llm);
        for (int i = 0; i < n; i++) {
            if (result == 0 && block[i].failed) {
                *e = block[i].error;
                result = fail_in(e, "%s: line %ld", name, done + i + 1);
            }
            if (result == 0)
                print_line(&block[i]);
            free(block[i].text);
            free(block[i].score);
        }
        done += n;
        if (result == 0)
            channel_flush_stdout();
    }
    if (result == 0 && done == 0)
        result = in->fd == STDIN_FILENO ? fail(e, "no input")
                                        : fail(e, "%s: empty", name);
    return result;
}
