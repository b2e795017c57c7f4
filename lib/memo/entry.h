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

/* Returns the path of the key's entry, as a new string that the caller frees. */
char *entry_path(const struct cache *c, const char *key);

/* Opens the key's entry.  Returns 1, 0 where there is no entry, or -1 and the reason in e
 * where the last line is wrong or the parts have another key.  Release t with
 * entry_close. */
int entry_open(struct entry *t, const struct cache *c, const char *key, struct error *e);
void entry_close(struct entry *t);

/* Reads all of the entry and compares it with its checksum.  Returns 0, or -1 and the
 * reason in e. */
int entry_verify(const struct entry *t, struct error *e);

/* Notes in the entry that it was used now, for entries_prune. */
void entry_touch(const struct entry *t);

/* Adds parts, notes and the last line to s, which holds an output from beginning to end,
 * and publishes s under the key.  Returns 0, or -1 and the reason in e. */
int entry_make(const struct cache *c, struct scratch *s, const char *key,
               const char *parts, const char *notes, struct error *e);

/* Sets *keys to the keys of all entries, the one longest unused first, and returns their
 * number.  The caller frees each key and the list. */
int entries_list(const struct cache *c, char ***keys);

/* What entries_prune has removed and kept. */
struct pruned {
    int removed, kept;
    int64_t removed_bytes, kept_bytes;
};
/* Removes the entries longest unused until the others take at most limit bytes.  Returns
 * what was removed and what stays. */
struct pruned entries_prune(const struct cache *c, int64_t limit);

#endif
