#include "temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *folder;
static char home[4096];

static int enter_folder(void **state)
{
    (void)state;
    folder = temporary_folder();
    return getcwd(home, sizeof home) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    int left = chdir(home) != 0 || rmdir(folder) != 0; /* nothing left behind */

    (void)state;
    free(folder);
    return left ? -1 : 0;
}

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void assert_holds(const char *path, const char *text)
{
    struct mapped m;
    struct error e;

    assert_int_equal(file_map(&m, path, &e), 0);
    assert_int_equal(m.size, strlen(text));
    if (m.size > 0)
        assert_memory_equal(m.data, text, m.size);
    file_unmap(&m);
}

static void maps_files_and_nothing_else(void **state)
{
    struct mapped m;
    struct error e;

    (void)state;
    put("empty", "");
    assert_holds("empty", "");
    unlink("empty");
    assert_int_equal(file_map(&m, "none", &e), -1);
    assert_string_equal(e.text, "none: No such file or directory");
    assert_int_equal(file_map(&m, ".", &e), -1);
    assert_string_equal(e.text, ".: neither a regular file nor a pipe");
}

static void a_pipe_is_read_to_its_end(void **state)
{
    static char text[200000];
    int ends[2], at = 0;
    struct mapped m;
    struct error e;
    char *path;

    (void)state;
    memset(text, 'x', sizeof text);
    assert_int_equal(pipe(ends), 0);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 1 << 18) >= (int)sizeof text);
    while (at < (int)sizeof text)
        at += (int)write(ends[1], text + at, sizeof text - (size_t)at);
    close(ends[1]);
    path = mem_format("/proc/self/fd/%d", ends[0]);
    assert_int_equal(file_map(&m, path, &e), 0);
    assert_int_equal(m.size, sizeof text);
    assert_memory_equal(m.data, text, sizeof text);
    file_unmap(&m);
    close(ends[0]);
    free(path);
}

static void assert_found(const char *name, const char *path)
{
    struct error e;
    char *found = file_find(name, &e);

    assert_non_null(found);
    assert_string_equal(found, path);
    free(found);
}

static void names_are_looked_up_in_the_path(void **state)
{
    struct error e;

    (void)state;
    assert_int_equal(setenv("MILLRACE_PATH", "/none:.:/", 1), 0);
    put("model", "");
    assert_found("model", "model"); /* what is here comes first */
    assert_found("./model", "./model");
    assert_int_equal(setenv("MILLRACE_PATH", "/none:/dev", 1), 0);
    assert_found("null", "/dev/null");
    assert_null(file_find("no-such-model", &e));
    assert_non_null(strstr(e.text, "no-such-model: not here and not in /none:/dev"));
    assert_null(file_find("", &e)); /* not the folders of the path */
    assert_string_equal(e.text, "an empty name, expected that of a file or folder");
    assert_null(file_find("./null", &e)); /* a path is a path */
    assert_string_equal(e.text, "./null: No such file or directory");
    unsetenv("MILLRACE_PATH");
    unlink("model");
}

static void paths_and_names(void **state)
{
    char *joined = file_join("a", "b");

    (void)state;
    assert_string_equal(joined, "a/b");
    free(joined);
    assert_string_equal(file_base("/x/y.mr"), "y.mr");
    assert_string_equal(file_base("y.mr"), "y.mr");
    assert_true(file_is_folder("/dev"));
    assert_false(file_is_folder("/dev/null"));
    assert_true(file_exists("/dev/null"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_files_and_nothing_else),
        cmocka_unit_test(a_pipe_is_read_to_its_end),
        cmocka_unit_test(names_are_looked_up_in_the_path),
        cmocka_unit_test(paths_and_names),
    };

    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
