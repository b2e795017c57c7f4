#include "llm/sampler.h"

#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <stdlib.h>

struct choice {
    int token;
    double weight;
};

static int likeliest(const real *logits, int n)
{
    int best = 0;

    for (int i = 1; i < n; i++)
        if (logits[i] > logits[best])
            best = i;
    return best;
}

/* Heavier ones first, of equal ones the first token. */
static int by_weight(const void *a, const void *b)
{
    const struct choice *x = a, *y = b;

    if (x->weight != y->weight)
        return x->weight < y->weight ? 1 : -1;
    return x->token < y->token ? -1 : x->token > y->token;
}

/* The nucleus into c (n), sorted; how many, *sum their weights.  Tokens of less than
 * (1 - top_p) / n have together less than 1 - top_p: none of them is in it. */
static int nucleus(struct choice *c, const double *weight, int n, double total,
                   double top_p, double *sum)
{
    double least = total * (1 - top_p) / n;
    int count = 0, taken = 0;

    for (int i = 0; i < n; i++)
        if (weight[i] > 0 && weight[i] >= least)
            c[count++] = (struct choice){ i, weight[i] };
    qsort(c, (size_t)count, sizeof *c, by_weight);
    for (*sum = 0; taken < count && (taken == 0 || *sum < top_p * total); taken++)
        *sum += c[taken].weight;
    return taken;
}

int sampler_pick(const struct sampler *s, const real *logits, int n, uint64_t text,
                 uint64_t position)
{
    int best = likeliest(logits, n), count, i = 0;
    rng r = rng_keyed("generate", s->seed, text, position);
    double *weight, total = 0, at;
    struct choice *c;

    if (s->temperature == 0)
        return best;
    weight = mem_new((size_t)n, sizeof *weight);
    c = mem_new((size_t)n, sizeof *c);
    for (int k = 0; k < n; k++) {
        weight[k] = exp(((double)logits[k] - (double)logits[best]) / s->temperature);
        total += weight[k];
    }
    count = nucleus(c, weight, n, total, s->top_p, &total);
    at = rng_uniform(&r) * total;
    while (i + 1 < count && at >= c[i].weight)
        at -= c[i++].weight;
    i = c[i].token;
    free(weight);
    free(c);
    return i;
}
