/* The squared difference of e and q: weight times the mean over examples and dimensions,
 * which A-LLMRec publishes. */
#include "align/match.h"

#include "nn/loss.h"

static double block(const struct match_rows *r)
{
    return squared_error(r->de, r->dq, r->e, r->q, (long)r->n * r->d,
                         r->weight / ((double)r->examples * r->d));
}

const struct match match_mse = {
    .what = "mean of (e - q)^2", .alpha = .5, .beta = .2, .block = block,
};
