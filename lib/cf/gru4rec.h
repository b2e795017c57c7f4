/* GRU4Rec (Hidasi et al. 2016) over windows of a user's items: embeddings, layers of
 * GRU, and a linear map from their hidden width to that of the item embeddings, with
 * which the scores are dot products.  Dropout on the embeddings and between layers.
 *
 * Weights have the names of torch's modules: gru.weight_ih_l0, weight_hh_l0, bias_ih_l0,
 * bias_hh_l0 and so on (nn.GRU), dense.weight and dense.bias (nn.Linear).  Initial ones
 * as torch's for these, xavier-normal for the embeddings. */
#ifndef CF_GRU4REC_H
#define CF_GRU4REC_H

#include "cf/backbone.h"

extern const struct backbone_kind gru4rec_kind;

#endif
