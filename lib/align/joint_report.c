#include "align/joint_report.h"

#include "util/error.h"
#include "util/mem.h"
#include "util/rng.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>

enum { BLOCK = 64, PAIRS = 200000 };

static double dot(const float *a, const float *b, int d)
{
    double sum = 0;

#pragma omp simd reduction(+ : sum)
    for (int j = 0; j < d; j++)
        sum += (double)a[j] * (double)b[j];
    return sum;
}

/* Rows of length 1, a row of zeros as it is; free with free(). */
static float *unit_rows(const float *v, long n, int d)
{
    float *unit = mem_new((size_t)n * (size_t)d, sizeof *unit);

    for (long i = 0; i < n; i++) {
        double norm = sqrt(dot(v + i * d, v + i * d, d));

        for (int j = 0; norm > 0 && j < d; j++)
            unit[i * d + j] = (float)((double)v[i * d + j] / norm);
    }
    return unit;
}

struct spread joint_report_spread(const float *v, long n, int d)
{
    float *unit = unit_rows(v, n, d);
    struct spread s = { 0 };
    double all = 0, own = 0;

    for (int j = 0; j < d; j++) {
        double sum = 0, squares = 0, of_unit = 0;

        for (long i = 0; i < n; i++)
            sum += (double)v[i * d + j];
        for (long i = 0; i < n; i++) {
            double off = (double)v[i * d + j] - sum / (double)n,
                   u = (double)unit[i * d + j];

            squares += off * off;
            of_unit += u;
            own += u * u;
        }
        s.deviation += sqrt(squares / (double)n) / d;
        all += of_unit * of_unit; /* sum over i, j of cos = |sum of unit vectors|^2 */
    }
    s.mean_cosine = n > 1 ? (all - own) / ((double)n * (double)(n - 1)) : 1;
    free(unit);
    return s;
}

/* The share of the tie group's places g + 1 .. g + t that are k or better. */
static double hit(long better, long tied, long k)
{
    double share = (double)(k - better) / (double)tied;

    return share < 0 ? 0 : share > 1 ? 1 : share;
}

/* cosine (n): an item's with every text, its own at `own`. */
static void count_hits(const float *cosine, long n, long own, double *at_1, double *at_10)
{
    long better = 0, tied = 0;

    for (long j = 0; j < n; j++) {
        better += cosine[j] > cosine[own];
        tied += cosine[j] == cosine[own];
    }
    *at_1 = tied ? hit(better, tied, 1) : 0;
    *at_10 = tied ? hit(better, tied, 10) : 0;
}

struct own_text joint_report_own_text(const float *e, const float *q, long n, int d)
{
    long queries = n < JOINT_QUERIES ? n : JOINT_QUERIES;
    float *ue = unit_rows(e, n, d), *uq = unit_rows(q, n, d);
    double *hits = mem_new(2 * (size_t)queries, sizeof *hits);
    struct own_text own = { .queries = queries };

#pragma omp parallel for schedule(dynamic)
    for (long at = 0; at < queries; at += BLOCK) {
        int rows = (int)(queries - at < BLOCK ? queries - at : BLOCK);
        float *some = mem_new((size_t)rows * (size_t)d, sizeof *some);
        float *cosine = mem_new((size_t)rows * (size_t)n, sizeof *cosine);

        for (int i = 0; i < rows; i++)
            cblas_scopy(d, ue + (at + i) * n / queries * d, 1, some + (long)i * d, 1);
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, (int)n, d, 1, some, d,
                    uq, d, 0, cosine, (int)n);
        for (int i = 0; i < rows; i++)
            count_hits(cosine + i * n, n, (at + i) * n / queries, hits + 2 * (at + i),
                       hits + 2 * (at + i) + 1);
        free(some), free(cosine);
    }
    for (long i = 0; i < queries; i++) {
        own.at_1 += hits[2 * i] / (double)queries;
        own.at_10 += hits[2 * i + 1] / (double)queries;
    }
    own.chance_1 = 1 / (double)n;
    own.chance_10 = n < 10 ? 1 : 10 / (double)n;
    free(ue), free(uq), free(hits);
    return own;
}

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* A tenth of PAIRS numbers: those beyond the edge, and of those at it a share, so that
 * ties neither join all nor none. */
struct tenth {
    float edge;
    double share;
};

static struct tenth largest_tenth(const float *list)
{
    float *sorted = mem_new(PAIRS, sizeof *sorted);
    long beyond = 0, at = 0;
    struct tenth t;

    cblas_scopy(PAIRS, list, 1, sorted, 1);
    qsort(sorted, PAIRS, sizeof *sorted, ascending);
    t.edge = sorted[PAIRS - PAIRS / 10];
    for (long p = 0; p < PAIRS; p++) {
        beyond += list[p] > t.edge;
        at += list[p] == t.edge;
    }
    t.share = (PAIRS / 10 - (double)beyond) / (double)at;
    free(sorted);
    return t;
}

/* How much of a number belongs to the tenth: 0, 1 or, at its edge, a share. */
static double belongs(const struct tenth *t, float x)
{
    return x > t->edge ? 1 : x == t->edge ? t->share : 0;
}

/* sign times the cosines of PAIRS pairs of items, the same pairs for a seed; free with
 * free(). */
static float *pair_cosines(const float *v, long n, int d, int sign, uint64_t seed)
{
    rng r = rng_keyed("joint pairs", seed, 0, 0);
    float *unit = unit_rows(v, n, d), *cosine = mem_new(PAIRS, sizeof *cosine);

    for (long p = 0; p < PAIRS; p++) {
        long i = (long)rng_below(&r, (uint64_t)n),
             j = (long)rng_below(&r, (uint64_t)n - 1);

        j += j >= i;
        cosine[p] = (float)(sign * dot(unit + i * d, unit + j * d, d));
    }
    free(unit);
    return cosine;
}

struct odd_pairs joint_report_odd_pairs(const float *cf, int cf_d, const float *text,
                                        int text_d, const float *v, int d, long n,
                                        uint64_t seed)
{
    struct odd_pairs odd = { 0 };
    float *in_cf, *in_text, *joint;
    struct tenth near, far, joined;
    double pairs = 0;

    if (n < 2)
        return odd;
    in_cf = pair_cosines(cf, n, cf_d, 1, seed);
    in_text = pair_cosines(text, n, text_d, -1, seed);
    joint = pair_cosines(v, n, d, 1, seed);
    near = largest_tenth(in_cf);
    far = largest_tenth(in_text);
    joined = largest_tenth(joint);
    for (long p = 0; p < PAIRS; p++) {
        double share = belongs(&near, in_cf[p]) * belongs(&far, in_text[p]);

        pairs += share;
        odd.joined += share * belongs(&joined, joint[p]);
    }
    odd.joined /= pairs > 0 ? pairs : 1;
    odd.pairs = lround(pairs);
    free(in_cf), free(in_text), free(joint);
    return odd;
}

/* The same of both sets of vectors, said in one line. */
static void report_odd_pairs(const struct tensor *cf, const struct tensor *text,
                             const struct tensor *e, const struct tensor *q,
                             uint64_t seed)
{
    const struct tensor *joint[] = { e, q };
    struct odd_pairs odd[2];

    for (int i = 0; i < 2; i++)
        odd[i] = joint_report_odd_pairs(cf->data, (int)cf->shape[1], text->data,
                                        (int)text->shape[1], joint[i]->data,
                                        (int)joint[i]->shape[1], (long)e->shape[0], seed);
    say("near in item.cf, far in item.text: %.4f are neighbours in item.joint, %.4f in "
        "item.joint_text (chance .1; %ld pairs)",
        odd[0].joined, odd[1].joined, odd[0].pairs);
}

void joint_report(const struct tensor *cf, const struct tensor *text,
                  const struct tensor *e, const struct tensor *q, uint64_t seed)
{
    long n = (long)e->shape[0];
    int d = (int)e->shape[1];
    struct spread se = joint_report_spread(e->data, n, d),
                  sq = joint_report_spread(q->data, n, d);
    struct own_text own = joint_report_own_text(e->data, q->data, n, d);

    say("joint space         std  mean cosine of two items");
    say("  item.joint      %.4f  %.4f", se.deviation, se.mean_cosine);
    say("  item.joint_text %.4f  %.4f", sq.deviation, sq.mean_cosine);
    say("own text found by cosine: @1 %.4f (chance %.4f), @10 %.4f (chance %.4f), %ld "
        "items",
        own.at_1, own.chance_1, own.at_10, own.chance_10, own.queries);
    report_odd_pairs(cf, text, e, q, seed);
}
