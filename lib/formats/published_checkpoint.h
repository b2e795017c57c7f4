/* Checkpoints of the published A-LLMRec code (torch.save of modules' state_dicts), by
 * the names that it gives its files, as the tensors that our filters read:
 *
 *     SASRec*.pth, [kwargs, state_dict]   cf.*, heads from kwargs['args']
 *     *mlp.pt       two_layer_mlp         align.item.*
 *     *mlp2.pt      two_layer_mlp         align.text.*
 *     *log_proj.pt  nn.Sequential         proj.user.*, for its prompt
 *     *item_proj.pt nn.Sequential         proj.item.*
 *
 * Those modules compute what ours do (cf/sasrec.h, tower.h, projector.h without
 * a gain).  The sentence encoder that it trains along, *sbert.pt, is no part of this: in
 * an encoder's folder it is a pytorch_model.bin.
 * Source: https://github.com/ghdtjr/A-LLMRec, models/a_llmrec_model.py, save_model. */
#ifndef FORMATS_PUBLISHED_CHECKPOINT_H
#define FORMATS_PUBLISHED_CHECKPOINT_H

#include "formats/tensor_file.h"
#include "stream/frame.h"

enum { PUBLISHED_ATTRS = 4 };

struct published_attrs {
    struct attr list[PUBLISHED_ATTRS]; /* closed by a NULL key */
    char heads[24];
};

/* What goes before the names of a file's tensors ("cf."), or "" where the file is no
 * checkpoint of the published code: name and tensors must both be its. */
const char *published_prefix(const struct tensor_file *f);

/* The attributes of the tensor that gets this name in a stream, into a: the number of
 * attention heads; the prompt that the projections were trained with.  NULL: none. */
const struct attr *published_attrs_of(const char *name, const struct tensor_file *f,
                                      struct published_attrs *a);

#endif
