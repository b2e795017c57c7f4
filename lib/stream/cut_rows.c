#include "stream/cut_rows.h"

#include "stream/numbering.h"
#include "util/error.h"
#include "util/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Its attributes and the digest of all its rows; free with free(). */
static struct attr *with_digest(const struct stored *s, char digest[DIGEST_TEXT])
{
    struct attr *list;
    char value[NUMBERING_VALUE];
    int n = 0, at = 0;

    while (s->attrs[n].key)
        n++;
    list = mem_new((size_t)n + 2, sizeof *list);
    for (int i = 0; i < n; i++)
        if (strcmp(s->attrs[i].key, CUT_WHOLE) != 0)
            list[at++] = s->attrs[i];
    if (!s->is_text)
        tensor_digest_text(&s->tensor, digest);
    else
        snprintf(digest, DIGEST_TEXT, "%s",
                 strchr(numbering_of_texts(&s->texts, value), ':') + 1);
    list[at] = (struct attr){ CUT_WHOLE, digest };
    return list;
}

/* One name of the cut; tensor and texts are views. */
struct slice {
    struct tensor tensor;
    struct texts texts;
    struct attr *attrs;
    char digest[DIGEST_TEXT];
};

static void take_rows(struct slice *p, const struct stored *s, int64_t first,
                      int64_t rows)
{
    p->tensor = s->tensor;
    p->texts = s->texts;
    p->tensor.shape[0] = p->texts.count = rows;
    if (s->is_text)
        p->texts.offset += first;
    else
        p->tensor.data = (char *)s->tensor.data +
                         (size_t)first * tensor_row_bytes(&s->tensor);
}

static void check_rows(const struct store *s)
{
    for (int i = 1; i < s->count; i++)
        if (s->items[i].rows != s->items[0].rows)
            die("'%s' has %lld rows, but '%s' %lld: only what shares rows can be cut "
                "together", s->items[i].name, (long long)s->items[i].rows,
                s->items[0].name, (long long)s->items[0].rows);
}

void cut_rows_put(struct filter *f, const struct store *s, int64_t rows)
{
    int n = s->count;
    int64_t all = n ? s->items[0].rows : 0, at = 0;
    struct slice *slices = mem_new((size_t)n, sizeof *slices);
    struct series_out *series = mem_new((size_t)n, sizeof *series);

    check_rows(s);
    for (int i = 0; i < n; i++)
        slices[i].attrs = with_digest(&s->items[i], slices[i].digest);
    do {
        int64_t here = all - at < rows ? all - at : rows;

        for (int i = 0; i < n; i++) {
            take_rows(&slices[i], &s->items[i], at, here);
            series[i] =
                (struct series_out){ s->items[i].name, &slices[i].tensor,
                                     s->items[i].is_text ? &slices[i].texts : NULL,
                                     slices[i].attrs };
        }
        if (n > 0)
            filter_put_part(f, series, n, at, all);
        at += here;
    } while (at < all);
    for (int i = 0; i < n; i++)
        free(slices[i].attrs);
    free(slices);
    free(series);
}
