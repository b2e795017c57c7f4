#include "project/soft_tokens.h"
#include "project/stage2.h"
#include "util/mem.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* Hypotheses that run through the model together: more of them take no more memory, and
 * read the list once more. */
enum { TOGETHER = 32 };

/* log(exp a + exp b). */
static double log_add(double a, double b)
{
    double top = fmax(a, b);

    return isinf(top) ? top : top + log1p(exp(-fabs(a - b)));
}

/* One user's candidates on their way through the model. */
struct scoring {
    const struct stage2_request *request;
    struct answer_trie answers;
    struct codes part[2]; /* the prompt; with hypotheses what they share, and their own */
    double *belief;       /* (candidates): how likely each hypothesis is; NULL: no such */
    double *liking;  /* (candidates): log of the sum over hypotheses of what the model
                      * says, whoever is believed in; NULL: scores are not calibrated */
    int *hypothesis; /* (hypotheses) the candidates that are asked about */
    int hypotheses;
    struct error error;
    int failed, dropped; /* history items that had no room */
};

/* Guesses of one pack: the prompt's one, or those of some hypotheses. */
struct block {
    const int *hypothesis; /* (guesses) */
    int guesses;
    struct token_tree q;
    int first[TOGETHER];             /* segment of each */
    struct trie_plan plan[TOGETHER]; /* what is asked below it */
};

static double *impossible(int count)
{
    double *p = mem_new((size_t)count, sizeof *p);

    for (int i = 0; i < count; i++)
        p[i] = -INFINITY;
    return p;
}

/* Where only the best candidate is a hypothesis there is nothing to compare it with. */
static bool is_calibrated(const struct stage2 *s)
{
    return s->calibrate > 0 && s->guess.temperature[0] > 0;
}

static void take_hypotheses(struct scoring *j, const struct stage2 *s)
{
    const struct stage2_request *r = j->request;

    j->hypothesis = mem_new((size_t)r->count + 1, sizeof *j->hypothesis);
    if (!s->guess.each || !r->example.x || r->count == 0)
        return;
    j->belief = mem_new((size_t)r->count, sizeof *j->belief);
    guess_belief(j->belief, &s->guess, &r->example, r->candidate, NULL, r->count);
    if (is_calibrated(s))
        j->liking = impossible(r->count);
    for (int c = 0; c < r->count; c++)
        if (j->belief[c] > 0 || j->liking)
            j->hypothesis[j->hypotheses++] = c;
}

static int prepare(struct scoring *j, const struct stage2 *s)
{
    take_hypotheses(j, s);
    j->dropped = stage2_request_codes(&j->part[0], &j->part[j->belief ? 1 : 0],
                                      &j->answers, s, j->request, &j->error);
    return j->dropped < 0 ? -1 : 0;
}

/* The prompt, and below it what is asked about the answers, once for each guess. */
static void add_prompt(struct block *b, const struct scoring *j, enum score_norm norm)
{
    const struct codes *own = &j->part[j->belief ? 1 : 0];
    int parent = -1, common = j->belief ? codes_common(own, 1) : 0;

    if (j->belief && j->part[0].n + common > 0) {
        parent = token_tree_open(&b->q, -1);
        token_tree_add(&b->q, j->part[0].list, j->part[0].n);
        token_tree_add(&b->q, own->list, common);
    }
    for (int k = 0; k < b->guesses; k++) {
        b->first[k] = token_tree_open(&b->q, parent);
        token_tree_add(&b->q, own->list + common, own->n - common);
        trie_plan_all(&b->plan[k], &b->q, &j->answers, norm);
    }
}

/* The soft tokens of the prompt, and a guess for each of b's. */
static void project(struct soft_batch *soft, const struct block *b,
                    const struct scoring *j, const struct stage2 *s)
{
    const struct stage2_request *r = j->request;
    struct guess_list list = { r->candidate, NULL, r->count, 0, 0 };
    const float *x[TOGETHER];

    for (int k = 0; k < b->guesses; k++)
        x[k] = r->example.x;
    soft_tokens_begin(soft, s);
    soft_tokens_collect(soft, &b->q);
    soft_tokens_collect_list(soft, &list);
    soft_tokens_project(soft, x, r->example.x ? b->guesses : 0);
    for (int k = 0; k < b->guesses; k++) {
        list.hypothesis = j->belief ? b->hypothesis[k] : 0;
        soft_tokens_guess(soft, k, &r->example, &list);
    }
}

/* The guess of every segment, answers' own among them. */
static int *guesses_of(const struct block *b)
{
    int *of = mem_new((size_t)b->q.segments, sizeof *of);

    for (int k = 0; k < b->guesses; k++)
        for (int g = b->first[k]; g < b->q.segments; g++)
            of[g] = k;
    return of;
}

/* The scores, or with hypotheses what these add to log sum_h p_h exp(score_h). */
static void take_scores(const struct block *b, const struct scoring *j,
                        const struct stage2 *s, const real *out, enum score_norm norm)
{
    const struct stage2_request *r = j->request;
    size_t *bytes = mem_new((size_t)r->count, sizeof *bytes);
    double *score = mem_new((size_t)r->count, sizeof *score);

    for (int i = 0; i < r->count; i++)
        bytes[i] = prompt_title_bytes(&s->prompter, r->candidate[i]);
    for (int k = 0; k < b->guesses; k++) {
        double p = j->belief ? j->belief[b->hypothesis[k]] : 1;

        trie_score(score, &b->plan[k], &j->answers, out, norm, bytes);
        for (int i = 0; i < r->count; i++)
            r->score[i] = log_add(r->score[i], log(p) + score[i]);
        for (int i = 0; j->liking && i < r->count; i++)
            j->liking[i] = log_add(j->liking[i], score[i]);
    }
    free(bytes);
    free(score);
}

static void run(struct block *b, const struct scoring *j, const struct stage2 *s,
                enum score_norm norm)
{
    const struct decoder *m = s->llm->model;
    real *out = mem_new((size_t)b->q.terms, sizeof *out);
    real *embeddings = mem_new((size_t)b->q.rows * (size_t)decoder_config(m)->embed_width,
                               sizeof *embeddings);
    struct decoder_workspace *w =
        decoder_pool_take(s->workspaces, m, b->q.rows, b->q.wanted + 1, false);
    struct decoder_pack pack = token_tree_pack(&b->q, embeddings);
    int *guess_of = guesses_of(b);
    struct soft_tokens tokens;
    struct soft_batch soft;

    project(&soft, b, j, s);
    tokens = soft_tokens(&soft, 0);
    token_tree_embed(embeddings, &b->q, m, &tokens, guess_of);
    if (b->q.terms > 0) { /* else all candidates have one answer */
        decoder_forward(m, &pack, w);
        decoder_logp(m, w, b->q.term, b->q.terms, out);
    }
    take_scores(b, j, s, out, norm);
    soft_tokens_free(&soft);
    decoder_pool_give(s->workspaces, w);
    free(embeddings);
    free(out);
    free(guess_of);
}

/* Takes off what the model says of a candidate on average over the hypotheses. */
static void calibrate(const struct scoring *j, double share)
{
    for (int i = 0; i < j->request->count; i++)
        j->request->score[i] -= share * (j->liking[i] - log(j->hypotheses));
}

static void score(const struct scoring *j, const struct stage2 *s, enum score_norm norm)
{
    int guesses = j->belief ? j->hypotheses : 1;

    for (int i = 0; i < j->request->count; i++)
        j->request->score[i] = -INFINITY;
    for (int from = 0; from < guesses; from += TOGETHER) {
        int left = guesses - from;
        struct block b = { .hypothesis = j->hypothesis + from,
                           .guesses = left < TOGETHER ? left : TOGETHER };

        add_prompt(&b, j, norm);
        run(&b, j, s, norm);
        for (int k = 0; k < b.guesses; k++)
            trie_plan_free(&b.plan[k]);
        token_tree_free(&b.q);
    }
    if (j->liking)
        calibrate(j, s->calibrate);
}

/* Vectors and weights are finite, but what the model makes of them need not be. */
static int check_finite(struct scoring *j)
{
    const struct stage2_request *r = j->request;

    for (int i = 0; i < r->count; i++)
        if (!(fabs(r->score[i]) <= (double)FLT_MAX))
            return fail(&j->error,
                        "user %d: the score of item %d is no finite number: the "
                        "model overflows with these vectors and 'proj.*'",
                        r->example.user, r->candidate[i]);
    return 0;
}

static void free_scoring(struct scoring *j)
{
    answer_trie_free(&j->answers);
    codes_free(&j->part[0]);
    codes_free(&j->part[1]);
    free(j->belief);
    free(j->liking);
    free(j->hypothesis);
}

long stage2_score(const struct stage2 *s, const struct stage2_request *requests,
                  int count, enum score_norm norm, struct error *e)
{
    struct scoring *jobs = mem_new((size_t)count, sizeof *jobs);
    long dropped = 0;

    /* one user alone leaves the threads to the products */
#pragma omp parallel for schedule(dynamic) if (count > 1)
    for (int i = 0; i < count; i++) {
        jobs[i].request = &requests[i];
        jobs[i].failed = prepare(&jobs[i], s);
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
