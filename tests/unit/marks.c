/* Marks of a table's text against a plain loop; strings numbered against a list. */
#include "data/marks.h"
#include "text/string_index.h"

#include "util/mem.h"
#include "util/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Bytes that are near the marks in value, or differ from them in one bit. */
static const unsigned char near_marks[] = {
    ',', '\n', '"', ',' ^ 1, ',' ^ 0x80, '\n' ^ 0x80, '"' ^ 1, '\n' - 1, '\n' + 1, 0, 255,
    0x80, 0x7f, 'a', '1', '\t',
};

static void expect_marks(const unsigned char *p, size_t n, char separator)
{
    struct marks *m = mem_new(1, sizeof *m);
    size_t seen = n < MARKS_BYTES ? n : MARKS_BYTES, count = 0;
    bool quotes = false;

    assert_int_equal(marks_find(m, p, n, separator), seen);
    for (size_t i = 0; i < seen; i++) {
        quotes |= p[i] == '"';
        if (p[i] != (unsigned char)separator && p[i] != '\n')
            continue;
        assert_true(count < m->count);
        assert_int_equal(m->at[count++], i);
    }
    assert_int_equal(m->count, count);
    assert_int_equal(m->quotes, quotes);
    free(m);
}

static void marks_are_those_of_a_loop(void **state)
{
    rng r;

    (void)state;
    r = rng_keyed("marks", 1, 0, 0);
    for (int round = 0; round < 2000; round++) {
        size_t n = rng_below(&r, 70), kinds = 1 + rng_below(&r, sizeof near_marks);
        unsigned char *p = mem_new(n + 1, 1); /* exactly, for sanitizers */

        for (size_t i = 0; i < n; i++)
            p[i] = near_marks[rng_below(&r, kinds)];
        expect_marks(p, n, round % 2 ? ',' : '\t');
        free(p);
    }
}

/* Nothing but marks, more than are looked at in one go. */
static void marks_fill_their_room(void **state)
{
    unsigned char *p = mem_new(MARKS_BYTES + 100, 1);

    (void)state;
    memset(p, ';', MARKS_BYTES + 100);
    expect_marks(p, MARKS_BYTES + 100, ';');
    free(p);
}

/* Strings of up to 10 bytes of a few letters, NUL among them: many differ in one byte or
 * in their length alone, and meet again after others had their place. */
static void strings_keep_their_numbers(void **state)
{
    struct string_index n = { 0 };
    char (*seen)[11] = mem_new(60000, sizeof *seen);
    int32_t count = 0;
    rng r;

    (void)state;
    r = rng_keyed("strings", 2, 0, 0);
    for (int round = 0; round < 60000; round++) {
        char s[11] = "";
        size_t length = rng_below(&r, 11);
        int32_t number, known;

        for (size_t i = 0; i < length; i++)
            s[i] = "ab\0z"[rng_below(&r, round % 3 ? 2 : 4)];
        known = string_index_find(&n, s, length);
        number = string_index_add(&n, s, length);
        assert_int_equal(number, known < 0 ? count : known);
        if (known < 0)
            memcpy(seen[count++], s, sizeof s);
        assert_memory_equal(seen[number], s, sizeof s);
        assert_int_equal(texts_length(&n.texts, number), length);
    }
    assert_true(count > 5000);
    string_index_free(&n);
    free(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_are_those_of_a_loop),
        cmocka_unit_test(marks_fill_their_room),
        cmocka_unit_test(strings_keep_their_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
