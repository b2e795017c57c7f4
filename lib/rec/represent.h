/* Vectors of items and of users at their positions, by whatever CF model the
 * stream holds.  A score is their dot product. */
#ifndef REC_REPRESENT_H
#define REC_REPRESENT_H

#include "models/sasrec.h"
#include "rec/history.h"
#include "stream/filter.h"

/* SASRec, or popularity: an item's vector its training count, a user's 1. */
struct cf_model {
    bool is_sasrec;
    struct sasrec sasrec;
    const float *pop; /* (items), borrowed from the filter */
    int items, width;
};

/* From what f kept of cf.*; dies where it is none for that many items, or for the first
 * `known` of them (known.h).  heads 0: as the stream says. */
void cf_model_load(struct cf_model *m, struct filter *f, int items, int known, int heads);
void cf_model_free(struct cf_model *m);

/* Of its weights, in hexadecimal: text (DIGEST_TEXT). */
void cf_model_digest(const struct cf_model *m, char text[DIGEST_TEXT]);

enum represent_at { BEFORE_TRAIN, BEFORE_VALID, BEFORE_TEST, AFTER_ALL };

/* (rows, width), (users, width), (n, width) f4.  A position is represented by
 * its own window, of what is before it; NaN where there is no position or
 * nothing before it.  Items that the model does not know are rows of NaN, and no part
 * of windows.  The caller frees. */
struct tensor represent_items(const struct cf_model *m, int rows);
struct tensor represent_users(const struct cf_model *m, const struct history *h,
                              enum represent_at at);
struct tensor represent_inter(const struct cf_model *m, const struct history *h);

#endif
