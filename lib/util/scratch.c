#include "util/scratch.h"

#include "util/channel.h"
#include "util/mem.h"
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NAMES = 32, TRIES = 100 };

/* Names that are to go when the program ends; a signal may come at any time. */
static char *volatile living[NAMES];
static pid_t owner; /* not its children */

void scratch_remove_all(void)
{
    for (int i = 0; i < NAMES && getpid() == owner; i++)
        if (living[i])
            unlink(living[i]);
}

static void end_by(int number)
{
    scratch_remove_all();
    signal(number, SIG_DFL);
    raise(number);
}

/* What a program has for a signal already, or ignores, stays. */
static void watch_end(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
    static bool done = false;
    struct sigaction now, ours = { .sa_handler = end_by, .sa_flags = SA_NODEFER };

    if (done)
        return;
    done = true;
    owner = getpid();
    atexit(scratch_remove_all);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL)
            sigaction(numbers[i], &ours, NULL);
}

/* Without a free place the name is just not looked after. */
static void look_after(char *path)
{
    int i = 0;

    watch_end();
    while (i < NAMES && living[i])
        i++;
    if (i < NAMES)
        living[i] = path;
}

static void forget(const char *path)
{
    for (int i = 0; i < NAMES; i++)
        if (living[i] == path)
            living[i] = NULL;
}

/* A name that nobody is likely to have; O_EXCL or linkat says whether somebody has. */
static char *new_name(const char *folder)
{
    static unsigned count = 0;
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return mem_format("%s/" SCRATCH_PREFIX "%d-%llx-%u", folder, (int)getpid(),
                      (unsigned long long)t.tv_sec * 1000000000u +
                          (unsigned long long)t.tv_nsec, count++);
}

static void open_named(struct scratch *s, const char *folder)
{
    for (int i = 0; i < TRIES; i++) {
        int why;

        s->path = new_name(folder);
        s->fd = open_retry(s->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (s->fd >= 0) {
            look_after(s->path);
            return;
        }
        why = errno;
        free(s->path);
        s->path = NULL;
        errno = why;
        if (why != EEXIST)
            return;
    }
}

/* Files without a name get one by a link in /proc. */
static bool nameless_possible(void)
{
    return access("/proc/self/fd", F_OK) == 0;
}

int scratch_open(struct scratch *s, const char *folder, struct error *e)
{
    *s = (struct scratch){ -1, NULL };
    errno = EOPNOTSUPP;
    if (nameless_possible())
        s->fd = open_retry(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    if (s->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT))
        open_named(s, folder);
    return s->fd >= 0 ? 0 : fail(e, "%s: %s", folder, strerror(errno));
}

/* Where the name is taken: another name first, then rename, which replaces. */
static int link_over(const char *self, const char *path)
{
    char *folder = path_folder(path), *name = NULL;
    int failed = -1;

    errno = EEXIST;
    for (int i = 0; i < TRIES && failed && errno == EEXIST; i++) {
        free(name);
        name = new_name(folder);
        failed = linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
    }
    if (!failed) {
        look_after(name);
        if ((failed = rename(name, path)) != 0) {
            int why = errno;

            unlink(name);
            errno = why;
        }
        forget(name);
    }
    free(name);
    free(folder);
    return failed;
}

/* Gives the file without a name one. */
static int link_scratch(const struct scratch *s, const char *path)
{
    char *self = mem_format("/proc/self/fd/%d", s->fd);
    int result = linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);

    if (result < 0 && errno == EEXIST)
        result = link_over(self, path);
    free(self);
    return result;
}

int scratch_publish(struct scratch *s, const char *path, bool sync, struct error *e)
{
    int failed = 0;

    do
        failed = sync ? fsync(s->fd) : 0;
    while (failed && errno == EINTR);
    if (!failed)
        failed = s->path ? rename(s->path, path) : link_scratch(s, path);
    if (failed)
        return fail(e, "%s: %s", path, strerror(errno));
    forget(s->path);
    free(s->path);
    s->path = NULL;
    return 0;
}

void scratch_close(struct scratch *s)
{
    if (s->path) {
        unlink(s->path);
        forget(s->path);
    }
    if (s->fd >= 0)
        close(s->fd);
    free(s->path);
    *s = (struct scratch){ -1, NULL };
}
