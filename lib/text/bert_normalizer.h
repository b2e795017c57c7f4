/* BERT's text normalisation, as Hugging Face's BertNormalizer does it: remove
 * control characters, make white space a blank, put blanks around Chinese
 * characters, strip accents, lower the case, each by option. */
#ifndef TEXT_BERT_NORMALIZER_H
#define TEXT_BERT_NORMALIZER_H

#include "text/runes.h"

struct bert_normalizer {
    bool clean_text, chinese_chars, strip_accents, lowercase;
    bool lowercase_first; /* before everything else: sentence-transformers' option */
};

/* Replaces the characters of r. */
void bert_normalize(const struct bert_normalizer *how, struct runes *r);

/* What the tokenizer splits off as a word of its own: ASCII punctuation and
 * Unicode's P categories. */
bool bert_is_punctuation(int32_t c);

#endif
