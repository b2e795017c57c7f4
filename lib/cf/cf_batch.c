#include "cf/cf_batch.h"

#include "util/mem.h"
#include "util/rng.h"

#include <omp.h>
#include <string.h>

void cf_batch_eligible(struct cf_training *b, const struct cf_lists *l, int users)
{
    b->eligible = mem_new((size_t)users, sizeof *b->eligible);
    for (int u = 0; u < users; u++)
        if (l->first[u + 1] - l->first[u] >= 2)
            b->eligible[b->eligibles++] = u;
}

int cf_batch_blocks(const struct cf_trainer *t)
{
    int each = t->model.backbone.kind->windows_at_once;

    return (t->o.batch + each - 1) / each;
}

int cf_batch_each(const struct cf_options *o)
{
    return o->shared ? 0 : o->loss == CF_GBCE ? o->negatives : 1;
}

/* One user and the window before one of its items, which is the last target. */
static void draw_window(struct cf_training *b, const struct cf_lists *l,
                        const struct cf_options *o, uint64_t step, int slot)
{
    rng r = rng_keyed("cf-train batch", o->seed, step, (uint64_t)slot);
    int user = b->eligible[rng_below(&r, (uint64_t)b->eligibles)];
    int64_t n = l->first[user + 1] - l->first[user], end = n - 1, length;

    if (o->windows == CF_RANDOM)
        end = 1 + (int64_t)rng_below(&r, (uint64_t)n - 1);
    length = end < o->maxlen ? end : o->maxlen;
    b->user[slot] = user;
    b->length[slot] = (int)length;
    memcpy(b->window + (long)slot * o->maxlen, l->item + l->first[user] + end - length,
           (size_t)length * sizeof *b->window);
    b->next[slot] = l->item[l->first[user] + end];
}

/* Input and target of each row; row 0 of a window has none. */
static void lay_out(struct cf_training *b, int batch, int maxlen)
{
    b->targets = 0;
    for (int w = 0; w < batch; w++) {
        int32_t *input = b->input + b->start[w];
        int32_t *target = b->target + b->start[w];
        const int32_t *item = b->window + (long)w * maxlen;
        int n = b->length[w];

        input[0] = target[0] = -1;
        for (int i = 0; i < n; i++) {
            input[i + 1] = item[i];
            target[i + 1] = i + 1 < n ? item[i + 1] : b->next[w];
        }
        b->targets += n;
    }
}

static bool has(const uint64_t *bits, int32_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

/* k items for each row of a window, uniform among those that are not the user's;
 * where those are few, any item after so many tries. */
static void draw_negatives(struct cf_training *b, const struct cf_lists *l,
                           const struct cf_options *o, int items, uint64_t step, int w,
                           uint64_t *seen)
{
    enum { TRIES = 1000 };
    rng r = rng_keyed("cf-train negatives", o->seed, step, (uint64_t)w);
    int k = cf_batch_each(o);
    int64_t from = l->first[b->user[w]], to = l->first[b->user[w] + 1];

    for (int64_t i = from; i < to; i++)
        seen[l->item[i] / 64] |= 1ull << (l->item[i] % 64);
    for (int row = b->start[w]; row < b->start[w + 1]; row++) {
        int32_t *drawn = b->drawn + (long)row * (k + 1);

        drawn[0] = b->target[row];
        for (int j = 1; j <= k; j++) {
            int tries = 0;

            drawn[j] = -1;
            if (drawn[0] < 0)
                continue;
            do
                drawn[j] = (int32_t)rng_below(&r, (uint64_t)items);
            while (has(seen, drawn[j]) && ++tries < TRIES);
        }
    }
    for (int64_t i = from; i < to; i++)
        seen[l->item[i] / 64] = 0;
}

void cf_batch_negatives(struct cf_training *b, const struct cf_lists *l,
                        const struct cf_options *o, int items, uint64_t step, int from,
                        int to)
{
    size_t words = ((size_t)items + 63) / 64;

    for (int w = from; w < to; w++)
        draw_negatives(b, l, o, items, step, w,
                       b->seen + (size_t)omp_get_thread_num() * words);
}

void cf_batch_draw(struct cf_training *b, const struct cf_lists *l,
                   const struct cf_options *o, uint64_t step)
{
    for (int w = 0; w < o->batch; w++) {
        draw_window(b, l, o, step, w);
        b->start[w + 1] = b->start[w] + b->length[w] + 1;
    }
    b->rows = b->start[o->batch];
    lay_out(b, o->batch, o->maxlen);
}
