/* Users and items by the names that people have for them. */
#ifndef HISTORY_LOOKUP_H
#define HISTORY_LOOKUP_H

#include "stream/tensor.h"
#include "util/cli.h"
#include "util/error.h"

#include <stdint.h>

/* The item that a word names: by its id, also as "id:ID"; by its title; by its title
 * but for case.  titles: NULL where there are none.  Its row, or -1 and the reason:
 * with the ids where a title is that of several, with near misses where it is nobody's. */
int32_t lookup_item(const struct texts *ids, const struct texts *titles, const char *word,
                    struct error *e);

/* The user of that id, or -1 and the reason, with near misses. */
int32_t lookup_user(const struct texts *ids, const char *word, struct error *e);

/* The items of all words, free with free(): where some are none, says all reasons after
 * "--OPTION: " and ends the program. */
int32_t *lookup_items(const struct texts *ids, const struct texts *titles,
                      const struct opt_words *words, const char *option);

/* The users of a list with commas between, *count of them, each once; likewise. */
int32_t *lookup_users(const struct texts *ids, const char *list, const char *option,
                      int *count);

#endif
