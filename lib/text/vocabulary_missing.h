/* Folders whose vocabulary is in a file that is not read here. */
#ifndef TEXT_VOCABULARY_MISSING_H
#define TEXT_VOCABULARY_MISSING_H

#include "util/error.h"

/* Puts into e why the folder has no vocabulary: the file of another kind that is there,
 * such as SentencePiece's tokenizer.model, and how to get tokenizer.json of it; where
 * there is no such file, `missing`, which says what was looked for.  Returns -1. */
int vocabulary_missing(const char *folder, const char *missing, struct error *e);

#endif
