/* SentencePiece's map of characters ("Precompiled"), as Hugging Face applies it: each
 * grapheme of less than 6 bytes, else each of its characters, that begins with a text of
 * the map is replaced, whole, by what the shortest such text maps to.
 *
 * The map is base64 of: the size of a double array (4 bytes, little-endian), the double
 * array (Darts: units of 4 bytes), and what the texts map to, each ended by a zero. */
#ifndef TEXT_CHARSMAP_H
#define TEXT_CHARSMAP_H

#include "text/runes.h"
#include "util/error.h"

struct charsmap {
    uint32_t *unit;
    size_t units;
    char *text; /* zero-terminated replacements, behind each other */
    size_t bytes;
};

/* Reads the map from base64.  Returns 0, or -1 and the reason in e.  Release m with
 * charsmap_free in any case. */
int charsmap_read(struct charsmap *m, const char *base64, struct error *e);
void charsmap_free(struct charsmap *m);

/* Replaces the characters of r. */
void charsmap_apply(const struct charsmap *m, struct runes *r);

#endif
