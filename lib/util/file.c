#include "util/file.h"

#include "util/channel.h"
#include "util/file_guard.h"
#include "util/mem.h"
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIPE_FIRST = 1 << 16 };

/* All that an open pipe gives. */
static int take_pipe(struct mapped *m, int fd, const char *path, struct error *e)
{
    unsigned char *data = NULL;
    size_t size = 0, room = 0;
    ssize_t n = 1;

    while (n != 0) {
        if (size == room) {
            room = room ? 2 * room : PIPE_FIRST;
            data = mem_resize(data, room, 1);
        }
        n = read(fd, data + size, room - size);
        if (n < 0 && errno != EINTR) {
            free(data);
            return fail(e, "%s: %s", path, strerror(errno));
        }
        size += n > 0 ? (size_t)n : 0;
    }
    *m = (struct mapped){ data, size, true };
    return 0;
}

static int map_open(struct mapped *m, int fd, const char *path, struct error *e)
{
    struct stat s;
    void *p;

    if (fstat(fd, &s) < 0)
        return fail(e, "%s: %s", path, strerror(errno));
    if (S_ISFIFO(s.st_mode) || S_ISSOCK(s.st_mode))
        return take_pipe(m, fd, path, e);
    if (!S_ISREG(s.st_mode))
        return fail(e, "%s: neither a regular file nor a pipe", path);
    if (s.st_size == 0)
        return 0;
    p = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return fail(e, "%s: %s", path, strerror(errno));
    *m = (struct mapped){ p, (size_t)s.st_size, false };
    return 0;
}

static int map_path(struct mapped *m, const char *path, bool own, struct error *e)
{
    int fd = open_retry(path, O_RDONLY | O_CLOEXEC, 0), result;

    *m = (struct mapped){ 0 };
    if (fd < 0)
        return fail(e, "%s: %s", path, strerror(errno));
    result = own ? 0 : file_guard_input(fd, path, e);
    if (result == 0)
        result = map_open(m, fd, path, e);
    close(fd);
    return result;
}

int file_map(struct mapped *m, const char *path, struct error *e)
{
    return map_path(m, path, false, e);
}

int file_map_own(struct mapped *m, const char *path, struct error *e)
{
    return map_path(m, path, true, e);
}

int file_map_or_stdin(struct mapped *m, const char *path, struct error *e)
{
    *m = (struct mapped){ 0 };
    if (strcmp(path, "-") != 0)
        return file_map(m, path, e);
    if (file_guard_input(STDIN_FILENO, "<stdin>", e) < 0)
        return -1;
    return take_pipe(m, STDIN_FILENO, "<stdin>", e);
}

void file_unmap(struct mapped *m)
{
    if (m->taken)
        free((void *)m->data);
    else if (m->data)
        munmap((void *)m->data, m->size);
    *m = (struct mapped){ 0 };
}

const char *file_text(const struct mapped *m, const char *path, size_t *n,
                      struct error *e)
{
    const char *text = m->size ? (const char *)m->data : "";
    size_t mark = m->size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;

    *n = m->size - mark;
    if (m->size >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2))) {
        fail(e, "%s: a text in UTF-16, expected UTF-8", path);
        return NULL;
    }
    return text + mark;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool file_is_folder(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

char *file_join(const char *folder, const char *name)
{
    return mem_format("%s/%s", folder, name);
}

const char *file_base(const char *path)
{
    return path_base(path);
}
