#include "plot/joint_map.h"

#include "plot/pca.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

enum { LABELS = FIGURE_COLOURS - 1 };

/* A label, and how many of the shown items have it first. */
struct first_label {
    char *name;
    int count;
};

struct colours {
    struct first_label *list; /* those that have colours come first */
    int count, room;
    int *of; /* (items of the map): place in list, or -1 */
};

static char *label_of(const struct joint_map *m, int i)
{
    const char *text = texts_at(m->column, m->item[i]), *end = strstr(text, m->separator);

    return mem_format("%.*s",
                      (int)(end && *m->separator ? end - text : (long)strlen(text)),
                      text);
}

static int find_label(const struct colours *c, const char *name)
{
    for (int i = 0; i < c->count; i++)
        if (strcmp(c->list[i].name, name) == 0)
            return i;
    return -1;
}

static int by_count(const void *a, const void *b)
{
    const struct first_label *x = a, *y = b;

    return x->count != y->count ? y->count - x->count : strcmp(x->name, y->name);
}

static void choose_colours(struct colours *c, const struct joint_map *m)
{
    *c = (struct colours){ .of = mem_new((size_t)m->items + 1, sizeof *c->of) };
    for (int i = 0; i < m->items; i++) {
        char *name = label_of(m, i);
        int at = find_label(c, name);

        if (at < 0) {
            MEM_PUSH(c->list, c->count, c->room, ((struct first_label){ name, 1 }));
            continue;
        }
        c->list[at].count++;
        free(name);
    }
    qsort(c->list, (size_t)c->count, sizeof *c->list, by_count);
    for (int i = 0; i < m->items; i++) {
        char *name = label_of(m, i);

        c->of[i] = find_label(c, name);
        free(name);
    }
}

static void free_colours(struct colours *c)
{
    for (int i = 0; i < c->count; i++)
        free(c->list[i].name);
    free(c->list);
    free(c->of);
}

static const float *vector(const struct tensor *t, int32_t item)
{
    return (const float *)t->data + (int64_t)item * t->shape[1];
}

static void put_point(struct series *s, const struct pca *p, const float *x)
{
    figure_point(s, pca_along(p, 0, x), pca_along(p, 1, x));
}

static void put_segments(struct panel *panel, const struct joint_map *m,
                         const struct pca *p)
{
    struct series *s = figure_series(panel, NULL, LOOK_SEGMENTS, -1);

    for (int i = 0; i < m->items && m->q; i++) {
        put_point(s, p, vector(m->e, m->item[i]));
        put_point(s, p, vector(m->q, m->item[i]));
    }
}

/* The items whose label has that place (or none that has a colour, LABELS), of e as
 * circles or of q as crosses; c NULL: all. */
static void put_items(struct panel *panel, const struct joint_map *m, const struct pca *p,
                      const struct colours *c, int label, bool texts, const char *name)
{
    struct series *s = figure_series(panel, name, LOOK_SMALL,
                                     label < LABELS ? label : -1);

    s->mark = texts;
    for (int i = 0; i < m->items; i++) {
        int mine = !c ? label : c->of[i] < LABELS ? c->of[i] : LABELS;

        if (mine == label)
            put_point(s, p, vector(texts ? m->q : m->e, m->item[i]));
    }
}

static void put_labels(struct panel *panel, const struct joint_map *m,
                       const struct pca *p)
{
    struct colours c;

    choose_colours(&c, m);
    for (int k = c.count < LABELS ? c.count : LABELS; k >= 0; k--) { /* grey below */
        bool rest = k == LABELS;
        const char *name = rest ? "other" : k < c.count ? c.list[k].name : NULL;

        if (!name || (rest && c.count <= LABELS))
            continue;
        if (m->q)
            put_items(panel, m, p, &c, k, true, NULL);
        put_items(panel, m, p, &c, k, false, *name ? name : "(none)");
    }
    free_colours(&c);
}

static char *axis_label(const struct pca *p, int axis)
{
    return mem_format("principal component %d (%.0f %% of the variance)", axis + 1,
                      100 * p->share[axis]);
}

static struct panel *make_panel(struct figure *f, const struct joint_map *m,
                                const struct pca *p)
{
    char *x = axis_label(p, 0), *y = axis_label(p, 1);
    char *title = mem_format("%d of %lld items%s%s", m->items, (long long)m->e->shape[0],
                             m->column ? " by " : "", m->column ? m->column_name : "");
    struct panel *panel = figure_panel(f, title, x, y);

    free(x), free(y), free(title);
    return panel;
}

void joint_map_draw(struct figure *f, const struct joint_map *m)
{
    struct pca_rows sets[] = { { m->e->data, m->e->shape[0] },
                               { m->q ? m->q->data : NULL, m->q ? m->q->shape[0] : 0 } };
    struct panel *panel;
    struct pca p;

    pca_new(&p, sets, m->q ? 2 : 1, (int)m->e->shape[1]);
    f->title = mem_string(m->q ? "Joint space: circles e (item.joint), crosses q "
                                 "(item.joint_text), an item's joined"
                               : "Joint space: item.joint");
    panel = make_panel(f, m, &p);
    panel->legend = LEGEND_TURNED;
    put_segments(panel, m, &p);
    if (m->column) {
        put_labels(panel, m, &p);
    } else {
        if (m->q)
            put_items(panel, m, &p, NULL, 1, true, "q: item.joint_text");
        put_items(panel, m, &p, NULL, 0, false, "e: item.joint");
    }
    pca_free(&p);
}
