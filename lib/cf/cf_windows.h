/* Inside of cf_trainer: training a sequence model.  A block of windows is the unit of
 * work.  Where the loss of a row needs that row alone (BCE, gBCE), a block goes
 * forward, through the loss and back again while what it keeps is still in the
 * cache; softmax over all items needs all blocks' rows first. */
#ifndef CF_CF_WINDOWS_H
#define CF_CF_WINDOWS_H

#include "cf/cf_trainer.h"

/* The model with its initial weights, and room for a batch; 0, or -1 and the reason. */
int cf_windows_new(struct cf_trainer *t, struct error *e);
void cf_windows_free(struct cf_trainer *t);

/* Draws the batch, computes its gradient and takes Adam's step; its mean loss. */
double cf_windows_step(struct cf_trainer *t);

#endif
