#include "ranks/launch.h"

#include "util/error.h"
#include "util/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECONDS_TO_SAY = 2 };

/* What Open MPI and others (MPICH, Slurm) tell a process.  By PMIx srun tells the rank
 * alone, and Slurm itself how many tasks the step has. */
static const struct {
    const char *size, *rank;
    bool needs_rank;
} variables[] = {
    { "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", false },
    { "PMI_SIZE", "PMI_RANK", false },
    { "SLURM_STEP_NUM_TASKS", "PMIX_RANK", true },
    { "SLURM_NTASKS", "PMIX_RANK", true },
};
enum { VARIABLES = sizeof variables / sizeof *variables };

static int number_of(const char *name)
{
    const char *text = getenv(name);

    return text ? atoi(text) : 0;
}

int launch_size(int *rank)
{
    for (int i = 0; i < VARIABLES; i++) {
        int size = number_of(variables[i].size);

        if (size < 1 || (variables[i].needs_rank && !getenv(variables[i].rank)))
            continue;
        *rank = number_of(variables[i].rank);
        return size;
    }
    *rank = number_of("PMIX_RANK");
    return *rank + 1;
}

bool launch_known(void)
{
    return getenv("OMPI_COMM_WORLD_SIZE") || getenv("PMI_SIZE") || getenv("PMIX_RANK");
}

/* By mpirun of Open MPI, or of MPICH where it is not srun that tells the same. */
static bool by_mpirun(void)
{
    return getenv("OMPI_COMM_WORLD_SIZE") ||
           (getenv("PMI_SIZE") && !getenv("SLURM_PROCID"));
}

static bool is_rank(const char *assignment)
{
    static const char *const names[] = { "OMPI_COMM_WORLD_RANK=", "PMI_RANK=",
                                         "PMIX_RANK=" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(assignment, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* Did a program that has a rank itself, such as a shell, start this one?  mpirun and its
 * daemons have none. */
static bool started_by_rank(void)
{
    char *path = mem_format("/proc/%ld/environ", (long)getppid()), *line = NULL;
    FILE *f = fopen(path, "r");
    size_t room = 0;
    bool found = false;

    free(path);
    while (f && !found && getdelim(&line, &room, 0, f) > 0)
        found = is_rank(line);
    if (f)
        fclose(f);
    free(line);
    return found;
}

/* Does standard output go where those of the other processes go?  Open MPI gives each a
 * terminal, others give it a pipe.  A shell in between gives files, and pipes to other
 * programs of its own. */
static bool writes_with_others(void)
{
    struct stat s;

    if (fstat(STDOUT_FILENO, &s) == 0 && S_ISREG(s.st_mode))
        return false;
    return isatty(STDOUT_FILENO) || !started_by_rank();
}

bool launch_is_job(void)
{
    int rank;

    return launch_size(&rank) > 1 && (by_mpirun() || writes_with_others());
}

void launch_check_alone(void)
{
    int rank, count = launch_size(&rank);

    if (count > 1 && by_mpirun() && writes_with_others())
        launch_refuse("started as %d processes by mpirun, each of which would write all "
                      "there is: start one, or shells that give each a file of its own",
                      count);
}

void launch_refuse(const char *format, ...)
{
    char text[256];
    va_list args;
    int rank;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    launch_size(&rank);
    if (rank > 0)
        sleep(SECONDS_TO_SAY);
    warn("%s", text);
    exit(STATUS_USAGE);
}
