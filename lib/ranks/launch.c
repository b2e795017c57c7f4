#include "ranks/launch.h"

#include <stdlib.h>

/* What Open MPI and others (MPICH, Slurm) tell a process. */
static const struct {
    const char *size, *rank;
} variables[] = {
    { "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK" },
    { "PMI_SIZE", "PMI_RANK" },
};
enum { VARIABLES = sizeof variables / sizeof *variables };

int launch_size(int *rank)
{
    *rank = 0;
    for (int i = 0; i < VARIABLES; i++) {
        const char *size = getenv(variables[i].size), *number = getenv(variables[i].rank);

        if (!size || atoi(size) < 1)
            continue;
        *rank = number ? atoi(number) : 0;
        return atoi(size);
    }
    return 1;
}

bool launch_known(void)
{
    for (int i = 0; i < VARIABLES; i++)
        if (getenv(variables[i].size))
            return true;
    return getenv("PMIX_RANK") != NULL;
}
