# shellcheck shell=bash disable=SC2034,SC2154
# Everything trained on one domain, tested on another through text alone; two trainings of
# stage 2.
#
#   --from C~W|W, --to C~W|W   the domains: items whose column C has one of the words and
#                   none of the other domain's [class~Action|Adventure|Sci-Fi|Thriller and
#                   class~Drama|Romance]
#   --other DATA    instead: --data as a whole is the first, this data set the second
#   --mix X         share of items from text while the second projection trains [.3]
title='trained on one domain, tested on another'
own='from to other mix' mix=.3 other=''
from='class~Action|Adventure|Sci-Fi|Thriller' to='class~Drama|Romance'
asks="Items of the second domain have texts only. Their vectors are q of the first domain's
towers. A user's vector is what the first domain's CF model makes of the history, whose items
have the vectors that the decoder makes of their q: that is not the mean of them, but what the
model was trained to make of such vectors. A projection that saw q in training (mix) stands
beside."

check() {
    share mix "$mix"
}

prepare() {
    if [ -n "$other" ]; then
        part light 1 import data-import "$data"
        part light 1 import-b data-import "$other"
    else
        part light 1 import data-import "$data" --items-with "$from" --items-without "$to"
        part light 1 import-b data-import "$data" --items-with "$to" --items-without "$from"
    fi
    split data
    part light 1 data-b data-split "$work/import-b.mr"
    splits+=(data-b)
    need_texts data
    need_texts data-b
}

once() {
    text text data
    text text-b data-b
    candidates cand data-b
    by_cf text-history "data-b text-b cand" --by text-history
    by_llm text "data-b cand" --user no --items no
    by_cf pop "data-b cand" --by pop
}

make() {
    local inputs
    cf cf data
    stage1 align "data cf text" --preset choice
    stage2 proj "data cf align"
    stage2 proj-mix "data cf align" --joint-mix "$mix"
    find_inputs "align text-b"
    part light 1 joint-b align-embed --only --as-cf "${inputs[@]}"
    find_inputs "data-b cf-weights joint-b"
    part light 1 cf-b memo cf-embed --only "${inputs[@]}"
    cf cf-own data-b
    by_cf cf "data-b cf-b cand"
    by_llm q "data-b cf-b joint-b cand proj" --joint text
    shuffled cf-b item.cf
    by_llm_shuffled q cf-b "data-b joint-b cand proj" --joint text
    by_llm mix-q "data-b cf-b joint-b cand proj-mix" --joint text
    by_cf cf-own "data-b cf-own cand"
}

report() {
    echo "Second domain: $(said data-import import-b) cf is the first domain's CF model on vectors of"
    echo "texts, which are stage 1's: by itself it has no vector of any item there, and chooses by"
    echo "chance.  pop and cf-own, a CF model of its own, know the second domain's interactions."
    echo
    table "data-b cand" "cf q mix-q text-history text pop cf-own $(controls q)"
    seconds cf-weights align proj proj-mix cf-own-weights
    claim "trained on Movies and TV and tested on Video Games, A-LLMRec with q has .1203, with e
.0901, SASRec .0506, where chance is .05 (HR@1, table 7)."
    finding q cf more "A-LLMRec with q more than the CF model on vectors of texts"
    spread q "the CF model's vectors of the item's own text, and of other texts"
    finding q text more "more than the LLM from titles alone"
    finding q text-history more "more than the likeness of texts"
    finding mix-q q more "having seen q in training helps"
}
