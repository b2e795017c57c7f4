#include "util/channel.h"

#include "util/error.h"
#include "util/unpack.h"
#include "util/file_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

int open_retry(const char *path, int flags, unsigned mode)
{
    int fd;

    do
        fd = open(path, flags, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

int write_all(int fd, const void *bytes, size_t n)
{
    const char *p = bytes;

    while (n > 0) {
        ssize_t done = write(fd, p, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return errno;
        p += done;
        n -= (size_t)done;
    }
    return 0;
}

static void remember(struct channel *c, int error)
{
    if (!c->error)
        c->error = error;
}

static ssize_t read_retry(void *from, void *p, size_t n)
{
    struct channel *c = from;
    ssize_t got;

    do
        got = read(c->fd, p, n);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        c->taken += got;
    return got;
}

ssize_t channel_take(struct channel *c, void *p, size_t n)
{
    ssize_t got = c->unpack ? unpack_read(c->unpack, p, n) : read_retry(c, p, n);

    if (got < 0)
        remember(c, errno);
    return got;
}

static ssize_t cookie_read(void *cookie, char *p, size_t n)
{
    return channel_take(cookie, p, n);
}

/* After an error nothing more is written: what follows a gap is of no use. */
static ssize_t cookie_write(void *cookie, const char *p, size_t n)
{
    struct channel *c = cookie;

    if (!c->error)
        c->error = write_all(c->fd, p, n);
    errno = c->error;
    return c->error ? 0 : (ssize_t)n;
}

/* Linux has closed the descriptor also where it says EINTR. */
static int cookie_close(void *cookie)
{
    struct channel *c = cookie;

    if (c->unpack && unpack_reason(c->unpack))
        snprintf(c->words, sizeof c->words, "%s", unpack_reason(c->unpack));
    unpack_free(c->unpack);
    c->unpack = NULL;
    if (c->fd == STDIN_FILENO || close(c->fd) == 0 || errno == EINTR)
        return 0;
    remember(c, errno);
    return -1;
}

void channel_over(struct channel *c, int fd, const char *mode)
{
    *c = (struct channel){ .fd = fd };
    c->f = fopencookie(c, mode, (cookie_io_functions_t){ cookie_read, cookie_write, NULL,
                                                         cookie_close });
}

void channel_fill_standard(void)
{
    /* The next file opened would get its number, and what is meant for it. */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            open_retry("/", O_PATH, 0);
}

bool channel_writable(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && !(flags & O_PATH) && (flags & O_ACCMODE) != O_RDONLY;
}

void channel_read(struct channel *c, const char *path)
{
    int fd = STDIN_FILENO;
    struct error unread;

    *c = (struct channel){ .fd = -1 };
    if (strcmp(path, "-") != 0)
        fd = open_retry(path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return;
    file_guard_input(fd, path, &unread); /* the program has looked at its operands */
    channel_over(c, fd, "r");
    if (c->f)
        c->unpack = unpack_new(read_retry, c);
}

const char *channel_reason(const struct channel *c)
{
    return c->unpack && unpack_reason(c->unpack) ? unpack_reason(c->unpack)
           : *c->words                           ? c->words
                                                 : strerror(c->error);
}

ssize_t channel_cut_end(char *line, ssize_t length)
{
    if (length > 0 && line[length - 1] == '\n')
        line[--length] = 0;
    if (length > 0 && line[length - 1] == '\r')
        line[--length] = 0;
    return length;
}

/* U+FEFF at a text's beginning says how it is written. */
static const char utf8_mark[] = "\xef\xbb\xbf";

ssize_t channel_line(struct channel *c, char **line, size_t *room)
{
    ssize_t n = getline(line, room, c->f);
    bool first = !c->begun;

    c->begun = true;
    if (n < 0)
        return -1;
    if (first && n >= 2 &&
        (!memcmp(*line, "\xff\xfe", 2) || !memcmp(*line, "\xfe\xff", 2))) {
        c->error = EILSEQ;
        snprintf(c->words, sizeof c->words, "a text in UTF-16, expected UTF-8");
        return -1;
    }
    if (first && n >= 3 && !memcmp(*line, utf8_mark, 3)) {
        n -= 3;
        memmove(*line, *line + 3, (size_t)n + 1);
    }
    return n > 0 ? channel_cut_end(*line, n) : 0;
}

int channel_flush(struct channel *c)
{
    if (fflush(c->f) != 0)
        remember(c, errno);
    return c->error;
}

int channel_close(struct channel *c)
{
    if (fclose(c->f) != 0)
        remember(c, errno);
    c->f = NULL;
    return c->error;
}

static struct channel standard;

/* Handled, not ignored: a program that this one runs has the signal as it was. */
static void pass_limit(int number)
{
    (void)number;
}

static void fail_beyond_limit(void)
{
    struct sigaction now, ours = { .sa_handler = pass_limit, .sa_flags = SA_RESTART };

    if (sigaction(SIGXFSZ, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
        sigaction(SIGXFSZ, &ours, NULL);
}

void channel_stdout(void)
{
    fail_beyond_limit();
    channel_over(&standard, STDOUT_FILENO, "w");
    if (!standard.f)
        die("<stdout>: %s", strerror(errno));
    if (isatty(STDOUT_FILENO))
        setvbuf(standard.f, NULL, _IOLBF, 0);
    stdout = standard.f;
}

void channel_flush_stdout(void)
{
    if (channel_flush(&standard) != 0)
        die("<stdout>: %s", strerror(standard.error));
}

void channel_finish_stdout(void)
{
    if (channel_close(&standard) != 0)
        die("<stdout>: %s", strerror(standard.error));
}
