/* Trains stage 1: epochs of Adam over examples, validation, and the weights of the
 * best one. */
#ifndef ALIGN_ALIGN_TRAINER_H
#define ALIGN_ALIGN_TRAINER_H

#include "align/align.h"
#include "align/align_examples.h"
#include "align/align_valid.h"
#include "history/validation.h"
#include "nn/adam.h"
#include "nn/checkpoint.h"

struct align_settings {
    double lr, decay, beta1, beta2;
    bool decoupled, decay_vectors;
    int batch;
    uint64_t seed;
};

/* Counters that a checkpoint keeps beside the weights. */
struct align_counters {
    int64_t epoch, step;
    struct validation_best best; /* by align_valid_worth */
};

struct align_trainer {
    struct align_settings set;
    struct align *m;         /* borrowed */
    struct align_examples *s;  /* borrowed */
    const real *E, *Q;       /* (items, d), (items, D), borrowed */
    struct align_work work;
    struct adam adam;
    struct align_counters at;
    real *grad, *best; /* arenas */
    struct align_example *valid;
    long valid_count; /* 0: the data have no validation items */
    const real **x;   /* of a batch */
    int32_t *item;
};

/* Prepares training of m on s with Adam.  Borrows m, s, E (items, d) and Q (items, D).
 * Release t with align_trainer_free. */
void align_trainer_new(struct align_trainer *t, const struct align_settings *set,
                       struct align *m, struct align_examples *s, const real *E,
                       const real *Q);
void align_trainer_free(struct align_trainer *t);

/* Trains one epoch.  Returns the mean of its batches' losses. */
struct align_parts align_trainer_epoch(struct align_trainer *t);

/* Returns the mean loss of the validation items, without training; zeros where the data
 * have no validation items. */
struct align_parts align_trainer_validate(struct align_trainer *t);

/* Ranks the validation items of at most so many users (0: all), and returns the NDCG@10.
 * Remembers the epoch and the weights where this is the best so far. */
struct align_valid align_trainer_judge(struct align_trainer *t, long users);

/* Puts the best weights back into m, where a validation has kept some. */
void align_trainer_finish(struct align_trainer *t);

/* list (ALIGN_SECTIONS): all state, as the sections of a checkpoint that borrow from t.
 */
enum { ALIGN_SECTIONS = 5 };
void align_trainer_sections(struct align_trainer *t, struct checkpoint_section *list);

#endif
