#include "formats/zip.h"

#include "util/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    END_BYTES = 22, LOCATOR_BYTES = 20, END64_BYTES = 56, DIRECTORY_BYTES = 46,
    LOCAL_BYTES = 30, COMMENT_MAX = 65535,
    ENCRYPTED = 1, /* flag bit */
    ZIP64_EXTRA = 1, /* id of an extra field */
};

struct archive {
    const unsigned char *file;
    size_t size;
};

/* The directory: its bytes and number of entries. */
struct directory {
    uint64_t entries, size, place;
};

static uint64_t number(const unsigned char *p, int bytes)
{
    uint64_t v = 0;

    for (int i = bytes - 1; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

/* Do bytes from `at` on exist, and do they begin with "PK" a b? */
static bool is_record(const struct archive *z, uint64_t at, size_t bytes, int a, int b)
{
    const unsigned char *p;

    if (at > z->size || bytes > z->size - at)
        return false;
    p = z->file + at;
    return p[0] == 'P' && p[1] == 'K' && p[2] == a && p[3] == b;
}

/* The end record is last but for a comment of the length that it says. */
static int find_end(const struct archive *z, size_t *at, struct error *e)
{
    for (size_t comment = 0; comment <= COMMENT_MAX; comment++) {
        if (z->size < END_BYTES + comment)
            break;
        *at = z->size - END_BYTES - comment;
        if (is_record(z, *at, END_BYTES, 5, 6) &&
            number(z->file + *at + 20, 2) == comment)
            return 0;
    }
    return fail(e, "has no end of a zip archive (cut short?)");
}

static int find_directory(const struct archive *z, struct directory *d, struct error *e)
{
    const unsigned char *p;
    uint64_t at64;
    size_t at = 0;

    if (find_end(z, &at, e) < 0)
        return -1;
    p = z->file + at;
    *d = (struct directory){ number(p + 10, 2), number(p + 12, 4), number(p + 16, 4) };
    if (at >= LOCATOR_BYTES && is_record(z, at - LOCATOR_BYTES, LOCATOR_BYTES, 6, 7)) {
        at64 = number(p - LOCATOR_BYTES + 8, 8);
        if (!is_record(z, at64, END64_BYTES, 6, 6))
            return fail(e, "its zip64 end is not at %" PRIu64 ", where it should be",
                        at64);
        p = z->file + at64;
        *d = (struct directory){ number(p + 32, 8), number(p + 40, 8),
                                  number(p + 48, 8) };
    }
    if (d->place > z->size || d->size > z->size - d->place)
        return fail(e,
                    "its directory of %" PRIu64 " bytes at %" PRIu64 " lies outside its "
                    "%zu bytes (cut short?)",
                    d->size, d->place, z->size);
    if (d->entries > d->size / DIRECTORY_BYTES)
        return fail(e, "%" PRIu64 " entries in a directory of %" PRIu64 " bytes",
                    d->entries, d->size);
    return 0;
}

/* Sizes and place that do not fit 32 bits stand in a zip64 extra field, in this order;
 * stored: both sizes are the same. */
static int read_extra(uint64_t *size, uint64_t *packed, uint64_t *place,
                      const unsigned char *extra, size_t left, struct error *e)
{
    uint64_t *wanted[] = { size, packed, place };

    for (; left >= 4; extra += 4, left -= 4) {
        size_t field = (size_t)number(extra + 2, 2);

        if (field > left - 4)
            break;
        if (number(extra, 2) == ZIP64_EXTRA) {
            size_t at = 0;

            for (int i = 0; i < 3; i++) {
                if (*wanted[i] != UINT32_MAX)
                    continue;
                if (field - at < 8)
                    return fail(e, "its zip64 sizes are missing");
                *wanted[i] = number(extra + 4 + at, 8);
                at += 8;
            }
            return 0;
        }
        extra += field;
        left -= field;
    }
    return 0;
}

/* Where the entry's bytes begin: behind its local header, whose extra field may have
 * another length than the directory's. */
static int place_entry(const struct archive *z, struct zip_entry *entry, uint64_t place,
                       uint64_t size, struct error *e)
{
    const unsigned char *p;
    uint64_t data;

    if (!is_record(z, place, LOCAL_BYTES, 3, 4))
        return fail(e, "is not at %" PRIu64 ", where it should be", place);
    p = z->file + place;
    data = place + LOCAL_BYTES + number(p + 26, 2) + number(p + 28, 2);
    if (data > z->size || size > z->size - data)
        return fail(e, "its %" PRIu64 " bytes at %" PRIu64 " lie outside the file's %zu",
                    size, data, z->size);
    entry->data = z->file + data;
    entry->size = (size_t)size;
    return 0;
}

/* One record of the directory, of which left bytes are there; *used: its length. */
static int read_entry(const struct archive *z, struct zip_entry *entry,
                      const unsigned char *p, size_t left, size_t *used, struct error *e)
{
    uint64_t flags, method, packed, size, place;
    size_t name, extra;

    if (left < DIRECTORY_BYTES || memcmp(p, "PK\1\2", 4) != 0)
        return fail(e, "its directory has fewer entries than it says");
    flags = number(p + 8, 2);
    method = number(p + 10, 2);
    packed = number(p + 20, 4);
    size = number(p + 24, 4);
    place = number(p + 42, 4);
    name = (size_t)number(p + 28, 2);
    extra = (size_t)number(p + 30, 2);
    *used = DIRECTORY_BYTES + name + extra + (size_t)number(p + 32, 2);
    if (*used > left)
        return fail(e, "its directory is cut short");
    entry->name = (const char *)p + DIRECTORY_BYTES;
    entry->name_size = name;
    entry->sum = (uint32_t)number(p + 16, 4);
    if (read_extra(&size, &packed, &place, p + DIRECTORY_BYTES + name, extra, e) < 0)
        return -1;
    if (flags & ENCRYPTED || method != 0 || size != packed)
        return fail(e, "is compressed or encrypted, expected bytes as torch.save stores "
                       "them");
    return place_entry(z, entry, place, size, e);
}

int zip_list(struct zip_entry **list, size_t *n, const unsigned char *file, size_t size,
             struct error *e)
{
    struct archive z = { file, size };
    struct directory d;
    const unsigned char *p;
    size_t left, used = 0;

    if (find_directory(&z, &d, e) < 0)
        return -1;
    *list = mem_new((size_t)d.entries, sizeof **list);
    p = file + d.place;
    left = (size_t)d.size;
    for (*n = 0; *n < d.entries; ++*n, p += used, left -= used)
        if (read_entry(&z, &(*list)[*n], p, left, &used, e) < 0) {
            fail_in(e, "entry %zu", *n);
            free(*list);
            *list = NULL;
            return -1;
        }
    return 0;
}

int zip_check(const struct zip_entry *entry, struct error *e)
{
    uint32_t sum;

    if (entry->sum == 0)
        return 0;
    sum = (uint32_t)crc32_z(0, entry->data, entry->size);
    if (sum == entry->sum)
        return 0;
    return fail(e, "damaged: checksum %08" PRIx32 ", expected %08" PRIx32, sum,
                entry->sum);
}
