/* A map of the joint space: items by their CF vectors, e (item.joint), and by their
 * texts, q (item.joint_text), along the two principal components of both together. */
#ifndef PLOT_JOINT_MAP_H
#define PLOT_JOINT_MAP_H

#include "plot/figure.h"
#include "stream/tensor.h"

struct joint_map {
    const struct tensor *e, *q; /* (items, d); q NULL: no texts */
    const struct texts *column; /* (items) that colours them, or NULL */
    const char *column_name;
    const char *separator;      /* what ends an item's first label */
    const int32_t *item;        /* (items) that are shown */
    int items;
};

/* Adds the map to f: a line joins an item's e and q; the most frequent first labels of
 * the shown items have a colour each, the others are grey. */
void joint_map_draw(struct figure *f, const struct joint_map *m);

#endif
