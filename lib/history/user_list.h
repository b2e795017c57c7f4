/* Users by their original ids. */
#ifndef HISTORY_USER_LIST_H
#define HISTORY_USER_LIST_H

#include "stream/tensor.h"
#include "util/error.h"

#include <stdint.h>

/* Reads ids, one a line, from the file at path, and sets *user to their rows in ids,
 * ascending, each once.  Free *user with free(), also after an error.  Returns how many
 * they are (at least 1), or -1 and the reason in e, which names an unknown id and its
 * line. */
int user_list_read(int32_t **user, const struct texts *ids, const char *path,
                   struct error *e);

/* Sets *user from the option --NAME A,B,... in the same way.  An unknown id ends the
 * program. */
int user_list_parse(int32_t **user, const struct texts *ids, const char *list,
                    const char *name);

#endif
