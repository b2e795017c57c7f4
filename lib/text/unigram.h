/* SentencePiece's Unigram model (Kudo 2018) as Hugging Face runs it: of all ways to cut
 * a text into pieces of the vocabulary, the one whose scores (log probabilities) have the
 * largest sum, by Viterbi's algorithm.  A character that is no piece costs the lowest
 * score less 10; neighbours of that kind are one unknown token, or one token a byte where
 * the vocabulary has all their bytes ("byte fallback"). */
#ifndef TEXT_UNIGRAM_H
#define TEXT_UNIGRAM_H

#include "formats/json_file.h"
#include "text/token_list.h"
#include "text/trie.h"

struct unigram {
    struct trie pieces; /* their ids */
    double *score;      /* (tokens) */
    int tokens, unknown; /* unknown -1: there is none */
    bool bytes;
    int byte[256]; /* "<0x00>" and so on, -1: none */
    double lowest;
};

/* Reads tokenizer.json's "model": "vocab" is a list of [PIECE, SCORE], the place in it a
 * token's id.  Returns 0, or -1 and the reason in e.  Release u with unigram_free in any
 * case. */
int unigram_read(struct unigram *u, const struct json_file *model, struct error *e);
void unigram_free(struct unigram *u);

/* Room for unigram_encode's paths; all zero at first, freed with unigram_room_free. */
struct unigram_room {
    double *best; /* of the best way that ends here */
    long *from;   /* where its last piece begins */
    long *mark;   /* the ends of its pieces, the last first */
    long size;
};

void unigram_room_free(struct unigram_room *r);

/* Appends the ids of n code points. */
void unigram_encode(const struct unigram *u, struct unigram_room *r, const int32_t *text,
                    long n, struct token_list *out);

#endif
