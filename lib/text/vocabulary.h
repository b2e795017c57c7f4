/* Folders whose vocabulary is in a file that is not read here, and vocabularies that are
 * cut: a list of words, one a line, is as good a list without its end. */
#ifndef TEXT_VOCABULARY_H
#define TEXT_VOCABULARY_H

#include "text/bpe.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Puts into e why the folder has no vocabulary: the file of another kind that is there,
 * such as SentencePiece's tokenizer.model, and how to get tokenizer.json of it; where
 * there is no such file, `missing`, which says what was looked for.  Returns -1. */
int vocabulary_missing(const char *folder, const char *missing, struct error *e);

/* Are `have` entries far fewer than `want`, 128 or more and above a 32nd of them?  Models
 * have rows that no token uses, in many up to a multiple of 64 or 128: about 400 of
 * Qwen 2.5's 152064 and of Pythia's 50688, 2400 of DeepSeek LLM's 102400. */
bool vocabulary_short(size_t have, size_t want);

/* Warns, also under -q, where the tokenizer at path has far fewer tokens than the model
 * has rows. */
void vocabulary_short_warn(const char *path, int tokens, int rows);

/* Warns in the same way where a folder's merges.txt has far fewer merges than its
 * vocab.json (token and kind, of `tokens` each, by id) has normal tokens of more than one
 * letter: a merge makes each of these. */
void vocabulary_short_merges(const char *folder, const struct bpe_text *token,
                             const enum bpe_kind *kind, size_t tokens, size_t merges);

#endif
