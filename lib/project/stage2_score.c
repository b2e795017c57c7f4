#include "project/soft_tokens.h"
#include "project/stage2.h"
#include "util/mem.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* One user's candidates on their way through the model. */
struct scoring {
    const struct stage2_request *request;
    struct token_tree q;
    struct answer_trie answers;
    struct trie_plan plan;
    struct error error;
    int failed, dropped; /* history items that had no room */
};

static int build(struct scoring *j, const struct stage2 *s, enum score_norm norm)
{
    const struct stage2_request *r = j->request;
    struct codes codes = { 0 };
    int result, shared;

    result =
        answer_trie_build(&j->answers, &s->prompter, r->candidate, r->count, &j->error);
    if (result == 0)
        result = prompt_shared(&codes, &s->prompter, r->candidate, r->count, &j->error);
    shared = codes.n + answer_trie_longest(&j->answers);
    if (result == 0)
        result = stage2_user_prompt(&codes, s, &r->example, r->split, r->candidate,
                                    r->count, shared, &j->error);
    j->dropped = result;
    if (result >= 0 && codes.n == 0)
        result = fail(&j->error, "the prompt is empty");
    if (result >= 0) {
        token_tree_open(&j->q, -1);
        token_tree_add(&j->q, codes.list, codes.n);
        trie_plan_all(&j->plan, &j->q, &j->answers, norm);
    }
    codes_free(&codes);
    return result < 0 ? -1 : 0;
}

static void score(struct scoring *j, const struct stage2 *s, enum score_norm norm)
{
    const struct decoder *m = s->llm->model;
    const struct stage2_request *r = j->request;
    int *user_of = mem_new((size_t)j->q.segments, sizeof *user_of);
    size_t *bytes = mem_new((size_t)r->count, sizeof *bytes);
    real *out = mem_new((size_t)j->q.terms, sizeof *out);
    real *embeddings = mem_new((size_t)j->q.rows * (size_t)decoder_config(m)->embed_width,
                               sizeof *embeddings);
    struct decoder_workspace *w =
        decoder_pool_take(s->workspaces, m, j->q.rows, j->q.wanted + 1, false);
    struct decoder_pack pack = token_tree_pack(&j->q, embeddings);
    struct soft_tokens tokens;
    struct soft_batch soft;
    const struct guess_list list = { r->candidate, NULL, r->count, 0 };

    soft_tokens_begin(&soft, s);
    soft_tokens_collect(&soft, &j->q);
    soft_tokens_collect_list(&soft, &list);
    soft_tokens_project(&soft, &r->example.x, r->example.x ? 1 : 0);
    soft_tokens_guess(&soft, 0, r->example.x, &list);
    tokens = soft_tokens(&soft, 0);
    token_tree_embed(embeddings, &j->q, m, &tokens, user_of);
    if (j->q.terms > 0) { /* else all candidates have one answer */
        decoder_forward(m, &pack, w);
        decoder_logp(m, w, j->q.term, j->q.terms, out);
    }
    for (int i = 0; i < r->count; i++)
        bytes[i] = prompt_title_bytes(&s->prompter, r->candidate[i]);
    trie_score(r->score, &j->plan, &j->answers, out, norm, bytes);
    soft_tokens_free(&soft);
    decoder_pool_give(s->workspaces, w);
    free(embeddings);
    free(out);
    free(bytes);
    free(user_of);
}

/* Vectors and weights are finite, but what the model makes of them need not be. */
static int check_finite(struct scoring *j)
{
    const struct stage2_request *r = j->request;

    for (int i = 0; i < r->count; i++)
        if (!(fabs(r->score[i]) <= (double)FLT_MAX))
            return fail(&j->error, "user %d: the score of item %d is no finite number: the "
                        "model overflows with these vectors and 'proj.*'",
                        r->example.user, r->candidate[i]);
    return 0;
}

static void free_scoring(struct scoring *j)
{
    token_tree_free(&j->q);
    answer_trie_free(&j->answers);
    trie_plan_free(&j->plan);
}

long stage2_score(const struct stage2 *s, const struct stage2_request *requests, int count,
                  enum score_norm norm, struct error *e)
{
    struct scoring *jobs = mem_new((size_t)count, sizeof *jobs);
    long dropped = 0;

    /* one user alone leaves the threads to the products */
#pragma omp parallel for schedule(dynamic) if (count > 1)
    for (int i = 0; i < count; i++) {
        jobs[i].request = &requests[i];
        jobs[i].failed = build(&jobs[i], s, norm);
        if (!jobs[i].failed) {
            score(&jobs[i], s, norm);
            jobs[i].failed = check_finite(&jobs[i]);
        }
        free_scoring(&jobs[i]);
    }
    for (int i = count - 1; i >= 0; i--) {
        if (jobs[i].failed)
            *e = jobs[i].error;
        dropped = jobs[i].failed || dropped < 0 ? -1 : dropped + jobs[i].dropped;
    }
    free(jobs);
    return dropped;
}
