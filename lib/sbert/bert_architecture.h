/* The table of encoder architectures: how each names what it has in its files, and what
 * it computes in another way than BERT. */
#ifndef SBERT_BERT_ARCHITECTURE_H
#define SBERT_BERT_ARCHITECTURE_H

#include "formats/hf_folder.h"

enum bert_positions {
    BERT_ROWS = 1,    /* a learned row for each position, from 0 */
    BERT_ROWS_AFTER_PAD, /* the same, from pad_token_id + 1; padding in a text, itself
                            at row pad_token_id, is not counted */
    BERT_ROWS_AFTER_ONE, /* the same, whatever pad_token_id is: from 2 */
    BERT_ROTARY,      /* queries and keys are turned (Su et al. 2021) */
};

/* What has a name.  First keys of config.json, with other names behind '|'; then tensors,
 * "%d" stands for the layer. */
enum bert_name {
    BERT_WIDTH, BERT_LAYERS, BERT_HEADS, BERT_INNER, BERT_ACT, BERT_EPS,
    BERT_LONGEST, /* most positions */
    BERT_PREFIX,  /* of all tensors' names, in a model with a head */
    BERT_WORD, BERT_TYPE, BERT_PLACE, BERT_EMBEDDING_NORM, BERT_FINAL_NORM,
    BERT_QKV,     /* the three under each other, else by themselves: */
    BERT_QUERY, BERT_KEY, BERT_VALUE, BERT_OUT, BERT_ATTENTION_NORM,
    BERT_UP,      /* of gated layers: what the activation gets */
    BERT_GATE,    /* what its result is multiplied by */
    BERT_DOWN, BERT_NORM,
    BERT_DISTANCE_BIAS, /* (buckets, heads) */
    BERT_NAMES
};

struct bert_architecture {
    const char *model_type, *class; /* class: what names of models begin with */
    const char *like;               /* model_type of the row that has what this lacks */
    const char *name[BERT_NAMES];   /* NULL: as in that row; "": it has none */
    enum bert_positions positions;
    bool norm_first;     /* before attention and network, not after */
    bool bias_optional;  /* a bias is there where its tensor is */
    bool gate_below;     /* BERT_UP holds the gate's rows under its own */
    double theta, local_theta; /* of rotary positions, where config.json does not say */
    const char *off[8];  /* keys that must ask for nothing */
};

/* Finds the row for a folder: by model_type, or in a config.json of old without it by
 * "architectures", else by `hint` ("BERT", "RoBERTa": the module's type, may be NULL),
 * else by its tensors and its tokenizer's files.  Fills *a.  Returns 0, or -1 and the
 * reason in e. */
int bert_architecture_find(struct bert_architecture *a, const hf_folder *h,
                           const char *hint, struct error *e);

#endif
