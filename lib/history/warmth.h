/* Warm and cold items, by how often they are in training, and what follows from it:
 * cold ones are represented by their text. */
#ifndef HISTORY_WARMTH_H
#define HISTORY_WARMTH_H

#include "history/history.h"

#include <stdint.h>

enum warmth { COLD_ITEM, MIDDLE_ITEM, WARM_ITEM, WARMTHS };

extern const char *const warmth_names[]; /* "cold", "middle", "warm", NULL */

/* The paper's shares of the items that are warm, and that are cold. */
#define WARM_SHARE .35
#define COLD_SHARE .35

/* warmth (h->items): the warm share of the items with the most training interactions
 * is WARM_ITEM, the cold share with the fewest COLD_ITEM, each rounded down; of items
 * with equally many the lower id counts as the warmer.  warm + cold <= 1. */
void warmth_of_items(const struct history *h, double warm, double cold, uint8_t *warmth);

/* What makes an item warm or cold: shares, or numbers of training interactions. */
struct warmth_rule {
    double warm, cold;            /* shares, as of warmth_of_items */
    int64_t warm_least, cold_most; /* at least that many are warm, at most that many cold;
                                    * below 0: by the share */
};

/* Sets warmth (h->items) by the rule.  An item that both sides take is cold. */
void warmth_by_rule(const struct history *h, const struct warmth_rule *rule,
                    uint8_t *warmth);

/* The number of training interactions that items on both sides of cold's border have,
 * so that the order of items decides between them; -1 where no number is on both. */
int64_t warmth_border(const struct history *h, const uint8_t *warmth);

/* The system's own rule for joint vectors: e (item.joint), but q (item.joint_text) for
 * the cold share of the items, and whatever their share for items that no training
 * interaction has, and those whose e (h->items, d) is not finite.  text (h->items): 1
 * where q is taken; returns how many. */
int warmth_takes_text(const struct history *h, double cold, const float *e, int64_t d,
                      uint8_t *text);

/* Returns e (h->items, d) with the rows that warmth_takes_text takes from q (h->items,
 * d), to free with free().  *texts is the number of these rows. */
float *warmth_joint(const struct history *h, double cold, const float *e, const float *q,
                    int64_t d, int *texts);

#endif
