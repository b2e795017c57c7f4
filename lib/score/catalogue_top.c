#include "score/catalogue_parts.h"

#include "util/mem.h"
#include "util/progress.h"

#include <math.h>
#include <stdlib.h>

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
static void offer(struct best *b, struct found new)
{
    if (isnan(new.score) ||
        (b->count == b->room && !(new.score > b->heap[0].score)))
        return;
    if (b->count < b->room) {
        b->heap[b->count] = new;
        sift_up(b->heap, b->count++);
    } else {
        b->heap[0] = new;
        sift_down(b->heap, b->count, 0);
    }
}

/* Scores, and offers, what may be better than the worst and has not been seen. */
static void offer_some(struct best *b, const struct search *s, const float *score,
                       int user, int64_t first, int n, double margin)
{
    struct seen *seen = &b->seen;

    for (int i = 0; i < n; i++) {
        int32_t item = (int32_t)(first + i);

        if (b->count == b->room &&
            (double)score[i] < (double)b->heap[0].score - margin)
            continue;
        while (seen->at < seen->count && seen->item[seen->at] < item)
            seen->at++;
        if (seen->at < seen->count && seen->item[seen->at] == item)
            continue;
        offer(b, (struct found){ item_scorer_score(s->m, user, item), item });
    }
}

/* Is each of the scores behind the worst, even if the margin is added?  (The float below
 * the bound is, whatever the bound was rounded to.) */
static bool all_behind(const struct best *b, const float *score, int n, double margin)
{
    float bound;
    int behind = 0;

    if (b->count < b->room)
        return false;
    bound = nextafterf((float)((double)b->heap[0].score - margin), -INFINITY);
#pragma omp simd reduction(+ : behind)
    for (int i = 0; i < n; i++)
        behind += score[i] < bound;
    return behind == n;
}

enum { SOME = 64 }; /* scores looked at together: a full heap takes few */

static void offer_block(struct best *b, const struct search *s, const float *score,
                        int user, int64_t first, int n, double margin)
{
    for (int i = 0; i < n; i += SOME) {
        int some = n - i < SOME ? n - i : SOME;

        if (!all_behind(b, score + i, some, margin))
            offer_some(b, s, score + i, user, first + i, some, margin);
    }
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

static void top_block(int32_t *item, int room, const struct search *s, int split,
                      const int32_t *user, int users)
{
    const struct item_scorer *m = s->m;
    struct best best[USERS];
    struct block b;

    catalogue_block_new(&b, s, user, users);
    for (int u = 0; u < users; u++) {
        best[u] = (struct best){ .room = room };
        best[u].heap = mem_new((size_t)room, sizeof *best[u].heap);
        catalogue_seen(&best[u].seen, s->h, split, user[u]);
    }
    for (int64_t first = 0; first < m->items; first += ITEMS) {
        int n = (int)(m->items - first < ITEMS ? m->items - first : ITEMS);

        catalogue_block_scores(&b, s, first, n);
        for (int u = 0; u < users; u++)
            if (item_scorer_knows(m, user[u]))
                offer_block(&best[u], s, b.score + u * ITEMS, user[u], first, n,
                            catalogue_block_margin(&b, s, u, first));
    }
    for (int u = 0; u < users; u++) {
        put_best(&best[u], item + (int64_t)u * room);
        free(best[u].heap);
        free(best[u].seen.item);
    }
    catalogue_block_free(&b);
}

void catalogue_top(int32_t *item, int n, const struct item_scorer *m,
                   const struct history *h, int split, const int32_t *user,
                   int64_t rows)
{
    struct search s = catalogue_search_new(m, h);
    int users = catalogue_block_users(rows);

    progress_begin("searching", "users", (long)rows);
    for (int64_t at = 0; at < rows; at += AT_ONCE) {
        int64_t end = rows - at < AT_ONCE ? rows : at + AT_ONCE;

#pragma omp parallel for schedule(dynamic)
        for (int64_t i = at; i < end; i += users)
            top_block(item + i * n, n, &s, split, user + i,
                      (int)(end - i < users ? end - i : users));
        progress_update((long)end, NULL);
    }
    progress_end();
    catalogue_search_free(&s);
}
