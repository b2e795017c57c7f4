#include "llm/decoder_pool.h"

#include "util/mem.h"

#include <omp.h>
#include <stdlib.h>

struct slot {
    struct decoder_workspace *w;
    int rows, wanted;
    enum decoder_keep keep;
};

struct decoder_pool {
    enum recompute recompute;
    int threads;
    struct slot *slot; /* (threads) */
};

const char *const recompute_names[] = { "auto", "no", "yes", NULL };

struct decoder_pool *decoder_pool_new(enum recompute recompute)
{
    struct decoder_pool *p = mem_new(1, sizeof *p);

    p->recompute = recompute;
    p->threads = omp_get_max_threads();
    p->slot = mem_new((size_t)p->threads, sizeof *p->slot);
    return p;
}

void decoder_pool_free(struct decoder_pool *p)
{
    if (!p)
        return;
    for (int i = 0; i < p->threads; i++)
        decoder_workspace_free(p->slot[i].w);
    free(p->slot);
    free(p);
}

/* How a backward pass is to be run; each thread of the team has a workspace. */
static enum decoder_keep keep_of(enum recompute recompute, const struct decoder *m,
                                 int rows, int wanted)
{
    size_t need;

    if (recompute != RECOMPUTE_AUTO)
        return recompute == RECOMPUTE_YES ? DECODER_RECOMPUTE : DECODER_BACKWARD;
    need = decoder_workspace_need(m, rows, wanted, DECODER_BACKWARD);
    return need > mem_of_machine() / 4 / (size_t)omp_get_num_threads() ? DECODER_RECOMPUTE
                                                                       : DECODER_BACKWARD;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* A quarter more than asked for, so that growing prompts do not renew it each time, and
 * no less than it had, so that prompts of changing shapes do not either. */
static void renew(struct slot *s, const struct decoder *m, int rows, int wanted,
                  bool backward, enum recompute recompute)
{
    decoder_workspace_free(s->w);
    s->rows = larger(s->rows, rows + rows / 4);
    s->wanted = larger(s->wanted, wanted + wanted / 4 + 1);
    if (backward || s->keep != DECODER_FORWARD)
        s->keep = keep_of(recompute, m, s->rows, s->wanted);
    s->w = decoder_workspace_new(m, s->rows, s->wanted, s->keep);
}

struct decoder_workspace *decoder_pool_take(struct decoder_pool *p,
                                            const struct decoder *m, int rows, int wanted,
                                            bool backward)
{
    int thread = omp_get_thread_num();
    struct slot *s = p && thread < p->threads ? &p->slot[thread] : NULL;

    if (!s)
        return decoder_workspace_new(m, rows, wanted,
                                     backward ? keep_of(RECOMPUTE_AUTO, m, rows, wanted)
                                              : DECODER_FORWARD);
    if (!s->w || s->rows < rows || s->wanted < wanted
        || (backward && s->keep == DECODER_FORWARD))
        renew(s, m, rows, wanted, backward, p->recompute);
    return s->w;
}

void decoder_pool_give(struct decoder_pool *p, struct decoder_workspace *w)
{
    int thread = omp_get_thread_num();

    if (!p || thread >= p->threads || p->slot[thread].w != w)
        decoder_workspace_free(w);
}
