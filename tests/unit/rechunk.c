#include "stream/rechunk.h"

#include "stream/reader.h"
#include "stream_help.h"
#include "util/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* x and t in parts that end at these rows, put together again if recut is set. */
static struct bytes in_parts(const struct series_out *group, const int *ends, bool recut)
{
    int fd = memfd_create("parts", 0), out = memfd_create("whole", 0), first = 0;
    struct writer *w = writer_new(fd), *whole = writer_new(out);
    struct rechunk *r = rechunk_new(whole);
    const struct frame *f;
    struct error e;
    struct reader *in;
    char path[64];

    head(w);
    for (; *ends; first = *ends++) {
        struct tensor x = *group[0].tensor;
        struct texts t = { 0 };
        struct series_out part[] = { { "x", &x, NULL, NULL }, { "t", NULL, &t, NULL } };

        x.data = (char *)x.data + (size_t)first * tensor_row_bytes(&x);
        x.shape[0] = *ends - first;
        for (int i = first; i < *ends; i++)
            texts_add(&t, texts_at(group[1].texts, i), texts_length(group[1].texts, i));
        writer_part(w, part, 2, first, group[1].texts->count);
        texts_free(&t);
    }
    assert_int_equal(writer_close(w), 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    in = reader_open(path, &e);
    while (reader_next(in, &f) > 0)
        if (f->kind == FRAME_HEAD)
            writer_frame(whole, f);
        else if (f->kind != FRAME_END)
            assert_int_equal(rechunk_add(r, f, &e), 0);
    assert_int_equal(rechunk_finish(r, &e), 0);
    assert_int_equal(writer_close(whole), 0);
    reader_close(in);
    if (!recut) {
        close(out);
        return contents(fd);
    }
    close(fd);
    return contents(out);
}

static void parts_are_recut_to_the_same_bytes(void **state)
{
    enum { ROWS = 9, WIDTH = 80000 }; /* 320 kB a row: chunks of 3 */
    static const int ends[][6] = { { 9 }, { 1, 2, 3, 9 }, { 2, 4, 6, 8, 9 }, { 5, 9 } };
    struct tensor x = tensor_new2(DT_F4, ROWS, WIDTH);
    struct texts t = { 0 };
    struct series_out group[] = { { "x", &x, NULL, NULL }, { "t", NULL, &t, NULL } };
    struct bytes want, got;

    (void)state;
    for (int i = 0; i < ROWS; i++) {
        ((float *)x.data)[i * WIDTH + i] = (float)i;
        texts_add(&t, "abcdefghijk", (size_t)i);
    }
    want = in_parts(group, ends[0], false);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        got = in_parts(group, ends[i], true);
        assert_int_equal(got.n, want.n);
        assert_memory_equal(got.p, want.p, want.n);
        free(got.p);
    }
    free(want.p);
    texts_free(&t);
    tensor_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_recut_to_the_same_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
