#include "metrics/expected.h"

#include <math.h>

double expected_ndcg(double share_above)
{
    double ndcg = 0, ways = 1;

    for (int j = 0; j < EXPECTED_CUT; j++) {
        ndcg += ways * pow(share_above, j) *
                pow(1 - share_above, EXPECTED_NEGATIVES - j) / log2(2.0 + j);
        ways *= (EXPECTED_NEGATIVES - j) / (j + 1.0);
    }
    return ndcg;
}

double expected_share_above(real *scores, int items, int32_t target,
                            const int32_t *earlier, int64_t n)
{
    real truth = scores[target];
    long above = 0, others = 0;

    if (isnan(truth))
        return 1; /* weights that diverged put it last */
    for (int64_t i = 0; i < n; i++)
        scores[earlier[i]] = NAN;
    scores[target] = NAN;
    for (int i = 0; i < items; i++) {
        above += scores[i] >= truth;
        others += !isnan(scores[i]);
    }
    return others > 0 ? (double)above / (double)others : 0;
}
