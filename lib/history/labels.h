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

/* Cuts each row of column (items) at the separators into labels, without spaces around.
 * A label counts once an item.  Returns 0, or -1 and the reason in e: fewer than two
 * labels, or more than LABELS_MOST.  Release l with labels_free. */
int labels_new(struct labels *l, const struct texts *column, const char *separator,
               struct error *e);
void labels_free(struct labels *l);

/* Adds the labels of the user's training items to count (labels). */
void labels_count(const struct labels *l, const struct history *h, int user,
                  float *count);

#endif
