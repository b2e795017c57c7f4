#include "util/file.h"

#include "util/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int file_map(struct mapped *m, const char *path, struct error *e)
{
    struct stat s;
    int fd = open_retry(path, O_RDONLY | O_CLOEXEC, 0);

    *m = (struct mapped){ 0 };
    if (fd < 0)
        return fail(e, "%s: %s", path, strerror(errno));
    if (fstat(fd, &s) < 0 || !S_ISREG(s.st_mode)) {
        close(fd);
        return fail(e, "%s: not a regular file", path);
    }
    if (s.st_size > 0) {
        void *p = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

        if (p == MAP_FAILED) {
            close(fd);
            return fail(e, "%s: %s", path, strerror(errno));
        }
        m->data = p;
        m->size = (size_t)s.st_size;
    }
    close(fd);
    return 0;
}

void file_unmap(struct mapped *m)
{
    if (m->data)
        munmap((void *)m->data, m->size);
    *m = (struct mapped){ 0 };
}

/* Is the open file still the one of that name? */
static bool is_at(int fd, const char *path)
{
    struct stat mine, there;

    return fstat(fd, &mine) == 0 && stat(path, &there) == 0 &&
           mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

/* The file of that name, locked: what a killed program left is taken over, and one that
 * writes now is waited for (its file then bears the final name, so ours has to be opened
 * again).  Where the file system knows no locks it is written without. */
static int open_temporary(const char *path)
{
    for (;;) {
        int fd = open_retry(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

        if (fd < 0)
            return -1;
        while (flock(fd, LOCK_EX) != 0 && errno == EINTR)
            ;
        if (is_at(fd, path))
            return fd;
        close(fd);
    }
}

static int empty(int fd)
{
    int failed;

    do
        failed = ftruncate(fd, 0);
    while (failed && errno == EINTR);
    return failed;
}

int file_begin(struct atomic_file *a, const char *path, struct error *e)
{
    int fd;

    *a = (struct atomic_file){ mem_string(path), mem_format("%s.tmp", path) };
    fd = open_temporary(a->temporary);
    if (fd < 0) {
        fail(e, "%s: %s", a->temporary, strerror(errno));
        free(a->path);
        free(a->temporary);
        return -1;
    }
    channel_over(&a->channel, fd, "w");
    a->f = a->channel.f;
    if (empty(fd) == 0)
        return 0;
    fail(e, "%s: %s", a->temporary, strerror(errno));
    file_abandon(a);
    return -1;
}

void file_abandon(struct atomic_file *a)
{
    if (a->f)
        channel_close(&a->channel);
    unlink(a->temporary);
    free(a->path);
    free(a->temporary);
    *a = (struct atomic_file){ 0 };
}

static int sync_retry(int fd)
{
    int failed;

    do
        failed = fsync(fd);
    while (failed && errno == EINTR);
    return failed ? errno : 0;
}

int file_commit(struct atomic_file *a, struct error *e)
{
    int error = channel_flush(&a->channel), closing;

    if (!error)
        error = sync_retry(a->channel.fd);
    if (!error && rename(a->temporary, a->path) != 0)
        error = errno;
    closing = channel_close(&a->channel);
    a->f = NULL;
    if (!error)
        error = closing;
    if (error) {
        fail(e, "%s: %s", a->path, strerror(error));
        file_abandon(a);
        return -1;
    }
    free(a->path);
    free(a->temporary);
    *a = (struct atomic_file){ 0 };
    return 0;
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
    const char *slash = strrchr(path, '/');

    return slash && slash[1] ? slash + 1 : path;
}

/* ../samples/fetched beside the folder of the running program, "" if unknown. */
static char *fetched_folder(void)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    for (int up = 0; up < 2; up++) {
        while (n > 0 && self[n - 1] != '/')
            n--;
        if (n > 0)
            n--;
    }
    return n > 0 ? mem_format("%.*s/samples/fetched", (int)n, self) : mem_string("");
}

char *file_find(const char *name, struct error *e)
{
    const char *set = getenv("MILLRACE_PATH");
    char *folders, *found = NULL, *rest = NULL;

    if (file_exists(name) || strchr(name, '/')) {
        if (file_exists(name))
            return mem_string(name);
        fail(e, "%s: %s", name, strerror(ENOENT));
        return NULL;
    }
    folders = set && *set ? mem_string(set) : fetched_folder();
    fail(e, "%s: not here and not in %s (MILLRACE_PATH): run `make fetch`, or give a "
            "path", name, folders);
    for (char *f = strtok_r(folders, ":", &rest); f && !found;
         f = strtok_r(NULL, ":", &rest)) {
        found = file_join(f, name);
        if (!file_exists(found)) {
            free(found);
            found = NULL;
        }
    }
    free(folders);
    return found;
}
