#include "rec/workspaces.h"

#include "util/mem.h"

#include <omp.h>
#include <stdlib.h>

struct slot {
    struct decoder_workspace *w;
    int rows, wanted;
    bool backward;
};

struct workspaces {
    int threads;
    struct slot *slot; /* (threads) */
};

struct workspaces *workspaces_new(void)
{
    struct workspaces *p = mem_new(1, sizeof *p);

    p->threads = omp_get_max_threads();
    p->slot = mem_new((size_t)p->threads, sizeof *p->slot);
    return p;
}

void workspaces_free(struct workspaces *p)
{
    if (!p)
        return;
    for (int i = 0; i < p->threads; i++)
        decoder_workspace_free(p->slot[i].w);
    free(p->slot);
    free(p);
}

/* A quarter more than asked for, so that growing prompts do not renew it each time. */
static void renew(struct slot *s, const struct decoder *m, int rows, int wanted,
                  bool backward)
{
    decoder_workspace_free(s->w);
    s->rows = rows + rows / 4;
    s->wanted = wanted + wanted / 4 + 1;
    s->backward |= backward;
    s->w = decoder_workspace_new(m, s->rows, s->wanted, s->backward);
}

struct decoder_workspace *workspaces_take(struct workspaces *p, const struct decoder *m,
                                        int rows, int wanted, bool backward)
{
    int thread = omp_get_thread_num();
    struct slot *s = p && thread < p->threads ? &p->slot[thread] : NULL;

    if (!s)
        return decoder_workspace_new(m, rows, wanted, backward);
    if (!s->w || s->rows < rows || s->wanted < wanted || (backward && !s->backward))
        renew(s, m, rows, wanted, backward);
    return s->w;
}

void workspaces_give(struct workspaces *p, struct decoder_workspace *w)
{
    int thread = omp_get_thread_num();

    if (!p || thread >= p->threads || p->slot[thread].w != w)
        decoder_workspace_free(w);
}
