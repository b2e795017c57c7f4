#include "formats/torch_parts.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Of legacy files: 1950a86a20f9469cfc6c, the least significant byte first. */
static const char magic[10] = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

enum { LEGACY_PROTOCOL = 1001 };

/* The entry FOLDER/data.pkl: the length of "FOLDER/", or -1. */
static long folder_of(const struct zip_entry *entry)
{
    static const char name[] = "data.pkl";
    const char *slash = memchr(entry->name, '/', entry->name_size);
    size_t folder = slash ? (size_t)(slash - entry->name) + 1 : 0;

    return slash && entry->name_size == folder + strlen(name) &&
                   memcmp(slash + 1, name, strlen(name)) == 0
               ? (long)folder
               : -1;
}

/* Does the name begin with folder and then this text, and is more left? */
static bool begins(const struct zip_entry *entry, const char *folder, size_t n,
                   const char *text)
{
    return entry->name_size >= n + strlen(text) && memcmp(entry->name, folder, n) == 0 &&
           memcmp(entry->name + n, text, strlen(text)) == 0;
}

/* Checks the sums of all storages: the first one that is wrong, in the file's order. */
static int check_storages(const struct torch_file *f, struct error *e)
{
    const struct zip_entry *s = f->storage;
    size_t wrong = f->storages;
    struct error ignored;

#pragma omp parallel for schedule(dynamic) reduction(min : wrong) private(ignored)
    for (size_t i = 0; i < f->storages; i++)
        if (zip_check(&s[i], &ignored) < 0 && i < wrong)
            wrong = i;
    if (wrong == f->storages)
        return 0;
    s += wrong;
    zip_check(s, e);
    return fail_in(e, "storage '%.*s'", s->name_size < 40 ? (int)s->name_size : 40,
                   s->name);
}

/* Keeps the storages among the n entries in f->storage, their names cut to keys. */
static int keep_storages(struct torch_file *f, size_t n, const char *folder, size_t at,
                         struct error *e)
{
    static const char data[] = "data/", order[] = "byteorder";

    for (size_t i = 0; i < n; i++) {
        struct zip_entry s = f->storage[i];

        if (begins(&s, folder, at, order) && s.size == 3 && memcmp(s.data, "big", 3) == 0)
            return fail(e, "its numbers have the most significant byte first; save it "
                           "again on a little-endian machine");
        if (!begins(&s, folder, at, data))
            continue;
        s.name += at + strlen(data);
        s.name_size -= at + strlen(data);
        f->storage[f->storages++] = s;
    }
    if (check_storages(f, e) < 0)
        return -1;
    torch_storage_sort(f->storage, f->storages);
    return 0;
}

static struct pickle *read_pickle(const unsigned char *data, size_t size, size_t *used,
                                  struct error *e)
{
    return pickle_read(data, size < TORCH_PICKLE_MAX ? size : TORCH_PICKLE_MAX, used, e);
}

static int open_zip(struct torch_file *f, struct error *e)
{
    size_t n, used;

    if (zip_list(&f->storage, &n, f->map.data, f->map.size, e) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct zip_entry s = f->storage[i];
        long folder = folder_of(&s);

        if (folder < 0)
            continue;
        if (zip_check(&s, e) == 0)
            f->pickle = read_pickle(s.data, s.size, &used, e);
        return f->pickle ? keep_storages(f, n, s.name, (size_t)folder, e)
                         : fail_in(e, "data.pkl");
    }
    return fail(e, "is a zip archive without data.pkl, expected one of torch.save");
}

/* The bytes of a legacy file that are left. */
struct rest {
    const unsigned char *at;
    size_t size;
};

static struct pickle *next_pickle(struct rest *r, const char *what, struct error *e)
{
    size_t used = 0;
    struct pickle *p = read_pickle(r->at, r->size, &used, e);

    r->at += used;
    r->size -= used;
    if (!p)
        fail_in(e, "%s", what);
    return p;
}

/* The first three pickles: magic, protocol, facts about the machine. */
static int legacy_head(struct rest *r, struct error *e)
{
    struct pickle *p = next_pickle(r, "magic number", e);
    const struct pickle_value *v;
    bool right;

    if (!p)
        return -1;
    v = pickle_root(p);
    right = v->kind == PICKLE_LONG && v->size == sizeof magic &&
            memcmp(v->text, magic, sizeof magic) == 0;
    pickle_free(p);
    if (!right)
        return fail(e, "is a pickle, but not one of torch.save");
    if (!(p = next_pickle(r, "protocol", e)))
        return -1;
    v = pickle_root(p);
    right = v->kind == PICKLE_INT && v->integer == LEGACY_PROTOCOL;
    pickle_free(p);
    if (!right)
        return fail(e, "has another protocol than %d; save it again with a newer torch",
                    LEGACY_PROTOCOL);
    if (!(p = next_pickle(r, "system", e)))
        return -1;
    v = pickle_root(p);
    for (long i = 0; v->kind == PICKLE_DICT && i + 1 < v->count; i += 2)
        if (pickle_is(v->item[i], "little_endian"))
            right = v->item[i + 1]->kind == PICKLE_BOOL && v->item[i + 1]->integer;
    pickle_free(p);
    return right ? 0 : fail(e, "its numbers have the most significant byte first");
}

/* Key and element size of each storage that the object names, sorted: names are the
 * keys, sizes the elements' sizes. */
static struct zip_entry *list_types(const struct pickle *p, struct error *e)
{
    struct zip_entry *types = mem_new((size_t)pickle_storages(p), sizeof *types);

    for (long i = 0; i < pickle_storages(p); i++) {
        struct torch_storage s;

        if (torch_storage_describe(&s, pickle_storage(p, i), e) < 0) {
            free(types);
            return NULL;
        }
        types[i] = (struct zip_entry){ s.key, s.key_size, NULL,
                                       safetensors_type_size(s.type) };
    }
    torch_storage_sort(types, (size_t)pickle_storages(p));
    return types;
}

/* The storages stand in the order of the keys, each behind its length. */
static int legacy_storages(struct torch_file *f, struct rest *r,
                           const struct pickle_value *keys, struct zip_entry *types,
                           struct error *e)
{
    f->storage = mem_new((size_t)keys->count, sizeof *f->storage);
    for (long i = 0; i < keys->count; i++) {
        const struct pickle_value *k = keys->item[i];
        struct zip_entry want, *type;
        uint64_t bytes;

        if (k->kind != PICKLE_TEXT)
            return fail(e, "storage %ld: its key is no text", i);
        want = (struct zip_entry){ .name = k->text, .name_size = k->size };
        type = torch_storage_find(types, (size_t)pickle_storages(f->pickle), k->text,
                                  k->size);
        if (!type)
            return fail(e, "storage %ld: no tensor uses it", i);
        if (r->size < 8)
            return fail(e, "storage %ld: cut short", i);
        memcpy(&bytes, r->at, 8);
        if (__builtin_mul_overflow(bytes, type->size, &bytes) || bytes > r->size - 8)
            return fail(e, "storage %ld: cut short: %" PRIu64 " bytes expected, %zu left",
                        i, bytes, r->size - 8);
        want.data = r->at + 8;
        want.size = (size_t)bytes;
        f->storage[f->storages++] = want;
        r->at += 8 + bytes;
        r->size -= 8 + (size_t)bytes;
    }
    torch_storage_sort(f->storage, f->storages);
    return 0;
}

static int open_legacy(struct torch_file *f, struct error *e)
{
    struct rest r = { f->map.data, f->map.size };
    struct zip_entry *types;
    struct pickle *keys;
    int result = -1;

    if (legacy_head(&r, e) < 0 || !(f->pickle = next_pickle(&r, "object", e)) ||
        !(keys = next_pickle(&r, "storages", e)))
        return -1;
    if (pickle_root(keys)->kind != PICKLE_LIST)
        fail(e, "has no list of storages");
    else if ((types = list_types(f->pickle, e))) {
        result = legacy_storages(f, &r, pickle_root(keys), types, e);
        free(types);
    }
    pickle_free(keys);
    return result;
}

int torch_contain(struct torch_file *f, struct error *e)
{
    if (f->map.size < 4)
        return fail(e, "%zu bytes are no file of torch.save", f->map.size);
    if (memcmp(f->map.data, "PK\3\4", 4) == 0)
        return open_zip(f, e);
    if (f->map.data[0] == 0x80)
        return open_legacy(f, e);
    return fail(e, "is no file of torch.save: begins with %02x %02x %02x %02x",
                f->map.data[0], f->map.data[1], f->map.data[2], f->map.data[3]);
}
