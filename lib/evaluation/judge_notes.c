/* What a reader of a table must not miss. */
#include "evaluation/judge_parts.h"
#include "history/same_titles.h"
#include "util/error.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* 1 + the largest of v (n), at least `least`. */
int item_bound(const int32_t *v, int64_t n, int least)
{
    for (int64_t i = 0; i < n; i++)
        if (v[i] >= least && v[i] < INT32_MAX)
            least = v[i] + 1;
    return least;
}

const char *rows_word(const struct evaluation *v)
{
    return v->people < v->users ? "rows" : "users";
}

void note_titles(struct filter *f, struct evaluation *v)
{
    const struct texts *titles = filter_texts(f, "item.title", "data-import");
    int64_t cells = v->users * v->columns, sets;
    int32_t *first;

    if (item_bound(v->item, cells, 0) > titles->count)
        die("cand.%s.item: holds item %d, expected less than the %lld rows of item.title",
            v->split, item_bound(v->item, cells, 0) - 1, (long long)titles->count);
    first = same_titles_first(titles);
    sets = same_titles_sets(first, titles->count, v->item, v->users, v->columns);
    if (sets > 0)
        evaluation_note(v, "%lld of %lld %s have two candidates of the same title, "
                           "which text cannot tell apart",
                        (long long)sets, (long long)v->users, rows_word(v));
    free(first);
}

void note_padding(struct evaluation *v)
{
    int64_t short_sets = 0;

    for (int64_t u = 0; u < v->users; u++)
        short_sets += metric_place_by_chance(v->item + u * v->columns, v->columns).tied <
                      v->columns;
    if (short_sets > 0)
        evaluation_note(v, "%lld of %lld %s have fewer than %d candidates",
                        (long long)short_sets, (long long)v->users, rows_word(v),
                        v->columns);
}

void note_retrieved(struct evaluation *v)
{
    int64_t found = 0;

    for (int64_t u = 0; v->retrieved && v->truth && u < v->users; u++)
        found += v->truth[u] >= 0;
    if (v->retrieved && v->truth)
        evaluation_note(v, "the true item is among the candidates of %lld of %lld %s "
                           "(%.4f); the others count as 0",
                        (long long)found, (long long)v->users, rows_word(v),
                        (double)found / (double)v->users);
}

/* Does the history have the item before the user's first one of the split?  Room for all
 * the user's rows is in `window`. */
static bool is_repeat(const struct history *h, int user, enum split split, int32_t item,
                      int32_t *window)
{
    int room = (int)(h->first[user + 1] - h->first[user]);
    int n = history_window(h, user, history_target(h, user, split), split, room, window);

    while (n > 0 && window[n - 1] != item)
        n--;
    return n > 0;
}

void note_repeats(struct evaluation *v, const struct history *h, enum split split)
{
    int64_t most = 0, repeats = 0;
    int32_t *window;

    for (int u = 0; u < h->users; u++)
        if (h->first[u + 1] - h->first[u] > most)
            most = h->first[u + 1] - h->first[u];
    window = mem_new((size_t)most + 1, sizeof *window);
    for (int64_t u = 0; v->true_item && u < v->users; u++)
        repeats += is_repeat(h, v->user[u], split, v->true_item[u], window);
    free(window);
    if (repeats > 0)
        evaluation_note(v, "%lld of %lld true items repeat an item of the user's own "
                           "history", (long long)repeats, (long long)v->users);
}

/* What distinguishes this run of a scorer from another, where it says. */
void note_options(struct filter *f, struct evaluation *v, const char *name)
{
    const char *norm = filter_attr(f, name, "norm");
    const char *orders = filter_attr(f, name, "orders");
    const char *how = filter_attr(f, name, "fused");
    const char *weights = filter_attr(f, name, "weights");
    const struct scorer *s = &v->scorer[v->scorers - 1];
    int64_t unscored = evaluation_unscored(v, s, 0);

    if (how)
        evaluation_note(v, "%s: fused by %s%s%s", s->name, how, weights ? " " : "",
                        weights ? weights : "");
    if (norm)
        evaluation_note(v, "%s: scores by --norm %s", s->name, norm);
    if (orders && strcmp(orders, "1") != 0)
        evaluation_note(v, "%s: %s candidate orders averaged", s->name, orders);
    if (unscored > 0)
        evaluation_note(v, "%s: %lld of %lld %s have no score and count as 0", s->name,
                        (long long)unscored, (long long)v->users, rows_word(v));
}

void note_ranked(struct evaluation *v)
{
    int least = v->ranked[0], most = least;

    for (int64_t u = 1; u < v->users; u++) {
        least = v->ranked[u] < least ? v->ranked[u] : least;
        most = v->ranked[u] > most ? v->ranked[u] : most;
    }
    evaluation_note(v, "full: each true item among %d to %d, all but the user's other "
                       "interactions", least, most);
}
