/* How the process was started, as mpirun and its like say in the environment. */
#ifndef RANKS_LAUNCH_H
#define RANKS_LAUNCH_H

#include <stdbool.h>

/* Returns whether something like mpirun started the program.  Standard output is then
 * mpirun's, whatever it looks like. */
bool launch_known(void);

/* Returns how many processes were started together; 1 where the environment says nothing.
 * *rank is this one's number.  Where that alone is known, it counts as the last. */
int launch_size(int *rank);

/* Returns whether this is one of several processes of one job.  It is under mpirun.  srun
 * also starts tasks that know nothing of each other: they are a job where they all write
 * one standard output. */
bool launch_is_job(void);

/* Ends a program that trains nothing with status 2 where several processes of mpirun
 * write one standard output: each would write all that there is. */
void launch_check_alone(void);

/* Ends the program with status 2 and the reason, which rank 0 says.  Another rank says it
 * where mpirun has not ended it by then. */
_Noreturn void launch_refuse(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
