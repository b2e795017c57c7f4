# shellcheck shell=bash disable=SC2034,SC2154
# CF model and both stages on a few users, tested on all.
#
#   --shots K,...     how many train; "all" is all of them [128,256,all]
title='few users to train on'
asks="The CF model and both stages are trained on K users; everybody is tested, on the same
candidates.  joint and joint-text are stage 1's e (of the CF model's vectors) and q (of the
item's text), parts their sum with the CF model, texts and popularity, by the K users'
validation items; a-llmrec is the LLM, told what the sum expects."
own=shots shots=128,256,all

check() {
    [[ ,$shots =~ ^(,(all|[1-9][0-9]{0,8}))+$ ]] ||
        usage "--shots: '$shots' is not a list of numbers from 1"
    [ -z "$(tr , '\n' <<< "$shots" | sort | uniq -d)" ] ||
        usage "--shots: '$shots' names a number twice"
}

prepare() {
    local k
    split data
    need_texts data
    for k in ${shots//,/ }; do
        [ "$k" = all ] || split "data-$k" --few-shot "$k" --seed 1
    done
}

# The name of K users' interactions.
of() {
    [ "$1" = all ] && echo data || echo "data-$1"
}

once() {
    text text data
    candidates cand data
}

make() {
    local k d
    for k in ${shots//,/ }; do
        d=$(of "$k")
        cf "cf-$k" "$d"
        stage1 "align-$k" "$d cf-$k text" --preset choice
        sum "sum-$k" "$d cf-$k align-$k text"
        stage2 "proj-$k" "$d cf-$k align-$k sum-$k"
        by_parts "$d cf-$k align-$k sum-$k cand" "$k"
        by_llm "a-llmrec-$k" "$d cf-$k align-$k sum-$k cand proj-$k"
    done
}

report() {
    local k trainings=()
    claim "with K users A-LLMRec is better than SASRec, and with q better than with e (Movies
and TV, HR@1, table 6)."
    for k in ${shots//,/ }; do
        echo "### K = $k"
        echo
        table "$(of "$k") cand" "cf-$k joint-$k joint-text-$k parts-$k a-llmrec-$k"
        case $k in
        128) figures SASRec .1537 "A-LLMRec with e" .2518 "A-LLMRec with q" .2722 ;;
        256) figures SASRec .2111 "A-LLMRec with e" .2880 "A-LLMRec with q" .2963 ;;
        esac
        finding "a-llmrec-$k" "cf-$k" more "A-LLMRec more than its CF model"
        finding "joint-text-$k" "joint-$k" more "q more than e"
        finding "a-llmrec-$k" "parts-$k" more "the LLM more than what it is told, which is our question"
        echo
        trainings+=("cf-$k-weights" "align-$k" "proj-$k")
    done
    seconds "${trainings[@]}"
}
