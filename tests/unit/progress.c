/* Progress where stderr is no terminal: a line a minute, by a clock of the test's own. */
#include "util/clock.h"
#include "util/error.h"
#include "util/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static double now;

/* In place of the library's. */
double clock_seconds(void)
{
    return now;
}

/* What 300 steps of a second each print on stderr, a file, into text. */
static void work(char *text, size_t size)
{
    FILE *file = tmpfile();
    int real = dup(STDERR_FILENO);
    size_t n;

    assert_non_null(file);
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    now = 1000;
    progress_begin("training", "steps", 300);
    for (long i = 1; i <= 300; i++) {
        now += .5;
        progress_update(i, i == 240 ? "loss 2.5" : NULL);
    }
    progress_end();
    fflush(stderr);
    dup2(real, STDERR_FILENO);
    close(real);
    rewind(file);
    n = fread(text, 1, size - 1, file);
    text[n] = 0;
    fclose(file);
}

static void test_a_line_a_minute(void **state)
{
    char text[1024];

    (void)state;
    progress_wanted = true;
    work(text, sizeof text);
    assert_string_equal(text, "unit: training 120/300 steps, 2.0/s, 1:30 left\n"
                              "unit: training 240/300 steps, 2.0/s, 0:30 left, "
                              "loss 2.5\n");
}

static void test_silent(void **state)
{
    char text[1024];

    (void)state;
    progress_wanted = false;
    work(text, sizeof text);
    assert_string_equal(text, "");
    progress_wanted = quiet = true;
    work(text, sizeof text);
    assert_string_equal(text, "");
    quiet = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_a_minute),
        cmocka_unit_test(test_silent),
    };

    program_name = "unit";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
