/* Names of tensors, and patterns for them. */
#ifndef STREAM_NAMES_H
#define STREAM_NAMES_H

#include <stdbool.h>

/* Returns whether the pattern matches the name.  "item.*" matches every name that begins
 * so, another pattern itself alone. */
bool name_matches(const char *pattern, const char *name);

/* Returns whether any pattern of list, such as "item.*,cf.*", matches the name.  list
 * NULL: none does. */
bool names_match(const char *list, const char *name);

/* The option of programs that take such a list; verb says what for: "show". */
#define NAMES_OPTION(value, verb)                                                      \
    { OPT_STRING, 'n', "name", &(value),                                               \
      verb " only these names: item.title, cf.*, a,b",                                 \
      .record = OPT_LOCAL }

#endif
