/* An output in the cache: one file whose name is its key.
 *
 *     the output        size bytes
 *     the key's parts   readable lines (memo/parts.h)
 *     notes             readable lines: the command, how long it took
 *     millrace-memo SIZE PARTS NOTES SUM
 *
 * The last line is of a fixed length: the bytes of the three and their XXH3-128.  The
 * key is the XXH3-128 of the second. */
#ifndef MEMO_ENTRY_H
#define MEMO_ENTRY_H

#include "memo/cache.h"
#include "memo/sum.h"

#include <stdint.h>
#include <time.h>

struct entry {
    int fd;
    int64_t size;        /* of the output, which begins at byte 0 */
    int64_t whole;       /* of the file */
    char *parts, *notes; /* owned */
    char sum[SUM_TEXT];
    time_t used;         /* when it was made or last read */
};

/* The path of the entry of that key, a new string. */
char *entry_path(const struct cache *c, const char *key);

/* 1, 0 where there is none, or -1 and what is wrong with it: the last line, or parts
 * that do not have this key.  Release with entry_close. */
int entry_open(struct entry *t, const struct cache *c, const char *key, struct error *e);
void entry_close(struct entry *t);

/* Is it what was written?  Reads all of it: 0, or -1 and the reason. */
int entry_verify(const struct entry *t, struct error *e);

/* Notes that it was used now, for entries_prune. */
void entry_touch(const struct entry *t);

/* s holds an output from its beginning to its end.  Adds the rest and publishes it
 * under the key: 0, or -1 and the reason. */
int entry_make(const struct cache *c, struct scratch *s, const char *key,
               const char *parts, const char *notes, struct error *e);

/* The keys of all entries, the one longest unused first; their number.  Free each and
 * the list. */
int entries_list(const struct cache *c, char ***keys);

/* Removes those longest unused until the rest takes at most limit bytes; counts what
 * is removed and what stays. */
struct pruned {
    int removed, kept;
    int64_t removed_bytes, kept_bytes;
};
struct pruned entries_prune(const struct cache *c, int64_t limit);

#endif
