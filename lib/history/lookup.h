/* Users and items by the names that people have for them. */
#ifndef HISTORY_LOOKUP_H
#define HISTORY_LOOKUP_H

#include "cli/cli.h"
#include "stream/tensor.h"
#include "util/error.h"

#include <stdint.h>

/* Returns the row of the item that a word names: by its id, also as "id:ID"; by its
 * title; by its title but for case.  titles is NULL where the stream has no titles.
 * Returns -1 and the reason in e where several items have the title (e lists their ids)
 * or none has (e lists near misses). */
int32_t lookup_item(const struct texts *ids, const struct texts *titles, const char *word,
                    struct error *e);

/* Returns the row of the user whose id is word, or -1 and the reason in e, with near
 * misses. */
int32_t lookup_user(const struct texts *ids, const char *word, struct error *e);

/* The option whose words name the items of somebody new; what says what for. */
#define LOOKUP_HISTORY_OPTION(words, what)                                             \
    { OPT_WORDS, 0, "history", &(words),                                               \
      what ", oldest first, by id or title, up to the next option or --" }

/* Returns the rows of the items that all words name, to free with free().  Where some
 * name no item, says all reasons after "--OPTION: " and ends the program. */
int32_t *lookup_items(const struct texts *ids, const struct texts *titles,
                      const struct opt_words *words, const char *option);

/* Returns the rows of the users of a list of ids with commas between, each once, to free
 * with free(); *count is their number.  Where some ids are no user's, says all reasons
 * after "--OPTION: " and ends the program. */
int32_t *lookup_users(const struct texts *ids, const char *list, const char *option,
                      int *count);

#endif
