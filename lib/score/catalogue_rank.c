#include "score/catalogue_parts.h"

#include "util/progress.h"

#include <math.h>
#include <stdlib.h>

/* One user's counts so far, over all items. */
struct count {
    float truth;
    int64_t known, above, tied; /* known: not NaN */
};

static void count_scores(struct count *c, const float *score, int64_t n, int sign)
{
    float truth = c->truth;
    int known = 0, above = 0, tied = 0;

    for (int64_t i = 0; i < n; i++) {
        known += score[i] == score[i];
        above += score[i] > truth;
        tied += score[i] == truth;
    }
    c->known += sign * known;
    c->above += sign * above;
    c->tied += sign * tied;
}

/* Takes the user's other items out again: a pair's score has the same bits each time. */
static int64_t uncount_seen(struct count *c, const struct item_scorer *m,
                            const struct history *h, enum split split, int user)
{
    struct seen s;

    catalogue_seen(&s, h, split, user);
    for (int64_t i = 0; i < s.count; i++) {
        float score = item_scorer_score(m, user, s.item[i]);

        count_scores(c, &score, 1, -1);
    }
    free(s.item);
    return s.count;
}

static void put_place(int32_t *place, const struct count *c, int64_t ranked)
{
    int64_t above = isnan(c->truth) ? c->known : c->above;
    int64_t tied = isnan(c->truth) ? ranked - c->known : c->tied;

    place[RANK_ABOVE] = (int32_t)(c->known ? above : 0);
    place[RANK_TIED] = (int32_t)(c->known ? tied : 0);
    place[RANK_RANKED] = (int32_t)ranked;
}

/* Counts what is clear of the truth, and scores what is not. */
static void count_block(struct count *c, const struct search *s, const float *score,
                        int user, int64_t first, int n, double margin)
{
    float high = (float)((double)c->truth + margin),
          low = (float)((double)c->truth - margin);
    int above = 0, below = 0;

    high = nextafterf(high, INFINITY), low = nextafterf(low, -INFINITY);
    for (int i = 0; i < n; i++) {
        above += score[i] > high;
        below += score[i] < low;
    }
    c->above += above;
    c->known += above + below;
    for (int i = 0; above + below < n && i < n; i++)
        if (!(score[i] > high) && !(score[i] < low)) {
            float exact = item_scorer_score(s->m, user, first + i);

            count_scores(c, &exact, 1, 1);
        }
}

static void rank_block(int32_t *place, const struct search *s, enum split split,
                       const int32_t *user, int users)
{
    const struct item_scorer *m = s->m;
    struct count count[USERS] = { 0 };
    int32_t truth[USERS];
    struct block b;

    catalogue_block_new(&b, s, user, users);
    for (int u = 0; u < users; u++) {
        truth[u] = s->h->item[history_target(s->h, user[u], split)];
        count[u].truth = item_scorer_score(m, user[u], truth[u]);
    }
    for (int64_t first = 0; first < m->items; first += ITEMS) {
        int n = (int)(m->items - first < ITEMS ? m->items - first : ITEMS);

        catalogue_block_scores(&b, s, first, n);
        for (int u = 0; u < users; u++)
            if (item_scorer_knows(m, user[u]))
                count_block(&count[u], s, b.score + u * ITEMS, user[u], first, n,
                            catalogue_block_margin(&b, s, u, first));
    }
    for (int u = 0; u < users; u++) {
        int64_t others = uncount_seen(&count[u], m, s->h, split, user[u]);

        put_place(place + (int64_t)u * RANK_COLUMNS, &count[u], m->items - others);
    }
    catalogue_block_free(&b);
}

void catalogue_rank(int32_t *place, const struct item_scorer *m, const struct history *h,
                    enum split split, const int32_t *user, int64_t rows)
{
    struct search s = catalogue_search_new(m, h);
    int users = catalogue_block_users(rows);

    progress_begin("ranking", "users", (long)rows);
    for (int64_t at = 0; at < rows; at += AT_ONCE) {
        int64_t end = rows - at < AT_ONCE ? rows : at + AT_ONCE;

#pragma omp parallel for schedule(dynamic)
        for (int64_t i = at; i < end; i += users)
            rank_block(place + i * RANK_COLUMNS, &s, split, user + i,
                       (int)(end - i < users ? end - i : users));
        progress_update((long)end, NULL);
    }
    progress_end();
    catalogue_search_free(&s);
}
