/* The command line that a checkpoint belongs to, as a text within the file: it says which
 * option another command line changes. */
#ifndef NN_CHECKPOINT_TEXT_H
#define NN_CHECKPOINT_TEXT_H

#include <stdbool.h>

/* Returns the seed and every recorded option but those named in except (closed by NULL;
 * may be NULL) as a new string: a newline, then "name value" a line. */
char *checkpoint_text(const char *const *except);

/* Returns "--lr is 0.01 there, 0.001 now" of the first option that has two values in such
 * texts, as a new string, or NULL.  An option that one text lacks counts as well. */
char *checkpoint_text_change(const char *there, const char *now);

/* Is the name in the list, which ends with NULL and may be NULL? */
bool checkpoint_text_skips(const char *name, const char *const *list);

#endif
