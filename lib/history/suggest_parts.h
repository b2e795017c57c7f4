/* What suggest.c is made of. */
#ifndef HISTORY_SUGGEST_PARTS_H
#define HISTORY_SUGGEST_PARTS_H

#include "text/runes.h"

#include <limits.h>

enum { SUGGEST_FAR = INT_MAX };

/* Edits from a (n characters) to b (m), SUGGEST_FAR where there are more than most; row
 * is scratch (m + 1). */
int suggest_edits(const int32_t *a, long n, const int32_t *b, long m, int most, int *row);

/* What it costs that the words of text, in small letters, stand in another order among
 * those of name, with others between: two for each letter of text that is wrong or in no
 * word of name, and one where name has other words.  SUGGEST_FAR where more than a third
 * of the letters are wrong.  Articles, signs and a year at the end of text do not count;
 * II is 2, and so is two.  row is scratch (text->n + 2). */
int suggest_words_cost(const struct runes *name, const struct runes *text, int *row);

#endif
