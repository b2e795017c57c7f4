/* Scores by the network of a model whose scores are no dot products: of vectors that a
 * stream holds, of which it says which network they are of. */
#ifndef CF_CF_NETWORK_H
#define CF_CF_NETWORK_H

#include "nn/real.h"
#include "stream/filter.h"

struct cf_network {
    const struct cf_network_kind *kind; /* NULL: a dot product */
    void *own;
};

/* Tells f to keep the networks of all models. */
void cf_network_keep(struct filter *f);

/* Fills n from what f kept, for item.cf (items, width), borrowed, whose network has that
 * digest.  Dies where there is no network or another one.  Release with
 * cf_network_free. */
void cf_network_load(struct cf_network *n, struct filter *f, const char *digest,
                     const real *item, int64_t items, int width);
void cf_network_free(struct cf_network *n);

/* score (count) of a user's vector (width) with items first ..; NaN of a vector stays
 * NaN.  A score's bits depend on its user and item alone. */
void cf_network_scores(const struct cf_network *n, const real *user, int64_t first,
                       int64_t count, real *score);

#endif
