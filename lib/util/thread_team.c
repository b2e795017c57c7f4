#include "util/thread_team.h"

#include <sched.h>

/* Looks at the others between two offers of the processor: some ten microseconds. */
enum { PATIENCE = 4000 };

void thread_team_begin(struct thread_team *t, int size)
{
    t->size = size;
    atomic_init(&t->arrived, 0);
    atomic_init(&t->turn, 0);
}

static void pause_a_little(void)
{
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
}

void thread_team_wait(struct thread_team *t)
{
    unsigned turn = atomic_load_explicit(&t->turn, memory_order_relaxed);

    if (atomic_fetch_add(&t->arrived, 1) + 1 == t->size) {
        atomic_store_explicit(&t->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&t->turn, turn + 1, memory_order_release);
        return;
    }
    for (long looks = 1; atomic_load_explicit(&t->turn, memory_order_acquire) == turn;
         looks++)
        if (looks % PATIENCE)
            pause_a_little();
        else
            sched_yield();
}

void thread_team_share(const struct share *s, int n, int grain, int *first, int *end)
{
    long grains = ((long)n + grain - 1) / grain;
    long from = grains * s->member / s->size * grain;
    long to = grains * (s->member + 1) / s->size * grain;

    *first = (int)(from < n ? from : n);
    *end = (int)(to < n ? to : n);
}
