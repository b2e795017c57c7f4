/* Files of torch.save: what PyTorch wrote (tests/fixtures/torch_files.py), and files
 * made here byte by byte, right ones and wrong ones. */
#include "torch_help.h"

#define FILES "tests/fixtures/torch_files/"

static void equal_tensors(const struct safetensor *a, const struct safetensor *b)
{
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->ndim, b->ndim);
    assert_memory_equal(a->dim, b->dim, (size_t)a->ndim * sizeof *a->dim);
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->bytes, b->bytes);
    assert_memory_equal(a->data, b->data, a->bytes);
}

/* Every type and every kind of view, by three ways of writing them. */
static void reads_what_torch_wrote(void **state)
{
    static const char *const names[] = { "every.pt", "every-4.pt", "every-legacy.pt" };
    struct error e;
    safetensors *want = safetensors_open(FILES "every.safetensors", &e);

    (void)state;
    assert_non_null(want);
    assert_int_equal(safetensors_count(want), 17);
    for (size_t i = 0; i < 3; i++) {
        char *path = file_join(FILES, names[i]);
        torch_file *f = torch_open(path, &e);
        int64_t epoch = 0;

        assert_non_null(f);
        assert_string_equal(torch_path(f), path);
        assert_int_equal(torch_count(f), safetensors_count(want));
        assert_string_equal(torch_at(f, 0)->name, "float64");
        for (long k = 0; k < safetensors_count(want); k++) {
            const struct safetensor *w = safetensors_at(want, k);

            assert_non_null(torch_find(f, w->name));
            equal_tensors(w, torch_find(f, w->name));
        }
        assert_null(torch_find(f, "shared"));
        assert_true(torch_setting(f, "epoch", &epoch));
        assert_int_equal(epoch, 3);
        assert_false(torch_setting(f, "lr", &epoch));
        torch_close(f);
        free(path);
    }
    safetensors_close(want);
}

/* What was contiguous stays in the file; what was not has its own memory. */
static void views_of_one_storage(void **state)
{
    const int64_t dim[] = { 2, 2 }, plain[] = { 2, 1 }, turned[] = { 1, 2 };
    const float want[] = { 2, 3, 4, 5 }, want_turned[] = { 2, 4, 3, 5 };
    const struct {
        const int64_t *stride;
        const float *want;
    } cases[] = { { plain, want }, { turned, want_turned } };

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct bytes object = view("0", 6, 1, 2, dim, 2, cases[i].stride);
        struct bytes b = legacy(object.at, object.n, 6);
        char *path = put("right", b.at, b.n);
        struct error e;
        torch_file *f = torch_open(path, &e);

        assert_non_null(f);
        assert_memory_equal(torch_find(f, "t")->data, cases[i].want, sizeof want);
        torch_close(f);
        free(path);
        free(b.at);
        free(object.at);
    }
}

static void wrong_view(const char *key, int64_t elements, int64_t offset, int ndim,
                       const int64_t *dim, int strides, const int64_t *stride,
                       const char *reason)
{
    struct bytes object = view(key, elements, offset, ndim, dim, strides, stride);
    struct bytes b = legacy(object.at, object.n, 6);

    refused(b.at, b.n, reason);
    free(b.at);
    free(object.at);
}

static void refuses_wrong_views(void **state)
{
    const int64_t two[] = { 2, 2 }, plain[] = { 2, 1 }, none[] = { 0, 0 };
    const int64_t below[] = { -2, 1 }, huge[] = { 1L << 40, 1L << 40 };
    const int64_t many[] = { 3000, 3000 }, ones[] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };

    (void)state;
    wrong_view("0", 4, 0, 2, two, 2, plain, "'0' has 24 bytes, expected 4 times 4");
    wrong_view("1", 6, 0, 2, two, 2, plain, "no tensor uses it");
    wrong_view("0", -1, 0, 2, two, 2, plain, "not described as torch does it");
    wrong_view("0", INT64_MAX, 0, 2, two, 2, plain, "is absurd");
    wrong_view("0", 6, 3, 2, two, 2, plain, "reach beyond its storage of 6 elements");
    wrong_view("0", 6, -1, 2, two, 2, plain, "not described as torch does it");
    wrong_view("0", 6, INT64_MAX, 2, two, 2, plain, "reach beyond");
    wrong_view("0", 6, 0, 2, two, 2, huge, "reach beyond");
    wrong_view("0", 6, 0, 2, huge, 2, none, "reach beyond");
    wrong_view("0", 6, 0, 2, below, 2, plain, "no size");
    wrong_view("0", 6, 0, 2, two, 2, below, "no size");
    wrong_view("0", 6, 0, 2, two, 1, plain, "2 dimensions, but 1 strides");
    wrong_view("0", 6, 0, 9, ones, 9, ones, "9 dimensions, at most 8");
    wrong_view("0", 6, 0, 2, many, 2, none, "tensor 't': repeats its elements");
}

static void refuses_wrong_legacy_files(void **state)
{
    const int64_t one[] = { 6 }, step[] = { 1 };
    struct bytes object = view("0", 6, 0, 1, one, 1, step);
    struct bytes b = legacy(object.at, object.n, 6);

    (void)state;
    refused(b.at, b.n - 1, "storage 0: cut short: 24 bytes expected, 23 left");
    refused(b.at, b.n - 25, "storage 0: cut short");
    memset(b.at + b.n - 32, 0xff, 8);
    refused(b.at, b.n, "storage 0: cut short");
    b.at[4] ^= 1;
    refused(b.at, b.n, "is a pickle, but not one of torch.save");
    b.at[4] ^= 1;
    b.at[18] ^= 1;
    refused(b.at, b.n, "another protocol than 1001");
    b.at[18] ^= 1;
    b.at[42] = 0x89;
    refused(b.at, b.n, "most significant byte first");
    refused(b.at, 0, "0 bytes are no file of torch.save");
    refused(TEXT("<!DOCTYPE html>"), "begins with 3c 21 44 4f");
    free(b.at);
    free(object.at);
}

static void refuses_names_that_are_none(void **state)
{
    const int64_t none[] = { 0 };
    struct bytes object = view("0", 6, 0, 0, none, 0, none), b;

    (void)state;
    object.at[5] = '\n';
    b = legacy(object.at, object.n, 6);
    refused(b.at, b.n, "whose name is no line");
    free(b.at);
    free(object.at);
}

/* Cut anywhere and with any one byte changed: words or tensors, nothing worse. */
static void survives_damage(void **state)
{
    static const char *const names[] = { FILES "every.pt", FILES "every-legacy.pt" };

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct mapped whole;
        struct error e;
        unsigned char *copy;

        assert_int_equal(file_map(&whole, names[i], &e), 0);
        copy = memcpy(mem_new(whole.size, 1), whole.data, whole.size);
        for (size_t n = 0; n < whole.size; n += 7)
            refused(copy, n, "");
        for (size_t at = 0; at < whole.size; at++) {
            char *path;
            torch_file *f;

            if (at % 3 && i == 0) /* every third byte of the longer one */
                continue;
            copy[at] ^= 0x41;
            path = put("damaged", copy, whole.size);
            e.text[0] = '\0';
            f = torch_open(path, &e);
            assert_true(f || e.text[0]);
            torch_close(f);
            free(path);
            copy[at] ^= 0x41;
        }
        free(copy);
        file_unmap(&whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_torch_wrote),
        cmocka_unit_test(views_of_one_storage),
        cmocka_unit_test(refuses_wrong_views),
        cmocka_unit_test(refuses_wrong_legacy_files),
        cmocka_unit_test(refuses_names_that_are_none),
        cmocka_unit_test(survives_damage),
    };

    return cmocka_run_group_tests_name("torch_file", tests, make_folder, remove_folder);
}
