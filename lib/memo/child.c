#include "memo/child.h"

#include "util/channel.h"
#include "util/error.h"
#include "util/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE (1 << 18)

enum { LONGEST_NAP = 50 }; /* milliseconds */

static bool reader_gone(void)
{
    struct pollfd out = { .fd = STDOUT_FILENO };

    return poll(&out, 1, 0) > 0 && (out.revents & POLLERR);
}

_Noreturn static void end_without_reader(void)
{
    raise(SIGPIPE);
    die("<stdout>: %s", strerror(EPIPE)); /* where SIGPIPE is ignored */
}

void child_check_reader(void)
{
    if (reader_gone())
        end_without_reader();
}

/* In the child: what it must not outlive, and what it reads and writes. */
_Noreturn static void become(const char *program, char **words, pid_t parent, int in,
                             int out)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(STATUS_FAILED);
    if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
        _exit(STATUS_FAILED);
    execv(program, words);
    die("%s: %s", program, strerror(errno));
}

static pid_t start(const char *program, char **words, int in, int out)
{
    pid_t parent = getpid(), child;

    signal(SIGCHLD, SIG_DFL); /* where it is ignored no status can be had */
    child = fork();
    if (child < 0)
        die("%s: %s", program, strerror(errno));
    if (child == 0)
        become(program, words, parent, in, out);
    return child;
}

static int status_of(const char *program, int status)
{
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    warn("%s was ended by signal %d (%s)", program, WTERMSIG(status),
         strsignal(WTERMSIG(status)));
    return 128 + WTERMSIG(status);
}

static int open_null(void)
{
    int fd = open_retry("/dev/null", O_RDONLY | O_CLOEXEC, 0);

    if (fd < 0)
        die("/dev/null: %s", strerror(errno));
    return fd;
}

static void read_all(const char *program, int fd, char **text, size_t *size)
{
    FILE *out = open_memstream(text, size);
    char piece[4096];
    ssize_t n;

    if (!out)
        die("out of memory");
    while ((n = read(fd, piece, sizeof piece)) != 0)
        if (n > 0)
            fwrite(piece, 1, (size_t)n, out);
        else if (errno != EINTR)
            die("%s: its answer: %s", program, strerror(errno));
    if (fclose(out) != 0)
        die("out of memory");
}

int child_ask(const char *program, char **words, const char *extra, char **text,
              size_t *size)
{
    int count = 0, ends[2], status, null = open_null();
    char **all;
    pid_t child;

    while (words[count])
        count++;
    all = mem_new((size_t)count + 2, sizeof *all);
    all[0] = words[0];
    all[1] = (char *)extra;
    memcpy(all + 2, words + 1, (size_t)count * sizeof *all);
    if (pipe2(ends, O_CLOEXEC) < 0)
        die("%s: %s", program, strerror(errno));
    child = start(program, all, null, ends[1]);
    close(ends[1]);
    read_all(program, ends[0], text, size);
    close(ends[0]);
    close(null);
    free(all);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            die("%s: %s", program, strerror(errno));
    return status_of(program, status);
}

/* Moves what there is to read, at most a piece, to out.  Returns the bytes: 0 at the end,
 * -1 where there is none at the moment. */
static ssize_t move_piece(const char *program, int *from, struct hold *out)
{
    static char piece[PIECE];
    ssize_t n = 0;

    while (*from >= 0 && (n = read(*from, piece, sizeof piece)) < 0 && errno == EINTR) {
    }
    if (n < 0 && errno != EAGAIN)
        die("%s: its output: %s", program, strerror(errno));
    if (n > 0)
        hold_write(out, piece, (size_t)n);
    if (n == 0 && *from >= 0) {
        close(*from);
        *from = -1;
    }
    return n;
}

/* Returns what waitpid says at the end of the child.  What another process, which the
 * child leaves behind, may write later does not count. */
static int move_all(const char *program, pid_t child, int from, struct hold *out)
{
    int status, nap = 1;
    pid_t got;

    while ((got = waitpid(child, &status, WNOHANG)) == 0 || (got < 0 && errno == EINTR)) {
        if (reader_gone()) {
            kill(child, SIGTERM);
            waitpid(child, &status, 0);
            end_without_reader();
        }
        if (move_piece(program, &from, out) <= 0) {
            poll(&(struct pollfd){ .fd = from, .events = POLLIN }, 1, nap);
            nap = 2 * nap < LONGEST_NAP ? 2 * nap : LONGEST_NAP;
        }
    }
    if (got < 0)
        die("%s: %s", program, strerror(errno));
    while (move_piece(program, &from, out) > 0) {
    }
    if (from >= 0)
        close(from);
    return status;
}

int child_run(const char *program, char **words, int in, struct hold *out)
{
    int null = in < 0 ? open_null() : -1, ends[2], status;
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) < 0)
        die("%s: %s", program, strerror(errno));
    child = start(program, words, in < 0 ? null : in, ends[1]);
    close(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    status = move_all(program, child, ends[0], out);
    if (null >= 0)
        close(null);
    return status_of(program, status);
}
