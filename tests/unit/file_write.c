/* Files that programs write: whole or not there, nobody's else touched. */
#include "temporary.h"
#include "util/file_guard.h"
#include "util/file_write.h"
#include "util/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

    assert_int_equal(file_map_own(&m, path, &e), 0);
    assert_int_equal(m.size, strlen(text));
    if (m.size > 0)
        assert_memory_equal(m.data, text, m.size);
    file_unmap(&m);
}

static void write_text(const char *path, const char *text)
{
    struct file_write w;
    struct error e;

    assert_int_equal(file_write_begin(&w, path, &e), 0);
    fputs(text, w.f);
    assert_int_equal(file_write_commit(&w, &e), 0);
}

static void a_file_appears_when_it_is_whole(void **state)
{
    struct file_write a;
    struct error e;

    (void)state;
    put("x", "old");
    assert_int_equal(file_write_begin(&a, "x", &e), 0);
    fputs("new", a.f);
    fflush(a.f);
    assert_holds("x", "old");
    assert_int_equal(file_write_commit(&a, &e), 0);
    assert_holds("x", "new");
    assert_int_equal(files_here(), 1);

    put("x.tmp", "somebody's");
    assert_int_equal(file_write_begin(&a, "x", &e), 0);
    fputs("never", a.f);
    file_write_abandon(&a);
    assert_holds("x", "new");
    assert_holds("x.tmp", "somebody's");
    assert_int_equal(files_here(), 2);
    unlink("x.tmp");
    unlink("x");
}

static void what_cannot_be_written_leaves_nothing(void **state)
{
    struct file_write a;
    struct error e;
    int full;

    (void)state;
    assert_int_equal(file_write_begin(&a, "none/x", &e), -1);
    assert_non_null(strstr(e.text, "No such file or directory"));
    assert_int_equal(file_write_begin(&a, "x", &e), 0);
    full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_int_equal(dup2(full, a.channel.fd), a.channel.fd); /* the disk is full */
    close(full);
    fputs("text", a.f);
    assert_int_equal(file_write_commit(&a, &e), -1);
    assert_string_equal(e.text, "x: No space left on device");
    assert_int_equal(files_here(), 0);
}

static void the_old_mode_stays(void **state)
{
    struct stat s;

    (void)state;
    put("x", "old");
    assert_int_equal(chmod("x", 0640), 0);
    write_text("x", "new");
    assert_int_equal(stat("x", &s), 0);
    assert_int_equal(s.st_mode & 07777, 0640);
    umask(027);
    write_text("y", "new");
    assert_int_equal(stat("y", &s), 0);
    assert_int_equal(s.st_mode & 07777, 0640);
    umask(022);
    unlink("x");
    unlink("y");
}

static void a_link_stays_and_its_target_is_replaced(void **state)
{
    char *target;

    (void)state;
    assert_int_equal(mkdir("d", 0777), 0);
    put("d/there", "old");
    assert_int_equal(symlink("d/there", "one"), 0);
    assert_int_equal(symlink("one", "two"), 0);
    assert_int_equal(symlink("d/new", "three"), 0);
    target = path_target("two");
    assert_string_equal(target, "./d/there");
    write_text("two", "new");
    write_text("three", "made");
    assert_holds("d/there", "new");
    assert_holds("d/new", "made");
    assert_true(readlink("two", target, 3) > 0 && readlink("three", target, 3) > 0);
    assert_int_equal(files_here(), 4);
    free(target);
    unlink("one");
    unlink("two");
    unlink("three");
    unlink("d/there");
    unlink("d/new");
    rmdir("d");
}

static void pipes_and_descriptors_are_written_into(void **state)
{
    struct stat s;
    char text[8] = "";
    int fd, other;

    (void)state;
    assert_int_equal(mkfifo("fifo", 0600), 0);
    fd = open("fifo", O_RDWR); /* never waits */
    write_text("fifo", "words");
    assert_int_equal(read(fd, text, sizeof text), 5);
    assert_string_equal(text, "words");
    close(fd);
    assert_int_equal(stat("fifo", &s), 0);
    assert_true(S_ISFIFO(s.st_mode));
    unlink("fifo");

    fd = open("x", O_RDWR | O_CREAT, 0600);
    assert_int_equal(write(fd, "before ", 7), 7);
    char *path = mem_format("/dev/fd/%d", fd);

    assert_true(path_descriptor(path, &other));
    assert_int_equal(other, fd);
    assert_int_equal(symlink(path, "link"), 0);
    write_text("link", "and after");
    assert_holds("x", "before and after");
    close(fd);
    free(path);
    unlink("link");
    unlink("x");
}

static void names_as_long_as_any_are_taken(void **state)
{
    char name[256];

    (void)state;
    memset(name, 'n', 255);
    name[255] = 0;
    write_text(name, "x");
    write_text(name, "y");
    assert_holds(name, "y");
    assert_int_equal(files_here(), 1);
    unlink(name);
}

static void what_was_read_is_not_replaced(void **state)
{
    struct file_write w;
    struct mapped m;
    struct error e;

    (void)state;
    put("x", "precious");
    assert_int_equal(link("x", "hard"), 0);
    assert_int_equal(symlink("x", "soft"), 0);
    assert_int_equal(file_map(&m, "x", &e), 0);
    file_unmap(&m);
    for (int i = 0; i < 4; i++) {
        static const char *const names[] = { "x", "hard", "soft", ".//x" };

        assert_int_equal(file_write_begin(&w, names[i], &e), -1);
        assert_non_null(strstr(e.text, ": is input and output"));
    }
    assert_holds("x", "precious");
    assert_int_equal(files_here(), 3);
    unlink("hard");
    unlink("soft");
    unlink("x");
}

static void same_files_are_told(void **state)
{
    (void)state;
    put("x", "");
    put("z", "");
    assert_int_equal(symlink("y", "to-y"), 0); /* y is not there */
    assert_true(file_guard_same("x", "./x"));
    assert_false(file_guard_same("x", "z"));
    assert_true(file_guard_same("y", "./to-y"));
    assert_false(file_guard_same("y", "v"));
    assert_false(file_guard_same("x", "y"));
    assert_false(file_guard_same("", ""));
    assert_false(file_guard_same("/dev/null", "/dev/null")); /* may be both */
    unlink("x");
    unlink("z");
    unlink("to-y");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_appears_when_it_is_whole),
        cmocka_unit_test(what_cannot_be_written_leaves_nothing),
        cmocka_unit_test(the_old_mode_stays),
        cmocka_unit_test(a_link_stays_and_its_target_is_replaced),
        cmocka_unit_test(pipes_and_descriptors_are_written_into),
        cmocka_unit_test(names_as_long_as_any_are_taken),
        cmocka_unit_test(what_was_read_is_not_replaced),
        cmocka_unit_test(same_files_are_told),
    };

    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
