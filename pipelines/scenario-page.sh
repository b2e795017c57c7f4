# shellcheck shell=bash disable=SC2034,SC2154
# (The variables are scenario's.)
# A scenario's section: Markdown on standard output.

# What a program said in a log, in one line without its name.
said() {
    sed -n "s/^$1: //p" "$work/log/$2.log" | awk '{ printf "%s%s", (NR > 1 ? "; " : ""), $0 }
        END { print "." }'
}

# What the numbers stand on.
stamp() {
    local split
    echo "$data: $(said data-import import)"
    for split in "${splits[@]}"; do
        echo "$split, by \`data-split $(options_of data-split "$work/$split.mr")\`:" \
            "$(said data-split "$split")"
    done
    echo "Sentences: $encoder; LLM: $llm; $(seeds_in_words); $steps steps of stage 2 each, 16" \
        "users a step, products in $precision; no validation, the last step counts."
    echo "$(power)."
    echo
    echo "    pipelines/scenario $command"
}

seeds_in_words() {
    [[ $seeds = *,* ]] && echo "means over seeds $seeds of all trainings" || echo "seed $seeds"
}

# options_of FILTER STREAM: as the history has them.
options_of() {
    stream-show "$2" | sed -n "s/^history: $1 [^ ]* //p" | tail -n 1
}

scores_of() {
    local words
    read -ra words <<< "$1"
    echo "${words[*]/#/score-}"
}

# evaluate INPUTS ROWS OPTION...: metrics of the rows' scores, means over the seeds.
evaluate() {
    local inputs seed name run file files=()
    for seed in ${seeds//,/ }; do
        run=@$seed
        for name in $(scores_of "$2"); do
            find_file "$name"
            [ "$seed" != "${seeds%%,*}" ] && [ -n "${shared[$name]:-}" ] || files+=("$file")
        done
    done
    run=
    find_inputs "$1"
    metrics -q -k 1,10 --pool --cluster auto "${@:3}" "${inputs[@]}" "${files[@]}"
}

# table INPUTS ROWS OPTION...: protocol, all rows, and each against the first.  findings
# after it are of these inputs and options.
table() {
    local words list
    read -ra words <<< "$2"
    list=$(IFS=, && echo "${words[*]}")
    table_inputs=$1 table_options=("${@:3}")
    { evaluate "$1" "$2" --format markdown "${@:3}" && echo; } |
        sed '/: scores by --norm choice$/d; /: each user.s mean over [0-9]* runs$/d' | cat -s
    echo "Each minus ${words[0]}, the same users:"
    echo
    evaluate "$1" "$2" --format tsv --compare "$list" "${@:3}" | awk -f "$top/pipelines/scenario.awk"
    echo
}

# spread ROW TEXT: HR@1 of the controls ROW-1, ROW-2, ... beside ROW's, on the inputs of the
# last table: what TEXT says would be there by other texts' vectors.
spread() {
    local rows
    rows=$(controls "$1")
    evaluate "$table_inputs" "$1 $rows" --format tsv "${table_options[@]}" |
        awk -F '\t' -v row="$1" -v says="$2" '
            NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
            $at["split"] != "test" || $at["against"] != "" || $at["metric"] !~ /^hr@1\// ||
                ("group" in at && $at["group"] != "all") { next }
            $at["scorer"] == row { own = $at["value"] }
            $at["scorer"] == "chance" { chance = $at["value"] }
            index($at["scorer"], row "-shuffled-") == 1 {
                n++; sum += $at["value"]; square += $at["value"] ^ 2 }
            END {
                variance = n > 1 ? (square - sum ^ 2 / n) / (n - 1) : 0
                printf "- %s: %s %.3f; %d shuffles %.3f, deviation %.3f; chance %.3f.\n", says, row,
                    own, n, sum / n, (variance > 0 ? sqrt(variance) : 0), chance }'
}

# seconds NAME...: of each training of the first seed.
seconds() {
    local name file
    echo "Seconds on $(nproc) cores ($(processor)):"
    echo
    echo "| training | seconds |"
    echo "|---|---:|"
    for name; do
        find_file "$name"
        printf '| %s | %s |\n' "$name" "$(< "${file%.mr}.seconds")"
    done
    echo
}

# claim TEXT: what the paper says; findings follow.
claim() {
    echo "Paper: $1"
    echo
}

# figures ROW NUMBER...: the paper's HR@1.
figures() {
    local text=
    while [ $# -gt 0 ]; do
        text+="${text:+, }$1 $2"
        shift 2
    done
    echo "Paper: $text."
    echo
}

margin=.02 # in HR@1: by how much "at least" may fall short, and still holds

# finding A B more|less|atleast TEXT [GROUP]: A minus B in HR@1, and whether that is the
# direction that TEXT says, with the paper's figures.
finding() {
    evaluate "$table_inputs" "$1 $2" --format tsv --compare "$1,$2" "${table_options[@]}" |
        awk -v second="$2" -v want="$3" -v says="$4" -v group="${5:-}" \
            -v margin="$margin" -f "$top/pipelines/scenario.awk"
}

# gather [FOLDER...]: the sections of these runs, or of those in .build/scenario, in the
# order of the paper.
gather() {
    local folder order files=()
    [ $# -gt 0 ] || set -- "$results"scenario/*/
    for order in ablations warm-cold cold-user few-shot cross-domain backbones order genre \
        fuse '*'; do
        for folder; do
            [[ $folder != -* ]] || folder=./$folder
            add_sections "${folder%/}" "$order"
        done
    done
    if [ ${#files[@]} = 0 ]; then
        echo "scenario: --gather: there is no section in $*" >&2
        exit 1
    fi
    cat << END
# What the scenarios found

A section for each claim of the paper, as \`pipelines/scenario NAME\` wrote it; this page is
\`pipelines/scenario --gather\`.  Every number carries its protocol, all rows of a table rank
the same candidates of the same users, and differences are tested by random sign flips over
these users, or over the true items where a table's note says so.  A small LLM and a small
data set: directions, not the paper's figures.
END
    for folder in "${files[@]}"; do
        echo
        cat "$folder"
    done
}

# add_sections FOLDER PATTERN: files that are not listed yet.
add_sections() {
    local file
    # shellcheck disable=SC2231 # a pattern
    for file in "$1"/$2.md; do
        if [ -s "$file" ] && [[ " ${files[*]} " != *" $file "* ]]; then
            files+=("$file")
        fi
    done
}
