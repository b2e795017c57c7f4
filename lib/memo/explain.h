/* Why a command's output is or is not in the cache, in words. */
#ifndef MEMO_EXPLAIN_H
#define MEMO_EXPLAIN_H

#include "memo/cache.h"
#include "memo/parts.h"

#include <stdint.h>
#include <time.h>

/* Prints to out where the key's entry is from.  Where there is no entry, prints what in p
 * differs from the entry of the same program that differs least. */
void explain(FILE *out, const struct cache *c, const char *key, const struct parts *p);

/* Write a size in bytes ("12.3 MB") or a time ("2026-11-25 02:14:00") into text, and
 * return text. */
const char *explain_bytes(int64_t bytes, char text[32]);
const char *explain_time(time_t when, char text[32]);

#endif
