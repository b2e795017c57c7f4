#include "memo/entry.h"

#include "util/channel.h"
#include "util/file.h"
#include "util/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAST_LINE "millrace-memo %020lld %010lld %010lld %32s\n"
#define LAST_SCAN "millrace-memo %20lld %10lld %10lld %32[0-9a-f]\n"

enum { LAST_BYTES = 14 + 21 + 11 + 11 + 33, TEXT_MAX = 1 << 24 };

char *entry_path(const struct cache *c, const char *key)
{
    return file_join(c->entries, key);
}

/* All n bytes: 0 or -1. */
static int read_at(int fd, char *p, int64_t n, int64_t from)
{
    while (n > 0) {
        ssize_t got = pread(fd, p, (size_t)n, from);

        if (got == 0 || (got < 0 && errno != EINTR))
            return -1;
        if (got > 0) {
            p += got;
            n -= got;
            from += got;
        }
    }
    return 0;
}

static char *read_text(int fd, int64_t from, int64_t size)
{
    char *text = mem_new((size_t)size + 1, 1);

    if (read_at(fd, text, size, from) == 0)
        return text;
    free(text);
    return NULL;
}

/* The last line's numbers and the two texts, checked: 0 or -1. */
static int read_tail(struct entry *t)
{
    char line[LAST_BYTES + 1] = "", again[LAST_BYTES + 64];
    long long size, parts, notes;

    if (t->whole < LAST_BYTES ||
        read_at(t->fd, line, LAST_BYTES, t->whole - LAST_BYTES) < 0 ||
        sscanf(line, LAST_SCAN, &size, &parts, &notes, t->sum) != 4)
        return -1;
    snprintf(again, sizeof again, LAST_LINE, size, parts, notes, t->sum);
    if (strcmp(line, again) != 0 || size < 0 || parts < 0 || notes < 0 ||
        parts > TEXT_MAX || notes > TEXT_MAX || size > t->whole ||
        size + parts + notes + LAST_BYTES != t->whole)
        return -1;
    t->size = size;
    t->parts = read_text(t->fd, size, parts);
    t->notes = read_text(t->fd, size + parts, notes);
    return t->parts && t->notes ? 0 : -1;
}

int entry_open(struct entry *t, const struct cache *c, const char *key, struct error *e)
{
    char *path = entry_path(c, key), found[SUM_TEXT] = "";
    struct stat s;
    int result = 1;

    *t = (struct entry){ .fd = open_retry(path, O_RDWR | O_CLOEXEC, 0) };
    if (t->fd < 0 && (errno == EACCES || errno == EROFS))
        t->fd = open_retry(path, O_RDONLY | O_CLOEXEC, 0);
    if (t->fd < 0 || fstat(t->fd, &s) < 0) {
        result = errno == ENOENT || errno == ENOTDIR
                     ? 0
                     : fail(e, "%s: %s", path, strerror(errno));
    } else {
        t->whole = s.st_size;
        t->used = s.st_mtime;
        if (read_tail(t) == 0)
            sum_of(t->parts, strlen(t->parts), found);
        if (strcmp(found, key) != 0)
            result = fail(e, "%s: its last line or its key is damaged", path);
    }
    if (result != 1)
        entry_close(t);
    free(path);
    return result;
}

void entry_close(struct entry *t)
{
    if (t->fd >= 0)
        close(t->fd);
    free(t->parts);
    free(t->notes);
    *t = (struct entry){ .fd = -1 };
}

int entry_verify(const struct entry *t, struct error *e)
{
    char found[SUM_TEXT];

    if (sum_of_file(t->fd, 0, t->whole - LAST_BYTES, NULL, found) < 0)
        return fail(e, "%s", strerror(errno));
    if (strcmp(found, t->sum) != 0)
        return fail(e, "its checksum is %s, expected %s", found, t->sum);
    return 0;
}

void entry_touch(const struct entry *t)
{
    futimens(t->fd, (const struct timespec[]){ { 0, UTIME_OMIT }, { 0, UTIME_NOW } });
}

static int write_text(int fd, const char *text, int64_t at)
{
    size_t n = strlen(text), done = 0;

    while (done < n) {
        ssize_t got = pwrite(fd, text + done, n - done, at + (int64_t)done);

        if (got < 0 && errno != EINTR)
            return -1;
        done += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

int entry_make(const struct cache *c, struct scratch *s, const char *key,
               const char *parts, const char *notes, struct error *e)
{
    char *path = entry_path(c, key), *texts = mem_format("%s%s", parts, notes);
    char line[LAST_BYTES + 64], sum[SUM_TEXT];
    int64_t size = lseek(s->fd, 0, SEEK_END), all = size + (int64_t)strlen(texts);
    int result = -1;

    if (size < 0 || write_text(s->fd, texts, size) < 0 ||
        sum_of_file(s->fd, 0, all, NULL, sum) < 0) {
        fail(e, "%s: %s", path, strerror(errno));
    } else {
        snprintf(line, sizeof line, LAST_LINE, (long long)size, (long long)strlen(parts),
                 (long long)strlen(notes), sum);
        if (write_text(s->fd, line, all) < 0)
            fail(e, "%s: %s", path, strerror(errno));
        else
            result = scratch_publish(s, path, true, e);
    }
    free(texts);
    free(path);
    return result;
}

/* A key and when it was used. */
struct listed {
    char *key;
    struct timespec used;
    int64_t bytes;
};

static int by_use(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;

    if (x->used.tv_sec != y->used.tv_sec)
        return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
    if (x->used.tv_nsec != y->used.tv_nsec)
        return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
    return strcmp(x->key, y->key);
}

static bool is_key(const char *name)
{
    return strlen(name) == SUM_TEXT - 1 &&
           strspn(name, "0123456789abcdef") == SUM_TEXT - 1;
}

static struct listed *list(const struct cache *c, int *count)
{
    DIR *d = opendir(c->entries);
    struct listed *all = NULL;
    struct dirent *entry;
    struct stat s;
    int n = 0, room = 0;

    while (d && (entry = readdir(d))) {
        char *path = entry_path(c, entry->d_name);

        if (is_key(entry->d_name) && stat(path, &s) == 0)
            MEM_PUSH(
                all, n, room,
                ((struct listed){ mem_string(entry->d_name), s.st_mtim, s.st_size }));
        free(path);
    }
    if (d)
        closedir(d);
    if (n > 0)
        qsort(all, (size_t)n, sizeof *all, by_use);
    *count = n;
    return all;
}

int entries_list(const struct cache *c, char ***keys)
{
    int n;
    struct listed *all = list(c, &n);

    *keys = mem_new((size_t)n + 1, sizeof **keys);
    for (int i = 0; i < n; i++)
        (*keys)[i] = all[i].key;
    free(all);
    return n;
}

struct pruned entries_prune(const struct cache *c, int64_t limit)
{
    struct pruned p = { 0 };
    int n;
    struct listed *all = list(c, &n);

    for (int i = 0; i < n; i++)
        p.kept_bytes += all[i].bytes;
    p.kept = n;
    for (int i = 0; i < n; i++) {
        char *path = entry_path(c, all[i].key);

        if (p.kept_bytes > limit && unlink(path) == 0) {
            p.removed++;
            p.kept--;
            p.removed_bytes += all[i].bytes;
            p.kept_bytes -= all[i].bytes;
        }
        free(path);
        free(all[i].key);
    }
    free(all);
    return p;
}
