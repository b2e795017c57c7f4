/* Seeded samples of users or items. */
#ifndef HISTORY_SAMPLE_H
#define HISTORY_SAMPLE_H

#include <stdint.h>

/* Reduces list (count) to a seeded sample of n of it (all if n > count), ascending; the
 * new count.  Each draws by itself, so of one seed and purpose smaller samples are parts
 * of larger ones. */
int sample_ids(const char *purpose, int32_t *list, int count, int n, uint64_t seed);

#endif
