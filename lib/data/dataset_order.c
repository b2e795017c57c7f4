#include "data/dataset_order.h"

#include "history/history.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* Times without fractions that lie close together are sorted as whole words, by their
 * bytes from the last: (time - least) << 32 | place among the user's rows. */
enum { BYTES = 4, VALUES = 256, FEW = 24 };

/* How often each value of each byte of the times comes. */
static void count_bytes(size_t count[BYTES][VALUES], const uint64_t *word, size_t n)
{
    memset(count, 0, BYTES * sizeof *count);
    for (size_t i = 0; i < n; i++)
        for (int b = 0; b < BYTES; b++)
            count[b][word[i] >> (32 + 8 * b) & 255]++;
}

/* word (n) with room for n more behind them; returns which half is in order. */
static uint64_t *sort_words(uint64_t *word, size_t n)
{
    size_t count[BYTES][VALUES];
    uint64_t *from = word, *to = word + n, *swap;

    count_bytes(count, word, n);
    for (int b = 0; b < BYTES; b++) {
        int shift = 32 + 8 * b;
        size_t at = 0;

        if (count[b][from[0] >> shift & 255] == n)
            continue; /* all the same */
        for (int v = 0; v < VALUES; v++) {
            size_t here = count[b][v];

            count[b][v] = at;
            at += here;
        }
        for (size_t i = 0; i < n; i++)
            to[count[b][from[i] >> shift & 255]++] = from[i];
        swap = from;
        from = to;
        to = swap;
    }
    return from;
}

/* A few by insertion. */
static void insert_words(uint64_t *word, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint64_t w = word[i];
        size_t j = i;

        for (; j > 0 && word[j - 1] > w; j--)
            word[j] = word[j - 1];
        word[j] = w;
    }
}

/* All other times, with their fractions. */
struct sort_key {
    int64_t time, row;
    uint64_t fraction;
};

static bool later(const struct sort_key *x, const struct sort_key *y)
{
    return x->time != y->time ? x->time > y->time : x->fraction > y->fraction;
}

enum { RUN = 8 }; /* keys that are sorted by insertion */

/* Merge sort of key (n), which keeps the order of equal times, with room for n more
 * behind them; a comparison that the compiler sees makes it thrice as fast as qsort. */
static void sort_keys(struct sort_key *key, int64_t n)
{
    struct sort_key *from = key, *to = key + n, *swap;

    for (int64_t i = 0; i < n; i++) {
        struct sort_key k = key[i];
        int64_t j = i;

        for (; j % RUN != 0 && later(&key[j - 1], &k); j--)
            key[j] = key[j - 1];
        key[j] = k;
    }
    for (int64_t run = RUN; run < n; run *= 2) {
        for (int64_t begin = 0; begin < n; begin += 2 * run) {
            int64_t middle = begin + run < n ? begin + run : n, a = begin, b = middle;
            int64_t end = middle + run < n ? middle + run : n;

            for (int64_t i = begin; i < end; i++)
                to[i] = b == end || (a < middle && !later(&from[a], &from[b])) ? from[a++]
                                                                             : from[b++];
        }
        swap = from;
        from = to;
        to = swap;
    }
    if (from != key)
        memcpy(key, from, (size_t)n * sizeof *key);
}

/* first[u] .. first[u + 1] - 1 (users + 1 of them) will be the rows of user u. */
static int64_t *first_rows(const struct dataset *d, int64_t users)
{
    int64_t *first = mem_new((size_t)users + 1, sizeof *first);

    for (int64_t i = 0; i < d->n; i++)
        first[d->user[i] + 1]++;
    for (int64_t u = 0; u < users; u++)
        first[u + 1] += first[u];
    return first;
}

/* What one user's rows are sorted in: for n rows, 2 n keys, or 2 n words and the rows as
 * they were. */
struct room {
    struct sort_key *key;
    int64_t rows;
};

static void order_words(const struct dataset *d, int64_t *row, int64_t n, int64_t least,
                        struct room *r)
{
    uint64_t *word = (uint64_t *)r->key;
    int64_t *was = (int64_t *)r->key + 2 * n;

    for (int64_t i = 0; i < n; i++) {
        word[i] = (uint64_t)(d->time[row[i]] - least) << 32 | (uint64_t)i;
        was[i] = row[i];
    }
    if (n <= FEW)
        insert_words(word, (size_t)n);
    else
        word = sort_words(word, (size_t)n);
    for (int64_t i = 0; i < n; i++)
        row[i] = was[word[i] & UINT32_MAX];
}

static void order_keys(const struct dataset *d, int64_t *row, int64_t n, struct room *r)
{
    for (int64_t i = 0; i < n; i++)
        r->key[i] = (struct sort_key){ d->time[row[i]], row[i],
                                       d->fraction ? d->fraction[row[i]] : 0 };
    sort_keys(r->key, n);
    for (int64_t i = 0; i < n; i++)
        row[i] = r->key[i].row;
}

/* Puts one user's rows (n) in order; often they are. */
static void order_rows(const struct dataset *d, int64_t *row, int64_t n, struct room *r)
{
    int64_t least = d->time[row[0]], most = least, before = least;
    bool sorted = !d->fraction;

    for (int64_t i = 1; i < n; i++) {
        int64_t time = d->time[row[i]];

        sorted &= before <= time;
        least = time < least ? time : least;
        most = time > most ? time : most;
        before = time;
    }
    if (sorted)
        return;
    if (n > r->rows) {
        r->rows = 2 * n;
        free(r->key);
        r->key = mem_new(2 * (size_t)r->rows, sizeof *r->key);
    }
    if (!d->fraction && (uint64_t)most - (uint64_t)least <= UINT32_MAX && n <= UINT32_MAX)
        order_words(d, row, n, least, r);
    else
        order_keys(d, row, n, r);
}

/* Puts the users' rows into row, the file's order; where there are splits and times, one
 * split behind the other.  first moves on to where each user's rows end. */
static void list_rows(const struct dataset *d, int64_t *first, int64_t *row)
{
    bool by_split = d->split && d->has_time;

    for (int s = 0; s < (by_split ? SPLITS : 1); s++)
        for (int64_t i = 0; i < d->n; i++)
            if (!by_split || d->split[i] == s)
                row[first[d->user[i]]++] = i;
}

int64_t *dataset_order(const struct dataset *d)
{
    int64_t users = d->users.texts.count, *first = first_rows(d, users);
    int64_t *row = mem_new((size_t)d->n, sizeof *row);
    struct room room = { 0 };

    list_rows(d, first, row);
    for (int64_t u = 0; u < users; u++) {
        int64_t begin = u > 0 ? first[u - 1] : 0; /* first[u] is now where u ends */

        if (first[u] > begin)
            order_rows(d, row + begin, first[u] - begin, &room);
    }
    free(room.key);
    free(first);
    return row;
}

/* Puts column (n elements of size bytes) into the order of row, in *spare, and makes the
 * old one the spare: fresh memory costs more than the copying. */
static void *reorder(void *column, size_t size, const int64_t *row, int64_t n,
                     void **spare)
{
    char *sorted = *spare;

    for (int64_t i = 0; i < n; i++) {
        const char *from = (char *)column + (size_t)row[i] * size;

        if (size == 8)
            memcpy(sorted + i * 8, from, 8);
        else if (size == 4)
            memcpy(sorted + i * 4, from, 4);
        else
            sorted[i] = *from;
    }
    *spare = column;
    return sorted;
}

void dataset_sort(struct dataset *d)
{
    int64_t *row = dataset_order(d);
    void *spare = mem_new((size_t)d->n, sizeof *d->time);

    free(d->fraction); /* its order is kept in row */
    d->fraction = NULL;
    d->time = reorder(d->time, sizeof *d->time, row, d->n, &spare);
    if (d->rating)
        d->rating = reorder(d->rating, sizeof *d->rating, row, d->n, &spare);
    d->user = reorder(d->user, sizeof *d->user, row, d->n, &spare);
    d->item = reorder(d->item, sizeof *d->item, row, d->n, &spare);
    if (d->split)
        d->split = reorder(d->split, sizeof *d->split, row, d->n, &spare);
    free(spare);
    free(row);
}
