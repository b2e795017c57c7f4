/* What a sentence-transformers folder says beside the model's own files:
 *
 *   modules.json                 the modules in their order, with their folders:
 *                                Transformer, Pooling, perhaps Normalize
 *   1_Pooling/config.json        how a text's token vectors become one
 *   sentence_bert_config.json    max_seq_length, do_lower_case
 *   tokenizer_config.json        model_max_length, where the former has none
 *   config_sentence_transformers.json   a default prompt, which is refused
 */
#ifndef SBERT_SENTENCE_FOLDER_H
#define SBERT_SENTENCE_FOLDER_H

#include "util/error.h"

#include <stdbool.h>

struct sentence_settings {
    char *transformer; /* the folder of model and tokenizer */
    enum { POOL_MEAN, POOL_FIRST } pooling;
    int width;         /* of the vectors that are pooled, 0: not said */
    bool normalize;
    int max_length;    /* tokens, 0: not said */
    bool lowercase_first;
};

/* Reads the settings of folder into s.  Returns 0, or -1 and the reason in e where a
 * file is missing or says what the encoder cannot do.  Release s with
 * sentence_settings_free in any case. */
int sentence_settings_read(struct sentence_settings *s, const char *folder,
                           struct error *e);
void sentence_settings_free(struct sentence_settings *s);

#endif
