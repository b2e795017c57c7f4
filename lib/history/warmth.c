#include "history/warmth.h"

#include "util/mem.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char *const warmth_names[] = { [COLD_ITEM] = "cold", [MIDDLE_ITEM] = "middle",
                                     [WARM_ITEM] = "warm", NULL };

struct counted {
    int64_t count; /* training interactions */
    int item;
};

static int warmest_first(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;

    return x->count != y->count ? (x->count < y->count) - (x->count > y->count)
                                : (x->item > y->item) - (x->item < y->item);
}

/* Rounded down, but .29 of 100 is 29. */
static int share_of(int items, double share)
{
    return (int)floor(share * items + 1e-9);
}

void warmth_of_items(const struct history *h, double warm, double cold, uint8_t *warmth)
{
    int warms = share_of(h->items, warm),
        colds = share_of(h->items, cold);
    struct counted *order = mem_new((size_t)h->items, sizeof *order);
    int64_t *count = history_popularity(h);

    assert(warm >= 0 && cold >= 0 && warms + colds <= h->items);
    for (int i = 0; i < h->items; i++)
        order[i] = (struct counted){ count[i], i };
    qsort(order, (size_t)h->items, sizeof *order, warmest_first);
    for (int i = 0; i < h->items; i++)
        warmth[order[i].item] = i < warms               ? WARM_ITEM
                                : i < h->items - colds ? MIDDLE_ITEM
                                                       : COLD_ITEM;
    free(count);
    free(order);
}

void warmth_by_rule(const struct history *h, const struct warmth_rule *rule,
                    uint8_t *warmth)
{
    int64_t *count = history_popularity(h);

    warmth_of_items(h, rule->warm_least < 0 ? rule->warm : 0,
                    rule->cold_most < 0 ? rule->cold : 0, warmth);
    for (int i = 0; i < h->items; i++) {
        if (rule->warm_least >= 0 && count[i] >= rule->warm_least &&
            warmth[i] != COLD_ITEM)
            warmth[i] = WARM_ITEM;
        if (rule->cold_most >= 0 && count[i] <= rule->cold_most)
            warmth[i] = COLD_ITEM;
    }
    free(count);
}

int64_t warmth_border(const struct history *h, const uint8_t *warmth)
{
    int64_t *count = history_popularity(h), most = -1;
    bool both = false;

    for (int i = 0; i < h->items; i++)
        if (warmth[i] == COLD_ITEM && count[i] > most)
            most = count[i];
    for (int i = 0; i < h->items; i++)
        both = both || (warmth[i] != COLD_ITEM && count[i] == most);
    free(count);
    return both ? most : -1;
}

static bool finite_row(const float *v, int64_t d)
{
    for (int64_t j = 0; j < d; j++)
        if (!isfinite(v[j]))
            return false;
    return true;
}

int warmth_takes_text(const struct history *h, double cold, const float *e, int64_t d,
                      uint8_t *text)
{
    int64_t *count = history_popularity(h);
    int texts = 0;

    warmth_of_items(h, 0, cold, text);
    for (int i = 0; i < h->items; i++) {
        text[i] = text[i] == COLD_ITEM || count[i] == 0 || !finite_row(e + i * d, d);
        texts += text[i];
    }
    free(count);
    return texts;
}

float *warmth_joint(const struct history *h, double cold, const float *e, const float *q,
                    int64_t d, int *texts)
{
    size_t row = (size_t)d * sizeof(float);
    float *joint = mem_new((size_t)h->items * (size_t)d, sizeof *joint);
    uint8_t *text = mem_new((size_t)h->items, sizeof *text);

    *texts = warmth_takes_text(h, cold, e, d, text);
    for (int64_t i = 0; i < h->items; i++)
        memcpy(joint + i * d, (text[i] ? q : e) + i * d, row);
    free(text);
    return joint;
}
