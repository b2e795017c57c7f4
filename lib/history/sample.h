/* Seeded samples of users or items. */
#ifndef HISTORY_SAMPLE_H
#define HISTORY_SAMPLE_H

#include <stdint.h>

/* Reduces list (count) to a seeded sample of n of its numbers (all where n > count),
 * ascending.  Returns the new count.  Every number draws by itself, so that of one seed
 * and purpose a larger sample holds every smaller one. */
int sample_ids(const char *purpose, int32_t *list, int count, int n, uint64_t seed);

#endif
