#include "prompt/title_trie.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

struct answer {
    struct codes codes;
    int32_t item;
};

static int compare_answers(const void *a, const void *b)
{
    const struct answer *x = a, *y = b;
    int n = x->codes.n < y->codes.n ? x->codes.n : y->codes.n;

    for (int d = 0; d < n; d++)
        if (x->codes.list[d] != y->codes.list[d])
            return x->codes.list[d] < y->codes.list[d] ? -1 : 1;
    if (x->codes.n != y->codes.n)
        return x->codes.n < y->codes.n ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

/* Tokens of all answers; -1 and the reason of the first item that has one. */
static int encode(struct answer *list, const struct prompter *p, int items,
                  struct error *e)
{
    int failed = items;

#pragma omp parallel for schedule(dynamic, 256)
    for (int i = 0; i < items; i++) {
        struct error own;

        list[i].item = i;
        if (prompt_answer(&list[i].codes, p, i, &own) == 0)
            continue;
#pragma omp critical(title_trie)
        if (i < failed) {
            failed = i;
            *e = own;
        }
    }
    return failed < items ? -1 : 0;
}

static void take_answers(struct title_trie *t, const struct answer *list)
{
    int64_t tokens = 0;

    for (int i = 0; i < t->items; i++)
        tokens += list[i].codes.n;
    t->item = mem_new((size_t)t->items + 1, sizeof *t->item);
    t->first = mem_new((size_t)t->items + 1, sizeof *t->first);
    t->token = mem_new((size_t)tokens + 1, sizeof *t->token);
    for (int i = 0; i < t->items; i++) {
        int n = list[i].codes.n;

        t->item[i] = list[i].item;
        t->first[i + 1] = t->first[i] + n;
        if (n > 0)
            memcpy(t->token + t->first[i], list[i].codes.list, (size_t)n * sizeof(int));
        if (n > t->longest) {
            t->longest = n;
            t->longest_item = list[i].item;
        }
    }
}

int title_trie_new(struct title_trie *t, const struct prompter *p, int items,
                   struct error *e)
{
    struct answer *list = mem_new((size_t)items + 1, sizeof *list);
    int result = encode(list, p, items, e);

    *t = (struct title_trie){ .items = items };
    if (result == 0) {
        qsort(list, (size_t)items, sizeof *list, compare_answers);
        take_answers(t, list);
    }
    for (int i = 0; i < items; i++)
        codes_free(&list[i].codes);
    free(list);
    return result;
}

void title_trie_free(struct title_trie *t)
{
    free(t->item);
    free(t->token);
    free(t->first);
    *t = (struct title_trie){ 0 };
}

int title_trie_token(const struct title_trie *t, int place, int depth)
{
    int64_t at = t->first[place] + depth;

    return at < t->first[place + 1] ? t->token[at] : -1;
}

int title_trie_common(const struct title_trie *t, int a, int b)
{
    int n = 0;

    while (title_trie_token(t, a, n) >= 0 &&
           title_trie_token(t, a, n) == title_trie_token(t, b, n))
        n++;
    return n;
}

/* An answer's last token is asked for, and not read. */
static int read_of(const struct title_trie *t, int place)
{
    int64_t n = t->first[place + 1] - t->first[place];

    return n > 0 ? (int)n - 1 : 0;
}

int64_t title_trie_rows(const struct title_trie *t)
{
    int64_t rows = 0;

    for (int p = 0; p < t->items; p++) {
        int n = read_of(t, p), shared = p > 0 ? title_trie_common(t, p - 1, p) : 0;

        if (p > 0 && shared > read_of(t, p - 1))
            shared = read_of(t, p - 1);
        rows += n > shared ? n - shared : 0;
    }
    return rows;
}

void title_cut_new(struct title_cut *c, const struct title_trie *t, const int32_t *items,
                   int64_t count)
{
    bool *out = mem_new((size_t)t->items + 1, sizeof *out);

    *c = (struct title_cut){ .place = mem_new((size_t)count + 1, sizeof *c->place) };
    for (int64_t i = 0; i < count; i++)
        out[items[i]] = true;
    for (int p = 0; p < t->items; p++)
        if (out[t->item[p]])
            c->place[c->count++] = p;
    free(out);
}

void title_cut_free(struct title_cut *c)
{
    free(c->place);
    *c = (struct title_cut){ 0 };
}

/* How many cut places are below `place`. */
static int below(const struct title_cut *c, int place)
{
    int low = 0, high = c->count;

    while (low < high) {
        int middle = low + (high - low) / 2;

        if (c->place[middle] < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int title_cut_left(const struct title_cut *c, int first, int end)
{
    return end - first - (below(c, end) - below(c, first));
}

/* The first place of [from, end) whose token at that depth is not `token`. */
static int end_of(const struct title_trie *t, int from, int end, int depth, int token)
{
    int low = from, high = end;

    while (low < high) {
        int middle = low + (high - low) / 2;

        if (title_trie_token(t, middle, depth) == token)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool title_node_child(struct title_node *child, const struct title_node *n, int from,
                      const struct title_trie *t, const struct title_cut *c)
{
    while (from < n->end) {
        int token = title_trie_token(t, from, n->depth);
        int end = end_of(t, from, n->end, n->depth, token);

        *child = (struct title_node){ from, end, n->depth + 1 };
        if (token >= 0 && title_cut_left(c, from, end) > 0)
            return true;
        from = end;
    }
    return false;
}

bool title_node_is_one(const struct title_node *n, const struct title_trie *t,
                       const struct title_cut *c)
{
    int first = n->first, last = n->end - 1;

    while (first < last && title_cut_left(c, first, first + 1) == 0)
        first++;
    while (last > first && title_cut_left(c, last, last + 1) == 0)
        last--;
    return title_trie_common(t, first, last) == t->first[first + 1] - t->first[first] &&
           title_trie_common(t, first, last) == t->first[last + 1] - t->first[last];
}
