/* llm_digest: the same files have one digest, wherever they lie; other bytes another. */
#include "temporary.h"

#include "llm/llm.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define TINY "tests/fixtures/tiny/"

static uint64_t digest_of(const char *path)
{
    uint64_t digest = 0;
    struct error e;

    if (llm_digest(path, &digest, &e) < 0)
        fail_msg("%s", e.text);
    return digest;
}

static void copy(const char *from, const char *to)
{
    char *command = mem_format("cp -r '%s' '%s'", from, to);

    assert_int_equal(system(command), 0);
    free(command);
}

/* Flips a bit of the byte at that place. */
static void flip(const char *path, off_t at)
{
    int fd = open(path, O_RDWR);
    unsigned char byte;

    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static off_t size_of(const char *path)
{
    int fd = open(path, O_RDONLY);
    off_t size = lseek(fd, 0, SEEK_END);

    close(fd);
    return size;
}

/* Bytes of a file, `step` apart from the end, are flipped one after the other: the digest
 * of the model, which is the file or its folder, is another each time. */
static void differs_everywhere(const char *model, const char *file, off_t step, off_t end)
{
    uint64_t first = digest_of(model);
    off_t size = size_of(file);

    for (off_t at = size - 1; at >= end; at -= step) {
        flip(file, at);
        assert_int_not_equal(digest_of(model), first);
        flip(file, at);
    }
    assert_int_equal(digest_of(model), first);
}

static void gguf(void **state)
{
    char *folder = temporary_folder(), *path = file_join(folder, "other.gguf");

    (void)state;
    copy(TINY "SmolLM2.gguf", path);
    assert_int_equal(digest_of(path), digest_of(TINY "SmolLM2.gguf"));
    /* weights alone: a changed head may be no GGUF file any more */
    differs_everywhere(path, path, 1001, 60000);
    assert_int_equal(truncate(path, size_of(path) + 1), 0);
    assert_int_not_equal(digest_of(path), digest_of(TINY "SmolLM2.gguf"));
    free(path);
    temporary_remove(folder);
}

/* A letter of a token in the metadata. */
static void vocabulary(void **state)
{
    char *folder = temporary_folder(), *path = file_join(folder, "other.gguf");
    struct mapped m;
    struct error e;
    const unsigned char *found;
    off_t at;

    (void)state;
    copy(TINY "SmolLM2.gguf", path);
    assert_int_equal(file_map(&m, path, &e), 0);
    found = memmem(m.data, m.size, "tokenizer.ggml.tokens", 21);
    assert_non_null(found);
    at = found - m.data + 21 + 4 + 4 + 8 + 8; /* the first byte of the first token */
    file_unmap(&m);
    flip(path, at);
    assert_int_not_equal(digest_of(path), digest_of(TINY "SmolLM2.gguf"));
    free(path);
    temporary_remove(folder);
}

static void folder_of_files(void **state)
{
    static const char *const files[] = { "config.json", "tokenizer.json",
                                         "tokenizer_config.json" };
    char *folder = temporary_folder(), *model = file_join(folder, "llama");
    char *weights = file_join(model, "model.safetensors");
    uint64_t first = digest_of(TINY "llama"), now;

    (void)state;
    copy(TINY "llama", model);
    temporary_text(model, "README.md", "no part of the model\n");
    assert_int_equal(digest_of(model), first);
    differs_everywhere(model, weights, 4001, size_of(weights) / 2);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = file_join(model, files[i]);
        FILE *f = fopen(path, "a");

        fputc('\n', f); /* as good JSON as before */
        fclose(f);
        now = digest_of(model);
        assert_int_not_equal(now, first);
        first = now;
        free(path);
    }
    free(weights);
    free(model);
    temporary_remove(folder);
}

static void put(FILE *f, uint64_t number, size_t bytes)
{
    assert_int_equal(fwrite(&number, bytes, 1, f), 1);
}

/* A tensor beyond a gigabyte, all but its header a hole: of each MiB some bytes count. */
static void larger_than_a_gigabyte(void **state)
{
    const uint64_t columns = 1024, rows = 300000;
    char *folder = temporary_folder(), *path = file_join(folder, "large.gguf");
    FILE *f = fopen(path, "wb");

    (void)state;
    fputs("GGUF", f);
    put(f, 3, 4), put(f, 1, 8), put(f, 0, 8);             /* version, tensors, keys */
    put(f, 1, 8), fputc('w', f), put(f, 2, 4);            /* name, dimensions */
    put(f, columns, 8), put(f, rows, 8), put(f, 0, 4), put(f, 0, 8);
    fclose(f);
    if (truncate(path, 96 + (off_t)(columns * rows * 4)) != 0)
        fail_msg("%s", "no file of 1.2 GB can be made");
    differs_everywhere(path, path, 4095, size_of(path) - 4096);
    for (int i = 0; i < 3; i++) {
        uint64_t first = digest_of(path);
        off_t at = 96 + ((off_t)i * 500 << 20) + 1000;

        flip(path, at);
        assert_int_not_equal(digest_of(path), first);
    }
    free(path);
    temporary_remove(folder);
}

static void missing(void **state)
{
    uint64_t digest;
    struct error e;

    (void)state;
    assert_int_equal(llm_digest("nowhere.gguf", &digest, &e), -1);
    assert_int_equal(llm_digest("tests/unit", &digest, &e), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gguf),
        cmocka_unit_test(vocabulary),
        cmocka_unit_test(folder_of_files),
        cmocka_unit_test(larger_than_a_gigabyte),
        cmocka_unit_test(missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
