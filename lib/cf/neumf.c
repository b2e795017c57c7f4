#include "cf/neumf.h"

#include "nn/params_store.h"
#include "util/error.h"
#include "util/rng.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#define MAKER "cf-train"
#define DEVIATION .01 /* of initial vectors */

enum { MOST_ROWS = 1 << 27, MOST_WIDTH = 1 << 16 };

struct neumf_shape neumf_shape_of(int users, int items, int width, int layers)
{
    struct neumf_shape s = { .users = users, .items = items, .gmf = width,
                             .mlp = width << (layers - 1), .layers = layers };

    for (int i = 0; i < layers && i < NEUMF_MAX_LAYERS; i++)
        s.out[i] = s.mlp >> i;
    return s;
}

static int in_of(const struct neumf_shape *s, int map)
{
    return map > 0 ? s->out[map - 1] : 2 * s->mlp;
}

static bool is_absurd(const struct neumf_shape *s)
{
    bool bad = s->users < 0 || s->users > MOST_ROWS || s->items < 0 ||
               s->items > MOST_ROWS || s->gmf < 1 || s->gmf > MOST_WIDTH || s->mlp < 1 ||
               s->mlp > MOST_WIDTH || s->layers < 1 || s->layers > NEUMF_MAX_LAYERS;

    for (int i = 0; !bad && i < s->layers; i++)
        bad = s->out[i] < 1 || s->out[i] > MOST_WIDTH;
    return bad;
}

int neumf_new(struct neumf *m, struct neumf_shape s, struct error *e)
{
    struct params *p = &m->p;

    *m = (struct neumf){ .shape = s };
    if (is_absurd(&s))
        return fail(
            e, "no NeuMF can have %d users, %d items, vectors of %d and %d, %d layers",
            s.users, s.items, s.gmf, s.mlp, s.layers);
    m->table[NEUMF_USER_GMF] = params_add(p, 2, s.users, s.gmf, "embed_user_GMF.weight");
    m->table[NEUMF_ITEM_GMF] = params_add(p, 2, s.items, s.gmf, "embed_item_GMF.weight");
    m->table[NEUMF_USER_MLP] = params_add(p, 2, s.users, s.mlp, "embed_user_MLP.weight");
    m->table[NEUMF_ITEM_MLP] = params_add(p, 2, s.items, s.mlp, "embed_item_MLP.weight");
    m->dense = p->size;
    for (int i = 0; i < s.layers; i++) {
        m->w[i] =
            params_add(p, 2, s.out[i], in_of(&s, i), "MLP_layers.%d.weight", 3 * i + 1);
        m->b[i] = params_add(p, 1, s.out[i], 1, "MLP_layers.%d.bias", 3 * i + 1);
    }
    m->predict_w =
        params_add(p, 2, 1, s.gmf + s.out[s.layers - 1], "predict_layer.weight");
    m->predict_b = params_add(p, 1, 1, 1, "predict_layer.bias");
    params_allocate(p);
    return 0;
}

void neumf_free(struct neumf *m)
{
    params_free(&m->p);
}

void neumf_init(struct neumf *m, uint64_t seed)
{
    for (int i = 0; i < m->p.count; i++) {
        const struct param *t = &m->p.list[i];
        rng r = rng_keyed("cf-train init", seed, (uint64_t)i, 0);
        real *values = m->p.values + t->at;
        double bound = sqrt(t->rows == 1 ? 3.0 / t->cols : 6.0 / (t->rows + t->cols));

        for (long j = 0; t->ndim > 1 && j < params_length(t); j++)
            values[j] = (real)(i < NEUMF_TABLES ? DEVIATION * rng_normal(&r)
                                                : bound * (2 * rng_uniform(&r) - 1));
    }
}

int neumf_width(const struct neumf *m)
{
    return m->shape.gmf + m->shape.mlp;
}

static void vector(const struct neumf *m, real *x, long gmf, long mlp, int row)
{
    long G = m->shape.gmf, M = m->shape.mlp;

    memcpy(x, m->p.values + gmf + row * G, (size_t)G * sizeof *x);
    memcpy(x + G, m->p.values + mlp + row * M, (size_t)M * sizeof *x);
}

void neumf_user(const struct neumf *m, real *x, int user)
{
    vector(m, x, m->table[NEUMF_USER_GMF], m->table[NEUMF_USER_MLP], user);
}

void neumf_item(const struct neumf *m, real *x, int item)
{
    vector(m, x, m->table[NEUMF_ITEM_GMF], m->table[NEUMF_ITEM_MLP], item);
}

static int small(const char *name, int64_t n, int most)
{
    if (n > most)
        die("'%s' is too large", name);
    return (int)n;
}

/* The maps' sizes. */
static void network_shape(struct neumf_shape *s, struct filter *f)
{
    char name[64];

    for (; s->layers < NEUMF_MAX_LAYERS; s->layers++) {
        const struct tensor *w;

        snprintf(name, sizeof name, "cf.MLP_layers.%d.weight", 3 * s->layers + 1);
        if (s->layers > 0 && !filter_has(f, name))
            break;
        w = filter_tensor(f, name, DT_F4, 2, MAKER);
        s->out[s->layers] = small(name, w->shape[0], MOST_WIDTH);
        if (s->layers == 0)
            s->mlp = small(name, w->shape[1], 2 * MOST_WIDTH) / 2;
    }
}

static void load(struct neumf *m, struct neumf_shape s, struct filter *f, int first)
{
    struct error e;

    if (neumf_new(m, s, &e) != 0)
        die("'cf.*': %s", e.text);
    params_load(&m->p, f, "cf.", MAKER, first);
}

void neumf_load(struct neumf *m, struct filter *f)
{
    const char *names[] = { "cf.embed_user_GMF.weight", "cf.embed_item_GMF.weight" };
    const struct tensor *user = filter_tensor(f, names[0], DT_F4, 2, MAKER);
    const struct tensor *item = filter_tensor(f, names[1], DT_F4, 2, MAKER);
    struct neumf_shape s = { .users = small(names[0], user->shape[0], MOST_ROWS),
                             .items = small(names[1], item->shape[0], MOST_ROWS),
                             .gmf = small(names[0], user->shape[1], MOST_WIDTH) };

    network_shape(&s, f);
    load(m, s, f, 0);
}

void neumf_load_network(struct neumf *m, struct filter *f, int width)
{
    struct neumf_shape s = { 0 };

    network_shape(&s, f);
    s.gmf = width - s.mlp;
    load(m, s, f, NEUMF_TABLES);
}

const char *neumf_digest(const struct neumf *m, char text[DIGEST_TEXT])
{
    return digest_text(XXH3_64bits(m->p.values + m->dense,
                                   (size_t)(m->p.size - m->dense) * sizeof(real)),
                       text);
}
