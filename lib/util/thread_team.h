/* Threads that go through many short steps together.  A parallel region of its own for
 * each step would put waiting threads to sleep and wake them again, which takes longer
 * than the step; here they wait for each other awake, and after a while let others have
 * the processor. */
#ifndef UTIL_THREAD_TEAM_H
#define UTIL_THREAD_TEAM_H

#include <stdatomic.h>

struct team {
    int size;
    atomic_int arrived;
    atomic_uint turn;
};

/* One thread's place: member is 0 .. size - 1. */
struct share {
    struct team *team;
    int member, size;
};

/* Of `size` members; before any of them waits. */
void team_begin(struct team *t, int size);

/* Returns when all members have called it as often; what they wrote before is seen by
 * all behind it. */
void team_wait(struct team *t);

/* The member's part of n things, of which no other gets one that lies within the same
 * `grain`: [*first, *end). */
void share_of(const struct share *s, int n, int grain, int *first, int *end);

#endif
