/* What a filter looks at for its numbering, and the attributes that it reads and adds. */
#include "stream/filter_parts.h"

#include "numbering_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What a filter keeps decides what it looks at. */
static void a_filter_looks_at_what_it_keeps(void **state)
{
    static const struct {
        const char *keep[3];
        unsigned on;
    } cases[] = {
        { { "item.cf" }, ON_ITEMS },
        { { "inter.user", "inter.item" }, ON_USERS | ON_ITEMS },
        { { "inter.time" }, ON_INTER },
        { { "inter.user", "inter.item", "inter.split" },
          ON_INTER | ON_SPLIT | ON_USERS | ON_ITEMS },
        { { "text" }, 0 },
    };
    char *input = "-";

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int apart = 0; apart < 2; apart++) {
            struct filter f = { .inputs = &input, .input_count = 1 };

            for (int k = 0; k < 3 && cases[i].keep[k]; k++)
                f.keep.list[f.keep.count++] = (char *)cases[i].keep[k];
            if (apart)
                filter_numbers_apart(&f);
            filter_numbering_begin(&f);
            assert_int_equal(f.stands_on, apart ? 0 : cases[i].on);
            assert_int_equal(f.numbering != NULL, f.stands_on != 0);
            numbering_free(f.numbering);
        }
}

/* Of what was read, the attributes that are of a numbering. */
static void what_is_kept_says_what_it_stands_on(void **state)
{
    struct attr attrs[] = { { "model", "MiniLM" },
                            { "item.id", "9:0123456789abcdef" },
                            { "item.title", "9:fedcba9876543210" },
                            { NULL, NULL } };
    struct stored vectors = { .name = "item.text", .rows = 9, .attrs = attrs };
    struct filter f = { .store = { .items = &vectors, .count = 1 } };
    struct attr list[FILTER_STANDS];

    (void)state;
    assert_int_equal(filter_standing(&f, "item.text", list), 2);
    assert_string_equal(list[0].value, attrs[1].value);
    assert_string_equal(list[1].key, "item.title");
    assert_int_equal(filter_standing(&f, "item.cf", list), 0);
}

/* Its own attributes stay, what it copied of a numbering does not, and the stream's is
 * added. */
static void a_filter_s_output_says_what_it_stands_on(void **state)
{
    const struct attr given[] = { { "model", "MiniLM" },
                                  { "item.id", "9:0123456789abcdef" },
                                  { NULL, NULL } };
    const struct series_out group[] = { { "item.cf", NULL, NULL, given },
                                        { "text", NULL, NULL, given } };
    struct texts ids = texts_of("i", 4);
    struct filter f = { 0 };
    struct series_out *out;
    char value[NUMBERING_VALUE];

    (void)state;
    for (int i = 0; i < 4; i++)
        filter_number(&f, "item.id", i, 4, texts_at(&ids, i));
    out = filter_numbered(&f, group, 2, 4);
    assert_string_equal(out[0].attrs[0].value, "MiniLM");
    assert_string_equal(out[0].attrs[1].key, "item.id");
    assert_string_equal(out[0].attrs[1].value, expected(&ids, 4, value));
    assert_null(out[0].attrs[2].key);
    assert_ptr_equal(out[1].attrs, given);
    filter_numbered_free(out, group, 2);
    numbering_free(f.numbering);
    texts_free(&ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_filter_looks_at_what_it_keeps),
        cmocka_unit_test(what_is_kept_says_what_it_stands_on),
        cmocka_unit_test(a_filter_s_output_says_what_it_stands_on),
    };

    return cmocka_run_group_tests_name("filter_numbering", tests, NULL, NULL);
}
