# shellcheck shell=bash disable=SC2034,SC2154
# Users with three interactions, held out of all training.
#
#   --truncate N:L    N users cut to their first L interactions [where no user has exactly
#                     three: a third of the users, 300 at most, to 3]
title='users with three interactions, who train nothing'
asks="The users are held out of all training and known only by what the CF model makes of
their first interactions; the last one is to be found.  joint and joint-text are stage 1's e
and q, parts their sum with the CF model, texts and popularity, by warm users' validation items;
a-llmrec is the LLM, told what the sum expects.  The rows -shuffled are of a stage 1 and a sum
that have had other items' texts from the beginning."
own=truncate truncate=''

check() {
    [[ $truncate =~ ^([0-9]{1,9}:[0-9]{1,6})?$ ]] ||
        usage "--truncate: '$truncate' is not USERS:LENGTH, such as 100:3"
}

prepare() {
    local there
    part light 1 import data-import "$data"
    if [ -z "$truncate" ] && ! data-split -q --by cold-users "$work/import.mr" \
        > "$work/try.part" 2> /dev/null; then
        there=$(rows_of user.id "$work/import.mr")
        truncate=$((there / 3 < 300 ? there / 3 : 300)):3
    fi
    rm -f "$work/try.part"
    split data --by cold-users ${truncate:+--truncate "$truncate" --seed 1}
    need_texts data
}

once() {
    text text data
    shuffled text item.text
    candidates cand data
    by_llm text "data cand" --user no --items no
    by_cf pop "data cand" --by pop
}

make() {
    local i
    standard
    stage2 proj "data cf align sum"
    by_parts "data cf align sum cand"
    for ((i = 1; i <= shuffles; i++)); do
        stage1 "align-shuffled-$i" "data cf text-shuffled-$i" --preset choice
        sum "sum-shuffled-$i" "data cf align-shuffled-$i text-shuffled-$i"
        by_cf "joint-text-shuffled-$i" "data cf align-shuffled-$i cand" --by joint-text
        by_cf "parts-shuffled-$i" "data cf sum-shuffled-$i cand" --by fused
    done
    by_llm a-llmrec "data cf align sum cand proj"
}

report() {
    table "data cand" "cf joint joint-text parts a-llmrec text pop $(controls joint-text) \
        $(controls parts)"
    seconds cf-weights align proj
    claim "A-LLMRec is better than SASRec on cold users: .5272 and .2589 (Movies and TV), .4160 and
.4048 (Video Games), .5337 and .4459 (Beauty; HR@1, table 5)."
    finding a-llmrec cf more "A-LLMRec more than its CF model"
    spread joint-text "q of the item's own text, and of other texts"
    spread parts "the sum of the items' own texts, and of other texts"
    finding a-llmrec text more "more than the LLM from titles alone, which is our question"
}
