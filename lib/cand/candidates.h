/* Draws items to rank beside a truth: distinct, none of those left out, each
 * draw uniform or by popularity among what remains. */
#ifndef CAND_CANDIDATES_H
#define CAND_CANDIDATES_H

#include "util/error.h"
#include "util/rng.h"

#include <stdbool.h>
#include <stdint.h>

/* The catalogue and room to remember what is taken; one for each thread. */
struct candidates;

/* Returns a catalogue of items 0 .. items - 1, to free with candidates_free.  popularity
 * (items) are the weights of draws, NULL for uniform draws; an item of weight 0 is never
 * drawn.  Nothing is borrowed. */
struct candidates *candidates_new(int items, const int64_t *popularity);
void candidates_free(struct candidates *c);

/* Draws n distinct items into out (n), in the order of the draws.  No item is drawn that
 * is in exclude (count; in any order, repeats do no harm) or is target (-1: none).
 * Returns the number of items: below n where the catalogue has no more. */
int candidates_draw(struct candidates *c, rng *r, const int32_t *exclude, int64_t count,
                    int target, int n, int32_t *out);

/* Puts the truth in a random place among the drawn items of row (room for drawn
 * + 1), whose places are all equally likely. */
void candidates_hide(rng *r, int32_t *row, int drawn, int truth);

/* Moves the n users that a seeded sample takes of list (count, ascending) to the front of
 * list, ascending.  Returns how many they are.  A larger sample of the same seed holds
 * every smaller one. */
int candidates_sample_users(int32_t *list, int count, int n, uint64_t seed);

#endif
