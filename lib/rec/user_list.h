/* Users by their original ids. */
#ifndef REC_USER_LIST_H
#define REC_USER_LIST_H

#include "tensor/tensor.h"
#include "util/error.h"

#include <stdint.h>

/* The users of ids that `list` names ("196,186") or, where it is NULL, the lines of the
 * file at path: *user, ascending, each once; the caller frees it.  How many (at least
 * 1), or -1 and the reason, which names an unknown id. */
int user_list_read(int32_t **user, const struct texts *ids, const char *list,
                   const char *path, struct error *e);

#endif
