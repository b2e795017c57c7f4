/* A trainer's checkpoint file as --checkpoint, --resume and --stop-after ask.
 * Of several ranks (ranks/ranks.h) the first reads and writes it, as its options say.
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
          unit " between two checkpoints; 0: every five seconds",                        \
          .low = 0,                                                                      \
          .high = 1e9,                                                                   \
          .record = OPT_IDLE },                                                          \
    {                                                                                    \
        OPT_INT, 0, "stop-after", &(k).stop_after,                                       \
            "stop after N " unit " with a checkpoint and no output; 0: do not",          \
            .low = 0, .high = 1e9, .record = OPT_IDLE                                    \
    }

/* Ends the program with status 2 where --resume or --stop-after stands without
 * --checkpoint, and with status 1 where the file is there already and --resume does not
 * say that training goes on with it: it may be hours of work, or no checkpoint. */
void checkpoint_options_check(const struct checkpoint_options *k);

/* Tells k what to keep, which k borrows.  Under --resume reads the file where there is
 * one.  Gives all ranks what was read, and ends the program where they have other
 * digests.  Returns whether training goes on from the file. */
bool checkpoint_options_begin(struct checkpoint_options *k,
                              const struct checkpoint *what);

/* Writes the file where --checkpoint asks for one. */
void checkpoint_options_save(struct checkpoint_options *k);

/* Writes the file likewise where it is time again.  at is the epoch or step reached. */
void checkpoint_options_save_sometimes(struct checkpoint_options *k, long at);

/* Writes the file and ends the program with status 1.  at is the unit ("epoch" or "step")
 * reached. */
_Noreturn void checkpoint_options_stop(struct checkpoint_options *k, const char *unit,
                                       long at);

#endif
