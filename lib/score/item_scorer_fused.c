/* Several scorers in one: item.fused.  Its columns are v (d) and b, or v, t (D), c and b
 * with the attribute text_width, D. */
#include "score/item_scorer_parts.h"
#include "stream/finite.h"
#include "util/error.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* D, 0 where there are no texts. */
static int64_t text_width(struct filter *f, int64_t columns)
{
    const char *text = filter_attr(f, "item.fused", "text_width");
    char *end = NULL;
    long long width = text ? strtoll(text, &end, 10) : 0;

    if (text && (end == text || *end || width < 1 || width > columns - 3))
        die("'item.fused': text_width is '%s', expected a number from 1 to %" PRId64,
            text, columns - 3);
    return width;
}

/* Item i's row of the tensor as what x and h are multiplied with, and what is added. */
static void take_row(struct item_scorer *m, int64_t i, const float *row)
{
    int64_t d = m->width - m->text_width;
    float *item = m->owned + i * m->width;

    memcpy(item, row, (size_t)d * sizeof *row);
    row += d;
    if (m->text_width > 0) {
        memcpy(m->own_text + i * m->text_width, row, (size_t)m->text_width * sizeof *row);
        for (int64_t j = 0; j < m->text_width; j++)
            item[d + j] = row[m->text_width] * row[j];
        row += m->text_width + 1;
    }
    m->bias[i] = *row;
}

void item_scorer_fused_load(struct item_scorer *m, struct filter *f)
{
    const struct item_scorer_source *from = &item_scorer_source[BY_FUSED];
    const struct tensor *t = filter_tensor(f, from->tensor, DT_F4, 2, from->maker);
    int64_t columns = t->shape[1];
    struct error e;

    if (columns < 2)
        die("'item.fused' has %" PRId64 " columns, expected 2 at least", columns);
    if (finite_check_all("item.fused", t->data, t->shape[0], columns, &e) < 0)
        die("%s: run cf-fuse again", e.text);
    item_scorer_check_made_from(f, "item.fused", "cf-fuse");
    m->items = t->shape[0];
    m->text_width = text_width(f, columns);
    m->width = columns - 1 - (m->text_width > 0);
    m->owned = mem_new((size_t)m->items * (size_t)m->width, sizeof *m->owned);
    m->own_text = mem_new((size_t)m->items * (size_t)m->text_width, sizeof *m->own_text);
    m->text = m->own_text;
    m->bias = mem_new((size_t)m->items, sizeof *m->bias);
    for (int64_t i = 0; i < m->items; i++)
        take_row(m, i, (const float *)t->data + i * columns);
}
