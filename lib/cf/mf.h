/* Matrix factorisation: a vector for each user and each item, score their dot
 * product.  Trained by BPR (Rendle et al. 2009), see item_loss.h.
 *
 * cf.user_emb.weight (users, d); cf.item_emb.weight (items + 1, d), of which row 0
 * is padding's, as in the other models. */
#ifndef CF_MF_H
#define CF_MF_H

#include "nn/params.h"
#include "stream/filter.h"
#include "util/error.h"

#include <stdint.h>

struct mf {
    int users, items, width;
    struct params p;
    long user_emb, item_emb; /* places in the arena */
};

/* Zeroed parameters; 0, or -1 and the reason if sizes are absurd.  Release with
 * mf_free. */
int mf_new(struct mf *m, int users, int items, int width, struct error *e);
void mf_free(struct mf *m);

/* Normal with deviation .1. */
void mf_init(struct mf *m, uint64_t seed);

/* Vectors (d), borrowed. */
const real *mf_user(const struct mf *m, int user);
const real *mf_item(const struct mf *m, int item);

/* From what f kept of "cf.*"; dies where a tensor is missing or wrong. */
void mf_load(struct mf *m, struct filter *f);

#endif
