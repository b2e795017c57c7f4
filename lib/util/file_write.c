#include "util/file_write.h"

#include "util/file_guard.h"
#include "util/mem.h"
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void release(struct file_write *w)
{
    scratch_close(&w->scratch);
    free(w->path);
    free(w->target);
    *w = (struct file_write){ .scratch = { -1, NULL } };
}

static int refuse(struct file_write *w, int why, struct error *e)
{
    fail(e, "%s: %s", w->path, strerror(why));
    release(w);
    return -1;
}

/* What is in the buffers of stdout comes first where it is the same. */
static int write_into(struct file_write *w, int fd, struct error *e)
{
    if (fd < 0)
        return refuse(w, errno, e);
    fflush(stdout);
    channel_over(&w->channel, fd, "w");
    w->f = w->channel.f;
    return 0;
}

/* The old file's mode, and its owner where we may give it away. */
static int keep_mode(int fd, const struct stat *old)
{
    if (fchown(fd, old->st_uid, old->st_gid) != 0 &&
        fchown(fd, (uid_t)-1, old->st_gid) != 0 && errno != EPERM)
        return errno;
    return fchmod(fd, old->st_mode & 0777) == 0 ? 0 : errno;
}

static int write_beside(struct file_write *w, const struct stat *old, struct error *e)
{
    char *folder = path_folder(w->target);
    int made = scratch_open(&w->scratch, folder, e), why = 0;

    free(folder);
    if (made < 0) {
        fail_in(e, "%s", w->path);
        release(w);
        return -1;
    }
    if (old)
        why = keep_mode(w->scratch.fd, old);
    if (why)
        return refuse(w, why, e);
    channel_over(&w->channel, w->scratch.fd, "w");
    w->f = w->channel.f;
    return 0;
}

int file_write_begin(struct file_write *w, const char *path, struct error *e)
{
    struct stat old;
    bool there;
    int fd;

    *w = (struct file_write){ .path = mem_string(path), .target = path_target(path),
                              .scratch = { -1, NULL } };
    if (path_descriptor(w->target, &fd))
        return write_into(w, fcntl(fd, F_DUPFD_CLOEXEC, 0), e);
    there = stat(w->target, &old) == 0;
    if (there && S_ISDIR(old.st_mode))
        return refuse(w, EISDIR, e);
    if (there && !S_ISREG(old.st_mode))
        return write_into(w, open_retry(w->target, O_WRONLY | O_CLOEXEC, 0), e);
    if (there && faccessat(AT_FDCWD, w->target, W_OK, AT_EACCESS) != 0)
        return refuse(w, errno, e);
    if (file_guard_output(w->target, e) < 0) {
        release(w);
        return -1;
    }
    return write_beside(w, there ? &old : NULL, e);
}

int file_write_append(struct file_write *w, const char *path, struct error *e)
{
    *w = (struct file_write){ .path = mem_string(path), .target = path_target(path),
                              .scratch = { -1, NULL } };
    if (file_guard_output(w->target, e) < 0) {
        release(w);
        return -1;
    }
    return write_into(w, open_retry(w->target, O_WRONLY | O_APPEND | O_CLOEXEC, 0), e);
}

bool file_write_replaces(const char *path)
{
    char *target = path_target(path);
    struct stat s;
    int fd;
    bool replaces = !path_descriptor(target, &fd) &&
                    (stat(target, &s) != 0 || S_ISREG(s.st_mode));

    free(target);
    return replaces;
}

void file_write_abandon(struct file_write *w)
{
    w->scratch.fd = -1; /* the channel closes it */
    if (w->f)
        channel_close(&w->channel);
    release(w);
}

int file_write_commit(struct file_write *w, struct error *e)
{
    int error = channel_flush(&w->channel), result = 0, closing;

    if (error)
        result = fail(e, "%s: %s", w->path, strerror(error));
    else if (w->scratch.fd >= 0)
        result = scratch_publish(&w->scratch, w->target, true, e);
    w->scratch.fd = -1;
    closing = channel_close(&w->channel);
    w->f = NULL;
    if (result == 0 && closing)
        result = fail(e, "%s: %s", w->path, strerror(closing));
    release(w);
    return result;
}
