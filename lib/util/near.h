/* What a mistyped word may have meant. */
#ifndef UTIL_NEAR_H
#define UTIL_NEAR_H

#include "util/error.h"

#include <stddef.h>

enum { NEAR_LETTERS = 64 }; /* longer words are near to nothing */

/* The nearest word so far to the one that was asked for. */
struct near {
    const char *asked; /* borrowed */
    char found[NEAR_LETTERS]; /* empty where nothing is near */
    int cost; /* of what was found */
};

/* Begins a search for words near to the one asked for. */
void near_begin(struct near *n, const char *asked);

/* Offers one word.  Case is ignored.  It is near if it takes at most two edits, at most
 * one for fewer than five letters: a letter wrong, missing, too many, or two swapped
 * (Damerau 1964); and if it begins with what was asked for, three letters or more.  Of
 * words as near as each other the first offered counts. */
void near_offer(struct near *n, const char *word);

/* Offers the names in a folder, if it can be read. */
void near_offer_folder(struct near *n, const char *folder);

/* The nearest of a list that ends with NULL, or NULL. */
const char *near_word(const char *asked, const char *const *list);

/* Adds ": did you mean WORD?" to the reason in e.  Returns -1 always. */
int near_add(struct error *e, const char *word);

/* Adds ": did you mean WORD?" likewise where the search n has found a word. */
int near_end(struct error *e, const struct near *n);

/* Adds ": did you mean WORD?" likewise where a word of the list is near to the first
 * letters of asked. */
int near_hint(struct error *e, const char *asked, size_t letters,
              const char *const *list);

#endif
