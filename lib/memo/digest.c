#include "memo/digest.h"

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
#include <time.h>
#include <unistd.h>

#define RECORD_MAX 256

/* A file written again within a clock's tick looks the same: what is younger is not
 * remembered. */
enum { SETTLED_SECONDS = 2, TRIES = 3, DEPTH_MAX = 32 };

/* What a file looks like without being read.  The time of its last change of any kind
 * (ctime) cannot be set back. */
static char *appearance(const struct stat *s)
{
    return mem_format("%lld %lld.%09ld %lld.%09ld", (long long)s->st_size,
                      (long long)s->st_mtim.tv_sec, s->st_mtim.tv_nsec,
                      (long long)s->st_ctim.tv_sec, s->st_ctim.tv_nsec);
}

static bool same_appearance(const struct stat *a, const struct stat *b)
{
    char *x = appearance(a), *y = appearance(b);
    bool same = strcmp(x, y) == 0;

    free(x);
    free(y);
    return same;
}

static bool is_settled(const struct stat *s)
{
    time_t then = time(NULL) - SETTLED_SECONDS;

    return s->st_mtim.tv_sec < then && s->st_ctim.tv_sec < then;
}

static char *record_path(const struct cache *c, const struct stat *s)
{
    return mem_format("%s/%llx-%llx", c->digests, (unsigned long long)s->st_dev,
                      (unsigned long long)s->st_ino);
}

/* "APPEARANCE DIGEST SUM": the sum is of what precedes it, since a damaged record
 * must not pass for another content. */
static char *make_record(const struct stat *s, const char *digest)
{
    char *look = appearance(s), *record = mem_format("%s %s ", look, digest), *whole;
    char check[SUM_TEXT];

    sum_of(record, strlen(record), check);
    whole = mem_format("%s%s\n", record, check);
    free(record);
    free(look);
    return whole;
}

static bool recall(const struct cache *c, const struct stat *s, char digest[SUM_TEXT])
{
    char *path = record_path(c, s), *look = appearance(s), *want = NULL;
    char record[RECORD_MAX + 1];
    int fd = open_retry(path, O_RDONLY | O_CLOEXEC, 0);
    ssize_t n = fd >= 0 ? read(fd, record, RECORD_MAX) : 0;
    size_t length = strlen(look);
    bool found = false;

    record[n > 0 ? n : 0] = 0;
    if (strlen(record) > length + SUM_TEXT && strncmp(record, look, length) == 0) {
        snprintf(digest, SUM_TEXT, "%s", record + length + 1);
        want = make_record(s, digest);
        found = strcmp(record, want) == 0;
    }
    if (fd >= 0)
        close(fd);
    free(want);
    free(look);
    free(path);
    return found;
}

/* Where it cannot be written the file will be read again. */
static void remember(const struct cache *c, const struct stat *s, const char *digest)
{
    char *path = record_path(c, s), *record = make_record(s, digest);
    struct scratch file;
    struct error e;

    if (cache_scratch(&file, c, &e) == 0) {
        if (write_all(file.fd, record, strlen(record)) == 0)
            scratch_publish(&file, path, false, &e);
        scratch_close(&file);
    }
    free(record);
    free(path);
}

static int digest_file(const struct cache *c, const char *path, char text[SUM_TEXT],
                       struct error *e)
{
    struct stat before, after;
    int fd = open_retry(path, O_RDONLY | O_CLOEXEC, 0), result = -1;
    bool settled = false;

    if (fd < 0 || fstat(fd, &before) < 0)
        fail(e, "%s: %s", path, strerror(errno));
    else if (recall(c, &before, text))
        result = 0;
    else
        for (int i = 0; i < TRIES && result < 0; i++) {
            settled = is_settled(&before); /* before it is read, which may take long */
            if (sum_of_file(fd, 0, -1, NULL, text) < 0 || fstat(fd, &after) < 0) {
                fail(e, "%s: %s", path, strerror(errno));
                break;
            }
            result = same_appearance(&before, &after) ? 0 : -1;
            before = after;
            fail(e, "%s: changes while it is read", path);
        }
    if (settled && result == 0)
        remember(c, &before, text);
    if (fd >= 0)
        close(fd);
    return result;
}

static int digest_any(const struct cache *c, const char *path, int depth,
                      char text[SUM_TEXT], struct error *e);

static int digest_folder(const struct cache *c, const char *path, int depth,
                         char text[SUM_TEXT], struct error *e)
{
    struct dirent **list;
    int n = scandir(path, &list, NULL, alphasort), bad = 0;
    struct sum *all = sum_new();

    if (n < 0)
        bad = fail(e, "%s: %s", path, strerror(errno));
    for (int i = 0; i < n; i++) {
        const char *name = list[i]->d_name;
        char *below = file_join(path, name), digest[SUM_TEXT];

        if (!bad && strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
            bad = digest_any(c, below, depth + 1, digest, e);
            sum_add(all, name, strlen(name) + 1);
            sum_add(all, digest, SUM_TEXT);
        }
        free(below);
        free(list[i]);
    }
    if (n >= 0)
        free(list);
    sum_text(all, text);
    sum_free(all);
    return bad;
}

static int digest_any(const struct cache *c, const char *path, int depth,
                      char text[SUM_TEXT], struct error *e)
{
    struct stat s;

    if (stat(path, &s) < 0)
        return fail(e, "%s: %s", path, strerror(errno));
    if (S_ISDIR(s.st_mode) && depth < DEPTH_MAX)
        return digest_folder(c, path, depth, text, e);
    if (S_ISREG(s.st_mode))
        return digest_file(c, path, text, e);
    return fail(e, "%s: is neither a file nor a folder", path);
}

int digest_path(const struct cache *c, const char *path, char text[SUM_TEXT],
                struct error *e)
{
    return digest_any(c, path, 0, text, e);
}
