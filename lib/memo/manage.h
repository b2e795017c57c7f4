/* Looking after the cache: what is in it, and what may go. */
#ifndef MEMO_MANAGE_H
#define MEMO_MANAGE_H

#include "memo/cache.h"

#include <stdint.h>
#include <stdio.h>

/* Prints to out a line for each entry, the one last used first. */
void manage_list(FILE *out, const struct cache *c);

/* Prints to out how many entries there are, how many bytes they take, and where. */
void manage_size(FILE *out, const struct cache *c);

/* Removes the entries longest unused until the others take at most limit bytes, and
 * prints to out what was removed and what stays. */
void manage_prune(FILE *out, const struct cache *c, int64_t limit);

/* Compares every entry with its checksum, and prints to out the names of damaged entries.
 * Returns the number of damaged entries. */
int manage_verify(FILE *out, const struct cache *c);

/* Returns the bytes that text ("10G", "500M", "0") says, where k M G T P are powers of
 * 1000, or -1 where text is no such number. */
int64_t manage_bytes(const char *text);

#endif
