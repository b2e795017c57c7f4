/* Validation as a ranking: what llm-score would make of the users' own items. */
#include "metrics/metric.h"
#include "project/project_trainer_parts.h"
#include "util/mem.h"

#include <stdlib.h>

/* One validation user's candidates, those of its list that compete with the target. */
struct ranking {
    int *candidate; /* (count) */
    int count, truth; /* where the target stands among them */
    double *score;    /* (count) */
};

static void take_candidates(struct ranking *r, const struct slate *l, int i)
{
    const bool *admitted = l->admitted + (long)i * l->count;

    *r = (struct ranking){ .candidate = mem_new((size_t)l->count, sizeof *r->candidate),
                           .score = mem_new((size_t)l->count, sizeof *r->score) };
    for (int c = 0; c < l->count; c++) {
        if (c == l->target_at[i])
            r->truth = r->count;
        if (admitted[c])
            r->candidate[r->count++] = l->candidate[c];
    }
}

static double ndcg(const struct ranking *r)
{
    float *score = mem_new((size_t)r->count, sizeof *score);
    int32_t *item = mem_new((size_t)r->count, sizeof *item);
    double worth;

    for (int c = 0; c < r->count; c++) {
        score[c] = (float)r->score[c];
        item[c] = r->candidate[c];
    }
    worth = metric_value((struct metric){ METRIC_NDCG, 10 },
                         metric_place(score, item, r->count, r->truth));
    free(score);
    free(item);
    return worth;
}

/* Rankings (t->valid_count) of all lists' examples, in order. */
static void take_rankings(struct ranking *r, const struct project_trainer *t)
{
    struct slate *lists = mem_new((size_t)t->valid_count, sizeof *lists);
    int n = project_draw_slates(t, lists, t->valid, t->valid_count,
                                (int)t->o.candidates[1], PROJECT_VALID_LIST, 0);

    for (int k = 0; k < n; k++) {
        for (int i = 0; i < lists[k].examples; i++)
            take_candidates(r++, &lists[k], i);
        slate_free(&lists[k]);
    }
    free(lists);
}

int project_rank_valid(struct project_trainer *t, struct error *e)
{
    size_t n = (size_t)t->valid_count;
    struct ranking *r = mem_new(n, sizeof *r);
    struct stage2_request *requests = mem_new(n, sizeof *requests);
    double sum = 0;
    long dropped;

    take_rankings(r, t);
    for (size_t i = 0; i < n; i++)
        requests[i] = (struct stage2_request){
            .example = t->valid[i], .split = SPLIT_VALID, .candidate = r[i].candidate,
            .count = r[i].count, .score = r[i].score,
        };
    dropped = stage2_score(&t->data->stage2, requests, (int)n, NORM_CHOICE, e);
    for (size_t i = 0; i < n; i++) {
        sum += dropped < 0 ? 0 : ndcg(&r[i]);
        free(r[i].candidate);
        free(r[i].score);
    }
    t->ndcg = sum / (double)n;
    free(r);
    free(requests);
    return dropped < 0 ? -1 : 0;
}
