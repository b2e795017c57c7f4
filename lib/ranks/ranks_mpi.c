/* Ranks by MPI.  Only bytes are moved (MPI_Ibcast, MPI_Iallgatherv): no sum is MPI's.
 * Errors of MPI itself end the job with its own words (MPI_ERRORS_ARE_FATAL). */
#include "ranks/ranks.h"

#include "ranks/launch.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/scratch.h"

#include <limits.h>
#include <mpi.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 30)  /* bytes of one call, whose counts are int */
#define SECONDS_AWAKE .002       /* of waiting; then it sleeps between two looks: */
#define MICROSECONDS_ASLEEP 100

enum { SECONDS_TO_SAY = 2, LOOKS = 20, TAG_DYING = 1 };

static struct {
    int mine, count;
    bool on; /* between MPI_Init and MPI_Finalize */
    volatile sig_atomic_t told; /* rank 0: another rank is about to say why it ends */
    int64_t sent;
    char name[80]; /* in messages; of rank 0 its last words after SIGTERM */
} world = { .count = 1 };

int ranks_mine(void)
{
    return world.mine;
}

int ranks_count(void)
{
    return world.count;
}

int64_t ranks_sent(void)
{
    return world.sent;
}

/* Whatever ends one rank ends them all. */
static void leave(int status, void *unused)
{
    (void)unused;
    if (world.on)
        MPI_Abort(MPI_COMM_WORLD, status);
}

/* What goes wrong in every rank rank 0 says, and ends this one while it sleeps.  What
 * goes wrong here alone is said after that. */
static void wait_for_first(void)
{
    static char nothing;
    MPI_Request request;
    int done;

    MPI_Isend(&nothing, 1, MPI_BYTE, 0, TAG_DYING, MPI_COMM_WORLD, &request);
    for (int i = 0; i < LOOKS; i++) {
        MPI_Test(&request, &done, MPI_STATUS_IGNORE);
        usleep(SECONDS_TO_SAY * 1000000 / LOOKS);
    }
}

/* mpirun ends its processes by SIGTERM, and does not say so.  Where another rank has
 * failed, that one says why.  mpirun passes on what it has read before the process ends,
 * and waits a second for that. */
static void say_end(int number)
{
    const struct timespec pause = { .tv_nsec = 300000000 };

    scratch_remove_all();
    if (!world.told && write(STDERR_FILENO, world.name, strlen(world.name)) > 0)
        nanosleep(&pause, NULL);
    signal(number, SIG_DFL);
    raise(number);
}

static void watch_end(void)
{
    struct sigaction a = { .sa_handler = say_end, .sa_flags = SA_NODEFER };

    snprintf(world.name, sizeof world.name,
             "%s: ended by SIGTERM, as mpirun ends a job\n", program_name);
    sigaction(SIGTERM, &a, NULL);
}

void ranks_begin(void)
{
    int unused;

    if (!launch_known() || world.on)
        return;
    /* else MPI_Abort adds seven lines to the one that says why */
    setenv("OMPI_MCA_orte_execute_quiet", "1", 0);
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &unused);
    MPI_Comm_rank(MPI_COMM_WORLD, &world.mine);
    MPI_Comm_size(MPI_COMM_WORLD, &world.count);
    world.on = true;
    on_exit(leave, NULL);
    if (world.mine == 0) {
        watch_end();
        return;
    }
    snprintf(world.name, sizeof world.name, "%s, rank %d", program_name, world.mine);
    program_name = world.name;
    error_said_elsewhere = true;
    error_before_dying = wait_for_first;
}

void ranks_end(void)
{
    if (!world.on)
        return;
    MPI_Finalize();
    world.on = false;
}

/* Hears whether another rank is in wait_for_first. */
static void hear(void)
{
    int there = 0;

    if (world.mine == 0 && !world.told)
        MPI_Iprobe(MPI_ANY_SOURCE, TAG_DYING, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
    if (there)
        world.told = 1;
}

/* MPI_Wait would keep a processor busy, which the other filters of a pipe and other ranks
 * need; so after a while this one sleeps between two looks. */
static void finish(MPI_Request *request)
{
    double from = clock_seconds();
    int done = 0;

    MPI_Test(request, &done, MPI_STATUS_IGNORE);
    while (!done) {
        if (clock_seconds() - from < SECONDS_AWAKE) {
            sched_yield();
        } else {
            usleep(MICROSECONDS_ASLEEP);
            hear();
        }
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
    }
}

void ranks_spread(void *data, size_t bytes)
{
    MPI_Request request;

    for (size_t at = 0; world.count > 1 && at < bytes; at += PIECE) {
        size_t n = bytes - at < PIECE ? bytes - at : PIECE;

        MPI_Ibcast((char *)data + at, (int)n, MPI_BYTE, 0, MPI_COMM_WORLD, &request);
        finish(&request);
    }
}

void ranks_gather(void *data, size_t unit, const long *first)
{
    int *counts, *from;
    MPI_Datatype type;
    MPI_Request request;

    if (world.count == 1)
        return;
    if (unit > INT_MAX || first[world.count] > INT_MAX)
        die("%ld parts of %zu bytes are too many for MPI", first[world.count], unit);
    counts = mem_new((size_t)world.count, sizeof *counts);
    from = mem_new((size_t)world.count, sizeof *from);
    for (int r = 0; r < world.count; r++) {
        from[r] = (int)first[r];
        counts[r] = (int)(first[r + 1] - first[r]);
    }
    MPI_Type_contiguous((int)unit, MPI_BYTE, &type);
    MPI_Type_commit(&type);
    MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, data, counts, from, type,
                    MPI_COMM_WORLD, &request);
    finish(&request);
    MPI_Type_free(&type);
    world.sent += (int64_t)unit * first[world.count] * (world.count - 1);
    free(counts);
    free(from);
}

void ranks_agree(const char *what, const char *value)
{
    long *first;
    char(*values)[RANKS_VALUE];

    if (world.count == 1)
        return;
    values = mem_new((size_t)world.count, sizeof *values);
    first = mem_new((size_t)world.count + 1, sizeof *first);
    snprintf(values[world.mine], sizeof *values, "%s", value);
    for (int r = 0; r <= world.count; r++)
        first[r] = r;
    ranks_gather(values, sizeof *values, first);
    for (int r = 1; r < world.count; r++)
        if (strcmp(values[r], values[0]) != 0)
            die("rank %d has other %s than rank 0: %s, expected %s", r, what, values[r],
                values[0]);
    free(values);
    free(first);
}

void ranks_wait(void)
{
    MPI_Request request;

    if (world.count == 1)
        return;
    MPI_Ibarrier(MPI_COMM_WORLD, &request);
    finish(&request);
}
