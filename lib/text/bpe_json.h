/* What tokenizer.json says besides its lists; for bpe_folder.c alone. */
#ifndef TEXT_BPE_JSON_H
#define TEXT_BPE_JSON_H

#include "text/bpe.h"

#include <jansson.h>

/* Sets what s says beside its lists; texts of s lie in the JSON.  What
 * would make the reference's tokens others than ours is refused: 0, or -1 and the
 * reason (which field, what was expected, what it is). */
int bpe_json_settings(const json_t *tokenizer, struct bpe_source *s, struct error *e);

#endif
