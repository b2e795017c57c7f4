/* Tables of text: columns as wide as their cells, but for a cell that is too wide. */
#include "util/mem.h"
#include "util/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *text_of(const struct table *g)
{
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    table_text(f, g);
    fclose(f);
    return text;
}

static void columns_are_as_wide_as_their_cells(void **state)
{
    struct table g = { .columns = 2 };
    char *text;

    (void)state;
    table_add(&g, mem_string("a"));
    table_add(&g, mem_string("b"));
    table_add(&g, mem_string("été"));
    table_add(&g, mem_string("c"));
    text = text_of(&g);
    assert_string_equal(text, "a    b\nété  c\n");
    free(text);
    table_free(&g);
}

static void one_long_cell_widens_its_row_alone(void **state)
{
    struct table g = { .columns = 2 };
    char *text, *line;

    (void)state;
    table_add(&g, mem_string("title"));
    table_add(&g, mem_string("score"));
    table_add(&g, mem_format("%0*d", 10000, 7));
    table_add(&g, mem_string("1"));
    text = text_of(&g);
    assert_memory_equal(text, "title  score\n", 13);
    line = text + 13;
    assert_int_equal(strlen(line), 10000 + 2 + 2);
    assert_string_equal(line + 10000, "  1\n");
    free(text);
    table_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_as_wide_as_their_cells),
        cmocka_unit_test(one_long_cell_widens_its_row_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
