/* Names of tensors, and patterns for them. */
#ifndef STREAM_NAMES_H
#define STREAM_NAMES_H

#include <stdbool.h>

/* "item.*" matches every name that begins so, another pattern itself alone. */
bool name_matches(const char *pattern, const char *name);

/* Does any of the patterns in "item.*,cf.*" match?  Never if list is NULL. */
bool names_match(const char *list, const char *name);

#endif
