/* Which names stand on what. */
#include "stream/numbering.h"

#include "stream/names.h"

#include <string.h>

const struct numbered numbering_table[] = {
    { "item.id", 0, "data-import" },
    { "user.id", 0, "data-import" },
    { "inter.user", ON_USERS, "data-import" },
    { "inter.item", ON_ITEMS, "data-import" },
    { "inter.split", ON_INTER, "data-split" },
    { "inter.cf", ON_SPLIT, "cf-embed" },
    { "inter.*", ON_INTER, "data-import" },
    { "item.cf", ON_ITEMS, "cf-embed" },
    { "item.text", ON_ITEMS | ON_TEXTS, "sbert-encode" },
    { "item.joint", ON_ITEMS, "align-train" },
    { "item.joint_text", ON_ITEMS | ON_TEXTS, "align-train" },
    { "item.*", ON_ITEMS, "data-import" },
    { "user.cf.*", ON_USERS | ON_SPLIT, "cf-embed" },
    { "user.*", ON_USERS, "data-import" },
    /* The rest of a CF model's weights work on whatever vectors they are given. */
    { "cf.item_emb.weight", ON_ITEMS, "cf-train" },
    { "cf.user_emb.weight", ON_USERS, "cf-train" },
    { "cf.embed_item_*", ON_ITEMS, "cf-train" },
    { "cf.embed_user_*", ON_USERS, "cf-train" },
    { "cf.pop", ON_ITEMS, "cf-train" },
    { "cand.test.*", ON_ITEMS | ON_USERS, "cand-sample" },
    { "cand.valid.*", ON_ITEMS | ON_USERS, "cand-sample" },
    { "cand.next.*", ON_ITEMS | ON_USERS, "cand-sample" },
    { "cand.*", ON_ITEMS | ON_USERS, "label-count" },
    { "rel.*", ON_ITEMS | ON_USERS, "label-count" },
    { "rank.*", ON_ITEMS | ON_USERS, "cf-score" },
    { "score.*", ON_ITEMS | ON_USERS, "its scorer" },
    /* Towers and projections work on vectors of any items; they remember the vectors'
     * digests.  sbert-encode --lines writes "text". */
    { NULL, 0, NULL },
};

const struct numbered *numbering_of(const char *name)
{
    const struct numbered *t = numbering_table;

    while (t->pattern && !name_matches(t->pattern, name))
        t++;
    return t;
}

/* Is there a name that both match? */
static bool meet(const char *a, const char *b)
{
    size_t m = strlen(a), n = strlen(b);
    bool open_a = m > 0 && a[m - 1] == '*', open_b = n > 0 && b[n - 1] == '*';

    if (open_a && open_b)
        return strncmp(a, b, (m < n ? m : n) - 1) == 0;
    return open_a ? name_matches(a, b) : name_matches(b, a);
}

unsigned numbering_of_pattern(const char *pattern, bool texts)
{
    size_t n = strlen(pattern);
    unsigned on = 0;

    if (n == 0 || pattern[n - 1] != '*')
        return numbering_of(pattern)->on;
    for (const struct numbered *t = numbering_table; t->pattern; t++)
        if (meet(t->pattern, pattern))
            on |= t->on;
    return texts ? on & (ON_ITEMS | ON_USERS) : on;
}

static const struct {
    unsigned on;
    const char *name;
    bool texts;
} sources[] = {
    { ON_ITEMS, "item.id", false },
    { ON_USERS, "user.id", false },
    { ON_INTER | ON_SPLIT, "inter.user", false },
    { ON_INTER | ON_SPLIT, "inter.item", false },
    { ON_SPLIT, "inter.split", false },
    { ON_TEXTS, "item.*", true },
};

const char *numbering_source(unsigned on, int i, bool *texts)
{
    for (size_t s = 0; s < sizeof sources / sizeof *sources; s++)
        if (sources[s].on & on && i-- == 0) {
            *texts = sources[s].texts;
            return sources[s].name;
        }
    return NULL;
}

bool numbering_is_key(const char *key)
{
    const struct numbered *t = numbering_of(key);

    return strcmp(key, "inter") == 0 || strcmp(key, "inter.split") == 0 ||
           strcmp(key, "user.id") == 0 || strcmp(key, "item.id") == 0 ||
           strcmp(t->pattern ? t->pattern : "", "item.*") == 0;
}
