/* Titles of at most so many tokens: a catalogue whose titles are paragraphs otherwise
 * leaves no room in the prompt. */
#ifndef PROMPT_SHORT_TITLES_H
#define PROMPT_SHORT_TITLES_H

#include "stream/tensor.h"
#include "text/bpe.h"

struct short_titles {
    struct texts titles; /* all of them; free with texts_free */
    int64_t cut;         /* how many were longer */
    int64_t same;        /* items that have become the same as another by it */
};

/* Cuts titles of more than `most` (1 or more) tokens, each tokenised by itself, behind
 * the last word that fits; within a word only where not even the first one does.  0, or
 * -1 and the reason: a title is no UTF-8 text. */
int short_titles_make(struct short_titles *s, const struct texts *titles,
                      const struct bpe *bpe, int most, struct error *e);

/* Sets *most to what titles are cut to where nobody says it: TITLE_FITS tokens where more
 * than half of the titles have more; else TITLE_MOST where any has more, as one title
 * can fill the model's context; else 0, which leaves them as they are.  Returns 0, or -1
 * and the reason as short_titles_make. */
enum { TITLE_FITS = 16, TITLE_MOST = 128 };
int short_titles_fit(int *most, const struct texts *titles, const struct bpe *bpe,
                     struct error *e);

#endif
