#include "util/file_guard.h"

#include "util/mem.h"
#include "util/path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_id {
    dev_t device;
    ino_t inode;
};

/* Files that were opened for reading. */
static struct file_id *inputs;
static int input_count, input_room;

static bool same(const struct stat *a, const struct stat *b)
{
    return S_ISREG(a->st_mode) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_open_as(int fd, const struct stat *file)
{
    struct stat s;

    return fstat(fd, &s) == 0 && same(&s, file);
}

/* The folder that a name which is not there would be made in. */
static bool stat_folder(const char *path, struct stat *s)
{
    char *folder = path_folder(path);
    bool there = stat(folder, s) == 0;

    free(folder);
    return there;
}

bool file_guard_same(const char *a, const char *b)
{
    char *x = path_target(a), *y = path_target(b);
    struct stat s, t;
    bool there = stat(a, &s) == 0, also = stat(b, &t) == 0, one = false;

    if (there && also)
        one = same(&s, &t);
    else if (!there && !also && *a && *b)
        one = stat_folder(x, &s) && stat_folder(y, &t) && s.st_dev == t.st_dev &&
              s.st_ino == t.st_ino && strcmp(path_base(x), path_base(y)) == 0;
    free(x);
    free(y);
    return one;
}

bool file_guard_is_stdout(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 && is_open_as(STDOUT_FILENO, &s);
}

int file_guard_input(int fd, const char *name, struct error *e)
{
    struct stat s;

    if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode))
        return 0;
    if (is_open_as(STDOUT_FILENO, &s))
        return fail(e, "%s: is input and output", name);
#pragma omp critical(file_guard)
    MEM_PUSH(inputs, input_count, input_room, ((struct file_id){ s.st_dev, s.st_ino }));
    return 0;
}

int file_guard_output(const char *path, struct error *e)
{
    static const char *const names[] = { "input", "output", "error" };
    struct stat s;

    if (stat(path, &s) != 0)
        return 0;
    for (int i = 0; i < input_count; i++)
        if (S_ISREG(s.st_mode) && inputs[i].device == s.st_dev &&
            inputs[i].inode == s.st_ino)
            return fail(e, "%s: is input and output", path);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (is_open_as(fd, &s))
            return fail(e, "%s: is standard %s, and would be replaced", path, names[fd]);
    return 0;
}
