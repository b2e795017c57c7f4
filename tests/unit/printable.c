/* Text that is harmless to a terminal, and lines however they end. */
#include "util/channel.h"
#include "util/escape.h"
#include "util/printable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void controls_are_known(void **state)
{
    const char *const harmful[] = {
        "\x1b", "\t", "\x7f", "\x9b", "\xc2\x80", "\xc2\x9b", "\xc2\x9f", "\xd8\x9c",
        "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xaa", "\xe2\x80\xae",
        "\xe2\x81\xa6", "\xe2\x81\xa9",
    };
    const char *const harmless[] = {
        "a", "\xc2\xa0", "\xc3\x80", "\xc3\x9b", "\xd8\x9b", "\xe2\x80\x8d",
        "\xe2\x80\xaf", "\xe2\x81\xa5", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
        "\xf0\x9f\x9b\x80", "\xff",
    };

    (void)state;
    for (size_t i = 0; i < sizeof harmful / sizeof *harmful; i++)
        assert_int_equal(printable_control(harmful[i], strlen(harmful[i])),
                         strlen(harmful[i]));
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        char *same = escape_printed(harmless[i]);

        assert_int_equal(printable_control(harmless[i], strlen(harmless[i])), 0);
        assert_string_equal(same, harmless[i]);
        free(same);
    }
}

static void controls_are_not_written(void **state)
{
    char text[] = "\xc3\x80" "a\xc2\x9b" "31m\x1b[1m\xe2\x80\xae\xf0\x9f\x9b\x80\x9b";
    char *printed = escape_printed("\xc3\x80\xc2\x9b"
                                   "31m\xe2\x80\xae\xf0\x9f\x9b\x80\n");

    (void)state;
    printable_replace(text);
    assert_string_equal(text, "\xc3\x80" "a?31m?[1m?\xf0\x9f\x9b\x80?");
    assert_string_equal(printed,
                        "\xc3\x80\\xc2\\x9b31m\\xe2\\x80\\xae\xf0\x9f\x9b\x80\\n");
    free(printed);
}

/* A channel that reads these bytes. */
static void reading(struct channel *c, const char *bytes, size_t n)
{
    int end[2];

    assert_int_equal(pipe(end), 0);
    assert_int_equal(write(end[1], bytes, n), n);
    close(end[1]);
    channel_over(c, end[0], "r");
    assert_non_null(c->f);
}

static void marks_and_ends_are_taken_off(void **state)
{
    static const char bytes[] = "\xef\xbb\xbfHeat\r\n\n\xef\xbb\xbf" "b\rc\r\nlast";
    const char *const want[] = { "Heat", "", "\xef\xbb\xbf" "b\rc", "last" };
    struct channel c;
    char *line = NULL;
    size_t room = 0;

    (void)state;
    reading(&c, bytes, sizeof bytes - 1);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_int_equal(channel_line(&c, &line, &room), strlen(want[i]));
        assert_string_equal(line, want[i]);
    }
    assert_int_equal(channel_line(&c, &line, &room), -1);
    assert_int_equal(channel_close(&c), 0);
    free(line);
}

static void utf16_is_said(void **state)
{
    struct channel c;
    char *line = NULL;
    size_t room = 0;

    (void)state;
    reading(&c, "\xff\xfeH\0\n\0", 6);
    assert_int_equal(channel_line(&c, &line, &room), -1);
    assert_non_null(strstr(channel_reason(&c), "UTF-16"));
    assert_int_not_equal(channel_close(&c), 0);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(controls_are_known),
        cmocka_unit_test(controls_are_not_written),
        cmocka_unit_test(marks_and_ends_are_taken_off),
        cmocka_unit_test(utf16_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
