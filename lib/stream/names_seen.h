/* The names that a stream was seen to have, against a list of patterns of a user. */
#ifndef STREAM_NAMES_SEEN_H
#define STREAM_NAMES_SEEN_H

#include "util/error.h"

struct names_seen {
    char **name; /* (count) owned, each once; zeros: nothing was seen */
    int count, room;
};

/* Notes the name of a frame, copied. */
void names_seen_add(struct names_seen *s, const char *name);

/* A pattern that matches nothing is a slip of the pen: 0 where each pattern of the list
 * (names.h; NULL: none) matches a name, or -1 and the first that does not in e, with the
 * name that was perhaps meant. */
int names_seen_check(const struct names_seen *s, const char *list, struct error *e);

void names_seen_free(struct names_seen *s);

#endif
