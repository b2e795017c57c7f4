/* What a sentence-transformers folder says beside the model's own files:
 *
 *   modules.json                 the modules in their order, with their folders:
 *                                Transformer, Pooling, then any of sentence_steps.h.
 *                                Of 2019: the model's name ("BERT") for "Transformer"
 *   1_Pooling/config.json        how a text's token vectors become one
 *   sentence_bert_config.json    max_seq_length (once max_len), do_lower_case; or
 *                                sentence_roberta_config.json and the like
 *   tokenizer_config.json        model_max_length (once max_len), if the former has none
 *   config_sentence_transformers.json   prompts, default_prompt_name, truncate_dim
 */
#ifndef SBERT_SENTENCE_FOLDER_H
#define SBERT_SENTENCE_FOLDER_H

#include "sbert/pooling.h"
#include "sbert/sentence_steps.h"

struct sentence_settings {
    char *transformer; /* the folder of model and tokenizer */
    char *hint;        /* the architecture, where names of files tell, else NULL */
    struct poolings pooling;
    struct sentence_steps steps;
    int max_length;    /* tokens, 0: not said */
    bool lowercase_first;
    char *prompt;      /* before every text; "" where there is none */
    int truncate;      /* numbers of the vector that are kept, 0: all */
};

/* Reads the settings of folder into s.  prompt is the name of a prompt, "" for none at
 * all, NULL for the folder's default.  Returns 0, or -1 and the reason in e where a file
 * is missing or says what the encoder cannot do.  Release s with sentence_settings_free
 * in any case. */
int sentence_settings_read(struct sentence_settings *s, const char *folder,
                           const char *prompt, struct error *e);
void sentence_settings_free(struct sentence_settings *s);

#endif
