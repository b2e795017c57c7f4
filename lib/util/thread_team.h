/* Threads that go through many short steps together.  A parallel region of its own for
 * each step would put waiting threads to sleep and wake them again, which takes longer
 * than the step; here they wait for each other awake, and after a while let others have
 * the processor. */
#ifndef UTIL_THREAD_TEAM_H
#define UTIL_THREAD_TEAM_H

#include <stdatomic.h>

struct thread_team {
    int size;
    atomic_int arrived;
    atomic_uint turn;
};

/* One thread's place: member is 0 .. size - 1. */
struct share {
    struct thread_team *team;
    int member, size;
};

/* Makes t a team of `size` members, before any of them waits. */
void thread_team_begin(struct thread_team *t, int size);

/* Returns when all members have called the function as often.  What a member wrote before
 * the call, all members see after it. */
void thread_team_wait(struct thread_team *t);

/* Sets [*first, *end) to the member's part of n things.  Things within the same `grain`
 * go to one member. */
void thread_team_share(const struct share *s, int n, int grain, int *first, int *end);

#endif
