#include "rec/cf_hits.h"

#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static real score(const struct sasrec *m, const real *x, int item)
{
    return real_dot(m->shape.width, x, 1, sasrec_item(m, item), 1);
}

static bool is_own(const struct history *h, int user, int32_t item)
{
    for (int64_t i = h->first[user]; i < h->first[user + 1]; i++)
        if (h->item[i] == item)
            return true;
    return false;
}

/* The mean of hr@1 over the orders of ties: 0 below an item, 1 / ties beside. */
static double hit(const struct sasrec *m, const struct history *h, const real *x, int user,
                  int64_t row, uint64_t seed)
{
    enum { TRIES = 1000 };
    rng r = rng_keyed("cf-train hits", seed, (uint64_t)h->split[row], (uint64_t)user);
    real truth = score(m, x, h->item[row]);
    int tied = 1;

    for (int i = 0; i < HITS_NEGATIVES; i++) {
        int32_t item;
        int tries = 0;
        real s;

        do
            item = (int32_t)rng_below(&r, (uint64_t)h->items);
        while (is_own(h, user, item) && ++tries < TRIES);
        s = score(m, x, item);
        if (s > truth)
            return 0;
        tied += s == truth;
    }
    return 1.0 / tied;
}

double cf_hits(const struct sasrec *m, const struct history *h, enum split split,
               uint64_t seed)
{
    int stride = h->users / HITS_USERS + 1, n = 0, maxlen = m->shape.maxlen;
    size_t room = (size_t)(h->users / stride) + 1;
    int32_t *window = mem_new(room * (size_t)maxlen, sizeof *window);
    int *length = mem_new(room, sizeof *length), *user = mem_new(room, sizeof *user);
    real *x = mem_new(room * (size_t)m->shape.width, sizeof *x);
    double sum = 0;

    for (int u = 0; u < h->users; u += stride) {
        int64_t row = history_target(h, u, split);

        if (row < 0)
            continue;
        length[n] =
            history_window(h, u, row, split, maxlen, window + (long)n * maxlen);
        user[n] = u;
        n += length[n] > 0;
    }
    sasrec_represent(m, x, window, length, n);
    for (int i = 0; i < n; i++)
        sum += hit(m, h, x + (long)i * m->shape.width, user[i],
                   history_target(h, user[i], split), seed);
    free(window), free(length), free(user), free(x);
    return n > 0 ? sum / n : NAN;
}
