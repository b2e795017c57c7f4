/* Numbered strings, and words with ids of the caller's. */
#include "text/vocab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { MANY = 5000 }; /* grows the table several times */

static int name(char *text, size_t size, int i)
{
    return snprintf(text, size, "word %d", i);
}

static void strings_are_numbered_in_order(void **state)
{
    struct string_index n = { 0 };
    char text[32];

    (void)state;
    assert_int_equal(string_index_find(&n, "", 0), -1);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(string_index_add(&n, text, (size_t)name(text, sizeof text, i)),
                         i);
    for (int i = MANY; i-- > 0;) {
        size_t length = (size_t)name(text, sizeof text, i);

        assert_int_equal(string_index_add(&n, text, length), i);
        assert_int_equal(string_index_find(&n, text, length), i);
        assert_string_equal(texts_at(&n.texts, i), text);
    }
    assert_int_equal(n.texts.count, MANY);
    assert_int_equal(string_index_find(&n, "word", 4), -1);
    string_index_free(&n);
}

/* A byte 0 is one like others. */
static void bytes_and_length_decide(void **state)
{
    struct string_index n = { 0 };

    (void)state;
    assert_int_equal(string_index_add(&n, "a\0b", 3), 0);
    assert_int_equal(string_index_add(&n, "a\0c", 3), 1);
    assert_int_equal(string_index_add(&n, "a", 1), 2);
    assert_int_equal(string_index_add(&n, "", 0), 3);
    assert_int_equal(string_index_find(&n, "a\0c", 3), 1);
    assert_int_equal(string_index_find(&n, "", 0), 3);
    string_index_free(&n);
}

static void words_have_the_last_id_given(void **state)
{
    struct vocab v = { 0 };
    char text[32];

    (void)state;
    assert_int_equal(vocab_find(&v, "word 1", 6), -1);
    for (int i = 0; i < MANY; i++)
        vocab_add(&v, text, (size_t)name(text, sizeof text, i), 3 * i);
    assert_int_equal(v.highest, 3 * (MANY - 1));
    vocab_add(&v, "word 7", 6, 1);
    assert_int_equal(vocab_find(&v, "word 7", 6), 1);
    assert_int_equal(vocab_find(&v, "word 8", 6), 24);
    assert_int_equal(v.count, MANY);
    vocab_free(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_numbered_in_order),
        cmocka_unit_test(bytes_and_length_decide),
        cmocka_unit_test(words_have_the_last_id_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
