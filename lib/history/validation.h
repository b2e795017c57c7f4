/* When a training that ranks validation items does so, which weights it keeps and when it
 * stops. */
#ifndef HISTORY_VALIDATION_H
#define HISTORY_VALIDATION_H

#include "util/error.h"

#include <stdbool.h>
#include <stdint.h>

struct validation {
    long every;    /* epochs between two; 0: never */
    long users;    /* of each, evenly spread; 0: all */
    long patience; /* so many without a better one end the training; 0: none does */
};

/* The options of v, for a table. */
#define VALIDATION_OPTIONS(v)                                                          \
    { OPT_INT, 0, "valid-every", &(v).every,                                           \
      "epochs between two validations, of which the best weights stay; 0: never",      \
      .low = 0, .high = 1e7 },                                                         \
    { OPT_INT, 0, "valid-users", &(v).users,                                           \
      "users of a validation, evenly spread; 0: all", .low = 0, .high = 1e9 },         \
    { OPT_INT, 0, "patience", &(v).patience,                                           \
      "stop after N validations without a better one; 0: never",                       \
      .low = 0, .high = 1e7 }

/* Ends the program where a patience was asked for and no validation is to be. */
void validation_check(const struct validation *v);

/* Sets v->every to 0 where no user has a validation item (there).  Returns 0, or -1 and
 * the reason in e where v was asked for. */
int validation_begin(struct validation *v, bool there, struct error *e);

/* Whether v was asked for, and is not only the default. */
bool validation_is_asked(const struct validation *v);

/* The best epoch so far; a part of a checkpoint, zeros at first. */
struct validation_best {
    int64_t epoch, waited; /* validations since */
    double worth;          /* the larger the better */
};

/* Counts a validation after that epoch.  Returns whether its worth is the best so far,
 * which NaN never is. */
bool validation_judge(struct validation_best *best, int64_t epoch, double worth);

/* Whether patience has run out. */
bool validation_is_over(const struct validation *v, const struct validation_best *best);

#endif
