/* How the process was started, as mpirun and its like say in the environment. */
#ifndef RANKS_LAUNCH_H
#define RANKS_LAUNCH_H

#include <stdbool.h>

/* Returns whether something like mpirun started the program.  Standard output is then
 * mpirun's, whatever it looks like. */
bool launch_known(void);

/* Returns how many processes were started together; 1 where the environment says nothing.
 * *rank is this one's number. */
int launch_size(int *rank);

#endif
