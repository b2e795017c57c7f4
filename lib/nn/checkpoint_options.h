/* A trainer's checkpoint file as --checkpoint, --resume and --stop-after ask.
 * What goes wrong with the file ends the program with the reason. */
#ifndef NN_CHECKPOINT_OPTIONS_H
#define NN_CHECKPOINT_OPTIONS_H

#include "cli/cli.h"
#include "nn/checkpoint.h"

struct checkpoint_options {
    const char *path; /* --checkpoint; NULL: nothing is kept */
    bool resume;      /* --resume */
    long stop_after;  /* --stop-after, in the trainer's unit; 0: not before the end */
    long every;       /* --checkpoint-every, likewise; 0: every five seconds */
    struct checkpoint checkpoint;
    double saved; /* clock_seconds() of the last time */
};

/* The four options for a program's table; unit is a literal such as "epochs". */
#define CHECKPOINT_OPTIONS(k, unit)                                                      \
    { OPT_GROUP, .name = "Checkpoint and log" },                                         \
    { OPT_OUTPUT, 0, "checkpoint", &(k).path, "keep the state of training in FILE",      \
      .record = OPT_IDLE },                                                              \
        { OPT_FLAG,                                                                      \
          0,                                                                             \
          "resume",                                                                      \
          &(k).resume,                                                                   \
          "go on from the checkpoint, where there is one",                               \
          .record = OPT_IDLE },                                                          \
        { OPT_INT,                                                                       \
          0,                                                                             \
          "checkpoint-every",                                                            \
          &(k).every,                                                                    \
          unit " between two checkpoints; 0: five seconds",                              \
          .low = 0,                                                                      \
          .high = 1e9,                                                                   \
          .record = OPT_IDLE },                                                          \
    {                                                                                    \
        OPT_INT, 0, "stop-after", &(k).stop_after,                                       \
            "stop after N " unit " with a checkpoint and no output; 0: do not",          \
            .low = 0, .high = 1e9, .record = OPT_IDLE                                    \
    }

/* Two of the options make sense only with the first; a mistake (exit 2) if not. */
void checkpoint_options_check(const struct checkpoint_options *k);

/* What is kept, borrowed for k's life.  Under --resume reads the file where there
 * is one; true if training goes on from it. */
bool checkpoint_options_begin(struct checkpoint_options *k,
                              const struct checkpoint *what);

/* Writes the file, if one was asked for. */
void checkpoint_options_save(struct checkpoint_options *k);

/* The same where it is time again, at being the epoch or step reached. */
void checkpoint_options_save_sometimes(struct checkpoint_options *k, long at);

/* Saves and ends the program with status 1: at is the "epoch" or "step" reached. */
_Noreturn void checkpoint_options_stop(struct checkpoint_options *k, const char *unit,
                                       long at);

#endif
