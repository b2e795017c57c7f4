#include "process.h"

#include "util/channel.h"
#include "util/clock.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

const char *process_shim = "";
int process_seconds = 60;

enum { PIECES = 5, PAUSE = 20000 /* microseconds */ };

static void make_pipe(int end[2])
{
    if (pipe2(end, O_CLOEXEC) != 0)
        die("a pipe: %s", strerror(errno));
}

/* What an upstream process does, to its end. */
static void feed(const struct job *j, int fd)
{
    const struct bytes *b = j->in;
    size_t n = j->feed == FEED_KILLED ? j->feed_bytes : b->n;
    size_t piece = j->feed == FEED_DRIBBLE ? 1
                   : j->feed == FEED_SLOW  ? n / PIECES + 1
                                           : n;

    signal(SIGPIPE, SIG_DFL);
    for (size_t at = 0; at < n; at += piece) {
        write_all(fd, b->p + at, at + piece < n ? piece : n - at);
        if (j->feed == FEED_SLOW)
            usleep(PAUSE);
    }
    if (j->feed == FEED_KILLED)
        raise(SIGKILL);
    _exit(j->feed == FEED_FAILS ? 3 : 0);
}

/* The program's standard input; *feeder is the process that fills it, or 0. */
static int open_feed(const struct job *j, pid_t *feeder)
{
    int end[2];

    *feeder = 0;
    if (!j->in)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (j->feed == FEED_FILE)
        return bytes_file(j->in);
    make_pipe(end);
    *feeder = fork();
    if (*feeder == 0) {
        close(end[0]);
        feed(j, end[1]);
    }
    close(end[1]);
    return end[0];
}

static void start(const struct job *j, int in, int out, int err)
{
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    signal(SIGPIPE, j->ignore_sigpipe ? SIG_IGN : SIG_DFL);
    if (j->fault) {
        setenv("LD_PRELOAD", process_shim, 1);
        setenv("FAULT", j->fault, 1);
    }
    execvp(j->argv[0], j->argv);
    dprintf(STDERR_FILENO, "%s: %s\n", j->argv[0], strerror(errno));
    _exit(127);
}

/* Reads the program's pipe as far as the job says. */
static void drain(const struct job *j, int fd, struct outcome *o, double deadline)
{
    size_t want = j->sink == SINK_GONE ? j->sink_bytes : (size_t)-1;
    unsigned char buffer[4096];

    while (o->out.n < want) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        size_t room = want - o->out.n;
        ssize_t got;

        if (poll(&p, 1, (int)(1000 * (deadline - clock_seconds()))) <= 0)
            break;
        got = read(fd, buffer, room < sizeof buffer ? room : sizeof buffer);
        if (got <= 0)
            break;
        bytes_add(&o->out, buffer, (size_t)got);
    }
    close(fd);
}

static void await(pid_t child, struct outcome *o, double deadline)
{
    int fd = (int)syscall(SYS_pidfd_open, child, 0), status;
    struct pollfd p = { .fd = fd, .events = POLLIN };
    double left = deadline - clock_seconds();

    if (poll(&p, 1, left > 0 ? (int)(1000 * left) : 0) == 0) {
        o->hung = true;
        kill(child, SIGKILL);
    }
    close(fd);
    waitpid(child, &status, 0);
    o->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    o->status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

struct outcome process_run(const struct job *j)
{
    double deadline = clock_seconds() + process_seconds;
    struct outcome o = { 0 };
    int in, out, err = memfd_create("err", MFD_CLOEXEC), end[2] = { -1, -1 };
    pid_t feeder, child;

    in = open_feed(j, &feeder);
    if (j->sink == SINK_PIPE || j->sink == SINK_GONE)
        make_pipe(end);
    out = end[1] >= 0            ? end[1]
          : j->sink == SINK_FULL ? open("/dev/full", O_WRONLY | O_CLOEXEC)
                                 : memfd_create("out", MFD_CLOEXEC);
    if (j->sink == SINK_GONE && j->sink_bytes == 0)
        close(end[0]);
    child = fork();
    if (child == 0)
        start(j, in, out, err);
    close(in);
    if (end[1] >= 0)
        close(out);
    if (j->sink == SINK_PIPE || (j->sink == SINK_GONE && j->sink_bytes > 0))
        drain(j, end[0], &o, deadline);
    await(child, &o, deadline);
    if (feeder) {
        kill(feeder, SIGKILL);
        waitpid(feeder, NULL, 0);
    }
    if (j->sink == SINK_FILE)
        o.out = bytes_of(out);
    if (end[1] < 0)
        close(out);
    o.err = bytes_of(err);
    close(err);
    return o;
}

void outcome_free(struct outcome *o)
{
    bytes_free(&o->out);
    bytes_free(&o->err);
}
