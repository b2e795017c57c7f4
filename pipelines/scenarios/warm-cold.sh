# shellcheck shell=bash disable=SC2034,SC2154
# Items with many and with few training interactions; two trainings of stage 2.
#
#   --users N            of the first split [all]; 300 of the second
#   --hold N             the last interactions of each that are to be found, one by one; more
#                        than 1 makes the cold group larger, and trains on fewer [1]
#   --warm X, --cold X   shares of the items by training interactions [.35, .35]
#   --items N            held out of all training in the second split [0: a tenth]
title='items that many and that few have seen'
asks="Users in groups by the item that is to be found: warm, middle or cold.  joint and joint-text
are stage 1's e (of the CF model's vectors) and q (of the text) by themselves, parts their sum with
the CF model, the likeness of texts and popularity.  e, q and auto are the LLM, whose item tokens
and whose guess are e everywhere, q everywhere, or q for cold items and e for the others (the
system's own rule); a-llmrec is the LLM told what the sum expects.  Then the same where items were
held out of all training."
own='hold warm cold items' hold=1 warm=.35 cold=.35 items=0

check() {
    share warm "$warm"
    share cold "$cold"
    awk -v warm="$warm" -v cold="$cold" 'BEGIN { exit !(warm + cold <= 1) }' ||
        usage "--warm $warm and --cold $cold are more than all items"
    number items "$items" 0
    number hold "$hold" 1
    [ -n "$users" ] || users=0
}

prepare() {
    local held=()
    [ "$hold" = 1 ] || held=(--hold "$hold")
    split data "${held[@]}"
    need_texts data
    split data-new --by cold-items --items "$items" --seed 1
}

# line SUFFIX: the main line and all rows on data$1, by the candidates cand$1.
line() {
    local all="data$1 cf$1 align$1 sum$1 cand$1" row
    cf "cf$1" "data$1"
    stage1 "align$1" "data$1 cf$1 text" --preset choice
    sum "sum$1" "data$1 cf$1 align$1 text"
    stage2 "proj$1" "data$1 cf$1 align$1 sum$1"
    for row in cf joint joint-text fused; do
        by_cf "${row/fused/parts}$1" "$all" --by $row
    done
    for row in e q auto; do
        by_joint "$row$1" "$all proj$1" $row
    done
    by_llm "a-llmrec$1" "$all proj$1" --joint auto --cold-share 0 --guess-by fused
}

# by_joint NAME INPUTS e|q|auto: the LLM, whose item tokens and whose guess are of that kind.
by_joint() {
    case $3 in
    e) by_llm "$1" "$2" --joint joint --guess-by joint ;;
    q) by_llm "$1" "$2" --joint text --guess-by joint-text ;;
    auto) by_llm "$1" "$2" --joint auto --guess-by auto --cold-share "$cold" ;;
    esac
}

once() {
    local each=() users=$users
    [ "$hold" = 1 ] || each=(--target-from all-heldout)
    text text data
    shuffled text item.text
    candidates cand data "${each[@]}"
    [ "$users" != 0 ] || users=
    candidates cand-new data-new --by cold
    by_llm text-new "data-new cand-new" --user no --items no
}

make() {
    local row i users=$users
    line ''
    [ "$users" != 0 ] || users=
    line -new
    for row in text-history text-nearest text-ridge; do
        by_cf "$row-new" "data-new cf-new text cand-new" --by $row
    done
    shuffled align-new item.joint_text
    by_llm_shuffled q-new align-new "data-new cf-new cand-new proj-new" --joint text \
        --guess-by joint-text
    for ((i = 1; i <= shuffles; i++)); do
        sum "sum-new-$i" "data-new cf-new align-new-shuffled-$i text-shuffled-$i"
        by_cf "parts-new-shuffled-$i" "data-new cf-new sum-new-$i cand-new" --by fused
    done
}

rows() {
    echo "cf$1 joint$1 joint-text$1 parts$1 e$1 q$1 auto$1 a-llmrec$1"
}

report() {
    claim "q is better than e on cold items, .5772 and .5714, e better than q on warm ones, .6880
and .6802, A-LLMRec better than SASRec on cold ones, .5714 and .2589 (Movies and TV, HR@1,
table 4)."
    echo "### All items train"
    echo
    table "data cand" "$(rows '')" --group warmth --warm "$warm" --cold "$cold"
    finding q e atleast "q at least e on cold items" cold
    finding e q more "e more than q on warm items" warm
    finding auto e atleast "the rule of both at least e everywhere"
    finding a-llmrec cf more "A-LLMRec more than its CF model on cold items" cold
    finding a-llmrec cf more "and on warm ones" warm
    echo
    echo "### Items that no training has seen"
    echo
    echo "All candidates are as unseen as the truth, so that a CF model chooses by chance. The"
    echo "rows -shuffled have the text vectors of other items: what is left without meaning."
    echo
    echo "text-history is the likeness of texts to the last ten items', text-nearest the mean CF vector"
    echo "of the 20 nearest texts, text-ridge CF vectors by ridge regression on texts."
    echo
    table "data-new cand-new" \
        "$(rows -new) text-history-new text-nearest-new text-ridge-new text-new $(controls q-new) \
        $(controls parts-new)"
    finding q-new e-new more "q more than e"
    finding joint-text-new text-history-new more "q by itself more than the likeness of texts"
    finding joint-text-new text-nearest-new more "and more than the mean of the nearest texts"
    finding a-llmrec-new text-history-new more "A-LLMRec more than the likeness of texts"
    finding a-llmrec-new text-nearest-new more "and more than the mean of the nearest texts"
    finding a-llmrec-new parts-new more "and more than what it is told, which is our question"
    spread q-new "q of the item's own text, and of other texts"
    spread parts-new "the sum of the items' own texts, and of other texts"
    finding auto-new cf-new more "A-LLMRec with the rule more than its CF model"
    echo
    seconds cf-weights align proj cf-new-weights align-new proj-new
}
