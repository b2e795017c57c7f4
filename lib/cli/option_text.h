/* A command line as a text, which a checkpoint holds: it says which option another
 * command line changes. */
#ifndef CLI_OPTION_TEXT_H
#define CLI_OPTION_TEXT_H

#include <stdbool.h>

/* Returns the seed and every recorded option but those named in except (closed by NULL;
 * may be NULL) as a new string: a newline, then "name value" a line. */
char *option_text(const char *const *except);

/* Returns "--lr is 0.01 there, 0.001 now" of the first option that has two values in such
 * texts, as a new string, or NULL.  An option that one text lacks counts as well. */
char *option_text_change(const char *there, const char *now);

/* Is the name in the list, which ends with NULL and may be NULL? */
bool option_text_skips(const char *name, const char *const *list);

#endif
