/* Models that score any item for any user, one pair by itself: what ranks and searches
 * whole catalogues.
 *
 *   cf          x . E_i             user.cf.SPLIT and item.cf; of models whose scores are
 *                                   no dot products, such as ncf, by its network (cf.*)
 *   pop         training interactions of i
 *   joint       x . dec(e_i)        item.joint, by the item tower's decoder (align.*)
 *   joint-text  x . dec(q_i)        item.joint_text, by the same decoder
 *   auto        joint; joint-text of items without a training interaction or without e
 *   fused       x . v_i + c_i h . t_i + b_i   item.fused, the rows of v, t, c and b, or
 *                                   of v and b alone (cf-fuse)
 *
 * and without stage 1, t_i being the text vector of length 1 (align/text_baseline.h):
 *
 *   text-nearest  x . mean E_j      of the 20 trained items j whose texts are nearest
 *   text-ridge    x . B' (t_i, 1)   ridge regression of E on texts
 *   text-history  h . t_i           h the mean of t over the user's last 10 items
 *
 * A score's bits depend on its user and item alone, not on what is scored beside it. */
#ifndef SCORE_ITEM_SCORER_H
#define SCORE_ITEM_SCORER_H

#include "cf/cf_network.h"
#include "history/history.h"
#include "stream/filter.h"

#define ITEM_SCORERS(ROW)                                                                \
    ROW(BY_CF, "cf") ROW(BY_POP, "pop") ROW(BY_JOINT, "joint")                           \
        ROW(BY_JOINT_TEXT, "joint-text") ROW(BY_AUTO, "auto") ROW(BY_FUSED, "fused")     \
            ROW(BY_TEXT_NEAREST, "text-nearest") ROW(BY_TEXT_RIDGE, "text-ridge")        \
                ROW(BY_TEXT_HISTORY, "text-history")
#define ITEM_SCORER_VALUE(value, name) value,
#define ITEM_SCORER_NAME(value, name) name,
enum item_scorer_by { ITEM_SCORERS(ITEM_SCORER_VALUE) ITEM_MODELS };
#undef ITEM_SCORER_VALUE

extern const char *const item_scorer_names[ITEM_MODELS + 1]; /* "cf", ..., then NULL */

struct item_scorer {
    enum item_scorer_by by;
    int64_t items, users, width;
    const float *item; /* (items, width), borrowed from the filter, or owned */
    const float *user; /* (users, width), borrowed; NULL: 1 for everybody */
    float *bias; /* (items) added to every score, owned; NULL: none */
    int64_t text_width;  /* of width: the columns behind x's, which meet h */
    const float *text;   /* (items, text_width): t, of length 1 or 0; owned likewise */
    float *owned, *own_user, *own_text;
    bool is_dot; /* products of blocks give scores, up to rounding */
    struct cf_network network;
};

/* Keeps what the model needs of items; the users' vectors ("user.cf.test", borrowed to
 * the end of f) where the model has such. */
void item_scorer_keep(struct filter *f, enum item_scorer_by by);
void item_scorer_keep_users(struct filter *f, enum item_scorer_by by, const char *name);

/* The items' side, from what was kept; dies where something is missing, of a wrong
 * shape, or made from other vectors or towers.  Release with item_scorer_free. */
void item_scorer_load(struct item_scorer *m, struct filter *f, enum item_scorer_by by);
void item_scorer_free(struct item_scorer *m);

/* The users' vectors of that name, borrowed from the filter; dies likewise. */
void item_scorer_users(struct item_scorer *m, struct filter *f, const char *name);

/* Dies unless the model is of that many items and users, of whom users below 0 says
 * nothing: vectors without attributes may be of other data. */
void item_scorer_check_sizes(const struct item_scorer *m, int64_t items, int64_t users);

/* Are the scores functions of the CF model's vectors of users, alone or with h? */
bool item_scorer_is_of_cf(enum item_scorer_by by);

/* Does the user have a vector? */
bool item_scorer_knows(const struct item_scorer *m, int64_t user);

/* to (width): the user's vector x (width - text_width) of the CF model, and behind it h,
 * the mean of t over the last 10 items before that row, of that split; zeros where there
 * are none, or no history. */
void item_scorer_vector(float *to, const struct item_scorer *m, const float *x,
                        const struct history *h, int user, int64_t row, int split);

/* to (width): likewise where nobody has read anything: h is the mean of t over 10 items
 * that the seed and the user draw, each item as likely. */
void item_scorer_vector_drawn(float *to, const struct item_scorer *m, const float *x,
                              uint64_t seed, int user);

/* The score of an item for whoever has the vector x (width). */
float item_scorer_vector_score(const struct item_scorer *m, const float *x, int64_t item);

/* One score, NAN where the user has no vector; and those of items first .. first +
 * count - 1 into score (count), to the bit the same. */
float item_scorer_score(const struct item_scorer *m, int64_t user, int64_t item);
void item_scorer_scores(const struct item_scorer *m, int64_t user, int64_t first,
                        int64_t count, float *score);

#endif
