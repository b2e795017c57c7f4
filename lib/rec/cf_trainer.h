/* Trains SASRec on the training items of a history.  A step takes a batch of
 * users, drawn with replacement, each with one window; blocks of windows run in
 * parallel and their gradients are added in order, so that the weights are the
 * same at any number of threads. */
#ifndef REC_CF_TRAINER_H
#define REC_CF_TRAINER_H

#include "models/sasrec.h"
#include "nn/adam.h"
#include "nn/checkpoint.h"
#include "rec/history.h"

#include <stdbool.h>
#include <stdint.h>

enum cf_loss { CF_SOFTMAX, CF_BCE, CF_GBCE };
enum cf_windows { CF_RANDOM, CF_LAST };

struct cf_options {
    int loss;      /* enum cf_loss */
    int windows;   /* enum cf_windows: ending anywhere, or the last one */
    int negatives; /* of gBCE; BCE has one */
    double gbce_t;
    int width, blocks, heads, maxlen;
    double dropout, lr, beta1, beta2;
    int batch;     /* users a step */
    int hide_last; /* so many of each user's last training items are not used */
    uint64_t seed;
};

/* Counters that a checkpoint keeps beside the weights. */
struct cf_progress {
    int64_t step;
    int64_t best_epoch, waited; /* validations since the best one */
    double best, loss;          /* best NDCG@10; mean loss of the last epoch */
    double loss_sum;            /* of the epoch so far */
};

struct cf_trainer {
    struct cf_options o;
    const struct history *h; /* borrowed */
    struct sasrec model;
    struct adam adam;
    struct cf_progress at;
    real *best; /* arena: the weights of the best validation */
    int steps_an_epoch;
    struct cf_training *inner;
};

/* 0, or -1 and the reason: no user has two training items, absurd sizes. */
int cf_trainer_new(struct cf_trainer *t, const struct cf_options *o,
                   const struct history *h, struct error *e);
void cf_trainer_free(struct cf_trainer *t);

/* One step; the batch's mean loss. */
double cf_trainer_step(struct cf_trainer *t);

/* NDCG@10 of the validation items among all items but the user's earlier ones;
 * NaN where the data have none. */
double cf_trainer_validate(const struct cf_trainer *t);

/* All state as sections of a checkpoint, (CF_SECTIONS). */
enum { CF_SECTIONS = 5 };
void cf_trainer_sections(struct cf_trainer *t, struct checkpoint_section *s);

#endif
