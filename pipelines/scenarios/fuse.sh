# shellcheck shell=bash disable=SC2034,SC2154
# The CF model and the LLM in one ranking, against each of them.
title='one ranking of several, that loses to none of its parts'
asks="Scores of the CF model, of the sum of it, stage 1, texts and popularity, and of A-LLMRec are
combined by score-fuse, with weights found on validation candidates only: a weighted sum of standardised
scores, reciprocal ranks, and a logistic regression; fused-two is of the CF model and A-LLMRec
alone.  Fused should be at least its better part."

prepare() {
    split data
    need_texts data
}

once() {
    text text data
    candidates cand data --for valid,test
    by_cf pop "data cand" --by pop
}

make() {
    standard
    stage2 proj "data cf align sum"
    by_cf cf "data cf cand"
    by_cf parts "data cf align sum cand" --by fused
    by_llm a-llmrec "data cf align sum cand proj"
    by_fuse fused "cf parts a-llmrec pop"
    by_fuse fused-two "cf a-llmrec"
    by_fuse ranks "cf parts a-llmrec pop" --how rrf
    by_fuse logistic "cf parts a-llmrec pop" --how logistic
}

# by_fuse NAME PARTS OPTION...
by_fuse() {
    local inputs
    find_inputs "data cand $(scores_of "$2")"
    part light 1 "score-$1" score-fuse --only --as "$1$run" "${@:3}" "${inputs[@]}"
}

report() {
    table "data cand" "fused fused-two ranks logistic cf parts a-llmrec pop"
    seconds cf-weights align proj
    claim "it does not combine scores; that fused is at least its better part is our own aim."
    finding fused cf atleast "fused at least the CF model"
    finding fused a-llmrec atleast "fused at least A-LLMRec"
    finding fused parts atleast "fused at least the sum of the parts"
    finding fused-two cf atleast "without popularity at least the CF model"
    finding ranks cf atleast "reciprocal ranks at least the CF model"
    finding logistic cf atleast "the regression at least the CF model"
}
