#include "project/soft_tokens.h"
#include "project/stage2.h"
#include "util/mem.h"

#include <float.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

/* log(exp a + exp b). */
static double log_add(double a, double b)
{
    double top = fmax(a, b);

    return isinf(top) ? top : top + log1p(exp(-fabs(a - b)));
}

/* One user's candidates on their way through the model: under each guess, of which there
 * is one, or one for each hypothesis. */
struct scoring {
    const struct stage2_request *request;
    struct token_tree q;
    struct answer_trie answers;
    int guesses;
    int *first;             /* (guesses) segment of each */
    double *belief;         /* (candidates): how likely each hypothesis is */
    struct trie_plan *plan; /* (guesses) */
    struct error error;
    int failed, dropped; /* history items that had no room */
};

/* Opens a guess's own part of the prompt, and below it what is asked about the answers. */
static void add_guess(struct scoring *j, int k, int parent, const struct codes *own,
                      enum score_norm norm)
{
    j->first[k] = token_tree_open(&j->q, parent);
    token_tree_add(&j->q, own->list, own->n);
    trie_plan_all(&j->plan[k], &j->q, &j->answers, norm);
}

/* part[0] is the prompt; with hypotheses it is what they share, part[1] their own. */
static void add_prompt(struct scoring *j, const struct codes *part, enum score_norm norm)
{
    int parent = -1;

    if (j->belief && part[0].n > 0) {
        parent = token_tree_open(&j->q, -1);
        token_tree_add(&j->q, part[0].list, part[0].n);
    }
    for (int k = 0; k < j->guesses; k++)
        add_guess(j, k, parent, &part[j->belief ? 1 : 0], norm);
}

static void begin(struct scoring *j, const struct stage2 *s)
{
    const struct stage2_request *r = j->request;

    j->guesses = 1;
    if (s->guess.each && r->example.x && r->count > 0) {
        j->guesses = r->count;
        j->belief = mem_new((size_t)r->count, sizeof *j->belief);
        guess_belief(j->belief, &s->guess, r->example.x, r->candidate, NULL, r->count);
    }
    j->first = mem_new((size_t)j->guesses, sizeof *j->first);
    j->plan = mem_new((size_t)j->guesses, sizeof *j->plan);
}

static int build(struct scoring *j, const struct stage2 *s, enum score_norm norm)
{
    const struct stage2_request *r = j->request;
    struct codes part[2] = { { 0 } }, *own;
    int result, shared;

    begin(j, s);
    own = &part[j->belief ? 1 : 0];
    result =
        answer_trie_build(&j->answers, &s->prompter, r->candidate, r->count, &j->error);
    if (result == 0)
        result = prompt_shared(&part[0], &s->prompter, r->candidate, r->count, &j->error);
    shared = part[0].n + answer_trie_longest(&j->answers);
    if (result == 0)
        result = stage2_user_prompt(own, s, &r->example, r->split, r->candidate, r->count,
                                    shared, &j->error);
    j->dropped = result;
    if (result >= 0 && own->n == 0)
        result = fail(&j->error, "the prompt is empty");
    if (result >= 0)
        add_prompt(j, part, norm);
    codes_free(&part[0]);
    codes_free(&part[1]);
    return result < 0 ? -1 : 0;
}

/* The soft tokens of the prompt, a guess for each of j's. */
static void project(struct soft_batch *soft, struct scoring *j, const struct stage2 *s)
{
    const struct stage2_request *r = j->request;
    struct guess_list list = { r->candidate, NULL, r->count, 0, 0 };
    const float **x = mem_new((size_t)j->guesses, sizeof *x);

    for (int k = 0; k < j->guesses; k++)
        x[k] = r->example.x;
    soft_tokens_begin(soft, s);
    soft_tokens_collect(soft, &j->q);
    soft_tokens_collect_list(soft, &list);
    soft_tokens_project(soft, x, r->example.x ? j->guesses : 0);
    for (list.hypothesis = 0; list.hypothesis < j->guesses; list.hypothesis++)
        soft_tokens_guess(soft, list.hypothesis, r->example.x, &list);
    free(x);
}

/* The guess of every segment, answers' own among them. */
static int *guesses_of(const struct scoring *j)
{
    int *of = mem_new((size_t)j->q.segments, sizeof *of);

    for (int k = 0; k < j->guesses; k++)
        for (int g = j->first[k]; g < j->q.segments; g++)
            of[g] = k;
    return of;
}

/* log sum_h p_h exp(score_h) of each candidate, from the scores of every guess. */
static void mix_scores(struct scoring *j, const struct stage2 *s, const real *out,
                       enum score_norm norm)
{
    const struct stage2_request *r = j->request;
    size_t *bytes = mem_new((size_t)r->count, sizeof *bytes);
    double *score = mem_new((size_t)r->count, sizeof *score);

    for (int i = 0; i < r->count; i++)
        bytes[i] = prompt_title_bytes(&s->prompter, r->candidate[i]);
    if (!j->belief)
        trie_score(r->score, j->plan, &j->answers, out, norm, bytes);
    for (int i = 0; i < r->count && j->belief; i++)
        r->score[i] = -INFINITY;
    for (int k = 0; k < r->count && j->belief; k++) {
        trie_score(score, &j->plan[k], &j->answers, out, norm, bytes);
        for (int i = 0; i < r->count && j->belief[k] > 0; i++)
            r->score[i] = log_add(r->score[i], log(j->belief[k]) + score[i]);
    }
    free(bytes);
    free(score);
}

static void score(struct scoring *j, const struct stage2 *s, enum score_norm norm)
{
    const struct decoder *m = s->llm->model;
    real *out = mem_new((size_t)j->q.terms, sizeof *out);
    real *embeddings = mem_new((size_t)j->q.rows * (size_t)decoder_config(m)->embed_width,
                               sizeof *embeddings);
    struct decoder_workspace *w =
        decoder_pool_take(s->workspaces, m, j->q.rows, j->q.wanted + 1, false);
    struct decoder_pack pack = token_tree_pack(&j->q, embeddings);
    int *guess_of = guesses_of(j);
    struct soft_tokens tokens;
    struct soft_batch soft;

    project(&soft, j, s);
    tokens = soft_tokens(&soft, 0);
    token_tree_embed(embeddings, &j->q, m, &tokens, guess_of);
    if (j->q.terms > 0) { /* else all candidates have one answer */
        decoder_forward(m, &pack, w);
        decoder_logp(m, w, j->q.term, j->q.terms, out);
    }
    mix_scores(j, s, out, norm);
    soft_tokens_free(&soft);
    decoder_pool_give(s->workspaces, w);
    free(embeddings);
    free(out);
    free(guess_of);
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
    for (int k = 0; k < j->guesses; k++)
        trie_plan_free(&j->plan[k]);
    free(j->plan);
    free(j->first);
    free(j->belief);
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
