#include "rec/catalogue.h"

#include "util/mem.h"
#include "util/progress.h"

#include <math.h>
#include <stdlib.h>

enum {
    ITEMS = 512,       /* of a block: their vectors stay in the cache for all its users */
    USERS = 32,        /* of a block, one thread's */
    AT_ONCE = 64 * USERS /* between two looks at the clock */
};

/* The items that a user has had, ascending; at: the first that is not yet passed. */
struct seen {
    int32_t *item;
    int64_t count, at;
};

static void seen_of(struct seen *s, const struct history *h, int user)
{
    s->item = mem_new((size_t)(h->first[user + 1] - h->first[user]), sizeof *s->item);
    s->count = history_items(h, user, s->item);
    s->at = 0;
}

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
static int64_t uncount_seen(struct count *c, const struct item_model *m,
                            const struct history *h, int user, int32_t truth)
{
    struct seen s;
    int64_t others = 0;

    seen_of(&s, h, user);
    for (int64_t i = 0; i < s.count; i++) {
        float score = item_model_score(m, user, s.item[i]);

        if (s.item[i] == truth)
            continue;
        count_scores(c, &score, 1, -1);
        others++;
    }
    free(s.item);
    return others;
}

static void put_place(int32_t *place, const struct count *c, int64_t ranked)
{
    int64_t above = isnan(c->truth) ? c->known : c->above;
    int64_t tied = isnan(c->truth) ? ranked - c->known : c->tied;

    place[RANK_ABOVE] = (int32_t)(c->known ? above : 0);
    place[RANK_TIED] = (int32_t)(c->known ? tied : 0);
    place[RANK_RANKED] = (int32_t)ranked;
}

static void rank_block(int32_t *place, const struct item_model *m, const struct history *h,
                       enum split split, const int32_t *user, int users)
{
    struct count count[USERS] = { 0 };
    int32_t truth[USERS];
    float score[ITEMS];

    for (int u = 0; u < users; u++) {
        truth[u] = h->item[history_target(h, user[u], split)];
        count[u].truth = item_model_score(m, user[u], truth[u]);
    }
    for (int64_t first = 0; first < m->items; first += ITEMS) {
        int64_t n = m->items - first < ITEMS ? m->items - first : ITEMS;

        for (int u = 0; u < users; u++) {
            item_model_scores(m, user[u], first, n, score);
            count_scores(&count[u], score, n, 1);
        }
    }
    for (int u = 0; u < users; u++) {
        int64_t others = uncount_seen(&count[u], m, h, user[u], truth[u]);

        put_place(place + (int64_t)u * RANK_COLUMNS, &count[u], m->items - others);
    }
}

void catalogue_rank(int32_t *place, const struct item_model *m, const struct history *h,
                    enum split split, const int32_t *user, int64_t rows)
{
    progress_begin("ranking", "users", (long)rows);
    for (int64_t at = 0; at < rows; at += AT_ONCE) {
        int64_t end = rows - at < AT_ONCE ? rows : at + AT_ONCE;

#pragma omp parallel for schedule(dynamic)
        for (int64_t i = at; i < end; i += USERS)
            rank_block(place + i * RANK_COLUMNS, m, h, split, user + i,
                       (int)(end - i < USERS ? end - i : USERS));
        progress_update((long)end, NULL);
    }
    progress_end();
}

struct found {
    float score;
    int32_t item;
};

/* The n best so far as a heap, the worst of them at its root. */
struct best {
    struct found *heap;
    int count, room;
    struct seen seen;
};

/* Does a rank behind b? */
static bool is_behind(struct found a, struct found b)
{
    return a.score != b.score ? a.score < b.score : a.item > b.item;
}

static void sift_down(struct found *heap, int count, int at)
{
    struct found moved = heap[at];

    for (int child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && is_behind(heap[child + 1], heap[child]))
            child++;
        if (!is_behind(heap[child], moved))
            break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

static void sift_up(struct found *heap, int at)
{
    struct found moved = heap[at];

    for (int parent; at > 0 && is_behind(moved, heap[parent = (at - 1) / 2]); at = parent)
        heap[at] = heap[parent];
    heap[at] = moved;
}

/* Items come ascending, so one that only equals the worst is behind it. */
static void offer(struct best *b, const float *score, int64_t first, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        struct found new = { score[i], (int32_t)(first + i) };

        if (b->count == b->room && !(new.score > b->heap[0].score))
            continue;
        if (isnan(new.score))
            continue;
        if (b->count < b->room) {
            b->heap[b->count] = new;
            sift_up(b->heap, b->count++);
        } else {
            b->heap[0] = new;
            sift_down(b->heap, b->count, 0);
        }
    }
}

static void hide_seen(struct seen *s, float *score, int64_t first, int64_t n)
{
    for (; s->at < s->count && s->item[s->at] < first + n; s->at++)
        score[s->item[s->at] - first] = NAN;
}

/* Empties the heap from its worst: row (room), best first, then -1. */
static void put_best(struct best *b, int32_t *row)
{
    for (int i = b->count; i < b->room; i++)
        row[i] = -1;
    while (b->count > 0) {
        row[--b->count] = b->heap[0].item;
        b->heap[0] = b->heap[b->count];
        if (b->count > 0)
            sift_down(b->heap, b->count, 0);
    }
}

static void top_block(int32_t *item, int room, const struct item_model *m,
                      const struct history *h, const int32_t *user, int users)
{
    struct best best[USERS];
    float score[ITEMS];

    for (int u = 0; u < users; u++) {
        best[u] = (struct best){ .room = room };
        best[u].heap = mem_new((size_t)room, sizeof *best[u].heap);
        seen_of(&best[u].seen, h, user[u]);
    }
    for (int64_t first = 0; first < m->items; first += ITEMS) {
        int64_t n = m->items - first < ITEMS ? m->items - first : ITEMS;

        for (int u = 0; u < users; u++) {
            item_model_scores(m, user[u], first, n, score);
            hide_seen(&best[u].seen, score, first, n);
            offer(&best[u], score, first, n);
        }
    }
    for (int u = 0; u < users; u++) {
        put_best(&best[u], item + (int64_t)u * room);
        free(best[u].heap);
        free(best[u].seen.item);
    }
}

void catalogue_top(int32_t *item, int n, const struct item_model *m,
                   const struct history *h, const int32_t *user, int64_t rows)
{
    progress_begin("searching", "users", (long)rows);
    for (int64_t at = 0; at < rows; at += AT_ONCE) {
        int64_t end = rows - at < AT_ONCE ? rows : at + AT_ONCE;

#pragma omp parallel for schedule(dynamic)
        for (int64_t i = at; i < end; i += USERS)
            top_block(item + i * n, n, m, h, user + i,
                      (int)(end - i < USERS ? end - i : USERS));
        progress_update((long)end, NULL);
    }
    progress_end();
}
