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

/* cf_ranks.c: one batch by several ranks (ranks/ranks.h).  Each takes blocks of it
 * forward and back, and gives the others what these leave.  All then have the gradients
 * of all blocks and the rows that the items' table gets its gradient of, and add them in
 * the order of one rank.  No row of the table is sent: what a step touches are sums over
 * those rows. */

/* Sets [*from, *to) to this rank's blocks among blocks first .. end - 1 of the batch. */
void cf_ranks_share(int first, int end, int *from, int *to);

/* Gives all ranks what each has made of its share of blocks first .. end - 1: data holds
 * `unit` bytes of each row of these blocks, the first row of block `first` first. */
void cf_ranks_rows(const struct cf_trainer *t, void *data, size_t unit, int first,
                   int end);

/* Gives all ranks what forward left of these blocks: the representations. */
void cf_ranks_forward(const struct cf_trainer *t, int first, int end);

/* Gives all ranks what backward left of these blocks: gradients of the inputs and of the
 * network, and losses; each > 0: also the items drawn for each row and their
 * coefficients, `each` of them. */
void cf_ranks_backward(const struct cf_trainer *t, int first, int end, int each);

#endif
