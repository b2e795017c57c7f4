/* What tokenizer.json's "normalizer" does to a text before it is cut: a list of steps.
 *
 *   BertNormalizer             see bert_normalizer.h
 *   Lowercase, StripAccents    the latter takes combining marks away
 *   NFC, NFD, NFKC, NFKD       Unicode's forms
 *   Precompiled                see charsmap.h
 *   Strip                      white space at the ends
 *   Replace                    a text by another; of patterns " {2,}" and "\s+" alone
 *   Prepend                    before a text that is not empty
 *   Sequence                   one after the other
 *
 * Any other is refused by its name.  The reference's forms and marks are those of Unicode
 * 8 or 9, utf8proc's are newer: characters that came since may become others there. */
#ifndef TEXT_NORMALIZER_H
#define TEXT_NORMALIZER_H

#include "formats/json_file.h"
#include "text/runes.h"

struct normal_step;

/* All zero: no step. */
struct normalizer {
    struct normal_step *step;
    long steps, room;
};

/* Appends the step of tokenizer.json (v NULL or null: none); path says where v is.
 * Returns 0, or -1 and the reason in e. */
int normalizer_read(struct normalizer *n, const char *path, const json_t *v,
                    struct error *e);

/* Appends BertNormalizer with all that it does, or Lowercase, before what there is. */
void normalizer_add_bert(struct normalizer *n);
void normalizer_lower_first(struct normalizer *n);

/* tokenizer_config.json has the last word on BertNormalizer's "do_lower_case",
 * "strip_accents" and "tokenize_chinese_chars".  Returns 0, or -1 and the reason in e. */
int normalizer_configure(struct normalizer *n, const struct json_file *config,
                         struct error *e);

/* May a step take characters away at the beginning of a text? */
bool normalizer_shortens(const struct normalizer *n);

/* Replaces the characters of r. */
void normalizer_run(const struct normalizer *n, struct runes *r);
void normalizer_free(struct normalizer *n);

#endif
