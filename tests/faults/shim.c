/* LD_PRELOAD=shim.so FAULT=WHAT PROGRAM...: lets the C library's calls go wrong for
 * the program's own files.  WHAT is one or more of these, with commas between:
 *
 *   short=N     read and write take at most N bytes at a time
 *   eintr       every call fails with EINTR first, and works when made again
 *   enospc=K    the K-th call that writes fails with ENOSPC, and all after it
 *   once=K      only the K-th
 *   eio=K       the K-th read fails with EIO
 *   kill=K      SIGKILL in the middle of the K-th call that writes
 *   named       files cannot be without a name (O_TMPFILE), as on some file systems
 *   count=FILE  at exit the numbers of writing calls and reads go to FILE
 *
 * Calls that write: write, pwrite, fsync, ftruncate, rename, linkat, mkdir, and open and
 * close of files for writing.  Standard error and what is below /proc, /sys, /etc, /usr
 * and
 * /lib are left alone, and /dev/urandom, which jansson can do without.  Calls that libc
 * makes inside itself are not seen here, which is why programs do without stdio's own
 * files (lib/util/channel.h). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FDS 1024

/* The calls as the C library declares them; its headers' inline forms are not used. */
ssize_t read(int fd, void *p, size_t n);
ssize_t write(int fd, const void *p, size_t n);
ssize_t pread(int fd, void *p, size_t n, off_t from);
ssize_t pwrite(int fd, const void *p, size_t n, off_t from);

static struct {
    long chunk, enospc, once, eio, kill;
    bool eintr, failed, named;
    const char *count;
    long writes, reads;
    bool seen;           /* the call before this one was told EINTR */
    bool system[FDS], written[FDS];
} at;

static const char *setting(const char *name)
{
    const char *all = getenv("FAULT");
    size_t n = strlen(name);

    for (const char *p = all; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
        if (strncmp(p, name, n) == 0 && (p[n] == '=' || p[n] == ',' || !p[n]))
            return p + n + (p[n] == '=');
    return NULL;
}

static long number(const char *name)
{
    const char *text = setting(name);

    return text ? strtol(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void)
{
    at.chunk = number("short");
    at.enospc = number("enospc");
    at.once = number("once");
    at.eio = number("eio");
    at.kill = number("kill");
    at.eintr = setting("eintr") != NULL;
    at.count = setting("count");
    at.named = setting("named") != NULL;
    at.system[STDERR_FILENO] = true;
}

__attribute__((destructor)) static void finish(void)
{
    char text[64];
    int fd, n;

    if (!at.count)
        return;
    n = snprintf(text, sizeof text, "%ld %ld\n", at.writes, at.reads);
    fd = (int)syscall(SYS_openat, AT_FDCWD, at.count, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    syscall(SYS_write, fd, text, (size_t)n);
    syscall(SYS_close, fd);
}

static bool ours(int fd)
{
    return fd >= 0 && fd < FDS && !at.system[fd];
}

static int refuse(int error)
{
    errno = error;
    return -1;
}

/* Every other call: EINTR. */
static bool interrupted(void)
{
    at.seen = at.eintr && !at.seen;
    return at.seen;
}

/* Counts a call that writes: the errno that it fails with, or 0. */
static int write_fault(void)
{
    long n = __atomic_add_fetch(&at.writes, 1, __ATOMIC_RELAXED);

    if (n == at.once || (at.enospc && n >= at.enospc))
        return ENOSPC;
    return interrupted() ? EINTR : 0;
}

static void kill_here(void)
{
    if (at.kill && at.writes == at.kill)
        raise(SIGKILL);
}

static size_t limit(size_t n)
{
    return at.chunk && n > (size_t)at.chunk ? (size_t)at.chunk : n;
}

ssize_t read(int fd, void *p, size_t n)
{
    if (ours(fd) && ++at.reads == at.eio)
        return refuse(EIO);
    if (ours(fd) && interrupted())
        return refuse(EINTR);
    return syscall(SYS_read, fd, p, ours(fd) ? limit(n) : n);
}

ssize_t write(int fd, const void *p, size_t n)
{
    int error = ours(fd) ? write_fault() : 0;

    if (error)
        return refuse(error);
    if (!ours(fd))
        return syscall(SYS_write, fd, p, n);
    if (at.kill == at.writes)
        syscall(SYS_write, fd, p, n / 2);
    kill_here();
    return syscall(SYS_write, fd, p, limit(n));
}

static bool of_system(const char *path)
{
    static const char *const folders[] = { "/proc/", "/sys/", "/etc/", "/usr/",
                                         "/lib", "/dev/urandom" };

    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strncmp(path, folders[i], strlen(folders[i])) == 0)
            return true;
    return false;
}

ssize_t pread(int fd, void *p, size_t n, off_t from)
{
    if (ours(fd) && ++at.reads == at.eio)
        return refuse(EIO);
    if (ours(fd) && interrupted())
        return refuse(EINTR);
    return syscall(SYS_pread64, fd, p, ours(fd) ? limit(n) : n, from);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t from)
{
    int error = ours(fd) ? write_fault() : 0;

    if (error)
        return refuse(error);
    if (!ours(fd))
        return syscall(SYS_pwrite64, fd, p, n, from);
    if (at.kill == at.writes)
        syscall(SYS_pwrite64, fd, p, n / 2, from);
    kill_here();
    return syscall(SYS_pwrite64, fd, p, limit(n), from);
}

static int open_faulty(const char *path, int flags, unsigned mode)
{
    bool system = of_system(path), writes = !system && (flags & O_ACCMODE) != O_RDONLY;
    int error = writes ? write_fault() : !system && interrupted() ? EINTR : 0, fd;

    if (error)
        return refuse(error);
    if (at.named && (flags & O_TMPFILE) == O_TMPFILE)
        return refuse(EOPNOTSUPP);
    if (writes)
        kill_here();
    fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (fd >= 0 && fd < FDS) {
        at.system[fd] = system;
        at.written[fd] = writes;
    }
    return fd;
}

int open(const char *path, int flags, ...)
{
    unsigned mode;
    va_list args;

    va_start(args, flags);
    mode = va_arg(args, unsigned);
    va_end(args);
    return open_faulty(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    unsigned mode;
    va_list args;

    va_start(args, flags);
    mode = va_arg(args, unsigned);
    va_end(args);
    return open_faulty(path, flags, mode);
}

/* Linux closes also where it reports an error. */
int close(int fd)
{
    bool writes = ours(fd) && (fd == STDOUT_FILENO || at.written[fd]);
    int error = writes ? write_fault() : 0;

    if (fd >= 0 && fd < FDS)
        at.system[fd] = at.written[fd] = false;
    if (writes)
        kill_here();
    if (syscall(SYS_close, fd) != 0)
        return -1;
    return error ? refuse(error) : 0;
}

int fsync(int fd)
{
    int error = write_fault();

    kill_here();
    return error ? refuse(error) : (int)syscall(SYS_fsync, fd);
}

int ftruncate(int fd, off_t size)
{
    int error = write_fault();

    kill_here();
    return error ? refuse(error) : (int)syscall(SYS_ftruncate, fd, size);
}

int rename(const char *from, const char *to)
{
    int error = write_fault();

    kill_here();
    return error && error != EINTR
               ? refuse(error)
               : (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    int error = write_fault();

    kill_here();
    return error && error != EINTR
               ? refuse(error)
               : (int)syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
}

int mkdir(const char *path, mode_t mode)
{
    int error = write_fault();

    return error && error != EINTR ? refuse(error)
                                   : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int poll(struct pollfd *list, nfds_t count, int timeout)
{
    return interrupted() ? refuse(EINTR) : (int)syscall(SYS_poll, list, count, timeout);
}
