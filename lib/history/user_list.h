/* Users by their original ids. */
#ifndef HISTORY_USER_LIST_H
#define HISTORY_USER_LIST_H

#include "stream/tensor.h"
#include "util/error.h"

#include <stdint.h>

/* The users of ids on the lines of the file at path: *user, ascending, each once; the
 * caller frees it, also after an error.  How many (at least 1), or -1 and the reason,
 * which names an unknown id and its line. */
int user_list_read(int32_t **user, const struct texts *ids, const char *path,
                   struct error *e);

/* The same of the option --NAME A,B,...: what is wrong ends the program. */
int user_list_parse(int32_t **user, const struct texts *ids, const char *list,
                    const char *name);

#endif
