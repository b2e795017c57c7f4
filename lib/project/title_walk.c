#include "project/title_walk.h"

#include "util/mem.h"

void title_walk_find(struct title_walk *w, const struct title_node *n, double score)
{
    for (int p = n->first; p < n->end; p++)
        if (title_cut_left(&w->cut, p, p + 1) > 0) {
            struct title_found f = { w->t->trie->item[p], score };

            MEM_PUSH(w->found, w->founds, w->found_room, f);
        }
}

/* What is left of a single title is certain among titles, and by its likelihood once it
 * has come to its end. */
void title_walk_open(struct title_walk *w, const struct title_node *n, double score)
{
    const struct title_trie *trie = w->t->trie;
    struct title_open o = { *n, score };

    if (title_node_is_one(n, trie, &w->cut) &&
        (w->t->norm == NORM_CHOICE || title_trie_token(trie, n->first, n->depth) < 0))
        title_walk_find(w, n, score);
    else
        MEM_PUSH(w->open, w->opens, w->open_room, o);
}
