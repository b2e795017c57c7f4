/* Between align.c and align_loss.c. */
#ifndef ALIGN_ALIGN_PARTS_H
#define ALIGN_ALIGN_PARTS_H

#include "align/align.h"

/* Is a term of that weight? */
static inline bool align_is_on(double weight)
{
    return weight > 0;
}

/* Does the item tower's decoder read q?  Is there a loss of match? */
bool align_decodes_text(const struct align *m);
bool align_matches(const struct align *m);

/* Rows that each tower sees of a batch of n; the text tower may be idle. */
int align_item_rows(const struct align *m, int n);
int align_text_rows(const struct align *m, int n);

/* The fixed blocks of so many rows; of a batch's 2 align_blocks(n) blocks, first those of
 * the targets' rows, then those of the negatives', block i is rows from .. to - 1. */
int align_blocks(int rows);
int align_block_from(int n, int i);
int align_block_to(int n, int i);

/* align_ranks.c: the blocks of a batch of n that are this rank's; what the ranks give
 * each other between forward and the losses that compare rows, with the losses of their
 * blocks; and between backward and the gradients of weights. */
void align_ranks_blocks(int n, int *from, int *to);
void align_ranks_losses(const struct align *m, struct align_work *w, int n);
void align_ranks_gradients(const struct align *m, struct align_work *w, int n);

#endif
