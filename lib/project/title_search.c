#include "project/title_search_parts.h"

#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Nodes that the model reads at once: enough of them to fill its products, and fewer
 * where titles are long, since all rows are in memory together. */
enum { NODES = 256, ROWS = 8192 };

static int compare_found(const void *a, const void *b)
{
    const struct title_found *x = a, *y = b;

    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static int compare_open(const void *a, const void *b)
{
    const struct title_open *x = a, *y = b;

    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->node.first > y->node.first) - (x->node.first < y->node.first);
}

/* Keeps the best titles found, and the nodes that may lead to better ones or to equal
 * ones, best first. */
static void prune(struct title_walk *w)
{
    int top = w->t->top, beam = w->t->beam, n = 0;
    double least = -INFINITY;

    if (w->founds > 0)
        qsort(w->found, (size_t)w->founds, sizeof *w->found, compare_found);
    if (w->founds >= top) {
        w->founds = top;
        least = w->found[top - 1].score;
    }
    for (int i = 0; i < w->opens; i++)
        if (w->open[i].score >= least)
            w->open[n++] = w->open[i];
    if (n > 0)
        qsort(w->open, (size_t)n, sizeof *w->open, compare_open);
    if (beam > 0 && n > beam)
        w->lost = fmax(w->lost, w->open[beam].score);
    w->opens = beam > 0 && n > beam ? beam : n;
}

/* The user's prompt; as room is left for the longest title, that is named where there is
 * none. */
static int make_prompt(struct title_walk *w)
{
    const struct title_search *t = w->t;
    const struct title_request *r = w->request;
    int context = decoder_config(t->s->llm->model)->context, need;
    int result = prompt_shared(&w->prompt, &t->s->prompter, NULL, 0, &w->error);

    if (result == 0)
        result = stage2_user_prompt(&w->prompt, t->s, &r->example, r->split, NULL, 0,
                                    w->prompt.n + t->trie->longest, &w->error);
    need = w->prompt.n + t->trie->longest;
    if (result < 0 && need > context)
        return stage2_no_room(t->s, &t->trie->longest_item, 1, need, &w->error);
    if (result >= 0 && w->prompt.n == 0)
        return fail(&w->error, "the prompt is empty");
    return result;
}

static int prepare(struct title_walk *w)
{
    const struct title_search *t = w->t;
    struct title_request *r = w->request;
    struct title_node root = { 0, t->trie->items, 0 };

    r->found = 0;
    r->rows = r->rounds = 0;
    w->lost = -INFINITY;
    title_cut_new(&w->cut, t->trie, r->cut, r->cuts);
    w->dropped = make_prompt(w);
    if (w->dropped >= 0 && title_cut_left(&w->cut, root.first, root.end) > 0)
        title_walk_open(w, &root, 0);
    return w->dropped < 0 ? -1 : 0;
}

static int nodes_at_once(const struct title_trie *t)
{
    int n = ROWS / (t->longest + 1);

    return n < 1 ? 1 : n < NODES ? n : NODES;
}

/* The best open nodes, all of them where there is a beam. */
static int read_best(struct title_walk *w)
{
    int most = nodes_at_once(w->t->trie), result = 0;
    int n = w->opens < most || w->t->beam > 0 ? w->opens : most;
    struct title_open *nodes = mem_new((size_t)n, sizeof *nodes);

    memcpy(nodes, w->open, (size_t)n * sizeof *nodes);
    memmove(w->open, w->open + n, (size_t)(w->opens - n) * sizeof *w->open);
    w->opens -= n;
    for (int i = 0; i < n && result == 0; i += most)
        result = title_search_read(w, nodes + i, n - i < most ? n - i : most);
    free(nodes);
    return result;
}

static int search(struct title_walk *w)
{
    struct title_request *r = w->request;

    if (prepare(w) < 0)
        return -1;
    for (prune(w); w->opens > 0; prune(w))
        if (read_best(w) < 0)
            return -1;
    r->found = w->founds;
    r->exact = isinf(w->lost) ||
               (w->founds == w->t->top && w->lost < w->found[w->founds - 1].score);
    for (int i = 0; i < w->t->top; i++) {
        r->item[i] = i < w->founds ? w->found[i].item : -1;
        r->score[i] = i < w->founds ? w->found[i].score : NAN;
    }
    return 0;
}

static void free_walk(struct title_walk *w)
{
    title_cut_free(&w->cut);
    codes_free(&w->prompt);
    free(w->open);
    free(w->found);
}

long title_search(const struct title_search *t, struct title_request *requests, int count,
                  struct error *e)
{
    struct title_walk *walks = mem_new((size_t)count + 1, sizeof *walks);
    long dropped = 0;

    /* one user alone leaves the threads to the products */
#pragma omp parallel for schedule(dynamic) if (count > 1)
    for (int i = 0; i < count; i++) {
        walks[i].t = t;
        walks[i].request = &requests[i];
        walks[i].failed = search(&walks[i]);
        free_walk(&walks[i]);
    }
    for (int i = count - 1; i >= 0; i--) {
        if (walks[i].failed)
            *e = walks[i].error;
        dropped = walks[i].failed || dropped < 0 ? -1 : dropped + walks[i].dropped;
    }
    free(walks);
    return dropped;
}
