# shellcheck shell=bash disable=SC2034,SC2154
# CF model and both stages on a few users, tested on all.
#
#   --shots K,...     how many train; "all" is all of them [128,256,all]
title='few users to train on'
asks="The CF model and both stages are trained on K users; everybody is tested, on the same
candidates.  Item vectors are e (of the CF model's) or q (of the item's text)."
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
        [ "$k" = all ] || split "data-$k" --few-shot "$k" --seed "$seed"
    done
}

# The name of K users' interactions.
of() {
    [ "$1" = all ] && echo data || echo "data-$1"
}

make() {
    local k d
    text text data
    candidates cand data
    for k in ${shots//,/ }; do
        d=$(of "$k")
        cf "cf-$k" "$d"
        stage1 "align-$k" "$d cf-$k text"
        stage2 "proj-$k" "$d cf-$k align-$k"
        by_cf "cf@$k" "$d cf-$k cand"
        by_llm "e@$k" "$d cf-$k align-$k cand proj-$k" --joint joint
        by_llm "q@$k" "$d cf-$k align-$k cand proj-$k" --joint text
    done
}

report() {
    local k trainings=()
    claim "with K users A-LLMRec is better than SASRec, and with q better than with e (Movies
and TV, HR@1, table 6)."
    for k in ${shots//,/ }; do
        echo "### K = $k"
        echo
        table "$(of "$k") cand" "cf@$k e@$k q@$k"
        case $k in
        128) figures "cf@$k" .1537 "e@$k" .2518 "q@$k" .2722 ;;
        256) figures "cf@$k" .2111 "e@$k" .2880 "q@$k" .2963 ;;
        esac
        finding "e@$k" "cf@$k" more "A-LLMRec more than its CF model"
        finding "q@$k" "e@$k" more "q more than e"
        echo
        trainings+=("cf-$k-weights" "align-$k" "proj-$k")
    done
    seconds "${trainings[@]}"
}
