#include "cf/cf_model.h"

#include "cf/cf_kind.h"
#include "nn/params_store.h"
#include "util/error.h"

#define KIND(name) &cf_##name,
const struct cf_kind *const cf_model_kinds[] = { CF_KINDS(KIND) NULL };

#define NAME(name) #name,
const char *const cf_model_names[] = { CF_KINDS(NAME) NULL };

/* The first one where there is nothing, for its message; a model that only counts goes
 * unnoticed beside weights. */
static const struct cf_kind *kind_in_stream(struct filter *f)
{
    int found = -1;

    for (int i = 0; cf_model_kinds[i]; i++) {
        const struct cf_kind *k = cf_model_kinds[i];

        if (!filter_has(f, k->sign) || (!k->family->params && found >= 0))
            continue;
        if (found >= 0 && cf_model_kinds[found]->family->params)
            die("'%s' is of model %s, '%s' of %s: the weights of two models are in the "
                "input",
                cf_model_kinds[found]->sign, cf_model_names[found], k->sign,
                cf_model_names[i]);
        found = i;
    }
    return cf_model_kinds[found >= 0 ? found : 0];
}

bool cf_model_knows_users(struct filter *f)
{
    return kind_in_stream(f)->family->knows_users;
}

void cf_model_begin(struct cf_model *m, const struct cf_kind *kind,
                    const struct history *h)
{
    *m = (struct cf_model){ .kind = kind, .items = h->items, .users = h->users };
}

void cf_model_count(struct cf_model *m, const struct cf_kind *kind,
                    const struct history *h)
{
    cf_model_begin(m, kind, h);
    kind->family->count(m, h);
}

void cf_model_load(struct cf_model *m, struct filter *f, const struct history *h,
                   const struct backbone_hints *hints)
{
    cf_model_begin(m, kind_in_stream(f), h);
    m->kind->family->load(m, f, h, hints);
}

void cf_model_free(struct cf_model *m)
{
    m->kind->family->free(m);
}

void cf_model_put(struct filter *f, const struct cf_model *m)
{
    m->kind->family->put(f, m);
}

struct params *cf_model_params(const struct cf_model *m)
{
    return m->kind->family->params(m);
}

void cf_model_digest(const struct cf_model *m, char text[DIGEST_TEXT])
{
    if (m->kind->family->digest)
        m->kind->family->digest(m, text);
    else
        params_digest(cf_model_params(m), text);
}

const char *cf_model_network(const struct cf_model *m, char text[DIGEST_TEXT])
{
    return m->kind->network ? m->kind->network->digest(m, text) : NULL;
}

void cf_model_item(const struct cf_model *m, real *x, int item)
{
    m->kind->family->item(m, x, item);
}

void cf_model_represent(const struct cf_model *m, const struct history *h, real *x,
                        const struct cf_position *p, long n)
{
    for (long i = 0; i < n; i += CF_POSITIONS)
        m->kind->family->represent(m, h, x + i * m->width, p + i,
                           n - i < CF_POSITIONS ? n - i : CF_POSITIONS);
}

void cf_model_score(const struct cf_model *m, real *score, const real *x, int first,
                    int n)
{
    m->kind->family->score(m, score, x, first, n);
}
