/* Inside of cf_trainer: one step of training.  A block of windows is the unit of
 * work.  Where the loss of a row needs that row alone (BCE, gBCE), a block goes
 * forward, through the loss and back again while what it keeps is still in the
 * cache; softmax over all items needs all blocks' rows first. */
#ifndef REC_CF_STEP_H
#define REC_CF_STEP_H

#include "rec/cf_trainer.h"

/* Blocks of windows in a batch. */
int cf_blocks(const struct cf_options *o);

/* Negatives that are drawn for each row. */
int cf_negatives(const struct cf_options *o);

/* Draws the batch, computes its gradient and takes Adam's step; its mean loss. */
double cf_step(struct cf_trainer *t);

#endif
