/* Seeded samples of users or items. */
#ifndef HISTORY_SAMPLE_H
#define HISTORY_SAMPLE_H

#include <stdint.h>

/* The option of filters that take such a sample; verb says what for: "choose". */
#define SAMPLE_USERS_OPTION(value, verb)                                               \
    { OPT_INT, 0, "users", &(value),                                                   \
      verb " for a seeded sample of N users; 0 takes all", .low = 0, .high = 1e9 }

/* Reduces list (count) to a seeded sample of n of its numbers (all where n > count),
 * ascending.  Returns the new count.  Every number draws by itself, so that of one seed
 * and purpose a larger sample holds every smaller one. */
int sample_ids(const char *purpose, int32_t *list, int count, int n, uint64_t seed);

#endif
