#include "history/same_titles.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

struct title {
    const char *text;
    int32_t item;
};

static int by_text_then_item(const void *a, const void *b)
{
    const struct title *x = a, *y = b;
    int order = strcmp(x->text, y->text);

    return order ? order : (x->item > y->item) - (x->item < y->item);
}

int32_t *same_titles_first(const struct texts *t)
{
    struct title *title = mem_new((size_t)t->count, sizeof *title);
    int32_t *first = mem_new((size_t)t->count, sizeof *first);

    for (int64_t i = 0; i < t->count; i++)
        title[i] = (struct title){ texts_at(t, i), (int32_t)i };
    qsort(title, (size_t)t->count, sizeof *title, by_text_then_item);
    for (int64_t i = 0; i < t->count; i++) {
        bool same = i > 0 && title[i].text[0] &&
                    strcmp(title[i].text, title[i - 1].text) == 0;

        first[title[i].item] = same ? first[title[i - 1].item] : title[i].item;
    }
    free(title);
    return first;
}

int64_t same_titles_sets(const int32_t *first, int64_t items, const int32_t *item,
                         int64_t sets, int columns)
{
    int64_t *seen = mem_new((size_t)items, sizeof *seen), doubled = 0;

    for (int64_t s = 0; s < sets; s++) {
        bool twice = false;

        for (int c = 0; c < columns; c++) {
            int32_t i = item[s * columns + c];

            if (i < 0)
                continue;
            twice |= seen[first[i]] == s + 1;
            seen[first[i]] = s + 1;
        }
        doubled += twice;
    }
    free(seen);
    return doubled;
}
