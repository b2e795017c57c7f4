#include "plot/gnuplot.h"

#include "util/channel.h"
#include "util/mem.h"
#include "util/printable.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_FOUND = 127, COMPLAINT = 200 };

/* Files of memory: its commands, and its complaints.  So nobody waits for anybody. */
static int memory_file(const char *bytes, size_t n)
{
    int fd = memfd_create("gnuplot", MFD_CLOEXEC);

    if (fd >= 0 && (write_all(fd, bytes, n) != 0 || lseek(fd, 0, SEEK_SET) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

static _Noreturn void become_gnuplot(int script, int picture, int complaints)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(script, STDIN_FILENO);
    dup2(picture, STDOUT_FILENO);
    dup2(complaints, STDERR_FILENO);
    execlp("gnuplot", "gnuplot", (char *)NULL);
    _exit(NOT_FOUND);
}

/* All that comes out of fd, closed by a NUL. */
static int read_all(int fd, char **bytes, size_t *size)
{
    size_t room = 1 << 16;

    *bytes = mem_resize(NULL, room, 1);
    *size = 0;
    for (;;) {
        ssize_t n = read(fd, *bytes + *size, room - *size - 1);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0)
            break;
        *size += (size_t)n;
        if (*size + 1 == room)
            *bytes = mem_resize(*bytes, room *= 2, 1);
    }
    (*bytes)[*size] = 0;
    return 0;
}

/* What it said, as a line. */
static int complain(int status, int complaints, struct error *e)
{
    char text[COMPLAINT + 1];
    ssize_t n = pread(complaints, text, COMPLAINT, 0);

    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND)
        return fail(e, "gnuplot is not installed (Debian: gnuplot-nox); --term draws "
                       "without it");
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        n--;
    text[n > 0 ? n : 0] = 0;
    printable_replace(text);
    if (WIFSIGNALED(status))
        return fail(e, "gnuplot was ended by signal %d", WTERMSIG(status));
    return fail(e, "gnuplot failed with status %d: %s", WEXITSTATUS(status),
                text + strspn(text, "? "));
}

static int wait_for(pid_t child)
{
    int status = 0;

    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

int gnuplot_run(const char *script, size_t length, char **bytes, size_t *size,
                struct error *e)
{
    int commands = memory_file(script, length), complaints = memory_file("", 0);
    int ends[2], status, error;
    pid_t child;

    if (commands < 0 || complaints < 0 || pipe2(ends, O_CLOEXEC) != 0)
        return fail(e, "gnuplot: %s", strerror(errno));
    child = fork();
    if (child == 0)
        become_gnuplot(commands, ends[1], complaints);
    close(ends[1]);
    close(commands);
    if (child < 0)
        return fail(e, "gnuplot: %s", strerror(errno));
    error = read_all(ends[0], bytes, size);
    close(ends[0]);
    status = wait_for(child);
    if (error)
        fail(e, "gnuplot: %s", strerror(error));
    else if (status != 0 || *size == 0)
        complain(status, complaints, e);
    close(complaints);
    if (!error && status == 0 && *size > 0)
        return 0;
    free(*bytes);
    return -1;
}
