# shellcheck shell=bash disable=SC2034,SC2154
# Does the LLM know from soft tokens what genre a user likes best?  One training of stage 2.
#
#   --column NAME     the items' labels [item.class]
#   --separator TEXT  what stands between an item's labels [a space]
#   --history N       items of the history in the prompt [10]
title='favourite genres, in words'
asks="What genre does a user like best?  The projections are those of recommending, the question
is another: the prompt holds the history and the user token, and each genre is scored by the
likelihood of its name.  A genre is worth how often the user's training history has it; hr@1
is the accuracy, of the most frequent one.  \`pop\` is the order of all histories together."
own='column separator history'
column=item.class separator=' ' history=10
answers=5 # users whose texts are shown

prepare() {
    split data
    need_texts data
    need_labels
}

# At least two labels, and somebody who has one.
need_labels() {
    local there
    [ -n "$(rows_of "$column" "$work/data.mr")" ] ||
        fail "$data: no text column $column, whose labels could be asked for (--column)"
    label-count -q --column "$column" --separator "$separator" --only "$work/data.mr" \
        2> "$work/log/labels.log" > "$work/labels.part" || fail_log "$work/log/labels.log"
    there=$(rows_of cand.genre.user "$work/labels.part")
    case $users in
    '') users=$((there < default_users ? there : default_users)) ;;
    0) users=$there ;;
    esac
    rm "$work/labels.part"
}

once() {
    text text data
    part light 1 genre label-count --column "$column" --separator "$separator" \
        --users "$users" --only "$work/data.mr"
    asked text "data genre" --user no --items no
    written text "data" --user no --items no
}

make() {
    standard
    stage2 proj "data cf align" "${paper[@]}"
    asked a-llmrec "data cf align proj genre"
    asked no-user "data cf align proj genre" --user no
    asked no-items "data cf align proj genre" --items no
    asked random "data cf align proj genre" --items random --user random
    written a-llmrec "data cf align proj"
}

# asked NAME INPUTS OPTION...: score-NAME of the genres.
asked() {
    by_llm "$1" "$2" --texts genre --history "$history" "${@:3}"
}

# written NAME INPUTS OPTION...: what the LLM says of some users, a line each.
written() {
    local inputs
    find_inputs "$2"
    part light 1 "said-$1" llm-generate -m "$llm" -t genre --precision "$precision" \
        --for valid --users "$answers" --history "$history" --max-tokens 12 --stop '\n' \
        "${@:3}" "${inputs[@]}"
}

report() {
    table "data genre" "a-llmrec no-user no-items random text"
    favourites
    seconds proj
    claim "favourite genres in words, on examples, with soft tokens and without; no figures."
    finding a-llmrec text more "soft tokens know more of the genre than words alone"
    finding a-llmrec random more "and more than random ones"
}

# Texts of some users, beside what is frequent in their histories.
favourites() {
    local id first file text
    find_file said-text
    text=$file
    find_file said-a-llmrec
    echo "| user | most frequent | a-llmrec says | text says |"
    echo "|---|---|---|---|"
    while IFS=$'\t' read -r id first; do
        echo "| $id | $(most_frequent "$id") | ${first//|/\\|} | $(awk -F '\t' -v id="$id" \
            '$1 == id { gsub(/\|/, "\\|"); print $2 }' "$text") |"
    done < "$file"
    echo
}

# most_frequent ID: the user's three largest counts, "Drama 31, Comedy 12, War 4".
most_frequent() {
    local row
    label-count -q --column "$column" --separator "$separator" --only "$work/data.mr" \
        > "$work/labels.part"
    row=$(stream-show --name cand.genre.user --head 1000000000 "$work/labels.part" |
        grep -nxF "$(number_of "$1")" | cut -d : -f 1)
    paste -d ' ' <(stream-show --name rel.genre --head "${row:-0}" "$work/labels.part" |
        tail -n 1 | tr -s ' \t' '\n' | grep .) \
        <(stream-show --name cand.genre.text --head 1000 "$work/labels.part") |
        sort -k 1,1nr -k 2 | awk 'NR <= 3 && $1 > 0 {
            n = $1; sub(/^[^ ]* /, ""); printf "%s%s %d", (NR > 1 ? ", " : ""), $0, n }'
    rm "$work/labels.part"
}

number_of() { # the user's row
    stream-show --name user.id --head 1000000000 "$work/data.mr" | grep -nxF -- "$1" |
        awk -F : '{ print $1 - 1 }'
}
