#include "align/align_store.h"

#include "util/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *align_digest(const struct align *m, char text[DIGEST_TEXT])
{
    struct tensor all = tensor_view1(DT_F4, m->p.size, m->p.values);

    return tensor_digest_text(&all, text);
}

void align_put(struct filter *f, const struct align *m, const char *cf_digest,
               const char *text_digest)
{
    char scale[32];
    struct attr attrs[] = { { "item.cf", cf_digest },
                            { "item.text", text_digest },
                            { "text_scale", scale },
                            { NULL, NULL } };

    snprintf(scale, sizeof scale, "%.9g", m->o.text_scale);
    for (int i = 0; i < m->p.count; i++) {
        const struct param *p = &m->p.list[i];
        real *values = m->p.values + p->at;
        struct tensor t = p->ndim == 1 ? tensor_view1(DT_F4, p->rows, values)
                                       : tensor_view2(DT_F4, p->rows, p->cols, values);
        char *name = mem_format("align.%s", p->name);

        filter_put(f, name, &t, attrs);
        free(name);
    }
}

/* The widths before layers fc1, fc2, ... of a tower and after its last. */
static struct tower_shape stored_shape(struct filter *f, const char *tower)
{
    int width[TOWER_LAYERS + 1], layers = 0;
    struct tower_shape shape;
    struct error e;

    for (;; layers++) {
        char *name = mem_format("align.%s.fc%d.weight", tower, layers + 1);
        const struct tensor *t;

        if (layers > 0 && (layers == TOWER_LAYERS || !filter_has(f, name))) {
            free(name);
            break;
        }
        t = filter_tensor(f, name, DT_F4, 2, "align-train");
        for (int i = 0; i < 2; i++)
            if (t->shape[i] < 1 || t->shape[i] > TOWER_WIDTH)
                die("'%s' has a side of %" PRId64 ", expected 1 to %d", name, t->shape[i],
                    TOWER_WIDTH);
        if (layers > 0 && t->shape[1] != width[layers])
            die("'%s' takes %" PRId64
                " numbers, expected %d as the layer before it puts out",
                name, t->shape[1], width[layers]);
        width[layers] = (int)t->shape[1];
        width[layers + 1] = (int)t->shape[0];
        free(name);
    }
    if (tower_shape_of(&shape, width, layers, &e) != 0)
        die("align.%s.*: %s", tower, e.text);
    return shape;
}

static double stored_scale(struct filter *f)
{
    const char *text = filter_attr(f, "align.text.fc1.weight", "text_scale");
    char *end = NULL;
    double scale = text ? strtod(text, &end) : 1;

    if (text && (end == text || *end != 0 || !isfinite(scale)))
        die("'align.text.fc1.weight': text_scale is '%s', expected a number", text);
    return scale;
}

void align_load(struct align *m, struct filter *f)
{
    struct align_options o = { .match = &match_off, .rec_loss = &rec_bce,
                               .temperature = 1 };
    struct tower_shape item = stored_shape(f, "item"), text = stored_shape(f, "text");
    struct error e;

    o.text_scale = stored_scale(f);
    if (align_new(m, &o, item, text, &e) != 0)
        die("align.*: %s", e.text);
    for (int i = 0; i < m->p.count; i++) {
        const struct param *p = &m->p.list[i];
        char *name = mem_format("align.%s", p->name);
        const struct tensor *t = filter_tensor_sized(f, name, DT_F4, p->rows,
                                                     p->ndim == 1 ? 0 : p->cols,
                                                     "align-train");
        const float *values = t->data;

        for (long j = 0; j < params_length(p); j++)
            m->p.values[p->at + j] = (real)values[j];
        free(name);
    }
}

void align_joint_rows(const struct align *m, bool is_text, const struct tensor *source,
                      int64_t first, int64_t end, struct tensor *joint)
{
    const struct tower *t = is_text ? &m->text : &m->item;

    tower_encode(t, m->p.values, (real *)joint->data + first * t->shape.joint,
                 (const real *)source->data + first * t->shape.in,
                 is_text ? (real)m->o.text_scale : 1, (long)(end - first));
}

void align_put_rows(struct filter *f, const struct align *m, bool is_text,
                    const struct tensor *source, const struct tensor *joint,
                    const struct attr *more)
{
    char source_digest[DIGEST_TEXT], towers[DIGEST_TEXT];
    struct attr *attrs;
    size_t n = 0;

    while (more[n].key)
        n++;
    attrs = mem_new(n + 3, sizeof *attrs);
    attrs[0] = (struct attr){ is_text ? "item.text" : "item.cf",
                              tensor_digest_text(source, source_digest) };
    attrs[1] = (struct attr){ "towers", align_digest(m, towers) };
    memcpy(attrs + 2, more, n * sizeof *more);
    filter_put(f, is_text ? "item.joint_text" : "item.joint", joint, attrs);
    free(attrs);
}

struct tensor align_put_joint(struct filter *f, const struct align *m, bool is_text,
                              const struct tensor *source)
{
    const struct tower *t = is_text ? &m->text : &m->item;
    struct tensor joint = tensor_new2(DT_F4, source->shape[0], t->shape.joint);

    align_joint_rows(m, is_text, source, 0, source->shape[0], &joint);
    align_put_rows(f, m, is_text, source, &joint, &(struct attr){ NULL, NULL });
    return joint;
}
