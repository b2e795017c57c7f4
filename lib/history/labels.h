/* Labels of items, such as genres: words of a text column, and how often each user met
 * them. */
#ifndef HISTORY_LABELS_H
#define HISTORY_LABELS_H

#include "history/history.h"
#include "stream/tensor.h"

struct labels {
    struct texts label; /* distinct, in the order of their bytes */
    int *of;            /* labels of items, one item after the other */
    int64_t *first;     /* (items + 1) into of */
};

enum { LABELS_MOST = 4096 };

/* What stands between separators in the column's rows, without spaces around; a label
 * counts once an item.  0, or -1 and the reason: fewer than two labels, or more than
 * LABELS_MOST.  Release with labels_free. */
int labels_new(struct labels *l, const struct texts *column, const char *separator,
               struct error *e);
void labels_free(struct labels *l);

/* Adds to count (labels) those of the user's training items. */
void labels_count(const struct labels *l, const struct history *h, int user, float *count);

#endif
