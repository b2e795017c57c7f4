/* NextItNet (Yuan et al. 2019) over windows of a user's items: embeddings, residual
 * blocks of two dilated causal convolutions of d channels, and a linear map, with which
 * the scores are dot products:
 *
 *     y = ReLU(LN(conv1 x)) with the block's dilation,
 *     x' = x + ReLU(LN(conv2 y)) with twice as much
 *
 * LN over channels, eps 1e-8.  Dropout on the embeddings and on what a block adds, which
 * the paper has not.  Before a window there is nothing: zeros, in every layer.
 *
 * Weights have the names of torch's modules: residual_blocks.N.conv1 and conv2 (Conv1d:
 * out, in, taps), ln1 and ln2 (LayerNorm), final_layer (Linear). */
#ifndef CF_NEXTITNET_H
#define CF_NEXTITNET_H

#include "cf/backbone.h"

extern const struct backbone_kind nextitnet_kind;

/* "1,4": the dilations of blocks, at most BACKBONE_MAX_BLOCKS; their count, or -1. */
int nextitnet_dilations(int *dilation, const char *text);

/* The same as text; free with free(). */
char *nextitnet_dilations_text(const int *dilation, int blocks);

#endif
