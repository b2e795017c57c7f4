/* The training items that an epoch asks for, in both stages. */
#ifndef HISTORY_TARGETS_H
#define HISTORY_TARGETS_H

enum targets {
    TARGETS_LAST,   /* each user's last training item */
    TARGETS_RANDOM, /* one training item of each user, drawn anew every epoch */
    TARGETS_ALL,    /* every training item */
};

extern const char *const target_names[]; /* of enum targets, then NULL */

/* The options of a trainer over users, for its table. */
#define TARGETS_OPTION(value)                                                          \
    { OPT_CHOICE, 0, "targets", &(value),                                              \
      "training items of a user that an epoch trains on", .choices = target_names }
#define EPOCH_OPTIONS(batch, epochs)                                                   \
    { OPT_INT, 'b', "batch", &(batch), "examples in a step", .low = 1, .high = 16384 },\
    { OPT_INT, 'e', "epochs", &(epochs), "passes over the users", .low = 0, .high = 1e7 }

#endif
