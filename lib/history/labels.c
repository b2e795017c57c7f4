#include "history/labels.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* A label's place in the column's text. */
struct word {
    const char *text;
    size_t n;
    int64_t item;
};

struct words {
    struct word *list;
    int64_t n, room;
};

static int compare_text(const struct word *x, const struct word *y)
{
    int order = memcmp(x->text, y->text, x->n < y->n ? x->n : y->n);

    return order ? order : x->n < y->n ? -1 : x->n > y->n;
}

static int by_text(const void *a, const void *b)
{
    const struct word *x = a, *y = b;
    int order = compare_text(x, y);

    return order ? order : x->item < y->item ? -1 : x->item > y->item;
}

static void cut(struct words *w, const char *text, const char *separator, int64_t item)
{
    while (*text) {
        const char *next = strstr(text, separator);
        const char *end = next ? next : text + strlen(text);
        struct word word = { text, (size_t)(end - text), item };

        while (word.n > 0 && *word.text == ' ') {
            word.text++;
            word.n--;
        }
        while (word.n > 0 && word.text[word.n - 1] == ' ')
            word.n--;
        if (word.n > 0)
            MEM_PUSH(w->list, w->n, w->room, word);
        text = next ? next + strlen(separator) : end;
    }
}

/* Sorted words into labels and, item by item, their numbers. */
static void number(struct labels *l, struct words *w, int64_t items)
{
    int64_t *at, kept = 0;
    int *of = mem_new((size_t)w->n + 1, sizeof *of);

    l->first = mem_new((size_t)items + 2, sizeof *l->first);
    for (int64_t i = 0; i < w->n; i++) {
        bool again = i > 0 && compare_text(&w->list[i], &w->list[i - 1]) == 0;

        if (again && w->list[i].item == w->list[i - 1].item)
            continue;
        if (!again)
            texts_add(&l->label, w->list[i].text, w->list[i].n);
        of[kept] = (int)l->label.count - 1;
        w->list[kept] = w->list[i];
        l->first[w->list[kept++].item + 1]++;
    }
    for (int64_t i = 0; i < items; i++)
        l->first[i + 1] += l->first[i];
    l->of = mem_new((size_t)kept + 1, sizeof *l->of);
    at = mem_new((size_t)items + 1, sizeof *at);
    memcpy(at, l->first, (size_t)items * sizeof *at);
    for (int64_t i = 0; i < kept; i++)
        l->of[at[w->list[i].item]++] = of[i];
    free(at);
    free(of);
}

int labels_new(struct labels *l, const struct texts *column, const char *separator,
               struct error *e)
{
    struct words w = { 0 };

    *l = (struct labels){ 0 };
    for (int64_t i = 0; i < column->count; i++)
        cut(&w, texts_at(column, i), separator, i);
    if (w.n > 0)
        qsort(w.list, (size_t)w.n, sizeof *w.list, by_text);
    number(l, &w, column->count);
    free(w.list);
    if (l->label.count >= 2 && l->label.count <= LABELS_MOST)
        return 0;
    fail(e, l->label.count < 2 ? "%lld labels, expected at least 2"
                               : "%lld labels, expected at most 4096: is it a text?",
         (long long)l->label.count);
    labels_free(l);
    return -1;
}

void labels_free(struct labels *l)
{
    texts_free(&l->label);
    free(l->of);
    free(l->first);
    *l = (struct labels){ 0 };
}

void labels_count(const struct labels *l, const struct history *h, int user, float *count)
{
    for (int64_t r = h->first[user]; r < h->first[user + 1]; r++)
        for (int64_t i = l->first[h->item[r]];
             h->split[r] == SPLIT_TRAIN && i < l->first[h->item[r] + 1]; i++)
            count[l->of[i]]++;
}
