/* Zip archives of torch.save, made byte by byte, right ones and wrong ones. */
#include "torch_help.h"

#include <zlib.h>

/* An archive of stored entries; wide: sizes and places as zip64 has them. */
struct archive {
    struct bytes file, directory;
    int entries;
    bool wide;
};

static void add_entry(struct archive *z, const char *name, const void *data, size_t n)
{
    uint64_t place = z->file.n, size = z->wide ? UINT32_MAX : n;
    struct bytes *d = &z->directory;

    add(&z->file, TEXT("PK\3\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    add_number(&z->file, n, 4);
    add_number(&z->file, n, 4);
    add_number(&z->file, strlen(name), 2);
    add_number(&z->file, 3, 2);
    add(&z->file, name, strlen(name));
    add(&z->file, "pad", 3);
    add(&z->file, data, n);
    add(d, TEXT("PK\1\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    add_number(d, size, 4);
    add_number(d, size, 4);
    add_number(d, strlen(name), 2);
    add_number(d, z->wide ? 28 : 0, 2);
    add(d, TEXT("\0\0\0\0\0\0\0\0\0\0"));
    add_number(d, z->wide ? UINT32_MAX : place, 4);
    add(d, name, strlen(name));
    if (z->wide) {
        add(d, TEXT("\1\0\x18\0"));
        add_number(d, n, 8);
        add_number(d, n, 8);
        add_number(d, place, 8);
    }
    z->entries++;
}

static void end_archive(struct archive *z)
{
    uint64_t place = z->file.n, entries = (uint64_t)z->entries;

    add(&z->file, z->directory.at, z->directory.n);
    if (z->wide) {
        uint64_t end = z->file.n;

        add(&z->file, TEXT("PK\6\6\x2c\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
        add_number(&z->file, entries, 8);
        add_number(&z->file, entries, 8);
        add_number(&z->file, z->directory.n, 8);
        add_number(&z->file, place, 8);
        add(&z->file, TEXT("PK\6\7\0\0\0\0"));
        add_number(&z->file, end, 8);
        add_number(&z->file, 1, 4);
        entries = UINT16_MAX;
        place = UINT32_MAX;
    }
    add(&z->file, TEXT("PK\5\6\0\0\0\0"));
    add_number(&z->file, entries, 2);
    add_number(&z->file, entries, 2);
    add_number(&z->file, z->directory.n, 4);
    add_number(&z->file, place, 4);
    add_number(&z->file, 0, 2);
}

static struct bytes archive_of(bool wide, const char *order, size_t storage_bytes)
{
    static const float numbers[64] = { 5, 6, 7 };
    const int64_t three[] = { 3 }, step[] = { 1 };
    struct bytes object = view("0", 3, 0, 1, three, 1, step);
    struct archive z = { .wide = wide };

    add_entry(&z, "x/data.pkl", object.at, object.n);
    add_entry(&z, "x/byteorder", order, strlen(order));
    add_entry(&z, "x/data/0", numbers, storage_bytes);
    end_archive(&z);
    free(z.directory.at);
    free(object.at);
    return z.file;
}

static void reads_zip_and_zip64(void **state)
{
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        struct bytes b = archive_of(wide, "little", 12);
        char *path = put("right", b.at, b.n);
        const float want[] = { 5, 6, 7 };
        struct error e;
        torch_file *f = torch_open(path, &e);

        assert_non_null(f);
        assert_memory_equal(torch_find(f, "t")->data, want, sizeof want);
        torch_close(f);
        free(path);
        free(b.at);
    }
}

/* The directory's last entry, of the storage: its sum. */
static size_t place_of_sum(const struct bytes *b)
{
    size_t at = b->n - 4;

    while (memcmp(b->at + at, "PK\1\2", 4) != 0)
        at--;
    return at + 16;
}

/* As torch.save writes them: the right one, and that of other bytes. */
static void compares_checksums(void **state)
{
    const float numbers[] = { 5, 6, 7 };
    uint32_t sum = (uint32_t)crc32(0, (const void *)numbers, sizeof numbers);
    struct bytes b = archive_of(false, "little", 12);
    struct error e;
    char *path;
    torch_file *f;

    (void)state;
    memcpy(b.at + place_of_sum(&b), &sum, sizeof sum);
    path = put("summed", b.at, b.n);
    f = torch_open(path, &e);
    assert_non_null(f);
    torch_close(f);
    sum++;
    memcpy(b.at + place_of_sum(&b), &sum, sizeof sum);
    refused(b.at, b.n, "wrong: storage '0': damaged: checksum ");
    free(path);
    free(b.at);
}

/* Changes n bytes at the place of the last `mark` plus `after`. */
static void wrong_archive(const char *mark, size_t after, const char *to, size_t n,
                          const char *reason)
{
    struct bytes b = archive_of(false, "little", 12);
    size_t at = b.n - 4;

    while (memcmp(b.at + at, mark, 4) != 0)
        at--;
    memcpy(b.at + at + after, to, n);
    refused(b.at, b.n, reason);
    free(b.at);
}

static void refuses_wrong_archives(void **state)
{
    struct bytes big = archive_of(false, "big", 12), less = archive_of(true, "little", 8);

    (void)state;
    refused(big.at, big.n, "most significant byte first");
    refused(less.at, less.n,
            "tensor 't': its storage '0' has 8 bytes, expected 3 times 4");
    refused(less.at, less.n - 1, "has no end of a zip archive (cut short?)");
    free(big.at);
    free(less.at);
    wrong_archive("PK\1\2", 10, TEXT("\x08"), "entry 2: is compressed or encrypted");
    wrong_archive("PK\1\2", 8, TEXT("\x01"), "entry 2: is compressed or encrypted");
    wrong_archive("PK\1\2", 20, TEXT("\x0b"), "entry 2: is compressed or encrypted");
    wrong_archive("PK\1\2", 20, TEXT("\xff\xff\xff\x7f\xff\xff\xff\x7f"),
                  "its 2147483647 bytes at");
    wrong_archive("PK\1\2", 28, TEXT("\xff\xff"), "its directory is cut short");
    wrong_archive("PK\1\2", 42, TEXT("\xfe\xff\xff\xff"), "not at 4294967294");
    wrong_archive("PK\1\2", 46, TEXT("y"), "its storage '0' is not in the file");
    wrong_archive("PK\3\4", 26, TEXT("\xff\xff"), "bytes at");
    wrong_archive("PK\5\6", 10, TEXT("\xff\xff"), "65535 entries in a directory of");
    wrong_archive("PK\1\2", 0, TEXT("PX"), "fewer entries than it says");
    wrong_archive("PK\5\6", 10, TEXT("\x00\x00"), "zip archive without data.pkl");
    wrong_archive("PK\5\6", 16, TEXT("\xff\xff\xff\x7f"), "lies outside its");
    wrong_archive("PK\5\6", 20, TEXT("\x01\x00"), "no end of a zip archive");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_zip_and_zip64),
        cmocka_unit_test(compares_checksums),
        cmocka_unit_test(refuses_wrong_archives),
    };

    return cmocka_run_group_tests_name("torch_container", tests, make_folder,
                                       remove_folder);
}
