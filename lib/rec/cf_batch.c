#include "rec/cf_batch.h"

#include "util/mem.h"
#include "util/rng.h"

#include <omp.h>
#include <string.h>

void cf_batch_lists(struct cf_training *b, const struct history *h, int hide_last)
{
    int64_t n = 0;

    b->item = mem_new((size_t)h->n, sizeof *b->item);
    b->first = mem_new((size_t)h->users + 1, sizeof *b->first);
    b->eligible = mem_new((size_t)h->users, sizeof *b->eligible);
    for (int u = 0; u < h->users; u++) {
        int64_t left = history_training_rows(h, u) - hide_last;

        for (int64_t i = h->first[u]; i < h->first[u + 1] && left > 0; i++)
            if (h->split[i] == SPLIT_TRAIN) {
                b->item[n++] = h->item[i];
                left--;
            }
        b->first[u + 1] = n;
        if (n - b->first[u] >= 2)
            b->eligible[b->eligibles++] = u;
    }
}

/* One user and the window before one of its items, which is the last target. */
static void draw_window(struct cf_training *b, const struct cf_options *o, uint64_t step,
                        int slot)
{
    rng r = rng_keyed("cf-train batch", o->seed, step, (uint64_t)slot);
    int user = b->eligible[rng_below(&r, (uint64_t)b->eligibles)];
    int64_t n = b->first[user + 1] - b->first[user], end = n - 1, length;

    if (o->windows == CF_RANDOM)
        end = 1 + (int64_t)rng_below(&r, (uint64_t)n - 1);
    length = end < o->maxlen ? end : o->maxlen;
    b->user[slot] = user;
    b->length[slot] = (int)length;
    memcpy(b->window + (long)slot * o->maxlen, b->item + b->first[user] + end - length,
           (size_t)length * sizeof *b->window);
    b->next[slot] = b->item[b->first[user] + end];
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
static void draw_negatives(struct cf_training *b, const struct cf_options *o, int k,
                           int items, uint64_t step, int w, uint64_t *seen)
{
    enum { TRIES = 1000 };
    rng r = rng_keyed("cf-train negatives", o->seed, step, (uint64_t)w);
    int64_t from = b->first[b->user[w]], to = b->first[b->user[w] + 1];

    for (int64_t i = from; i < to; i++)
        seen[b->item[i] / 64] |= 1ull << (b->item[i] % 64);
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
        seen[b->item[i] / 64] = 0;
}

void cf_batch_negatives(struct cf_training *b, const struct cf_options *o, int items,
                        uint64_t step, int from, int to)
{
    int k = o->loss == CF_GBCE ? o->negatives : 1;
    size_t words = ((size_t)items + 63) / 64;

    for (int w = from; w < to; w++)
        draw_negatives(b, o, k, items, step, w,
                       b->seen + (size_t)omp_get_thread_num() * words);
}

void cf_batch_draw(struct cf_training *b, const struct cf_options *o, uint64_t step)
{
    for (int w = 0; w < o->batch; w++) {
        draw_window(b, o, step, w);
        b->start[w + 1] = b->start[w] + b->length[w] + 1;
    }
    b->rows = b->start[o->batch];
    lay_out(b, o->batch, o->maxlen);
}
