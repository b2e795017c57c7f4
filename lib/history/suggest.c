#include "history/suggest.h"

#include "history/suggest_parts.h"
#include "text/runes.h"
#include "util/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { BEGINS = 1, HOLDS = 2, HOLDS_FROM = 3 /* characters */, FAR = SUGGEST_FAR };

/* The time of a comparison grows with the product of both lengths, and who mistypes a
 * name does not write a book: longer words have no near names, of longer names only the
 * beginning is looked at. */
enum { WORD_LONGEST = 256, NAME_LONGEST = 4096 /* bytes */ };

/* The text in small letters; r is begun anew. */
static void fold(struct runes *r, const char *text, size_t bytes)
{
    r->n = 0;
    if (!runes_read(r, text, bytes))
        for (size_t i = 0; i < bytes; i++)
            runes_push(r, (unsigned char)text[i]);
    for (long i = 0; i < r->n; i++)
        r->c[i] = utf8proc_tolower(r->c[i]);
}

/* Most names differ in their first letters already. */
static bool begins_otherwise(const char *a, const char *b)
{
    unsigned char x = (unsigned char)*a, y = (unsigned char)*b;

    return x < 0x80 && y < 0x80 && utf8proc_tolower(x) != utf8proc_tolower(y);
}

int suggest_same(const char *a, const char *b)
{
    struct runes x = { 0 }, y = { 0 };
    bool same;

    if (begins_otherwise(a, b) || strlen(a) > 4 * strlen(b) || strlen(b) > 4 * strlen(a))
        return false; /* a character has 1 to 4 bytes */

    fold(&x, a, strlen(a));
    fold(&y, b, strlen(b));
    same = x.n == y.n && (x.n == 0 || memcmp(x.c, y.c, (size_t)x.n * sizeof *x.c) == 0);
    runes_free(&x);
    runes_free(&y);
    return same;
}

/* The place of b in a, or -1. */
static long find(const struct runes *a, const struct runes *b)
{
    for (long i = 0; i + b->n <= a->n; i++)
        if (memcmp(a->c + i, b->c, (size_t)b->n * sizeof *b->c) == 0)
            return i;
    return -1;
}

static int least(int a, int b, int c)
{
    return a < b ? (a < c ? a : c) : b < c ? b : c;
}

static int cost_of(const struct runes *name, const struct runes *text, int *row)
{
    int most = text->n < 6 ? 1 : (int)(text->n / 3);
    int cost = suggest_edits(name->c, name->n, text->c, text->n, most, row);
    long at = find(name, text);

    if (at == 0 && cost > BEGINS)
        cost = BEGINS;
    if (at > 0 && cost > HOLDS && text->n >= HOLDS_FROM)
        cost = HOLDS;
    return cost;
}

/* "godfather, the" as "the godfather"; false where there is no such tail. */
static bool turn(struct runes *to, const struct runes *name)
{
    long comma = name->n - 1;

    while (comma > 0 && name->c[comma] != ',')
        comma--;
    if (comma <= 0 || comma + 2 >= name->n || name->c[comma + 1] != ' ')
        return false;
    to->n = 0;
    for (long i = comma + 2; i < name->n; i++)
        runes_push(to, name->c[i]);
    runes_push(to, ' ');
    for (long i = 0; i < comma; i++)
        runes_push(to, name->c[i]);
    return true;
}

struct nearest {
    int32_t *row;
    int cost[SUGGEST_MOST], count;
};

static void take(struct nearest *n, const struct texts *t, int32_t row, int cost)
{
    int at = n->count;

    for (int i = 0; i < n->count; i++)
        if (strcmp(texts_at(t, n->row[i]), texts_at(t, row)) == 0)
            return;
    while (at > 0 && n->cost[at - 1] > cost)
        at--;
    if (at == SUGGEST_MOST)
        return;
    n->count += n->count < SUGGEST_MOST;
    for (int i = n->count - 1; i > at; i--) {
        n->row[i] = n->row[i - 1];
        n->cost[i] = n->cost[i - 1];
    }
    n->row[at] = row;
    n->cost[at] = cost;
}

int suggest_names(const struct texts *t, const char *text, int32_t near[SUGGEST_MOST])
{
    struct runes want = { 0 }, name = { 0 }, turned = { 0 };
    struct nearest n = { .row = near };
    int *row;

    if (strlen(text) > WORD_LONGEST)
        return 0;
    fold(&want, text, strlen(text));
    row = mem_new((size_t)want.n + 2, sizeof *row);
    for (int64_t i = 0; i < t->count && want.n > 0; i++) {
        size_t bytes = texts_length(t, i);
        int cost, other, words;

        fold(&name, texts_at(t, i), bytes < NAME_LONGEST ? bytes : NAME_LONGEST);
        cost = cost_of(&name, &want, row);
        other = turn(&turned, &name) ? cost_of(&turned, &want, row) : FAR;
        words = suggest_words_cost(&name, &want, row);
        cost = cost < other ? cost : other;
        cost = least(FAR, cost == FAR ? FAR : 2 * cost,
                     words == FAR ? FAR : 2 * BEGINS + words);
        if (cost != FAR)
            take(&n, t, (int32_t)i, cost);
    }
    free(row);
    runes_free(&want);
    runes_free(&name);
    runes_free(&turned);
    return n.count;
}
