# shellcheck shell=bash disable=SC2034,SC2154
# The history in a random order at test; nothing is trained for it.
#
#   --history N    titles in the prompts of text alone [10]
title='what is left when the history is shuffled'
asks="How much each scorer makes of the order: the same models on the same users, whose
histories come in their true order and in a random one. The CF model reads it as its window;
A-LLMRec has it in the user's vector, of which its belief in each candidate is made; text has
the last titles in its prompt. What it is told is without the texts of the history, which know
which items were the last ten. Popularity knows no order."
own=history history=10

check() {
    number history "$history" 1
}

prepare() {
    split data
    need_texts data
}

once() {
    text text data
    candidates cand data
    by_llm text "data cand" --user no --items no --history "$history"
    by_llm text-shuffled "data cand" --user no --items no --history "$history" \
        --shuffle-history --seed 1
    by_cf pop "data cand" --by pop
}

make() {
    local inputs
    standard
    sum sum-cf "data cf align text" --of cf,joint,joint-text,pop
    find_inputs "data cf-weights"
    part light 1 cf-shuffled memo cf-embed --only --shuffle-history --seed "$seed" "${inputs[@]}"
    stage2 proj "data cf align sum"
    by_cf cf "data cf cand"
    by_cf cf-shuffled "data cf-shuffled cand"
    by_llm a-llmrec "data cf align sum-cf cand proj"
    by_llm a-llmrec-shuffled "data cf-shuffled align sum-cf cand proj"
}

report() {
    table "data cand" "cf cf-shuffled a-llmrec a-llmrec-shuffled text text-shuffled pop"
    seconds cf-weights align proj
    claim "it does not look at this; its CF models are sequential ones, and NCF, which knows no
order, is the weakest of them alone (.2957 and SASRec's .5298 on Beauty, HR@1, table 11)."
    finding cf cf-shuffled more "the CF model uses the order"
    finding a-llmrec a-llmrec-shuffled more "A-LLMRec uses it, through the user's vector"
    finding text text-shuffled more "the LLM alone uses it"
}
