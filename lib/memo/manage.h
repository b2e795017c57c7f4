/* Looking after the cache: what is in it, and what may go. */
#ifndef MEMO_MANAGE_H
#define MEMO_MANAGE_H

#include "memo/cache.h"

#include <stdint.h>
#include <stdio.h>

/* A line for each entry, the one last used first. */
void manage_list(FILE *out, const struct cache *c);

/* How many entries of how many bytes, and where. */
void manage_size(FILE *out, const struct cache *c);

/* Removes those longest unused until the rest fits. */
void manage_prune(FILE *out, const struct cache *c, int64_t limit);

/* Reads every entry against its checksum and names those that are damaged: how many. */
int manage_verify(FILE *out, const struct cache *c);

/* "10G", "500M", "0": bytes, k M G T P being powers of 1000; or -1. */
int64_t manage_bytes(const char *text);

#endif
