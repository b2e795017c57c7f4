/* A word of the LLM's vocabulary for each item, that the item's soft token begins from.
 *
 * A pretrained model finds by itself where a word of its own stood before, and goes on as
 * it did there (induction heads: Olsson et al. 2022); vectors that it has never met take
 * training to be found.  So item i has the embedding of a random word beside F_I(v_i).
 * Which word it is says nothing about the item. */
#ifndef PROJECT_ITEM_WORDS_H
#define PROJECT_ITEM_WORDS_H

#include "llm/llm.h"
#include "nn/real.h"

struct item_words {
    int *token; /* (count) ids of words, in random order; owned */
    int count;
};

/* The words of the vocabulary: a space and three or more letters; every plain token where
 * there are none of these.  The order is the same for every run of one vocabulary. */
void item_words_new(struct item_words *w, const struct bpe *bpe);
void item_words_free(struct item_words *w);

/* Adds the embedding of item's word to y (embed_width of m).  Items of numbers count
 * apart share a word. */
void item_words_add(real *y, const struct item_words *w, const struct decoder *m,
                    int item);

#endif
