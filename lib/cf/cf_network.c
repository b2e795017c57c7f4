#include "cf/cf_network.h"

#include "cf/cf_kind.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

void cf_network_keep(struct filter *f)
{
    for (int i = 0; cf_model_kinds[i]; i++) {
        const struct cf_network_kind *k = cf_model_kinds[i]->network;

        for (int j = 0; k && k->tensors[j]; j++)
            filter_keep(f, k->tensors[j]);
    }
}

/* Of the model whose network is there; of several, or of none, the first. */
static int model_in_stream(struct filter *f)
{
    int first = -1;

    for (int i = 0; cf_model_kinds[i]; i++) {
        const struct cf_network_kind *k = cf_model_kinds[i]->network;

        if (k && filter_has(f, k->sign))
            return i;
        if (k && first < 0)
            first = i;
    }
    return first;
}

void cf_network_load(struct cf_network *n, struct filter *f, const char *digest,
                     const real *item, int64_t items, int width)
{
    int model = model_in_stream(f);
    char found[DIGEST_TEXT];

    n->kind = cf_model_kinds[model]->network;
    if (!filter_has(f, n->kind->sign))
        die("'item.cf' is of model %s, whose scores are no dot products but its "
            "network's: no '%s' in the input: add the output of cf-train",
            cf_model_names[model], n->kind->sign);
    n->own = mem_new(1, n->kind->size);
    n->kind->load(n->own, f, item, items, width, found);
    if (strcmp(digest, found) != 0)
        die("'item.cf' is of network %s, 'cf.*' are %s: run cf-embed again", digest,
            found);
}

void cf_network_free(struct cf_network *n)
{
    if (n->kind)
        n->kind->free(n->own);
    free(n->own);
}

void cf_network_scores(const struct cf_network *n, const real *user, int64_t first,
                       int64_t count, real *score)
{
    n->kind->score(n->own, user, first, count, score);
}
