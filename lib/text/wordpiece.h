/* BERT's tokenizer, equal to Hugging Face's fast one: special tokens are found
 * in the raw text, what lies between is normalised, cut at white space and
 * punctuation, and every word is covered greedily by the longest pieces of the
 * vocabulary; a word that cannot be covered, or is too long, is one [UNK].
 *
 * A folder's tokenizer.json says how (else vocab.txt); tokenizer_config.json
 * overrides case, accents and Chinese characters.  Truncation and padding in
 * tokenizer.json are ignored: the length limit is the caller's.
 *
 * Character classes are the reference's own (bert_chars.h); decompositions are
 * utf8proc's, whose Unicode may be newer: that changes nothing but the order of
 * marks younger than Unicode 12 inside one word, which no published vocabulary
 * holds. */
#ifndef TEXT_WORDPIECE_H
#define TEXT_WORDPIECE_H

#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct wordpiece wordpiece;

/* Growing list of token ids. */
struct token_list {
    int *id;
    long n, room;
};

/* NULL and the reason in e, or free with wordpiece_free.  lowercase_first: the
 * do_lower_case of sentence_bert_config.json. */
wordpiece *wordpiece_open(const char *folder, bool lowercase_first, struct error *e);
void wordpiece_free(wordpiece *w);

/* One more than the highest token id. */
int wordpiece_size(const wordpiece *w);

/* Tokens that are put around every text ([CLS] and [SEP]: 2). */
int wordpiece_added(const wordpiece *w);

/* Appends the text's tokens, start and end token included, at most limit in all
 * (the end of the text is dropped; limit 0: no limit).  Returns how many there
 * would be without limit, or -1 if the text is not valid UTF-8.  May be called
 * from several threads. */
long wordpiece_encode(const wordpiece *w, const char *text, size_t bytes, long limit,
                      struct token_list *out);

#endif
