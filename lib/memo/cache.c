#include "memo/cache.h"

#include "util/channel.h"
#include "util/file.h"
#include "util/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { STALE_SECONDS = 60 };

/* Magic numbers of statfs(2): locks there may be this machine's alone, and files
 * cannot be without a name. */
static const struct {
    unsigned long magic;
    const char *name;
} network[] = {
    { 0x6969, "NFS" }, { 0xff534d42, "CIFS" }, { 0xfe534d42, "SMB" },
    { 0x517b, "SMB" }, { 0x5346414f, "AFS" },
};

static char *folder_path(struct error *e)
{
    const char *own = getenv("MILLRACE_CACHE"), *xdg = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");

    if (own && *own)
        return mem_string(own);
    if (xdg && *xdg)
        return file_join(xdg, "millrace");
    if (home && *home)
        return file_join(home, ".cache/millrace");
    fail(e, "no folder for the cache: set MILLRACE_CACHE");
    return NULL;
}

static int make_folders(const char *path, struct error *e)
{
    char *copy = mem_string(path);
    int result = 0;

    for (char *at = copy + 1; result == 0; at++) {
        char here = *at;
        int why;

        if (here != '/' && here != 0)
            continue;
        *at = 0;
        why = mkdir(copy, 0777) < 0 ? errno : 0;
        if (why && !file_is_folder(copy))
            result = fail(e, "%s: %s", copy, strerror(why == EEXIST ? ENOTDIR : why));
        *at = here;
        if (here == 0)
            break;
    }
    free(copy);
    return result;
}

static int refuse_network(const char *path, struct error *e)
{
    struct statfs s = { 0 };

    if (statfs(path, &s) < 0)
        return 0; /* whatever else is done there says why not */
    for (size_t i = 0; i < sizeof network / sizeof *network; i++)
        if ((unsigned long)s.f_type == network[i].magic)
            return fail(e, "%s: is on %s, where machines may not see each other's locks: "
                        "set MILLRACE_CACHE to a folder on a disk of this machine", path,
                        network[i].name);
    return 0;
}

static void open_lock(struct cache *c)
{
    char *lock = file_join(c->path, "lock");

    c->lock = open_retry(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (c->lock < 0)
        fail(&c->unwritable, "%s: %s", lock, strerror(errno));
    free(lock);
}

/* What outputs need, or the reason in c->unwritable. */
static void open_writable(struct cache *c)
{
    const char *const folders[] = { c->path, c->entries, NULL };

    if (make_folders(c->entries, &c->unwritable) < 0 ||
        make_folders(c->digests, &c->unwritable) < 0)
        return;
    for (const char *const *f = folders; *f; f++)
        if (faccessat(AT_FDCWD, *f, W_OK | X_OK, AT_EACCESS) != 0) {
            fail(&c->unwritable, "%s: %s", *f, strerror(errno));
            return;
        }
    open_lock(c);
}

int cache_open(struct cache *c, struct error *e)
{
    *c = (struct cache){ .path = folder_path(e), .lock = -1 };
    if (!c->path)
        return -1;
    c->entries = file_join(c->path, "entries");
    c->digests = file_join(c->path, "digests");
    if (make_folders(c->path, &c->unwritable) == 0 && refuse_network(c->path, e) < 0) {
        cache_close(c);
        return -1;
    }
    if (!c->unwritable.text[0])
        open_writable(c);
    return 0;
}

void cache_close(struct cache *c)
{
    if (c->lock >= 0)
        close(c->lock);
    free(c->path);
    free(c->entries);
    free(c->digests);
    *c = (struct cache){ .lock = -1 };
}

/* A lock of the open file, as flock(2) gives, but on one byte: no key needs a lock
 * file that somebody would have to remove.  The place is the key's first 60 bits.
 * Where the file system has no locks nobody waits: several compute the same. */
static bool lock_byte(const struct cache *c, const char *key, short type)
{
    char digits[16];
    struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_len = 1 };

    snprintf(digits, sizeof digits, "%.15s", key);
    l.l_start = (off_t)strtoull(digits, NULL, 16);
    return fcntl(c->lock, F_OFD_SETLK, &l) == 0 || (errno != EAGAIN && errno != EACCES);
}

bool cache_try_lock(const struct cache *c, const char *key)
{
    return lock_byte(c, key, F_WRLCK);
}

void cache_unlock(const struct cache *c, const char *key)
{
    lock_byte(c, key, F_UNLCK);
}

/* Removes what killed programs left: nobody has it locked, and nobody is about to. */
static void remove_stale(const struct cache *c)
{
    DIR *d = opendir(c->path);
    struct dirent *entry;

    while (d && (entry = readdir(d))) {
        char *path = file_join(c->path, entry->d_name);
        struct stat s;
        int fd = -1;

        if (strncmp(entry->d_name, SCRATCH_PREFIX, strlen(SCRATCH_PREFIX)) == 0)
            fd = open_retry(path, O_RDONLY | O_CLOEXEC, 0);
        if (fd >= 0 && fstat(fd, &s) == 0 && s.st_mtime < time(NULL) - STALE_SECONDS &&
            flock(fd, LOCK_EX | LOCK_NB) == 0)
            unlink(path);
        if (fd >= 0)
            close(fd);
        free(path);
    }
    if (d)
        closedir(d);
}

int cache_scratch(struct scratch *s, const struct cache *c, struct error *e)
{
    int result;

    *s = (struct scratch){ -1, NULL };
    if (c->unwritable.text[0])
        return fail(e, "%s", c->unwritable.text);
    result = scratch_open(s, c->path, e);
    if (result == 0 && s->path) { /* every file needs a name: some may be left */
        flock(s->fd, LOCK_EX | LOCK_NB);
        remove_stale(c);
    }
    return result;
}
