/* Trains the two projections of stage 2 on the training items of a history.
 * An epoch has one example of each user (or all of its positions); a step takes
 * the next few, in lists that share candidates.  Draws are keyed by seed and step:
 * the same at any number of threads, and after going on from a checkpoint. */
#ifndef PROJECT_PROJECT_TRAINER_H
#define PROJECT_PROJECT_TRAINER_H

#include "nn/adam.h"
#include "nn/checkpoint.h"
#include "project/stage2_data.h"

enum tuner_loss { TUNER_TITLE, TUNER_SELECT, TUNER_BOTH };
enum tuner_targets { TUNER_LAST, TUNER_RANDOM, TUNER_ALL };
enum tuner_schedule { TUNER_CONSTANT, TUNER_COSINE };

struct tuner_options {
    int loss;           /* enum tuner_loss */
    int targets;        /* enum tuner_targets: a user's last training item, ... */
    int schedule;       /* enum tuner_schedule, of the learning rate */
    long candidates[2]; /* to choose from, in the first step and in the last */
    long share;         /* examples that share a list */
    long batch;         /* examples a step */
    long epochs, steps; /* steps 0: by epochs */
    long prealign;      /* steps before the LLM is asked */
    long valid_users;
    double lr, prealign_lr;
    double clip;        /* longest gradient; 0: any */
    bool gain, standardise;
    uint64_t seed;
};

/* Vectors of the stream, borrowed; NULL without users, inter_cf also where only
 * last items are trained on. */
struct tuner_vectors {
    const struct tensor *user_train, *user_valid; /* (users, user.in) */
    const struct tensor *inter_cf;                /* (interactions, user.in) */
};

/* Counters that a checkpoint keeps beside the weights: no padding in between. */
struct tuner_progress {
    int64_t step, best_step;
    double best_loss;            /* of the validations so far */
    double select, title, right; /* sums since the last log, of so many: */
    int64_t seen;
};

struct tuner {
    struct tuner_options o;
    struct stage2_data *data; /* borrowed; its params are trained */
    struct tuner_vectors vectors;
    struct example *examples; /* (count) one epoch's, in order */
    long count;
    struct example *valid;    /* (valid_count) */
    long valid_count;
    struct adam adam;
    real *grad, *best;        /* arenas */
    struct tuner_progress at;
    long steps_an_epoch, total_steps;
    int64_t epoch;            /* whose examples are there */
    long dropped;             /* history items that had no room, since the start */
};

/* Examples, and projections as they are before the first step; data has the widths
 * of both inputs.  0, or -1 and the reason: no example. */
int tuner_new(struct tuner *t, const struct tuner_options *o, struct stage2_data *data,
              const struct tuner_vectors *vectors, struct error *e);
void tuner_free(struct tuner *t);

/* How prealignment ended: running means of loss and of how often the user's own item
 * was the nearest. */
struct tuner_prealigned {
    double loss, right;
};

/* Brings the projections together without the LLM (prealign.h); both must be there. */
struct tuner_prealigned tuner_prealign(struct tuner *t);

/* One step; sums of its losses are added to t->at.  0, or -1 and the reason. */
int tuner_step(struct tuner *t, struct error *e);

/* Sums over the validation users, on lists of the final size; remembers the
 * weights if they are the best so far.  0, or -1 and the reason. */
int tuner_validate(struct tuner *t, struct tuner_progress *sum, struct error *e);

/* The weights of the best validation, where there were any, for inputs as the stream
 * has them: standardisation goes into the weights. */
void tuner_finish(struct tuner *t);

/* Candidates of the step to come; the last step's after it. */
int tuner_candidates(const struct tuner *t);

/* All state as sections of a checkpoint, (TUNER_SECTIONS). */
enum { TUNER_SECTIONS = 5 };
void tuner_sections(struct tuner *t, struct checkpoint_section *s);

#endif
