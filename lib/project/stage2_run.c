#include "project/mixed_items.h"
#include "project/soft_tokens.h"
#include "project/stage2.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* What an example asks, where its guess is one hypothesis: the target under a hypothesis
 * that the CF model's belief draws, or, as a lesson, the hypothesis itself, whichever
 * candidate it is. */
struct lesson {
    int hypothesis, target; /* of the list's candidates */
};

/* One list on its way through the model. */
struct job {
    const struct slate *list;
    int first;                 /* its first example among all */
    struct token_tree q;
    struct trie_path *paths; /* (examples) */
    int *user_of;              /* (segments) example of the list */
    struct lesson *lesson;     /* (examples) */
    real *embeddings, *drows;  /* (rows, width) */
    struct error error;
    int failed;
    long dropped;              /* history items that had no room */
};

/* The own parts (examples) of all prompts of the list; -1 and the reason. */
static int own_parts(struct job *j, const struct stage2 *s, struct codes *own, int shared,
                     int longest)
{
    const struct slate *l = j->list;

    for (int i = 0; i < l->examples; i++) {
        int dropped = stage2_user_prompt(&own[i], s, &l->example[i], SPLIT_TRAIN,
                                         l->candidate, l->count, shared + longest,
                                         &j->error);

        if (dropped < 0)
            return -1;
        if (shared + own[i].n == 0)
            return fail(&j->error, "the prompt is empty");
        j->dropped += dropped;
    }
    return 0;
}

static int draw(rng *r, const double *p, int count)
{
    double left = rng_uniform(r);
    int last = 0;

    for (int c = 0; c < count; c++)
        if (p[c] > 0) {
            last = c;
            left -= p[c];
            if (left < 0)
                break;
        }
    return last;
}

/* A share soft_labels of the examples are lessons, whose hypothesis any admitted candidate
 * may be. */
static struct lesson lesson_of(const struct stage2 *s, const struct slate *l, int i)
{
    struct lesson lesson = { 0, l->target_at[i] };
    const bool *admitted = l->admitted + (long)i * l->count;
    rng r = rng_keyed("stage2 lesson", l->mix, (uint64_t)i, 0);
    bool own = rng_uniform(&r) < s->soft_labels;
    struct guess g = s->guess;
    double *p;

    if (!g.each || !l->example[i].x)
        return lesson;
    p = mem_new((size_t)l->count, sizeof *p);
    g.temperature[0] = own ? INFINITY : g.temperature[0];
    guess_belief(p, &g, l->example[i].x, l->candidate, admitted, l->count);
    lesson.hypothesis = draw(&r, p, l->count);
    lesson.target = own ? lesson.hypothesis : lesson.target;
    free(p);
    return lesson;
}

/* Fills label (count) for example i of the list; NULL where the target alone is right. */
static const double *labels(double *label, const struct stage2 *s, const struct slate *l,
                            int i)
{
    if (s->soft_labels <= 0 || s->guess.count == 0 || s->guess.each || !l->example[i].x)
        return NULL;
    guess_labels(label, &s->guess, l->example[i].x, l->candidate,
                 l->admitted + (long)i * l->count, l->count, l->target_at[i],
                 s->soft_labels);
    return label;
}

/* The shared part once, with what all own parts begin with, and below it the rest of each
 * example's own with its target's answer.
 * Where an own part is empty, its answer hangs on the last shared row: that one then
 * goes to each of them instead, so that there is a row of their own to ask. */
static void assemble(struct job *j, const struct stage2 *s, const struct codes *shared,
                     const struct codes *own, const struct answer_trie *a, bool with_title)
{
    const struct slate *l = j->list;
    double *label = mem_new((size_t)l->count, sizeof *label);
    int tail = 0, parent = -1, common = codes_common(own, l->examples);

    for (int i = 0; i < l->examples; i++)
        tail |= own[i].n == 0;
    if (shared->n + common > tail) {
        parent = token_tree_open(&j->q, -1);
        token_tree_add(&j->q, shared->list, shared->n - tail);
        token_tree_add(&j->q, own[0].list, common);
    }
    for (int i = 0; i < l->examples; i++) {
        j->user_of[token_tree_open(&j->q, parent)] = i;
        if (tail)
            token_tree_add(&j->q, shared->list + shared->n - 1, 1);
        token_tree_add(&j->q, own[i].list + common, own[i].n - common);
        trie_path_plan(&j->paths[i], &j->q, a, l->admitted + (long)i * l->count,
                       j->lesson[i].target, with_title, labels(label, s, l, i));
    }
    free(label);
}

static int build(struct job *j, const struct stage2 *s, bool with_title)
{
    const struct slate *l = j->list;
    struct codes shared = { 0 }, *own = mem_new((size_t)l->examples, sizeof *own);
    struct answer_trie answers = { 0 };
    int result;

    j->paths = mem_new((size_t)l->examples, sizeof *j->paths);
    j->lesson = mem_new((size_t)l->examples, sizeof *j->lesson);
    for (int i = 0; i < l->examples; i++)
        j->lesson[i] = lesson_of(s, l, i);
    j->user_of = mem_new((size_t)l->examples + 1, sizeof *j->user_of);
    result = answer_trie_build(&answers, &s->prompter, l->candidate, l->count, &j->error);
    if (result == 0)
        result = prompt_shared(&shared, &s->prompter, l->candidate, l->count, &j->error);
    if (result == 0)
        result = own_parts(j, s, own, shared.n, answer_trie_longest(&answers));
    if (result == 0) {
        assemble(j, s, &shared, own, &answers, with_title);
        mixed_items_codes(s, l->mix, j->q.code, j->q.rows);
    }
    for (int i = 0; i < l->examples; i++)
        codes_free(&own[i]);
    free(own);
    answer_trie_free(&answers);
    codes_free(&shared);
    return result;
}

/* Forward, the losses, and backward to drows where that is asked for. */
static void run(struct job *j, const struct stage2 *s, const struct soft_batch *soft,
                struct decoder_workspace *w, double select_share, double title_share,
                struct trie_result *result, bool backward)
{
    const struct decoder *m = s->llm->model;
    size_t width = (size_t)decoder_config(m)->embed_width;
    size_t bytes = (size_t)j->q.rows * width * sizeof(real);
    struct soft_tokens tokens = soft_tokens(soft, j->first);
    real *out = mem_new((size_t)j->q.terms, sizeof *out);
    real *weight = mem_new((size_t)j->q.terms, sizeof *weight);
    struct decoder_pack pack;
    bool asks = j->q.terms > 0; /* not where all candidates have one answer */

    j->embeddings = mem_new(bytes, 1);
    j->drows = mem_new(bytes, 1);
    token_tree_embed(j->embeddings, &j->q, m, &tokens, j->user_of);
    pack = token_tree_pack(&j->q, j->embeddings);
    if (asks) {
        decoder_forward(m, &pack, w);
        decoder_logp(m, w, j->q.term, j->q.terms, out);
    }
    for (int i = 0; i < j->list->examples; i++)
        result[j->first + i] =
            trie_path_loss(&j->paths[i], out, select_share, title_share, weight);
    if (backward && asks)
        memcpy(j->drows, decoder_backward(m, w, j->q.term, weight, j->q.terms), bytes);
    free(out);
    free(weight);
}

static void free_job(struct job *j)
{
    for (int i = 0; j->paths && i < j->list->examples; i++)
        trie_path_free(&j->paths[i]);
    free(j->paths);
    free(j->lesson);
    free(j->user_of);
    free(j->embeddings);
    free(j->drows);
    token_tree_free(&j->q);
}

/* Sequences of all lists, in parallel; -1 and the first list's reason. */
static int build_all(struct job *jobs, int count, const struct stage2 *s, bool with_title,
                     struct error *e)
{
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < count; i++)
        jobs[i].failed = build(&jobs[i], s, with_title);
    for (int i = 0; i < count; i++)
        if (jobs[i].failed) {
            *e = jobs[i].error;
            return -1;
        }
    return 0;
}

static void run_all(struct job *jobs, int count, const struct stage2 *s,
                    const struct soft_batch *soft, double select_share,
                    double title_share, struct trie_result *result, bool backward)
{
    int rows = 1, wanted = 1;

    for (int i = 0; i < count; i++) {
        rows = jobs[i].q.rows > rows ? jobs[i].q.rows : rows;
        wanted = jobs[i].q.wanted > wanted ? jobs[i].q.wanted : wanted;
    }
    /* one list alone leaves the threads to its products */
#pragma omp parallel if (count > 1)
    {
        struct decoder_workspace *w =
            decoder_pool_take(s->workspaces, s->llm->model, rows, wanted, backward);

#pragma omp for schedule(dynamic)
        for (int i = 0; i < count; i++)
            run(&jobs[i], s, soft, w, select_share, title_share, result, backward);
        decoder_pool_give(s->workspaces, w);
    }
}

/* Soft tokens of all lists: projected once, and guessed about each. */
static void project_all(struct soft_batch *soft, const struct job *jobs, int count,
                        const float *const *x, int examples)
{
    for (int i = 0; i < count; i++) {
        const struct slate *l = jobs[i].list;

        soft_tokens_collect(soft, &jobs[i].q);
        soft_tokens_collect_list(soft, &(struct guess_list){ l->candidate, NULL, l->count,
                                                             l->mix, 0 });
    }
    soft_tokens_project(soft, x, examples);
    for (int i = 0; i < count; i++) {
        const struct slate *l = jobs[i].list;

        for (int k = 0; k < l->examples; k++)
            soft_tokens_guess(soft, jobs[i].first + k, x[jobs[i].first + k],
                              &(struct guess_list){ l->candidate,
                                                    l->admitted + (long)k * l->count,
                                                    l->count, l->mix,
                                                    jobs[i].lesson[k].hypothesis });
    }
}

long stage2_run(const struct stage2 *s, const struct slate *lists, int count,
                double select_share, double title_share, struct trie_result *result,
                real *grad, struct error *e)
{
    struct job *jobs = mem_new((size_t)count, sizeof *jobs);
    struct soft_batch soft;
    const float **x;
    int examples = 0, failed;
    long dropped = 0;

    for (int i = 0; i < count; i++) {
        jobs[i].list = &lists[i];
        jobs[i].first = examples;
        examples += lists[i].examples;
    }
    x = mem_new((size_t)examples, sizeof *x);
    for (int i = 0; i < count; i++)
        for (int k = 0; k < lists[i].examples; k++)
            x[jobs[i].first + k] = lists[i].example[k].x;
    soft_tokens_begin(&soft, s);
    failed = build_all(jobs, count, s, title_share > 0, e);
    if (!failed) {
        project_all(&soft, jobs, count, x, examples);
        run_all(jobs, count, s, &soft, select_share / examples, title_share / examples,
                result, grad != NULL);
        for (int i = 0; grad && i < count; i++)
            soft_tokens_gather_gradient(&soft, &jobs[i].q, jobs[i].drows, jobs[i].user_of,
                                        jobs[i].first);
        if (grad)
            soft_tokens_backward(&soft, grad);
    }
    for (int i = 0; i < count; i++) {
        dropped += jobs[i].dropped;
        free_job(&jobs[i]);
    }
    soft_tokens_free(&soft);
    free(x);
    free(jobs);
    return failed ? -1 : dropped;
}
