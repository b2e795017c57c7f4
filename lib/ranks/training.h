/* What the trainers do alike where several processes train. */
#ifndef RANKS_TRAINING_H
#define RANKS_TRAINING_H

#include "util/train_log.h"

#include <stddef.h>
#include <stdint.h>

/* Begins the ranks, after blas_start and before anything is read.  Ends the program where
 * they are not the same program of the same version, with the same options (a digest of
 * them), kernels of OpenBLAS and arithmetic (arithmetic.h).  Rank 0 alone keeps the
 * log. */
void training_begin(struct train_log *log, const char *kernels, uint64_t options);

/* Says it where there are more ranks than shares of the work of a step (of `what`,
 * "lists"). */
void training_check(long shares, const char *what);

/* Ends the program where a rank's weights (bytes) are not those of rank 0: its processor
 * or its libraries compute other bits. */
void training_same(const void *weights, size_t bytes);

/* Says what the ranks have sent to each other in so many steps. */
void training_say(long steps);

#endif
