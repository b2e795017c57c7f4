/* Trains the two projections of stage 2 on the training items of a history.
 * An epoch has one example of each user (or all of its positions); a step takes
 * the next few, in lists that share candidates.  Draws are keyed by seed and step:
 * the same at any number of threads, and after going on from a checkpoint. */
#ifndef PROJECT_PROJECT_TRAINER_H
#define PROJECT_PROJECT_TRAINER_H

#include "history/targets.h"
#include "nn/adam.h"
#include "nn/checkpoint.h"
#include "project/stage2_data.h"

/* What training learns: a value, its word and the share of selecting in the loss, whose
 * rest is writing the title.  The best weights are those that select best, or write the
 * title best where nothing is selected. */
#define PROJECT_LOSSES(ROW)                                                              \
    ROW(PROJECT_TITLE, "title", 0) ROW(PROJECT_SELECT, "select", 1)                      \
        ROW(PROJECT_BOTH, "both", .5)
#define PROJECT_LOSS_VALUE(value, word, share) value,
enum project_loss { PROJECT_LOSSES(PROJECT_LOSS_VALUE) PROJECT_LOSS_COUNT };
#undef PROJECT_LOSS_VALUE

enum project_schedule { PROJECT_CONSTANT, PROJECT_COSINE };

/* What a validation chooses the kept weights by: its loss (of selecting, or of writing
 * the title where nothing is selected), or NDCG@10 of the validation users' own items,
 * scored as llm-score does (project_ranking.c).
 *
 * The loss is the default, since NDCG of a usual validation does not tell steps apart.
 * Measured, before scores were calibrated, by seed 1 of trained LLMs against the scores
 * that they are told, on 200 to 500 validation users of MovieLens-100k, Beauty and
 * Office: the LLM loses .006 to .016 in NDCG@10, and a user's difference has a
 * deviation of .07 to .15, so that a mean over 96 users is uncertain by .007 to .015.
 * To see .005 takes some 1600 users, twenty passes through the LLM each.  The loss of
 * 96 users is finer: .138, .077, .033, .031 at steps 50 to 200 of MovieLens-100k,
 * where right is .97, .99, 1 and 1.  For with --guess each validation asks for the
 * hypothesis that the prompt names, not for the user's item, and
 * the rank of that is the first nearly everywhere. */
enum project_keep { PROJECT_KEEP_LOSS, PROJECT_KEEP_NDCG };

/* Words of these three; NULL closes each list. */
extern const char *const project_loss_names[], *const project_schedule_names[],
    *const project_keep_names[];

struct project_options {
    int loss;           /* enum project_loss */
    int targets;        /* enum targets */
    int schedule;       /* enum project_schedule, of the learning rate */
    int keep;           /* enum project_keep */
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
struct project_vectors {
    const struct tensor *user_train, *user_valid; /* (users, user.in) */
    const struct tensor *inter_cf;                /* (interactions, user.in) */
};

/* Counters that a checkpoint keeps beside the weights: no padding in between. */
struct project_progress {
    int64_t step, best_step;
    double best_loss;            /* of the validations so far; or 1 - NDCG@10 */
    double select, title, right; /* sums since the last log, of so many: */
    int64_t seen;
};

struct project_trainer {
    struct project_options o;
    struct stage2_data *data; /* borrowed; its params are trained */
    struct project_vectors vectors;
    struct example *examples; /* (count) one epoch's, in order */
    long count;
    struct example *valid;    /* (valid_count) */
    long valid_count;
    struct adam adam;
    real *grad, *best;        /* arenas */
    struct project_progress at;
    struct project_progress last; /* sums of the last step alone */
    double ndcg; /* NDCG@10 of the last validation, where weights are kept by it */
    long steps_an_epoch, total_steps;
    int64_t epoch;            /* whose examples are there */
    long dropped;             /* history items that had no room, since the start */
};

/* Makes the examples, and the projections as they are before the first step.  t borrows
 * data, which has the widths of both inputs, and vectors.  Returns 0, or -1 and the
 * reason in e where there is no example.  Release t with project_trainer_free. */
int project_trainer_new(struct project_trainer *t, const struct project_options *o,
                        struct stage2_data *data, const struct project_vectors *vectors,
                        struct error *e);
void project_trainer_free(struct project_trainer *t);

/* Sets *digest to one of the scores of a first list, which every rank computes by itself:
 * ranks whose LLM says something else have another.  Returns 0, or -1 and the reason in
 * e. */
int project_trainer_probe(const struct project_trainer *t, uint64_t *digest,
                          struct error *e);

/* How prealignment ended: running means of loss and of how often the user's own item
 * was the nearest. */
struct project_prealigned {
    double loss, right;
};

/* Brings the projections together without the LLM (prealign.h), and returns how that
 * ended.  Both projections must be there. */
struct project_prealigned project_prealign(struct project_trainer *t);

/* Takes one step, and adds the sums of its losses to t->at.  Returns 0, or -1 and the
 * reason in e where a prompt has no room in the LLM's context or the gradient is not
 * finite. */
int project_trainer_step(struct project_trainer *t, struct error *e);

/* Sets *sum to the sums over the validation users, on lists of the final size, and
 * t->ndcg where weights are kept by it.  Remembers the weights where they are the best so
 * far.  Returns as project_trainer_step. */
int project_trainer_validate(struct project_trainer *t, struct project_progress *sum,
                             struct error *e);

/* Puts the weights of the best validation, where there was one, into t->data.  Takes the
 * standardisation into the weights, for inputs as the stream has them. */
void project_trainer_finish(struct project_trainer *t);

/* Returns the loss that training lowers, the mean of sums. */
double project_trainer_loss(const struct project_trainer *t,
                            const struct project_progress *sum);

/* Returns the number of candidates in the next step, and after the last step in that
 * step. */
int project_trainer_candidates(const struct project_trainer *t);

/* Returns the number of lists in a step, those of a whole batch. */
long project_trainer_lists(const struct project_trainer *t);

/* Fills s (PROJECT_SECTIONS) with all state, as sections of a checkpoint that borrow from
 * t. */
enum { PROJECT_SECTIONS = 5 };
void project_trainer_sections(struct project_trainer *t, struct checkpoint_section *s);

#endif
