/* One batch of windows by several ranks (ranks/ranks.h): each takes blocks of it forward
 * and back, and gives the others what these leave.  All then have the gradients of all
 * blocks and the rows that the items' table gets its gradient of, and add them in the
 * order of one rank.  No row of the table is sent: what a step touches are sums over
 * those rows. */
#ifndef CF_CF_RANKS_H
#define CF_CF_RANKS_H

#include "cf/cf_trainer.h"

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
