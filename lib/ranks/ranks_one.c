/* Ranks without MPI: there is one. */
#include "ranks/ranks.h"

#include "ranks/launch.h"

void ranks_begin(void)
{
    int rank, count = launch_size(&rank);

    if (launch_is_job())
        launch_refuse("started as %d processes, but built without MPI: build with make "
                      "MPI=1", count);
}

void ranks_end(void)
{
}

int ranks_mine(void)
{
    return 0;
}

int ranks_count(void)
{
    return 1;
}

void ranks_spread(void *data, size_t bytes)
{
    (void)data;
    (void)bytes;
}

void ranks_agree(const char *what, const char *value)
{
    (void)what;
    (void)value;
}

void ranks_gather(void *data, size_t unit, const long *first)
{
    (void)data;
    (void)unit;
    (void)first;
}

int64_t ranks_sent(void)
{
    return 0;
}

void ranks_wait(void)
{
}
