/* How well two sets of vectors in the joint space meet, and how much of the space
 * they use: e (n, d) of items, q (n, d) of their texts. */
#ifndef ALIGN_JOINT_REPORT_H
#define ALIGN_JOINT_REPORT_H

#include "stream/tensor.h"

#include <stdint.h>

struct spread {
    double deviation;   /* standard deviation over items, mean over dimensions */
    double mean_cosine; /* of all pairs of different items; 1: collapsed */
};

/* Returns the spread of v (n, d). */
struct spread joint_report_spread(const float *v, long n, int d);

/* The share of items whose own text is among the k nearest texts by cosine, a tie
 * counted by its share of places.  Of at most JOINT_QUERIES items, evenly spaced. */
enum { JOINT_QUERIES = 10000 };
struct own_text {
    double at_1, at_10, chance_1, chance_10;
    long queries;
};

/* Compares e (n, d), the items, with q (n, d), their texts. */
struct own_text joint_report_own_text(const float *e, const float *q, long n, int d);

/* Pairs of items near in CF (the largest tenth of cosines) but far in text (the smallest
 * tenth), "Avengers and Barbie": the share that end as neighbours in v, among the
 * largest tenth of its cosines.  Tenths of one seeded sample of 200,000 pairs; of equal
 * cosines at a tenth's edge each counts by a share.  Chance is .1, 1 says that v follows
 * CF alone and 0 that it follows text alone. */
struct odd_pairs {
    double joined;
    long pairs; /* near in CF, far in text */
};

/* Compares v (n, d) with cf (n, cf_d) and text (n, text_d); the seed draws the sample. */
struct odd_pairs joint_report_odd_pairs(const float *cf, int cf_d, const float *text,
                                        int text_d, const float *v, int d, long n,
                                        uint64_t seed);

/* Prints spread, own texts and odd pairs on stderr, as a table: cf is item.cf, text
 * item.text, e item.joint and q item.joint_text, (n, any) each. */
void joint_report(const struct tensor *cf, const struct tensor *text,
                  const struct tensor *e, const struct tensor *q, uint64_t seed);

#endif
