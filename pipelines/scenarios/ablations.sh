# shellcheck shell=bash disable=SC2034,SC2154
# What each part of A-LLMRec adds; 16 trainings of stage 2.
title='what each part adds'
asks="On the paper's own input, without the guess: stage 1 on the texts of other items, or with a
loss off (rows -shuffled are three such shuffles); without stage 1 (the projection reads the CF's item vectors), no user token, no item
tokens, random ones instead, text only; and stages trained on each user's last item, or on all.
What stage 1 makes is ranked by itself too, by all users: e (of the CF model's vectors) and q (of
the text)."
stages1=(no-match no-item-recon no-text-recon no-recon no-rec targets-last
    targets-all)
stages2=(no-user no-items no-stage1 random-items random-users)

# The options of stage 1 and stage 2 that make a row.
stage1_options() {
    case $1 in
    no-match) echo --match off ;;
    no-item-recon) echo --alpha 0 ;;
    no-text-recon) echo --beta 0 ;;
    no-recon) echo --alpha 0 --beta 0 ;;
    no-rec) echo --rec 0 ;;
    targets-*) echo --targets "${1#targets-}" ;;
    esac
}

stage2_options() {
    case $1 in
    no-user) echo --user no ;;
    no-items) echo --items no ;;
    random-items) echo --items random ;;
    random-users) echo --user random ;;
    no-stage1) echo --joint cf ;;
    targets-*) echo --targets "${1#targets-}" ;;
    esac
}

prepare() {
    split data
    need_texts data
}

once() {
    local users=$users
    text text data
    shuffled text item.text
    candidates cand data
    by_llm text "data cand" --user no --items no
    users=0
    candidates cand-all data
}

# by_itself ROW ALIGN: e-ROW and q-ROW, what this stage 1 makes.
by_itself() {
    by_cf "e$1" "data cf $2 cand-all" --by joint
    by_cf "q$1" "data cf $2 cand-all" --by joint-text
}

# other_texts: stage 1 on the texts of other items, and what stands on it.
other_texts() {
    local i
    for ((i = 1; i <= shuffles; i++)); do
        stage1 "align-shuffled-$i" "data cf text-shuffled-$i"
        by_itself "-shuffled-$i" "align-shuffled-$i"
        stage2 "proj-shuffled-$i" "data cf align-shuffled-$i" "${paper[@]}"
        by_llm "a-llmrec-shuffled-$i" "data cf align-shuffled-$i cand proj-shuffled-$i"
    done
}

# shellcheck disable=SC2046 # options are words
make() {
    local row align
    cf cf data
    stage1 align "data cf text"
    by_itself '' align
    stage2 proj "data cf align" "${paper[@]}"
    by_llm a-llmrec "data cf align cand proj"
    other_texts
    for row in "${stages1[@]}" "${stages2[@]}"; do
        align=align
        if [ -n "$(stage1_options "$row")" ]; then
            align=align-$row
            stage1 "$align" "data cf text" $(stage1_options "$row")
            by_itself "-$row" "$align"
        fi
        stage2 "proj-$row" "data cf $align" "${paper[@]}" $(stage2_options "$row")
        by_llm "$row" "data cf $align cand proj-$row"
    done
    by_cf cf "data cf cand"
}

report() {
    table "data cand" "a-llmrec $(controls a-llmrec) ${stages1[*]} ${stages2[*]} text cf"
    # shellcheck disable=SC2046 # words
    seconds cf-weights align $(controls align) "${stages1[@]/#/align-}" proj $(controls proj) \
        "${stages1[@]/#/proj-}" "${stages2[@]/#/proj-}"
    claim "every loss and every token helps (Movies and TV, HR@1, tables 8 to 10 and 1)."
    finding a-llmrec no-match more "without matching less, .6237 and .5838"
    finding a-llmrec no-recon more "without both reconstructions less, .6237 and .5482"
    finding a-llmrec no-rec more "without the recommendation loss less, .6237 and .6130"
    finding a-llmrec no-user more "without user token less, .6237 and .5925"
    finding a-llmrec no-items more "without item tokens less, .6237 and .1224"
    finding a-llmrec random-items more "with random item tokens less, .6237 and .1200"
    finding a-llmrec text more "the LLM alone less, .6237 and .0121"
    finding targets-all targets-last more "all items as targets more than the last (Beauty), .6002 and .5809"
    finding a-llmrec cf more "more than its CF model, .6237 and .6154"
    spread a-llmrec "stage 1 on the items' own texts, and on other items'"
    echo
    echo "### Stage 1 by itself"
    echo
    table "data cand-all" "e $(controls e) ${stages1[*]/#/e-}"
    finding e e-no-match more "e is better with matching than without"
    finding e e-no-recon more "and with reconstructions"
    finding e e-no-rec more "and with the recommendation loss"
    spread e "e of the items' own texts, and of other items'"
    table "data cand-all" "q $(controls q) ${stages1[*]/#/q-}"
    finding q q-no-match more "q is better with matching than without"
    finding q q-no-recon more "and with reconstructions"
    finding q q-no-rec more "and with the recommendation loss"
    spread q "q of the items' own texts, and of other items'"
}
