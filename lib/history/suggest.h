/* What a mistyped name may have meant. */
#ifndef HISTORY_SUGGEST_H
#define HISTORY_SUGGEST_H

#include "stream/tensor.h"

#include <stdint.h>

enum { SUGGEST_MOST = 3 };

/* Rows of t that are near to the text, the nearest first, equal texts once: near
 * (SUGGEST_MOST); how many.  Case is ignored, and "Godfather, The" is "The Godfather" as
 * well.  A row is near that begins with the text, holds it, or is at most a third of
 * the text's characters (one at least) wrong, missing or too many: Levenshtein 1966. */
int suggest_names(const struct texts *t, const char *text, int32_t near[SUGGEST_MOST]);

/* Are both the same but for case? */
int suggest_same(const char *a, const char *b);

#endif
