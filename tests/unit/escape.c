/* Text on one line and back. */
#include "util/escape.h"

#include "util/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef void write_text(FILE *out, const char *s, size_t n);

static void writes(write_text *write, const char *s, size_t n, const char *expected)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    write(out, s, n);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
}

static void comes_back(void **state)
{
    static const char text[] = "a\nb\tc\rd\\e\\n \x1b\xc3\xa9|";
    char copy[64] = "a\\nb\\tc\\rd\\\\e\\\\n \x1b\xc3\xa9|";
    struct error e;

    (void)state;
    writes(escape_put, text, sizeof text - 1, copy);
    assert_int_equal(escape_undo(copy, ESCAPE_LETTERS, &e), sizeof text - 1);
    assert_string_equal(copy, text);
}

static void harmless(void **state)
{
    char *line = escape_printed("\x1b[2Ja\nb\\\x7f\r");

    (void)state;
    writes(escape_print, "a\0b\t\x1f\xc3\xa9", 7, "a\\x00b\\t\\x1f\xc3\xa9");
    assert_string_equal(line, "\\x1b[2Ja\\nb\\\\\\x7f\\r");
    free(line);
}

static void refused(const char *text, const char *letters, const char *reason)
{
    char *copy = mem_string(text);
    struct error e;

    assert_int_equal(escape_undo(copy, letters, &e), -1);
    assert_string_equal(e.text, reason);
    free(copy);
}

static void letters(void **state)
{
    char text[] = "a\\s\\n";
    struct error e;

    (void)state;
    assert_int_equal(escape_undo(text, "ns\\", &e), 3);
    assert_string_equal(text, "a \n");
    refused("a\\tb", "ns\\", "'\\t' is no escape: \\n, \\s and \\\\ are");
    refused("a\\s", ESCAPE_LETTERS,
            "'\\s' is no escape: \\n, \\t, \\r, \\\\ and \\x are");
    refused("a\\", ESCAPE_LETTERS, "'\\ ' is no escape: \\n, \\t, \\r, \\\\ and \\x are");
}

/* What is written for people comes back too: every byte and every character but NUL. */
static void printed_comes_back(void **state)
{
    char all[4 * 0x3000] = "", *line;
    struct error e;
    size_t n = 0;

    (void)state;
    for (unsigned c = 1; c < 0x3000; c++) {
        if (c >= 0x800)
            all[n++] = (char)(0xe0 | c >> 12);
        if (c >= 0x80)
            all[n++] = (char)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3f) : 0xc0 | c >> 6);
        all[n++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c);
    }
    line = escape_printed(all);
    assert_null(strchr(line, '\n'));
    assert_null(strchr(line, 0x1b));
    assert_null(strstr(line, "\xe2\x80\xae"));
    assert_int_equal(escape_undo(line, ESCAPE_LETTERS, &e), n);
    assert_memory_equal(line, all, n);
    free(line);
    refused("a\\x0", ESCAPE_LETTERS, "'\\x0' is no byte of two digits from 01 to ff");
    refused("a\\x00", ESCAPE_LETTERS, "'\\x00' is no byte of two digits from 01 to ff");
    refused("a\\xg1", ESCAPE_LETTERS, "'\\xg1' is no byte of two digits from 01 to ff");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(harmless),
        cmocka_unit_test(letters),
        cmocka_unit_test(printed_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
