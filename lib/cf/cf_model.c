#include "cf/cf_model.h"

#include "cf/cf_kind.h"
#include "nn/params_store.h"
#include "util/error.h"

#include <xxhash.h>

static const struct cf_kind *const kinds[CF_MODELS] = {
    [CF_SASREC] = &cf_sasrec, [CF_GRU4REC] = &cf_gru4rec, [CF_NEXTITNET] = &cf_nextitnet,
    [CF_NCF] = &cf_ncf,       [CF_MF] = &cf_mf,           [CF_POP] = &cf_pop,
};

const char *const cf_model_names[CF_MODELS + 1] = {
    [CF_SASREC] = "sasrec", [CF_GRU4REC] = "gru4rec", [CF_NEXTITNET] = "nextitnet",
    [CF_NCF] = "ncf",       [CF_MF] = "mf",           [CF_POP] = "pop",
    NULL,
};

/* SASRec where there is nothing, for its message; counts go unnoticed beside weights. */
static enum cf_which which_in_stream(struct filter *f)
{
    int found = -1;

    for (int i = 0; i < CF_MODELS; i++) {
        if (!filter_has(f, kinds[i]->sign) || (i == CF_POP && found >= 0))
            continue;
        if (found >= 0)
            die("'%s' is of model %s, '%s' of %s: the weights of two models are in the input",
                kinds[found]->sign, cf_model_names[found], kinds[i]->sign,
                cf_model_names[i]);
        found = i;
    }
    return found >= 0 ? (enum cf_which)found : CF_SASREC;
}

bool cf_model_knows_users(struct filter *f)
{
    enum cf_which which = which_in_stream(f);

    return !kinds[which]->backbone && which != CF_POP;
}

void cf_model_begin(struct cf_model *m, enum cf_which which, const struct history *h)
{
    *m = (struct cf_model){ .which = which, .kind = kinds[which], .items = h->items,
                             .users = h->users };
}

void cf_model_load(struct cf_model *m, struct filter *f, const struct history *h,
                   const struct backbone_hints *hints)
{
    cf_model_begin(m, which_in_stream(f), h);
    m->kind->load(m, f, h, hints);
}

void cf_model_free(struct cf_model *m)
{
    m->kind->free(m);
}

void cf_model_put(struct filter *f, const struct cf_model *m)
{
    m->kind->put(f, m);
}

struct params *cf_model_params(struct cf_model *m)
{
    return m->kind->params(m);
}

void cf_model_digest(const struct cf_model *m, char text[DIGEST_TEXT])
{
    if (m->pop)
        digest_text(XXH3_64bits(m->pop, (size_t)m->items * sizeof *m->pop), text);
    else
        params_digest(m->kind->params((struct cf_model *)m), text);
}

const char *cf_model_network(const struct cf_model *m, char text[DIGEST_TEXT])
{
    return m->kind->network ? m->kind->network(m, text) : NULL;
}

void cf_model_item(const struct cf_model *m, real *x, int item)
{
    m->kind->item(m, x, item);
}

void cf_model_represent(const struct cf_model *m, const struct history *h, real *x,
                        const struct cf_position *p, long n)
{
    for (long i = 0; i < n; i += CF_POSITIONS)
        m->kind->represent(m, h, x + i * m->width, p + i,
                           n - i < CF_POSITIONS ? n - i : CF_POSITIONS);
}

void cf_model_score(const struct cf_model *m, real *score, const real *x, int first, int n)
{
    if (m->kind->score)
        m->kind->score(m, score, x, first, n);
    else
        real_gemv(CblasRowMajor, CblasNoTrans, n, m->width, 1,
                  m->kind->table(m) + (long)first * m->width, m->width, x, 1, 0, score, 1);
}
