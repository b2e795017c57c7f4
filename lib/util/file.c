#include "util/file.h"

#include "util/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int file_map(struct mapped *m, const char *path, struct error *e)
{
    struct stat s;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

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

int file_begin(struct atomic_file *a, const char *path, struct error *e)
{
    a->path = mem_string(path);
    a->temporary = mem_format("%s.%ld.tmp", path, (long)getpid());
    a->f = fopen(a->temporary, "wbe");
    if (!a->f) {
        fail(e, "%s: %s", a->temporary, strerror(errno));
        free(a->path);
        free(a->temporary);
        return -1;
    }
    return 0;
}

void file_abandon(struct atomic_file *a)
{
    if (a->f)
        fclose(a->f);
    unlink(a->temporary);
    free(a->path);
    free(a->temporary);
    *a = (struct atomic_file){ 0 };
}

int file_commit(struct atomic_file *a, struct error *e)
{
    bool written = fflush(a->f) == 0 && !ferror(a->f) && fsync(fileno(a->f)) == 0;
    int why = errno;

    if (fclose(a->f) != 0 && written) {
        written = false;
        why = errno;
    }
    a->f = NULL;
    if (written && rename(a->temporary, a->path) != 0) {
        written = false;
        why = errno;
    }
    if (!written) {
        fail(e, "%s: %s", a->path, strerror(why));
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
