/* The safetensors reader and writer, and model folders built on them: files are
 * written here byte by byte, right ones and wrong ones. */
#include "formats/hf_folder.h"
#include "formats/safetensors.h"
#include "temporary.h"
#include "util/half.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char *folder;

/* A file in the test's folder: header length (-1: the true one), header, data. */
static char *put(const char *name, long length, const char *header, const void *data,
                 size_t bytes)
{
    char *path = file_join(folder, name);
    FILE *f = fopen(path, "wb");
    uint64_t n = length < 0 ? strlen(header) : (uint64_t)length;

    assert_non_null(f);
    for (int i = 0; i < 8; i++)
        fputc((int)(n >> 8 * i & 255), f);
    fputs(header, f);
    fwrite(data, 1, bytes, f);
    assert_int_equal(fclose(f), 0);
    return path;
}

static void wrong(long length, const char *header, size_t bytes, const char *reason)
{
    static const char zeros[64];
    char *path = put("wrong", length, header, zeros, bytes);
    struct error e = { "" };

    assert_null(safetensors_open(path, &e));
    if (!strstr(e.text, reason))
        fail_msg("expected '%s' in '%s'", reason, e.text);
    assert_non_null(strstr(e.text, path));
    free(path);
}

static void reads_what_is_there(void **state)
{
    const float f[6] = { 1, -2, 3.5f, 0, 5, 6 };
    const uint16_t half[2] = { 0x3c00, 0xc000 }, brain[2] = { 0x3f80, 0xc000 };
    unsigned char data[24 + 4 + 4];
    struct error e;
    safetensors *s;
    float *v;
    char *path;

    (void)state;
    memcpy(data, f, 24);
    memcpy(data + 24, half, 4);
    memcpy(data + 28, brain, 4);
    path = put("right", -1,
               "{\"h\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[24,28]},"
               "\"__metadata__\":{\"format\":\"pt\"},"
               "\"f\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
               "\"b\":{\"dtype\":\"BF16\",\"shape\":[2,1],\"data_offsets\":[28,32]}}",
               data, sizeof data);
    s = safetensors_open(path, &e);
    assert_non_null(s);
    assert_int_equal(safetensors_count(s), 3);
    assert_string_equal(safetensors_at(s, 0)->name, "f");
    assert_string_equal(safetensors_at(s, 2)->name, "b");
    assert_null(safetensors_find(s, "__metadata__"));
    assert_int_equal(safetensors_find(s, "f")->dim[1], 3);
    v = safetensors_floats(safetensors_find(s, "f"), &e);
    assert_memory_equal(v, f, sizeof f);
    free(v);
    for (int i = 1; i < 3; i++) {
        v = safetensors_floats(safetensors_at(s, i), &e);
        assert_true(v[0] == 1 && v[1] == -2);
        free(v);
    }
    safetensors_close(s);
    free(path);
}

/* Every finite half is f * 2^(e-25) for its 11-bit significand. */
static void halves_are_exact(void **state)
{
    (void)state;
    for (int h = 0; h < 0x8000; h++) {
        int exponent = h >> 10, fraction = h & 0x3ff;
        double want = exponent ? ldexp(1024 + fraction, exponent - 25)
                               : ldexp(fraction, -24);

        if (exponent == 31) {
            assert_true(fraction ? isnan(half_from_f16((uint16_t)h))
                                 : isinf(half_from_f16((uint16_t)h)));
            continue;
        }
        assert_true(half_from_f16((uint16_t)h) == want);
        assert_true(half_from_f16((uint16_t)(h | 0x8000)) == -want);
    }
}

static void refuses_wrong_files(void **state)
{
    const char *one = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";

    (void)state;
    wrong(-1, one, 7, "cut short?");
    wrong(-1, one, 9, "1 bytes after the last tensor");
    wrong(0, "", 0, "not JSON");
    wrong(1L << 62, one, 8, "header of 4611686018427387904 bytes");
    wrong(200, one, 8, "header of 200 bytes");
    wrong(-1, "[1]", 0, "no JSON object");
    wrong(-1, "{\"a\":", 0, "not JSON");
    wrong(-1, "{\"a\":1}", 0, "no object");
    wrong(-1, "{\"a\":{\"dtype\":\"F33\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8,
          "unknown dtype \"F33\"");
    wrong(-1, "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8,
          "8 bytes, but F32 [3] takes 12");
    wrong(-1, "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8,
          "no size");
    wrong(-1, "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],"
              "\"data_offsets\":[0,8]}}", 8, "absurdly large");
    wrong(-1, "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],"
              "\"data_offsets\":[0,4]}}", 4, "9 dimensions");
    wrong(-1, "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8,
          "run backwards");
    wrong(-1, "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", 8,
          "no pair");
    wrong(-1, "{\"a\":{\"dtype\":\"U8\",\"shape\":[6],\"data_offsets\":[0,6]},"
              "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}", 8,
          "tensor 'b': starts at byte 4, but the one before ends at 6");
    wrong(-1, "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
              "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}", 4,
          "not JSON");
}

static void refuses_tiny_and_missing_files(void **state)
{
    struct error e;
    char *path = file_join(folder, "tiny");

    (void)state;
    temporary_text(folder, "tiny", "abc");
    assert_null(safetensors_open(path, &e));
    assert_non_null(strstr(e.text, "3 bytes are no safetensors file"));
    temporary_text(folder, "tiny", "");
    assert_null(safetensors_open(path, &e));
    assert_int_equal(unlink(path), 0);
    assert_null(safetensors_open(path, &e));
    assert_non_null(strstr(e.text, "No such file"));
    free(path);
}

static void integers_do_not_become_floats(void **state)
{
    char *path = put("ints", -1,
                     "{\"i\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
                     "abc", 4);
    struct error e;
    safetensors *s = safetensors_open(path, &e);

    (void)state;
    assert_non_null(s);
    assert_null(safetensors_floats(safetensors_at(s, 0), &e));
    assert_non_null(strstr(e.text, "has dtype I32, expected F32"));
    safetensors_close(s);
    free(path);
}

static void reads_what_it_wrote(void **state)
{
    const float f[4] = { 1, 2, 3, 4 };
    const int64_t i[1] = { -7 };
    struct safetensor list[] = {
        { .name = "z \"q\"", .type = ST_F32, .ndim = 2, .dim = { 2, 2 },
          .data = (const void *)f },
        { .name = "a", .type = ST_I64, .ndim = 0, .data = (const void *)i },
        { .name = "none", .type = ST_F32, .ndim = 2, .dim = { 0, 5 } },
    };
    char *path = file_join(folder, "written");
    struct error e;
    safetensors *s;

    (void)state;
    assert_int_equal(safetensors_write(path, list, 3, &e), 0);
    s = safetensors_open(path, &e);
    assert_non_null(s);
    assert_int_equal(safetensors_count(s), 3);
    assert_memory_equal(safetensors_find(s, "z \"q\"")->data, f, sizeof f);
    assert_memory_equal(safetensors_find(s, "a")->data, i, sizeof i);
    assert_int_equal(safetensors_find(s, "none")->count, 0);
    assert_int_equal((uintptr_t)safetensors_find(s, "z \"q\"")->data % 8, 0);
    safetensors_close(s);
    list[1].name = list[0].name;
    assert_int_equal(safetensors_write(path, list, 3, &e), -1);
    assert_non_null(strstr(e.text, "taken"));
    free(path);
}

static void folder_finds_tensors_across_shards(void **state)
{
    const char *at = "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    const float v[2] = { 3, 4 };
    char *a = mem_format("{\"a\":%s}", at), *b = mem_format("{\"b\":%s}", at);
    struct error e;
    hf_folder *h;
    float *got;

    (void)state;
    free(put("m-1.safetensors", -1, a, v, 8));
    free(put("m-2.safetensors", -1, b, v, 8));
    temporary_text(folder, "config.json",
                   "{\"width\": 3, \"name\": \"x\", \"eps\": 1e-5}");
    assert_null(hf_open(folder, &e));
    assert_non_null(strstr(e.text, "neither model.safetensors nor"));
    temporary_text(folder, "model.safetensors.index.json",
                   "{\"weight_map\": {\"a\": \"m-1.safetensors\", "
                   "\"b\": \"m-2.safetensors\"}}");
    h = hf_open(folder, &e);
    assert_non_null(h);
    got = hf_floats(h, "b", 2, 0, &e);
    assert_memory_equal(got, v, sizeof v);
    free(got);
    assert_null(hf_floats(h, "b", 2, 2, &e));
    assert_non_null(strstr(e.text, "tensor 'b': expected [2, 2], found [2]"));
    assert_null(hf_floats(h, "c", 2, 0, &e));
    assert_non_null(strstr(e.text, "has no tensor 'c'"));
    hf_close(h);
    temporary_text(folder, "model.safetensors.index.json",
                   "{\"weight_map\": {\"c\": \"m-1.safetensors\"}}");
    assert_null(hf_open(folder, &e));
    assert_non_null(strstr(e.text, "'c' is not in m-1.safetensors"));
    temporary_text(folder, "model.safetensors.index.json",
                   "{\"weight_map\": {\"c\": \"../m\"}}");
    assert_null(hf_open(folder, &e));
    assert_non_null(strstr(e.text, "expected the name of a file in the folder"));
    free(a);
    free(b);
}

static void settings_are_read_strictly(void **state)
{
    char *path = file_join(folder, "settings.json");
    struct json_file f;
    struct error e;
    const char *s;
    double d;
    long n;
    bool b;

    (void)state;
    temporary_text(folder, "settings.json",
                   "{\"n\": 3, \"s\": \"x\", \"d\": 1, \"t\": true, \"z\": null}");
    assert_int_equal(json_open(&f, path, &e), 0);
    assert_true(json_int(&f, "n", 1, 9, &n, &e) == 0 && n == 3);
    assert_true(json_number(&f, "d", 0, 1, &d, &e) == 0 && d == 1);
    assert_true(json_text(&f, "s", &s, &e) == 0 && strcmp(s, "x") == 0);
    assert_true(json_bool_or(&f, "t", false, &b, &e) == 0 && b);
    assert_true(json_int_or(&f, "z", 1, 9, 5, &n, &e) == 0 && n == 5);
    assert_int_equal(json_int(&f, "n", 4, 9, &n, &e), -1);
    assert_non_null(strstr(e.text, "settings.json: \"n\" is 3, expected 4 to 9"));
    assert_int_equal(json_int(&f, "z", 4, 9, &n, &e), -1);
    assert_non_null(strstr(e.text, "has no \"z\""));
    assert_int_equal(json_int(&f, "s", 4, 9, &n, &e), -1);
    assert_non_null(strstr(e.text, "expected a whole number, found a string"));
    json_close(&f);
    temporary_text(folder, "settings.json", "[1]");
    assert_int_equal(json_open(&f, path, &e), -1);
    temporary_text(folder, "settings.json", "{\"n\": 3} x");
    assert_int_equal(json_open(&f, path, &e), -1);
    assert_non_null(strstr(e.text, "not JSON: line 1"));
    free(path);
}

static int make_folder(void **state)
{
    (void)state;
    folder = temporary_folder();
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    temporary_remove(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_there),
        cmocka_unit_test(halves_are_exact),
        cmocka_unit_test(refuses_wrong_files),
        cmocka_unit_test(refuses_tiny_and_missing_files),
        cmocka_unit_test(integers_do_not_become_floats),
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(folder_finds_tensors_across_shards),
        cmocka_unit_test(settings_are_read_strictly),
    };

    return cmocka_run_group_tests_name("safetensors", tests, make_folder, remove_folder);
}
