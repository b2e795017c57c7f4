/* Words and their ids: a table from UTF-8 text to an id that the caller gives. */
#ifndef TEXT_VOCAB_H
#define TEXT_VOCAB_H

#include "text/string_index.h"

struct vocab {
    struct string_index words;
    int *id; /* (count) of each word */
    int count, room;
    int highest; /* the highest id; means nothing in an empty vocabulary */
};

/* Gives the word (bytes long, copied) the id, in place of an earlier one.  A vocabulary
 * that is all zero is empty.  Release v with vocab_free. */
void vocab_add(struct vocab *v, const char *word, size_t bytes, int id);

/* Returns the word's id, or -1 where the word has none. */
int vocab_find(const struct vocab *v, const char *word, size_t bytes);

void vocab_free(struct vocab *v);

#endif
