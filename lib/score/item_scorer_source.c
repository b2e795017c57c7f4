/* The scorers' names, and where their item vectors come from. */
#include "score/item_scorer_parts.h"

#include "util/error.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

const char *const item_scorer_names[] = { ITEM_SCORERS(ITEM_SCORER_NAME) NULL };

const struct item_scorer_source item_scorer_source[ITEM_MODELS] = {
    [BY_CF] = { "item.cf", "cf-embed" },
    [BY_JOINT] = { "item.joint", "align-train" },
    [BY_JOINT_TEXT] = { "item.joint_text", "align-train" },
    [BY_AUTO] = { "item.joint", "align-train" },
    [BY_FUSED] = { "item.fused", "cf-fuse" },
    [BY_TEXT_NEAREST] = { "item.cf", "cf-embed" },
    [BY_TEXT_RIDGE] = { "item.cf", "cf-embed" },
    [BY_TEXT_HISTORY] = { "item.text", "sbert-encode" },
};

void item_scorer_source_check(const struct item_scorer *m, int64_t items, int64_t users)
{
    const struct item_scorer_source *from = &item_scorer_source[m->by];
    bool users_too = users >= 0
                     && (!from->tensor || strcmp(from->tensor, "item.cf") == 0);

    if (from->tensor && m->items != items && !users_too)
        die("'%s' is of %" PRId64 " items, expected %" PRId64 ": run %s again",
            from->tensor, m->items, items, from->maker);
    if (users >= 0 && (m->users != users || m->items != items))
        die("vectors of %" PRId64 " users and %" PRId64 " items, expected the %" PRId64
            " and %" PRId64 " of 'user.id' and 'item.id': run cf-embed again", m->users,
            m->items, users, items);
}
