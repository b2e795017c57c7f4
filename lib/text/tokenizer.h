/* The tokenizers of sentence encoders, equal to Hugging Face's fast ones: added tokens
 * ("[SEP]") are found in the raw text, what lies between is normalised, added tokens that
 * ask for it are found there, what lies between is cut into words, and words into tokens:
 *
 *   WordPiece   BERT: greedily, the longest pieces of the vocabulary first
 *   Unigram     XLM-R, multilingual: the likeliest pieces (unigram.h)
 *   BPE         RoBERTa, ModernBERT: bytes, merged (bpe.h)
 *
 * A folder's tokenizer.json says how, else vocab.txt (BERT), or vocab.json with
 * merges.txt (RoBERTa); tokenizer_config.json overrides case, accents, Chinese characters
 * and the blank before the first word.  Truncation and padding in tokenizer.json are
 * ignored: the length limit is the caller's.  What is not known is refused by its name.
 *
 * Character classes are the reference's own (bert_chars.h); decompositions are
 * utf8proc's, whose Unicode may be newer: that changes nothing but the order of
 * marks younger than Unicode 12 inside one word, which no published vocabulary
 * holds. */
#ifndef TEXT_TOKENIZER_H
#define TEXT_TOKENIZER_H

#include "text/token_list.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct tokenizer tokenizer;

/* Opens the tokenizer of folder, to free with tokenizer_free.  lowercase_first: the
 * do_lower_case of sentence_bert_config.json.  Returns NULL and the reason in e where
 * there is none, or one that is not read here. */
tokenizer *tokenizer_open(const char *folder, bool lowercase_first, struct error *e);
void tokenizer_free(tokenizer *t);

/* Returns one more than the highest token id. */
int tokenizer_size(const tokenizer *t);

/* Returns how many tokens are put around every text ([CLS] and [SEP]: 2). */
int tokenizer_added(const tokenizer *t);

/* Returns how many of them stand behind the text. */
int tokenizer_added_after(const tokenizer *t);

/* Appends the text's tokens, start and end token included, at most limit in all
 * (the end of the text is dropped; limit 0: no limit).  Returns how many there
 * would be without limit, or -1 if the text is not valid UTF-8.  May be called
 * from several threads. */
long tokenizer_encode(const tokenizer *t, const char *text, size_t bytes, long limit,
                      struct token_list *out);

#endif
