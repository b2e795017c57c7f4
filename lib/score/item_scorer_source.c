/* The scorers' names, and where their item vectors come from. */
#include "score/item_scorer_parts.h"

#include <stddef.h>

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
