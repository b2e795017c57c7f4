/* Trains a CF model on the training items of a history, as its family does.
 *
 * Sequence models (cf_windows.h): a step takes a batch of users, drawn with
 * replacement, each with one window; an epoch is users / batch steps.  Models of a user
 * and an item (cf_pairs.h): a step takes a batch of training interactions, likewise; an
 * epoch is interactions / batch steps.  Blocks of a batch run in parallel and their
 * gradients are added in order, so that the weights are the same at any number of
 * threads. */
#ifndef CF_CF_TRAINER_H
#define CF_CF_TRAINER_H

#include "cf/cf_model.h"
#include "history/validation.h"
#include "nn/adam.h"
#include "nn/checkpoint.h"

#include <stdbool.h>
#include <stdint.h>

/* auto: softmax where its scores of an epoch are few, else gBCE. */
enum cf_loss { CF_SOFTMAX, CF_BCE, CF_GBCE, CF_AUTO };
enum cf_windows { CF_RANDOM, CF_LAST };

extern const char *const cf_loss_names[], *const cf_window_names[]; /* NULL closes */

struct cf_options {
    int loss;      /* enum cf_loss */
    int windows;   /* enum cf_windows: ending anywhere, or the last one */
    int negatives; /* of a position by gBCE (BCE has one), or of an interaction */
    bool shared;   /* negatives of a step, by gBCE, are the same for all positions */
    bool sparse;   /* Adam moves the rows of the item table that a step touches alone */
    bool keeps_best; /* room for the weights of the best validation */
    double gbce_t;
    double item_std; /* of the items' initial vectors; 0: as the model has it */
    int width, maxlen;
    int blocks, heads, layers, hidden, kernel; /* as the options of cf-train */
    const char *dilations;                     /* likewise: "1,4" */
    double dropout, lr, beta1, beta2;
    double l2;     /* of the vectors that a step touches */
    int batch;     /* users or interactions a step */
    int hide_last; /* so many of each user's last training items are not used */
    uint64_t seed;
};

/* The most scores an epoch, each of a position and an item, that --loss auto computes by
 * softmax: about 6 s of a processor, of which gBCE takes what 3,000 items do. */
#define CF_SOFTMAX_SCORES 1.5e9

/* Counters that a checkpoint keeps beside the weights. */
struct cf_progress {
    int64_t step;
    struct validation_best best; /* by NDCG@10 */
    double loss;                 /* mean of the last epoch */
    double loss_sum;             /* of the epoch so far */
};

/* Training items of all users, one after the other. */
struct cf_lists {
    int32_t *item;
    int64_t *first; /* (users + 1) */
};

struct cf_trainer {
    struct cf_options o;     /* with the loss that auto has become */
    const struct history *h; /* borrowed */
    struct cf_model model;
    struct params *p; /* the model's */
    struct adam adam;
    struct cf_progress at;
    real *best; /* arena: the weights of the best validation; NULL: none are kept */
    int steps_an_epoch;
    struct cf_lists lists;
    double scores;             /* of an epoch by softmax, at most */
    struct cf_training *inner; /* of a sequence model */
    struct cf_pairs *pairs;    /* of the others */
};

/* Prepares training of a new model of that kind on h, which t borrows.  Returns 0, or
 * -1 and the reason in e: no user has two training items, or a size is absurd.  Release
 * t with cf_trainer_free in either case. */
int cf_trainer_new(struct cf_trainer *t, const struct cf_kind *kind,
                   const struct cf_options *o, const struct history *h, struct error *e);
void cf_trainer_free(struct cf_trainer *t);

/* Returns how many parts of a step several ranks (ranks/ranks.h) can take: blocks of
 * windows, or 1, where each rank does all of it. */
int cf_trainer_shares(const struct cf_trainer *t);

/* Takes one step.  Returns the mean loss of its batch. */
double cf_trainer_step(struct cf_trainer *t);

/* Judges a validation after that epoch by its NDCG@10, and remembers weights that are
 * the best so far.  cf_trainer_take_best puts the best into the model, where there are
 * any. */
void cf_trainer_judge(struct cf_trainer *t, int64_t epoch, double ndcg);
void cf_trainer_take_best(struct cf_trainer *t);

/* Fills s (CF_SECTIONS) with all state, as sections of a checkpoint that borrow from t.
 */
enum { CF_SECTIONS = 5 };
void cf_trainer_sections(struct cf_trainer *t, struct checkpoint_section *s);

#endif
