/* GGUF files made by the Python package gguf (tests/fixtures/gguf_files.py): what
 * they hold, and what becomes of them cut short or corrupted. */
#include "formats/dequant.h"
#include "formats/gguf.h"
#include "text/bpe_files.h"
#include "util/file.h"
#include "util/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define QUANTS "tests/fixtures/gguf_files/quants.gguf"
#define SMALL "tests/fixtures/gguf_files/small.gguf"

/* One rounding of a product or a sum, relative to the largest number of the row:
 * the reference may round twice where we fuse. */
#define ROUNDING 2e-7

static struct gguf *open_file(const char *path)
{
    struct error e = { "" };
    struct gguf *g = gguf_open(path, &e);

    if (!g)
        fail_msg("%s", e.text);
    return g;
}

static void blocks_as_the_reference(void **state)
{
    static const char *const types[] = { "F32",  "F16",  "BF16", "Q8_0", "Q4_0", "Q4_1",
                                         "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K", "Q2_K",
                                         "Q3_K", "IQ4_NL", "IQ4_XS", "MXFP4" };
    struct gguf *g = open_file(QUANTS);

    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char name[32];
        struct error e;
        const struct gguf_tensor *t = gguf_tensor(g, types[i], &e), *f;
        const float *expected;
        float found[512], largest = 0;

        snprintf(name, sizeof name, "%s.floats", types[i]);
        f = gguf_tensor(g, name, &e);
        assert_non_null(t);
        assert_non_null(f);
        assert_string_equal(dequant_name(t->type), types[i]);
        assert_int_equal(f->rows, 2);
        assert_int_equal(f->shape[0], 256);
        expected = f->data;
        gguf_row_floats(t, 0, 2, found);
        for (int k = 0; k < 512; k++)
            largest = fmaxf(largest, fabsf(expected[k]));
        for (int k = 0; k < 512; k++)
            if (!(fabsf(found[k] - expected[k]) <= (float)ROUNDING * largest))
                fail_msg("%s %d: %.9g, expected %.9g", types[i], k, found[k],
                         expected[k]);
        gguf_row_floats(t, 1, 2, found + 1);
        assert_true(fabsf(found[1] - expected[256]) <= (float)ROUNDING * largest);
    }
    gguf_close(g);
}

static void values_of_every_kind(void **state)
{
    struct gguf *g = open_file(SMALL);
    struct error e;
    uint32_t u32;
    int32_t i32, *i32s;
    uint64_t u64;
    float f32, *f32s;
    bool yes = false;
    struct gguf_text *texts;
    size_t n;
    char *s;

    (void)state;
    assert_int_equal(gguf_u32(g, "k.u8", &u32, &e), 0);
    assert_int_equal(u32, 200);
    assert_int_equal(gguf_u32(g, "k.u16", &u32, &e), 0);
    assert_int_equal(u32, 60000);
    assert_int_equal(gguf_u32(g, "k.u32", &u32, &e), 0);
    assert_int_equal(u32, 4000000000u);
    assert_int_equal(gguf_i32(g, "k.i8", &i32, &e), 0);
    assert_int_equal(i32, -3);
    assert_int_equal(gguf_i32(g, "k.i16", &i32, &e), 0);
    assert_int_equal(i32, -30000);
    assert_int_equal(gguf_i32(g, "k.i32", &i32, &e), 0);
    assert_int_equal(i32, -2000000000);
    assert_int_equal(gguf_i32(g, "k.i64", &i32, &e), 0);
    assert_int_equal(i32, -5);
    assert_int_equal(gguf_u64(g, "k.u64", &u64, &e), 0);
    assert_true(u64 == (uint64_t)1 << 63);
    assert_int_equal(gguf_f32(g, "k.f32", &f32, &e), 0);
    assert_true(f32 == 0.5f);
    assert_int_equal(gguf_f32(g, "k.f64", &f32, &e), 0);
    assert_true(f32 == 0.25f);
    assert_int_equal(gguf_bool(g, "k.bool", &yes, &e), 0);
    assert_true(yes);
    s = gguf_string(g, "tokenizer.ggml.pre", &e);
    assert_string_equal(s, "smollm");
    free(s);
    assert_int_equal(gguf_i32s(g, "k.i32s", &i32s, &n, &e), 0);
    assert_int_equal(n, 3);
    assert_int_equal(i32s[1], -2);
    free(i32s);
    assert_int_equal(gguf_f32s(g, "k.f32s", &f32s, &n, &e), 0);
    assert_int_equal(n, 2);
    assert_true(f32s[1] == -2.5f);
    free(f32s);
    assert_int_equal(gguf_strings(g, "tokenizer.ggml.merges", &texts, &n, &e), 0);
    assert_int_equal(n, 4);
    assert_int_equal(texts[2].size, 4);
    assert_memory_equal(texts[2].data, "ab c", 4);
    free(texts);
    gguf_close(g);
}

static void tensors_by_name_and_number(void **state)
{
    struct gguf *g = open_file(SMALL);
    struct error e;
    const struct gguf_tensor *t = gguf_tensor(g, "second", &e);
    float row[4];

    (void)state;
    assert_int_equal(gguf_tensors(g), 2);
    assert_string_equal(gguf_tensor_at(g, 0)->name, "first");
    assert_int_equal(gguf_tensor_at(g, 0)->dims, 2);
    assert_int_equal(gguf_tensor_at(g, 0)->shape[0], 3);
    assert_int_equal(gguf_tensor_at(g, 0)->shape[1], 2);
    assert_int_equal(gguf_tensor_at(g, 0)->bytes, 24);
    assert_ptr_equal(t, gguf_tensor_at(g, 1));
    assert_int_equal((uintptr_t)t->data % 32, 0);
    gguf_row_floats(t, 0, 1, row);
    assert_true(row[3] == 3.0f);
    assert_null(gguf_tensor(g, "third", &e));
    assert_string_equal(e.text, SMALL ": no tensor third");
    gguf_close(g);
}

static void wrong_questions(void **state)
{
    struct gguf *g = open_file(SMALL);
    struct error e;
    uint32_t u32;
    int32_t i32, *i32s;
    uint64_t u64;
    float f32;
    bool yes;
    size_t n;

    (void)state;
    assert_false(gguf_has(g, "k.u3"));
    assert_int_equal(gguf_u32(g, "k.u3", &u32, &e), -1);
    assert_string_equal(e.text, SMALL ": no key k.u3");
    assert_int_equal(gguf_u32(g, "k.f32", &u32, &e), -1);
    assert_string_equal(e.text, SMALL ": k.f32 is f32, expected an integer");
    assert_int_equal(gguf_u32(g, "k.u64", &u32, &e), -1);
    assert_string_equal(e.text, SMALL ": k.u64 is 9223372036854775808, "
                                      "expected 0 to 4294967295");
    assert_int_equal(gguf_u32(g, "k.i8", &u32, &e), -1);
    assert_string_equal(e.text, SMALL ": k.i8 is -3, expected 0 to 4294967295");
    assert_int_equal(gguf_i32(g, "k.u32", &i32, &e), -1);
    assert_string_equal(e.text, SMALL ": k.u32 is 4000000000, "
                                      "expected -2147483648 to 2147483647");
    assert_int_equal(gguf_u64(g, "k.i64", &u64, &e), -1);
    assert_int_equal(gguf_f32(g, "k.u8", &f32, &e), -1);
    assert_int_equal(gguf_bool(g, "k.u8", &yes, &e), -1);
    assert_int_equal(gguf_i32s(g, "k.f32s", &i32s, &n, &e), -1);
    assert_string_equal(e.text, SMALL ": k.f32s is array of f32, expected array of i32");
    assert_null(gguf_string(g, "k.zero", &e));
    assert_string_equal(e.text, SMALL ": k.zero holds a zero byte");
    assert_null(gguf_string(g, "k.i32s", &e));
    gguf_close(g);
}

/* A file in memory, and the path that opens it. */
struct memory_file {
    int fd;
    char path[64];
};

static struct memory_file memory_file(const void *data, size_t n)
{
    struct memory_file m = { .fd = memfd_create("gguf", 0) };

    assert_true(m.fd >= 0);
    snprintf(m.path, sizeof m.path, "/proc/self/fd/%d", m.fd);
    assert_int_equal(pwrite(m.fd, data, n, 0), n);
    return m;
}

/* Reads all there is, as a program would. */
static void read_everything(struct gguf *g)
{
    struct error e;

    for (size_t i = 0; i < gguf_tensors(g); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(g, i);
        float *row = mem_new(t->shape[0], sizeof *row);

        for (size_t r = 0; r < t->rows; r++)
            gguf_row_floats(t, r, r + 1, row);
        free(row);
    }
    bpe_free(bpe_from_gguf(g, &e));
}

static void cut_at_every_byte(void **state)
{
    struct mapped whole;
    struct error e;
    struct memory_file m;

    (void)state;
    assert_int_equal(file_map(&whole, SMALL, &e), 0);
    m = memory_file(whole.data, whole.size);
    /* The last tensor's 8 bytes are padded to 32, which may be missing. */
    for (size_t n = whole.size; n-- > 0;) {
        struct gguf *g;

        assert_int_equal(ftruncate(m.fd, (off_t)n), 0);
        g = gguf_open(m.path, &e);
        if (n >= whole.size - 24) {
            assert_non_null(g);
            gguf_close(g);
        } else {
            assert_null(g);
            assert_non_null(strstr(e.text, m.path));
            assert_non_null(strstr(e.text, "cut short"));
        }
    }
    close(m.fd);
    file_unmap(&whole);
}

static void corrupted_at_every_byte(void **state)
{
    static const unsigned char change[] = { 0xff, 0x80, 0x01, 0x20 };
    struct mapped whole;
    struct error e;
    struct memory_file m;
    int refused = 0;

    (void)state;
    assert_int_equal(file_map(&whole, SMALL, &e), 0);
    m = memory_file(whole.data, whole.size);
    for (size_t i = 0; i < whole.size; i++)
        for (size_t k = 0; k < sizeof change; k++) {
            unsigned char byte = whole.data[i] ^ change[k];
            struct gguf *g;

            assert_int_equal(pwrite(m.fd, &byte, 1, (off_t)i), 1);
            g = gguf_open(m.path, &e);
            if (g)
                read_everything(g);
            else
                refused++;
            gguf_close(g);
            assert_int_equal(pwrite(m.fd, whole.data + i, 1, (off_t)i), 1);
        }
    assert_true(refused > 100);
    close(m.fd);
    file_unmap(&whole);
}

/* The words of a header that is nothing but wrong. */
static void refused(const void *data, size_t n, const char *expected)
{
    struct memory_file m = memory_file(data, n);
    struct error e = { "" };

    assert_null(gguf_open(m.path, &e));
    if (!strstr(e.text, expected))
        fail_msg("%s: \"%s\" expected", e.text, expected);
    close(m.fd);
}

#define U32(n) (n) & 255, (n) >> 8 & 255, (n) >> 16 & 255, (n) >> 24 & 255
#define U64(n) U32(n), U32(0)
#define HEADER(tensors, keys) 'G', 'G', 'U', 'F', U32(3), U64(tensors), U64(keys)
#define TENSOR_X(dims, ...) HEADER(1, 0), U64(1), 'x', U32(dims), __VA_ARGS__
#define REFUSED(expected, ...)                                                         \
    do {                                                                               \
        static const unsigned char bytes[] = { __VA_ARGS__ };                          \
        refused(bytes, sizeof bytes, expected);                                        \
    } while (0)

static void headers_that_lie(void **state)
{
    (void)state;
    REFUSED("not a GGUF file: begins with 50 4b 03 04", 'P', 'K', 3, 4);
    REFUSED("GGUF version 1, expected 2 or 3", 'G', 'G', 'U', 'F', U32(1));
    REFUSED("(big-endian)", 'G', 'G', 'U', 'F', 0, 0, 0, 3);
    REFUSED("2147483647 tensors and 0 keys announced", HEADER(0x7fffffff, 0));
    REFUSED("0 tensors and 2147483647 keys announced", HEADER(0, 0x7fffffff));
    REFUSED("4294967295 bytes expected", HEADER(0, 1), U32(0xffffffffu), U32(0), U64(0),
            U64(0));
    REFUSED("k: value of unknown type 13", HEADER(0, 1), U64(1), 'k', U32(13), U64(0));
    REFUSED("k: cut short: an array of 65536 u8", HEADER(0, 1), U64(1), 'k', U32(9),
            U32(0), U64(65536));
    REFUSED("k: cut short: an array of 4611686018427387905 i32", HEADER(0, 1), U64(1),
            'k', U32(9), U32(5), U32(1), U32(0x40000000), U64(0));
    REFUSED("k: array of arrays", HEADER(0, 1), U64(1), 'k', U32(9), U32(9), U64(1));
    REFUSED("a key with a byte that is not printable", HEADER(0, 1), U64(1), 7, U32(0),
            1);
    REFUSED("k: given twice", HEADER(0, 2), U64(1), 'k', U32(0), 1, U64(1), 'k', U32(0),
            1);
    REFUSED("x: 5 dimensions, expected 1 to 4", TENSOR_X(5, U64(1), U32(0), U64(0)));
    REFUSED("x: type IQ2_S (22) is not supported",
            TENSOR_X(1, U64(256), U32(22), U64(0)), U64(0), U64(0), U64(0));
    REFUSED("x: type unknown (99) is not supported",
            TENSOR_X(1, U64(256), U32(99), U64(0)), U64(0), U64(0), U64(0));
    REFUSED("x: rows of 33 numbers, expected a multiple of 32 (Q8_0)",
            TENSOR_X(1, U64(33), U32(8), U64(0)), U64(0), U64(0), U64(0));
    REFUSED("x: no rows", TENSOR_X(2, U64(1), U64(0), U32(0), U64(0)), U64(0), U64(0));
    REFUSED("is absurd", TENSOR_X(2, U32(0), U32(0x40000000), U32(0), U32(0x40000000),
                                  U32(0), U64(0)), U64(0), U64(0));
    REFUSED("x: offset 8 is no multiple of the alignment 32",
            TENSOR_X(1, U64(1), U32(0), U64(8)), U64(0), U64(0), U64(0));
    REFUSED("x: cut short: 4 bytes at 64 of the data",
            TENSOR_X(1, U64(1), U32(0), U64(64)), U64(0), U64(0), U64(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_as_the_reference),
        cmocka_unit_test(values_of_every_kind),
        cmocka_unit_test(tensors_by_name_and_number),
        cmocka_unit_test(wrong_questions),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(corrupted_at_every_byte),
        cmocka_unit_test(headers_that_lie),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
