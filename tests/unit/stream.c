#include "stream/reader.h"
#include "stream/store.h"
#include "stream/walk.h"
#include "stream/writer.h"
#include "stream_help.h"
#include "util/mem.h"
#include "util/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The stream that FORMAT.md shows. */
static struct bytes example(void)
{
    static const struct attr attrs[] = { { "from", "cf" }, { NULL, NULL } };
    float v[] = { 1, 0.5f, -2, 0 };
    struct tensor x = tensor_view2(DT_F4, 2, 2, v);
    struct texts t = { 0 };
    int fd = memfd_create("stream", 0);
    struct writer *w = writer_new(fd);

    head(w);
    texts_add(&t, "Heat", 4);
    texts_add(&t, "Amélie", 7);
    writer_group(w, &(struct series_out){ "item.title", NULL, &t, NULL }, 1);
    writer_group(w, &(struct series_out){ "item.cf", &x, NULL, attrs }, 1);
    assert_int_equal(writer_close(w), 0);
    texts_free(&t);
    return contents(fd);
}

/* Reads bytes to their end: frames, or -1 with the reason in why. */
static int read_all(const unsigned char *p, size_t n, bool fragment, char *why)
{
    int fd = memfd_create("stream", 0), got, frames = 0;
    const struct frame *f;
    struct error e;
    struct reader *r;
    char path[64];

    assert_int_equal(pwrite(fd, p, n, 0), n);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    r = reader_open(path, &e);
    assert_non_null(r);
    if (fragment)
        reader_accept_fragment(r);
    while ((got = reader_next(r, &f)) > 0)
        frames++;
    if (why && got < 0)
        strcpy(why, reader_error(r));
    if (got < 0)
        assert_int_equal(reader_next(r, &f), -1); /* the error sticks */
    reader_close(r);
    close(fd);
    return got < 0 ? -1 : frames;
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

static void the_specification_shows_what_is_written(void **state)
{
    struct bytes b = example();
    FILE *f = fopen("lib/stream/FORMAT.md", "r");
    bool inside = false;
    char line[512];
    size_t n = 0;

    (void)state;
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        if (strncmp(line, "```", 3) == 0)
            inside = strncmp(line, "```hex", 6) == 0;
        else if (inside)
            for (char *c = line; *c && *c != '#' && *c != '\n'; c++)
                if (*c != ' ') {
                    assert_true(n < b.n);
                    assert_int_equal(b.p[n], hex_digit(c[0]) << 4 | hex_digit(c[1]));
                    n++;
                    c++;
                }
    }
    assert_int_equal(n, b.n);
    fclose(f);
    free(b.p);
}

static void every_flipped_bit_is_found(void **state)
{
    struct bytes b = example();

    (void)state;
    assert_int_equal(read_all(b.p, b.n, false, NULL), 4);
    for (size_t bit = 0; bit < 8 * b.n; bit++) {
        b.p[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_int_equal(read_all(b.p, b.n, false, NULL), -1);
        b.p[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    free(b.p);
}

static void every_cut_is_found(void **state)
{
    struct bytes b = example();
    char why[512];

    (void)state;
    for (size_t n = 0; n < b.n; n++) {
        assert_int_equal(read_all(b.p, n, false, why), -1);
        assert_non_null(strstr(why, n == 0 ? "empty" : "cut short after"));
    }
    free(b.p);
}

/* Where frame i begins; at[count] is the end. */
static int frame_places(struct bytes b, size_t *at)
{
    const char *why;
    size_t size;
    int count = 0;

    for (at[0] = 0; at[count] < b.n; count++) {
        assert_int_equal(walk_object(b.p + at[count], b.n - at[count], &size, &why),
                         WALK_WHOLE);
        at[count + 1] = at[count] + size;
    }
    return count;
}

/* The frames of b in that order, read. */
static int read_order(struct bytes b, const int *order, int n, bool fragment)
{
    unsigned char *p = mem_new((size_t)n * b.n, 1);
    size_t at[16], used = 0;
    int got;

    frame_places(b, at);
    for (int i = 0; i < n; i++) {
        size_t size = at[order[i] + 1] - at[order[i]];

        memcpy(p + used, b.p + at[order[i]], size);
        used += size;
    }
    got = read_all(p, used, fragment, NULL);
    free(p);
    return got;
}

#define ORDER(b, fragment, ...)                                                \
    read_order(b, (int[]){ __VA_ARGS__ },                                      \
               (int)(sizeof((int[]){ __VA_ARGS__ }) / sizeof(int)), fragment)

static void frames_lost_repeated_or_moved_are_found(void **state)
{
    struct bytes b = example();

    (void)state;
    assert_int_equal(ORDER(b, false, 0, 1, 2, 3), 4);
    assert_int_equal(ORDER(b, false, 1, 2, 3), -1);
    assert_int_equal(ORDER(b, false, 0, 2, 3), -1);
    assert_int_equal(ORDER(b, false, 0, 1, 3), -1);
    assert_int_equal(ORDER(b, false, 0, 1, 2), -1);
    assert_int_equal(ORDER(b, false, 0, 0, 1, 2, 3), -1);
    assert_int_equal(ORDER(b, false, 0, 1, 1, 2, 3), -1);
    assert_int_equal(ORDER(b, false, 0, 1, 2, 2, 3), -1);
    assert_int_equal(ORDER(b, false, 0, 1, 2, 3, 3), -1);
    assert_int_equal(ORDER(b, false, 1, 0, 2, 3), -1);
    assert_int_equal(ORDER(b, false, 0, 2, 1, 3), -1);
    assert_int_equal(ORDER(b, false, 0, 1, 3, 2), -1);
    assert_int_equal(ORDER(b, false, 0, 1, 2, 3, 0, 1, 2, 3), 8); /* two streams */
    assert_int_equal(ORDER(b, false, 0, 1, 2, 3, 0, 1), -1);
    assert_int_equal(ORDER(b, true, 1, 2), 2); /* fragments */
    assert_int_equal(ORDER(b, true, 2, 3), 2);
    free(b.p);
}

/* Rows of 'x' in parts: {first, rows in the part, rows in all, attr}. */
struct row_part {
    int64_t first, here, rows;
    const char *value;
};

static int read_parts(const struct row_part *parts, int n, bool fragment, char *why)
{
    int32_t v[8] = { 0 };
    int fd = memfd_create("stream", 0), got;
    struct writer *w = writer_new(fd);
    struct bytes b;

    head(w);
    for (int i = 0; i < n; i++) {
        struct tensor t = tensor_view1(DT_I4, parts[i].here, v);
        struct attr attrs[] = { { "key", parts[i].value }, { NULL, NULL } };

        writer_part(w, &(struct series_out){ "x", &t, NULL, attrs }, 1, parts[i].first,
                    parts[i].rows);
    }
    assert_int_equal(writer_close(w), 0);
    b = contents(fd);
    got = read_all(b.p, b.n, fragment, why);
    free(b.p);
    return got;
}

#define PARTS(fragment, why, ...)                                                        \
    read_parts(                                                                          \
        (struct row_part[]){ __VA_ARGS__ },                                              \
        (int)(sizeof((struct row_part[]){ __VA_ARGS__ }) / sizeof(struct row_part)),     \
        fragment, why)

static void rows_follow_without_gap(void **state)
{
    char why[512];

    (void)state;
    assert_int_equal(PARTS(false, why, { 0, 2, 5, "a" }, { 2, 3, 5, "a" }), 4);
    assert_int_equal(PARTS(false, why, { 0, 0, 0, "a" }), 3);
    assert_int_equal(PARTS(false, why, { 0, 2, 2, "a" }, { 0, 3, 3, "b" }), 4);
    assert_int_equal(PARTS(false, why, { 0, 2, 5, "a" }, { 3, 2, 5, "a" }), -1);
    assert_non_null(strstr(why, "'x' has rows from 3 of 5, expected row 2 of 5"));
    assert_int_equal(PARTS(false, why, { 0, 2, 5, "a" }, { 2, 2, 5, "a" }), -1);
    assert_non_null(strstr(why, "'x' has 4 of 5 rows"));
    assert_int_equal(PARTS(false, why, { 0, 2, 5, "a" }, { 0, 5, 5, "a" }), -1);
    assert_non_null(strstr(why, "starts anew after 2 of 5 rows"));
    assert_int_equal(PARTS(false, why, { 0, 2, 5, "a" }, { 2, 3, 5, "b" }), -1);
    assert_non_null(strstr(why, "'x' changes its type, shape or attrs at row 2"));
    assert_int_equal(PARTS(false, why, { 0, 2, 5, "a" }, { 2, 3, 6, "a" }), -1);
    assert_int_equal(PARTS(false, why, { 1, 2, 3, "a" }), -1);
    assert_int_equal(PARTS(false, why, { 0, 4, 3, "a" }), -1);
    assert_non_null(strstr(why, "frame 2: 'x': rows 0 to 4 of 3"));
    assert_int_equal(PARTS(true, why, { 1, 2, 5, "a" }, { 3, 1, 5, "a" }), 4);
    assert_int_equal(PARTS(true, why, { 1, 2, 5, "a" }, { 4, 1, 5, "a" }), -1);
}

/* Interleaved chunks of different widths come back as they were. */
static void a_group_comes_back_as_it_was(void **state)
{
    enum { ROWS = 5, WIDTH = 100000 }; /* 400 kB a row: chunks of 2 */
    struct tensor x = tensor_new2(DT_F4, ROWS, WIDTH), y = tensor_new1(DT_I8, ROWS);
    struct texts t = { 0 };
    struct series_out group[] = { { "x", &x, NULL, NULL }, { "t", NULL, &t, NULL },
                                  { "y", &y, NULL, NULL } };
    struct store store = { .count = 0 };
    int fd = memfd_create("stream", 0);
    struct writer *w = writer_new(fd);
    const struct frame *f;
    struct error e;
    struct reader *r;
    char path[64], order[64] = "";

    (void)state;
    for (int i = 0; i < ROWS; i++) {
        ((float *)x.data)[i * WIDTH + i] = (float)i;
        ((int64_t *)y.data)[i] = (int64_t)i << 40;
        texts_add(&t, "abcdef", (size_t)i);
    }
    head(w);
    writer_group(w, group, 3);
    assert_int_equal(writer_close(w), 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    r = reader_open(path, &e);
    while (reader_next(r, &f) > 0)
        if (f->kind == FRAME_TENSOR || f->kind == FRAME_TEXT) {
            sprintf(order + strlen(order), "%s%d ", f->name, (int)f->first);
            assert_int_equal(store_add(&store, f, &e), 0);
        }
    assert_string_equal(order, "x0 t0 y0 x2 t2 y2 x4 t4 y4 ");
    assert_int_equal(tensor_digest(&store_find(&store, "x")->tensor), tensor_digest(&x));
    assert_int_equal(tensor_digest(&store_find(&store, "y")->tensor), tensor_digest(&y));
    for (int i = 0; i < ROWS; i++)
        assert_string_equal(texts_at(&store_find(&store, "t")->texts, i),
                            texts_at(&t, i));
    assert_null(store_find(&store, "z"));
    reader_close(r);
    store_free(&store);
    texts_free(&t);
    tensor_free(&x);
    tensor_free(&y);
    close(fd);
}

static void what_no_reader_would_take_is_not_written(void **state)
{
    struct tensor wide = { .type = DT_F4, .dims = 2, .shape = { 1, 20000000 } };
    struct tensor one = tensor_new1(DT_U1, 1);
    struct texts t = { 0 };
    struct error e;

    (void)state;
    assert_int_equal(
        writer_check_series(&(struct series_out){ "x", &one, NULL, NULL }, &e), 0);
    assert_int_equal(
        writer_check_series(&(struct series_out){ "x", &wide, NULL, NULL }, &e), -1);
    assert_int_equal(
        writer_check_series(&(struct series_out){ "", &one, NULL, NULL }, &e), -1);
    assert_int_equal(
        writer_check_series(&(struct series_out){ "a\n", &one, NULL, NULL }, &e), -1);
    texts_add(&t, "good", 4);
    assert_int_equal(writer_check_series(&(struct series_out){ "t", NULL, &t, NULL }, &e),
                     0);
    texts_add(&t, "\xff", 1);
    assert_int_equal(writer_check_series(&(struct series_out){ "t", NULL, &t, NULL }, &e),
                     -1);
    assert_non_null(strstr(e.text, "'t': row 1 is no UTF-8 text"));
    texts_free(&t);
    tensor_free(&one);
}

/* Damage with a right checksum gets past the sum to the parser: it must refuse
 * or accept, never crash (the sanitizers watch). */
static void damage_with_a_right_sum_never_harms(void **state)
{
    struct bytes b = example();
    rng r = rng_keyed("frame test", 1, 0, 0);
    int refused = 0;
    size_t at[16];

    (void)state;
    frame_places(b, at);
    for (int i = 0; i < 30000; i++) {
        int which = (int)rng_below(&r, 4);
        size_t size = at[which + 1] - at[which], walked;
        unsigned char *p = mem_resize(NULL, size, 1);
        struct frame f;
        struct error e;
        const char *why;

        memcpy(p, b.p + at[which], size);
        for (uint64_t k = 0; k <= rng_below(&r, 3); k++)
            p[11 + rng_below(&r, size - 21)] = (unsigned char)rng_next(&r);
        frame_sum_write(p + size - 8, frame_sum(p, size - 10));
        if (walk_object(p, size, &walked, &why) != WALK_WHOLE || walked != size ||
            frame_parse(&f, p, size, &e) < 0)
            refused++;
        else
            frame_free(&f);
        free(p);
    }
    assert_true(refused > 1000 && refused < 30000);
    free(b.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_specification_shows_what_is_written),
        cmocka_unit_test(every_flipped_bit_is_found),
        cmocka_unit_test(every_cut_is_found),
        cmocka_unit_test(frames_lost_repeated_or_moved_are_found),
        cmocka_unit_test(rows_follow_without_gap),
        cmocka_unit_test(a_group_comes_back_as_it_was),
        cmocka_unit_test(what_no_reader_would_take_is_not_written),
        cmocka_unit_test(damage_with_a_right_sum_never_harms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
