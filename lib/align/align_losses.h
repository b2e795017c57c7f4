/* The losses of stage 1 in words. */
#ifndef ALIGN_ALIGN_LOSSES_H
#define ALIGN_ALIGN_LOSSES_H

/* Returns a text with a line for each loss of match.h and rec.h, and `end` below: for
 * --help.  The caller frees it. */
char *align_losses_text(const char *end);

#endif
