/* What memo counts of tensors and texts: the rows however they are cut, their type, shape
 * and attributes. */
#include "memo/inputs.h"
#include "util/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 7, WIDTH = 3, TEXTS = 2 };

static float values[ROWS * WIDTH];

/* The key of a tensor [ROWS, WIDTH], `cut` rows a frame, with these attributes. */
static char *tensor_key(int cut, struct attr *attrs, int count)
{
    struct inputs *in = inputs_new();
    char *key = mem_new(SUM_TEXT, 1);
    struct parts p;

    for (int at = 0; at < ROWS; at += cut) {
        int rows = at + cut < ROWS ? cut : ROWS - at;
        struct frame f = { .kind = FRAME_TENSOR, .name = "item.cf", .first = at,
                           .rows = ROWS, .attrs = attrs, .attr_count = count };

        f.tensor = (struct tensor){ .type = DT_F4, .dims = 2, .shape = { rows, WIDTH },
                                    .data = values + at * WIDTH };
        inputs_add(in, &f);
    }
    parts_begin(&p);
    inputs_tell(in, &p);
    parts_end(&p, key);
    parts_free(&p);
    inputs_free(in);
    return key;
}

/* The key of two texts in one frame. */
static char *texts_key(const char *a, const char *b)
{
    struct inputs *in = inputs_new();
    char *key = mem_new(SUM_TEXT, 1);
    msgpack_object rows[TEXTS] = { { .type = MSGPACK_OBJECT_STR },
                                   { .type = MSGPACK_OBJECT_STR } };
    struct frame f = { .kind = FRAME_TEXT, .name = "item.title", .rows = TEXTS,
                       .rows_of_text = rows };
    struct parts p;

    f.tensor.shape[0] = TEXTS;
    rows[0].via.str = (msgpack_object_str){ (uint32_t)strlen(a), a };
    rows[1].via.str = (msgpack_object_str){ (uint32_t)strlen(b), b };
    inputs_add(in, &f);
    parts_begin(&p);
    inputs_tell(in, &p);
    parts_end(&p, key);
    parts_free(&p);
    inputs_free(in);
    return key;
}

static void assert_keys(char *a, char *b, bool same)
{
    assert_int_equal(strcmp(a, b) == 0, same);
    free(a);
    free(b);
}

static void test_cuts_do_not_count(void **state)
{
    (void)state;
    for (int cut = 1; cut < ROWS; cut++)
        assert_keys(tensor_key(cut, NULL, 0), tensor_key(ROWS, NULL, 0), true);
}

static void test_values_count(void **state)
{
    char *before = tensor_key(2, NULL, 0);

    (void)state;
    values[ROWS * WIDTH - 1] += 1;
    assert_keys(before, tensor_key(2, NULL, 0), false);
}

static void test_attributes_count(void **state)
{
    struct attr one[] = { { "weights", "w b=2" } };
    struct attr two[] = { { "weights", "w" }, { "b", "2" } };
    struct attr other[] = { { "weights", "v" } };

    (void)state;
    assert_keys(tensor_key(2, one, 1), tensor_key(3, one, 1), true);
    assert_keys(tensor_key(2, one, 1), tensor_key(2, NULL, 0), false);
    assert_keys(tensor_key(2, one, 1), tensor_key(2, other, 1), false);
    assert_keys(tensor_key(2, one, 1), tensor_key(2, two, 2), false);
}

static void test_where_texts_end_counts(void **state)
{
    (void)state;
    assert_keys(texts_key("ab", "c"), texts_key("ab", "c"), true);
    assert_keys(texts_key("a", "bc"), texts_key("ab", "c"), false);
    assert_keys(texts_key("", "abc"), texts_key("abc", ""), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts_do_not_count),
        cmocka_unit_test(test_values_count),
        cmocka_unit_test(test_attributes_count),
        cmocka_unit_test(test_where_texts_end_counts),
    };

    for (int i = 0; i < ROWS * WIDTH; i++)
        values[i] = (float)i;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
