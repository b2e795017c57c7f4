#include "rec/candidate_top.h"

#include "rec/catalogue.h"
#include "util/error.h"
#include "util/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void candidate_top_fill(struct candidate_rows *c, struct filter *f,
                        const struct item_model *m, const struct history *h)
{
    int32_t *user = mem_new((size_t)c->rows, sizeof *user), *item;
    size_t row = (size_t)c->columns * sizeof *item;
    struct item_model pop;
    int count = 0, at = 0;

    for (int i = 0; i < c->rows; i++)
        if (!item_model_knows(m, c->user[i]))
            user[count++] = c->user[i];
    if (count > 0) {
        item = mem_new((size_t)count, row);
        item_model_load(&pop, f, BY_POP);
        catalogue_top(item, c->columns, &pop, h, user, count);
        for (int i = 0; i < c->rows && at < count; i++)
            if (c->user[i] == user[at])
                memcpy(c->item + (int64_t)i * c->columns,
                       item + (int64_t)at++ * c->columns, row);
        say("next: %d users have no vector: the most popular items instead", count);
        item_model_free(&pop);
        free(item);
    }
    free(user);
}

static bool has_had(const struct history *h, int user, int32_t item)
{
    for (int64_t i = h->first[user]; i < h->first[user + 1]; i++)
        if (h->item[i] == item)
            return true;
    return false;
}

/* Adds the item behind the last of the row (columns), unless it is there. */
static void add_item(int32_t *row, int columns, int32_t item)
{
    int at = 0;

    while (at < columns && row[at] >= 0 && row[at] != item)
        at++;
    if (at < columns)
        row[at] = item;
}

void candidate_top_add(struct candidate_rows *c, const struct history *h,
                       const int32_t *item, int n)
{
    int columns = c->columns + n;
    int32_t *wider = mem_new((size_t)c->rows * (size_t)columns, sizeof *wider);

    for (int i = 0; i < c->rows; i++) {
        int32_t *row = wider + (int64_t)i * columns;

        for (int j = 0; j < columns; j++)
            row[j] = j < c->columns ? c->item[(int64_t)i * c->columns + j] : -1;
        for (int j = 0; j < n; j++)
            if (!has_had(h, c->user[i], item[j]))
                add_item(row, columns, item[j]);
    }
    free(c->item);
    c->item = wider;
    c->columns = columns;
}
