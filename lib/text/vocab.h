/* Words and their numbers: a hash table from UTF-8 text to id. */
#ifndef TEXT_VOCAB_H
#define TEXT_VOCAB_H

#include <stddef.h>

struct vocab {
    struct vocab_entry *slot; /* open addressing, a power of two of them */
    size_t slots, count;
    int highest; /* the highest id, -1 when empty */
};

/* Adds or replaces; the word is copied. */
void vocab_add(struct vocab *v, const char *word, size_t bytes, int id);

/* The word's id, or -1. */
int vocab_find(const struct vocab *v, const char *word, size_t bytes);

void vocab_free(struct vocab *v);

#endif
