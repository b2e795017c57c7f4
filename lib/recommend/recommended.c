#include "recommend/recommended.h"

#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A candidate's place in its row, and what orders it. */
struct placed {
    int64_t column;
    float score;
};

static int best_first(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    int missing = isnan(x->score) - isnan(y->score);

    if (missing)
        return missing;
    if (x->score > y->score || x->score < y->score)
        return x->score > y->score ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

/* The row's candidates in order: placed (columns); how many there are. */
static int64_t order_row(struct placed *placed, const struct scored_rows *s, int64_t row)
{
    int64_t n = 0;

    for (int64_t j = row * s->columns; j < (row + 1) * s->columns; j++)
        if (s->item[j] >= 0)
            placed[n++] = (struct placed){ j, s->by < 0 ? 0 : s->score[s->by][j] };
    qsort(placed, (size_t)n, sizeof *placed, best_first);
    return n;
}

void recommended_add(struct recommended_list *r, const char *user,
                     const struct scored_rows *s, int64_t row, int most,
                     const struct unit_vectors *u, const int32_t *history, int64_t n)
{
    struct placed *placed = mem_new((size_t)s->columns, sizeof *placed);
    int64_t found = order_row(placed, s, row);
    struct recommended x = { .user = user, .count = (int)(found < most ? found : most) };

    x.item = mem_new((size_t)x.count, sizeof *x.item);
    x.score = mem_new((size_t)x.count * (size_t)s->scorers, sizeof *x.score);
    x.why = mem_new((size_t)x.count * (size_t)r->whys, sizeof *x.why);
    for (int i = 0; i < x.count; i++) {
        x.item[i] = s->item[placed[i].column];
        for (int k = 0; k < s->scorers; k++)
            x.score[i * s->scorers + k] = s->score[k][placed[i].column];
        for (int k = 0; k < r->whys; k++)
            x.why[i * r->whys + k].item = -1;
        if (u)
            reasons_find(x.why + i * r->whys, r->whys, u, history, n, x.item[i]);
    }
    free(placed);
    MEM_PUSH(r->list, r->count, r->room, x);
}

void recommended_free(struct recommended_list *r)
{
    for (int i = 0; i < r->count; i++) {
        free(r->list[i].item);
        free(r->list[i].score);
        free(r->list[i].why);
    }
    free(r->list);
}
