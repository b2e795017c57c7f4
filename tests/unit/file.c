#include "util/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/millrace-file-XXXXXX";
static char home[4096];

static int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && getcwd(home, sizeof home) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    (void)state;
    return chdir(home) == 0 && rmdir(folder) == 0 ? 0 : -1; /* nothing left behind */
}

static int files_here(void)
{
    DIR *d = opendir(".");
    int n = -2; /* . and .. */

    while (readdir(d))
        n++;
    closedir(d);
    return n;
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

static void a_file_appears_when_it_is_whole(void **state)
{
    struct atomic_file a;
    struct error e;

    (void)state;
    put("x", "old");
    assert_int_equal(file_begin(&a, "x", &e), 0);
    fputs("new", a.f);
    fflush(a.f);
    assert_holds("x", "old");
    assert_int_equal(file_commit(&a, &e), 0);
    assert_holds("x", "new");
    assert_int_equal(files_here(), 1);

    put("x.tmp", "left by a program that was killed");
    assert_int_equal(file_begin(&a, "x", &e), 0);
    fputs("never", a.f);
    file_abandon(&a);
    assert_holds("x", "new");
    assert_int_equal(files_here(), 1);
    unlink("x");
}

static void what_cannot_be_written_leaves_nothing(void **state)
{
    struct atomic_file a;
    struct error e;
    int full;

    (void)state;
    assert_int_equal(file_begin(&a, "none/x", &e), -1);
    assert_non_null(strstr(e.text, "No such file or directory"));
    assert_int_equal(file_begin(&a, "x", &e), 0);
    full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_int_equal(dup2(full, a.channel.fd), a.channel.fd); /* the disk is full */
    close(full);
    fputs("text", a.f);
    assert_int_equal(file_commit(&a, &e), -1);
    assert_string_equal(e.text, "x: No space left on device");
    assert_int_equal(files_here(), 0);
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
    assert_string_equal(e.text, ".: not a regular file");
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
        cmocka_unit_test(a_file_appears_when_it_is_whole),
        cmocka_unit_test(what_cannot_be_written_leaves_nothing),
        cmocka_unit_test(maps_files_and_nothing_else),
        cmocka_unit_test(names_are_looked_up_in_the_path),
        cmocka_unit_test(paths_and_names),
    };

    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
