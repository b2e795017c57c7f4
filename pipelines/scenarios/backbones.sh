# shellcheck shell=bash disable=SC2034,SC2154
# CF models by themselves, and each with A-LLMRec on top; a training of stage 2 for each.
#
#   --models A,...    of cf-train [all that it has, but popularity]
title='other CF models below it'
asks="Each CF model by itself, its sum with e, q, texts and popularity without an LLM (+parts), and the
same model with A-LLMRec on top (+llm): its vectors through both stages."
own=models
models=$(cf-train --help | sed -n 's/.*--model NAME .*: \([a-z0-9|]*\).*/\1/p')
models=$(tr '|' '\n' <<< "$models" | grep -vx pop | paste -sd ,)

check() {
    [[ $models =~ ^[a-z0-9]+(,[a-z0-9]+)*$ ]] || usage "--models: '$models' is not a list of names"
}

prepare() {
    split data
    need_texts data
}

once() {
    text text data
    candidates cand data
}

# NCF's scores are its network's, which cannot be added up.
network_of() {
    [ "$1" != ncf ] || echo "cf-$1-weights"
}

parts_of() {
    [ "$1" != ncf ] || echo --of joint,joint-text,text-history,pop
}

# shellcheck disable=SC2046 # options are words
make() {
    local m all
    for m in ${models//,/ }; do
        cf "cf-$m" data --model "$m"
        all="data cf-$m $(network_of "$m") align-$m sum-$m"
        stage1 "align-$m" "data cf-$m text" --preset choice
        sum "sum-$m" "${all% *} text" $(parts_of "$m")
        stage2 "proj-$m" "$all"
        by_cf "$m" "$all cand"
        by_cf "$m+parts" "$all cand" --by fused
        by_llm "$m+llm" "$all cand proj-$m"
    done
}

# What the paper has for it, Beauty and Toys.
paper() {
    case $1 in
    sasrec) echo ": .5809 and .5298, .3336 and .2359" ;;
    gru4rec) echo ": .5542 and .4131, .3089 and .1673" ;;
    nextitnet) echo ": .5642 and .4231, .3203 and .1415" ;;
    ncf) echo ": .5431 and .2957, .3263 and .1849" ;;
    *) echo " (not in the paper)" ;;
    esac
}

report() {
    local m rows=() trainings=()
    for m in ${models//,/ }; do
        rows+=("$m" "$m+parts" "$m+llm")
        trainings+=("cf-$m-weights" "align-$m" "proj-$m")
    done
    table "data cand" "${rows[*]}"
    seconds "${trainings[@]}"
    claim "every CF model is better with A-LLMRec on top (Beauty and Toys, HR@1, table 11)."
    for m in ${models//,/ }; do
        finding "$m+llm" "$m" more "$m with more than without$(paper "$m")"
        finding "$m+llm" "$m+parts" more "the LLM more than what it is told, which is our question"
    done
}
