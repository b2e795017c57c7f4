/* Zip archives whose entries are stored as they are, in place.  torch.save writes such
 * ones so that tensors can be used where they lie, and that is why no library reads
 * them here: those copy entries out, and a shard has 10 GB.
 *
 *     "PK" 3 4, 26 bytes, name, extra, the entry's bytes    for each entry
 *     "PK" 1 2, sizes, place, name, extra                   the directory, the same order
 *     "PK" 6 6 ..., "PK" 6 7 ...                            zip64: 64-bit sizes
 *     "PK" 5 6, entries, size and place of the directory    the end
 *
 * Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
#ifndef FORMATS_ZIP_H
#define FORMATS_ZIP_H

#include "util/error.h"

#include <stddef.h>
#include <stdint.h>

/* Within the file; the name is not zero-terminated. */
struct zip_entry {
    const char *name;
    size_t name_size;
    const unsigned char *data;
    size_t size;
    uint32_t sum; /* CRC-32; 0: its writer left it out, as torch.save can be told to */
};

/* All entries of the archive in memory, in its order, as a new list, to be freed: 0, or
 * -1, no list, and the reason.  Sums are not checked: that would read all of it. */
int zip_list(struct zip_entry **list, size_t *n, const unsigned char *file, size_t size,
             struct error *e);

/* Reads all of an entry, some 2 GB a second: 0, or -1 and the reason where its bytes
 * have another sum. */
int zip_check(const struct zip_entry *entry, struct error *e);

#endif
