/* The CF models behind one face: their weights in and out of a stream, vectors of
 * items and of users at their positions, and how well the two go together.  What each
 * is by itself is its struct cf_kind. */
#ifndef CF_CF_MODEL_H
#define CF_CF_MODEL_H

#include "cf/backbone_store.h"
#include "history/history.h"
#include "stream/filter.h"

#include <stdbool.h>

/* The models, and beside each its name of --model; NULL closes both. */
extern const struct cf_kind *const cf_model_kinds[];
extern const char *const cf_model_names[];

struct cf_model {
    const struct cf_kind *kind;
    int items, users, width; /* of vectors; later ones (trained_rows.h) have none */
    struct backbone backbone; /* of a model of windows */
    void *own;                /* of the others */
};

/* Makes m a model of that kind for the data of h, without weights: cf_trainer or
 * cf_model_count makes them. */
void cf_model_begin(struct cf_model *m, const struct cf_kind *kind,
                    const struct history *h);

/* Makes m a model that counts, needs no training and is ready. */
void cf_model_count(struct cf_model *m, const struct cf_kind *kind,
                    const struct history *h);

/* Where a user's vector stands: before row end of that split (-1: nowhere). */
struct cf_position {
    int user;
    int64_t end;
    enum split split;
};

/* From what f kept of cf.*, item.id and user.id; dies where it is none for that many
 * items and users, or for those of them that the models know, or is of two models. */
void cf_model_load(struct cf_model *m, struct filter *f, const struct history *h,
                   const struct backbone_hints *hints);
void cf_model_free(struct cf_model *m);

/* Is what f kept of cf.* a model with a vector for each user, which says nothing of
 * others? */
bool cf_model_knows_users(struct filter *f);

/* Writes every tensor of a trained one. */
void cf_model_put(struct filter *f, const struct cf_model *m);

/* The parameters of a model that is trained. */
struct params *cf_model_params(const struct cf_model *m);

/* Of its weights, in hexadecimal: text (DIGEST_TEXT). */
void cf_model_digest(const struct cf_model *m, char text[DIGEST_TEXT]);

/* Where scores are no dot products: the digest of the network that makes them of the
 * vectors; else NULL.  text is room for it. */
const char *cf_model_network(const struct cf_model *m, char text[DIGEST_TEXT]);

/* The item's vector, x (width). */
void cf_model_item(const struct cf_model *m, real *x, int item);

/* Vectors x (n, width) of n positions.  A sequence model represents a position by
 * its own window, of what it knows and is before it; NaN where there is none or nothing
 * before it.
 * Parallel over fixed blocks of positions counted from the first: n positions at a
 * time are the same as all at once if n is a multiple of CF_POSITIONS. */
enum { CF_POSITIONS = 4096 };
void cf_model_represent(const struct cf_model *m, const struct history *h, real *x,
                        const struct cf_position *p, long n);

/* Sets score (n) to how well a user's vector x (width) goes with items first ..
 * first + n - 1. */
void cf_model_score(const struct cf_model *m, real *score, const real *x, int first,
                    int n);

#endif
