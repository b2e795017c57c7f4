#include "project/stage2_run_parts.h"

#include "project/soft_tokens.h"
#include "ranks/ranks.h"
#include "util/mem.h"

#include <stdlib.h>

/* Forward, the losses, and backward to dsoft (soft rows of all lists, width) unless it is
 * NULL. */
static void run(struct stage2_job *j, const struct stage2 *s,
                const struct soft_batch *soft, struct decoder_workspace *w,
                double select_share, double title_share, struct trie_result *result,
                real *dsoft)
{
    const struct decoder *m = s->llm->model;
    size_t width = (size_t)decoder_config(m)->embed_width;
    struct soft_tokens tokens = soft_tokens(soft, j->first);
    real *out = mem_new((size_t)j->q.terms, sizeof *out);
    real *weight = mem_new((size_t)j->q.terms, sizeof *weight);
    real *embeddings = mem_new((size_t)j->q.rows * width, sizeof *embeddings);
    struct decoder_pack pack;
    bool asks = j->q.terms > 0; /* not where all candidates have one answer */

    token_tree_embed(embeddings, &j->q, m, &tokens, j->user_of);
    pack = token_tree_pack(&j->q, embeddings);
    if (asks) {
        decoder_forward(m, &pack, w);
        decoder_logp(m, w, j->q.term, j->q.terms, out);
    }
    for (int i = 0; i < j->list->examples; i++)
        result[j->first + i] =
            trie_path_loss(&j->paths[i], out, select_share, title_share, weight);
    if (dsoft && asks)
        soft_tokens_pick(dsoft + (size_t)j->soft * width,
                         decoder_backward(m, w, j->q.term, weight, j->q.terms), &j->q,
                         (int)width);
    free(out);
    free(weight);
    free(embeddings);
}

/* Sequences of all lists, in parallel; -1 and the first list's reason. */
static int build_all(struct stage2_job *jobs, int count, const struct stage2 *s,
                     bool with_title, struct error *e)
{
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < count; i++)
        jobs[i].failed = stage2_run_build(&jobs[i], s, with_title);
    for (int i = 0; i < count; i++)
        if (jobs[i].failed) {
            *e = jobs[i].error;
            return -1;
        }
    return 0;
}

/* This rank's lists, in parallel. */
static void run_all(struct stage2_job *jobs, int count, const struct stage2 *s,
                    const struct soft_batch *soft, double select_share,
                    double title_share, struct trie_result *result, real *dsoft)
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
            decoder_pool_take(s->workspaces, s->llm->model, rows, wanted, dsoft != NULL);

#pragma omp for schedule(dynamic)
        for (int i = 0; i < count; i++)
            run(&jobs[i], s, soft, w, select_share, title_share, result, dsoft);
        decoder_pool_give(s->workspaces, w);
    }
}

/* Soft tokens of all lists: projected once, and guessed about each. */
static void project_all(struct soft_batch *soft, const struct stage2_job *jobs, int count,
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
            soft_tokens_guess(soft, jobs[i].first + k, &l->example[k],
                              &(struct guess_list){ l->candidate,
                                                    l->admitted + (long)k * l->count,
                                                    l->count, l->mix,
                                                    jobs[i].lesson[k].hypothesis });
    }
}

/* Numbers examples and soft rows of the lists; returns the examples. */
static int number(struct stage2_job *jobs, const struct slate *lists, int count)
{
    int examples = 0;

    for (int i = 0; i < count; i++) {
        jobs[i].list = &lists[i];
        jobs[i].first = examples;
        examples += lists[i].examples;
    }
    return examples;
}

static long number_soft_rows(struct stage2_job *jobs, int count)
{
    long rows = 0;

    for (int i = 0; i < count; i++) {
        jobs[i].soft = rows;
        rows += soft_tokens_rows(&jobs[i].q);
    }
    return rows;
}

/* What each rank made of its lists, to all: results (examples) and dsoft (rows, width) or
 * NULL.  What is sent is the gradient of soft tokens: that of the projections is many
 * times larger, and each rank makes it of these rows in the order of one. */
static void give_all(const struct stage2_job *jobs, int count, struct trie_result *result,
                     int examples, real *dsoft, long rows, int width)
{
    long *first = mem_new((size_t)ranks_count() + 1, sizeof *first);

    for (int r = 0; r <= ranks_count(); r++) {
        long i = ranks_from(r, count);

        first[r] = i < count ? jobs[i].first : examples;
    }
    ranks_gather(result, sizeof *result, first);
    for (int r = 0; r <= ranks_count(); r++) {
        long i = ranks_from(r, count);

        first[r] = i < count ? jobs[i].soft : rows;
    }
    if (dsoft)
        ranks_gather(dsoft, (size_t)width * sizeof *dsoft, first);
    free(first);
}

/* Runs the lists, each in one rank, and adds to grad unless it is NULL. */
static void run_shares(struct stage2_job *jobs, int count, const struct stage2 *s,
                       struct soft_batch *soft, int examples, const double *share,
                       struct trie_result *result, real *grad)
{
    long from = ranks_from(ranks_mine(), count), to = ranks_from(ranks_mine() + 1, count);
    int width = decoder_config(s->llm->model)->embed_width;
    long rows = number_soft_rows(jobs, count);
    real *dsoft = grad ? mem_new((size_t)rows * (size_t)width, sizeof *dsoft) : NULL;

    run_all(jobs + from, (int)(to - from), s, soft, share[0] / examples,
            share[1] / examples, result, dsoft);
    give_all(jobs, count, result, examples, dsoft, rows, width);
    for (int i = 0; grad && i < count; i++)
        soft_tokens_gather_gradient(soft, &jobs[i].q, dsoft + jobs[i].soft * width,
                                    jobs[i].user_of, jobs[i].first);
    if (grad)
        soft_tokens_backward(soft, grad);
    free(dsoft);
}

long stage2_run(const struct stage2 *s, const struct slate *lists, int count,
                double select_share, double title_share, struct trie_result *result,
                real *grad, struct error *e)
{
    struct stage2_job *jobs = mem_new((size_t)count, sizeof *jobs);
    struct soft_batch soft;
    const float **x;
    int examples = number(jobs, lists, count), failed;
    long dropped = 0;

    x = mem_new((size_t)examples, sizeof *x);
    for (int i = 0; i < count; i++)
        for (int k = 0; k < lists[i].examples; k++)
            x[jobs[i].first + k] = lists[i].example[k].x;
    soft_tokens_begin(&soft, s);
    failed = build_all(jobs, count, s, title_share > 0, e);
    if (!failed) {
        project_all(&soft, jobs, count, x, examples);
        run_shares(jobs, count, s, &soft, examples,
                   (const double[]){ select_share, title_share }, result, grad);
    }
    for (int i = 0; i < count; i++) {
        dropped += jobs[i].dropped;
        stage2_run_free(&jobs[i]);
    }
    soft_tokens_free(&soft);
    free(x);
    free(jobs);
    return failed ? -1 : dropped;
}
