/* What bert_load.c and bert_config.c share. */
#ifndef SBERT_BERT_PARTS_H
#define SBERT_BERT_PARTS_H

#include "sbert/bert.h"

struct bert_loading {
    const hf_folder *folder;
    struct bert_architecture of;
    const char *prefix; /* "" where the file has the bare names */
    enum frozen_precision precision;
    struct error *e;
};

/* Reads the sizes and settings of config.json into b, whose layers it makes; what asks
 * for something that is not computed here is refused by its key.  Returns 0, or -1 and
 * the reason in l->e. */
int bert_config_read(const struct bert_loading *l, struct bert *b);

/* The same for rotary positions and local layers, where the architecture has them; after
 * the embeddings, whose shape has shown that the width is no invention. */
int bert_config_rotary(const struct bert_loading *l, struct bert *b);

/* Refuses a tensor of the embeddings or of the layers, by its name, that is none of b's:
 * vectors without it would be another model's.  Heads and poolers behind the layers, and
 * buffers, are no part of b.  Returns 0, or -1 and the reason in l->e. */
int bert_others_refuse(const struct bert_loading *l, const struct bert *b);

#endif
