/* One training by several processes, the ranks of MPI: `mpirun -n 4 project-train ...`.
 * All ranks do the same, but for a share of the work each; then each gives the others its
 * part, and all go on from equal bytes.  Nothing is added up on the way, so that sums
 * have the order that one process has.  Rank 0 alone reads streams and writes files.
 *
 * ranks_mpi.c is linked by `make MPI=1`, ranks_one.c otherwise: there is rank 0 alone,
 * and all that is passed on stays where it is. */
#ifndef RANKS_RANKS_H
#define RANKS_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Begins, before anything is read or written and after blas_start.  In other ranks than 0
 * say and warn are silent from now on.  Ends the program with status 2 where it is one of
 * several processes of a job (launch.h) and was built without MPI. */
void ranks_begin(void);

/* Ends, as the last act of a program that succeeded.  Where a rank exits without it, all
 * ranks end. */
void ranks_end(void);

/* Return this rank, 0 .. count - 1; the number of ranks; and whether this is rank 0. */
int ranks_mine(void);
int ranks_count(void);
bool ranks_first(void);

/* Gives the data of rank 0 (bytes) to all others. */
void ranks_spread(void *data, size_t bytes);

/* Ends the program with a line that names both where a rank has another value than rank 0
 * (of `what`, "options"; RANKS_VALUE bytes tell values apart). */
enum { RANKS_VALUE = 64 };
void ranks_agree(const char *what, const char *value);

/* Returns as ranks_agree for a digest. */
void ranks_agree_on(const char *what, uint64_t digest);

/* Returns where the share of a rank begins among n things that are shared out in order:
 * rank r has [ranks_from(r, n), ranks_from(r + 1, n)). */
long ranks_from(int rank, long n);

/* data is things of `unit` bytes: of them each rank has made those from first[rank] to
 * first[rank + 1] (count + 1 of these).  All ranks then have all of them. */
void ranks_gather(void *data, size_t unit, const long *first);

/* Returns how many bytes all ranks together have sent by ranks_gather. */
int64_t ranks_sent(void);

/* Returns when all ranks have come here. */
void ranks_wait(void);

#endif
