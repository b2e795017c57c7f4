/* What a mistyped name may have meant. */
#ifndef HISTORY_SUGGEST_H
#define HISTORY_SUGGEST_H

#include "stream/tensor.h"

#include <stdint.h>

enum { SUGGEST_MOST = 3 };

/* Writes the rows of t that are near to the text into near, the nearest first, equal
 * texts once.  Returns how many they are.  Case is ignored, and "Godfather, The" is "The
 * Godfather" as well.  A row is near where it begins with the text, holds the text, has
 * at most a third of the text's characters (one at least) wrong, missing or too many
 * (Levenshtein 1966), or has its words in any order, with others between: "Godfather 2"
 * is near to "Godfather: Part II, The", and "Star Wars 1977" to "Star Wars".  A text of
 * more than 256 bytes has none. */
int suggest_names(const struct texts *t, const char *text, int32_t near[SUGGEST_MOST]);

/* Are both the same but for case? */
int suggest_same(const char *a, const char *b);

#endif
