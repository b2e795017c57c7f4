# shellcheck shell=bash disable=SC2034,SC2154
# (The variables are scenario's.)
# What scenarios are put together from.  Streams are NAME@SEED.mr in the folder, or NAME.mr
# where all seeds share it, and INPUTS is a word list of such names.  Every filter that takes
# long runs under memo, with the same options wherever the same is meant: what two scenarios
# share is computed once.
declare -A shared=() # names of streams that all seeds share
sets=()              # names of candidates
declare -A set_of=() # their inputs, a word list

# make_all: what a scenario makes, once and then for each seed.
make_all() {
    run='' seed=1
    once
    for seed in ${seeds//,/ }; do
        run=@$seed
        make
    done
    run=
}

# find_file NAME: its stream, into `file`; outside of make, that of the first seed.  A plan
# asks for thousands: no subshell.
find_file() {
    [ -n "${shared[$1]:-}" ] && file=$work/$1.mr || file=$work/$1${run:-@${seeds%%,*}}.mr
}

# find_inputs WORDS: their files, into `inputs`.
find_inputs() {
    local name names file
    read -ra names <<< "${1//$'\n'/ }"
    inputs=()
    for name in "${names[@]}"; do
        find_file "$name"
        inputs+=("$file")
    done
}

now() { # milliseconds
    echo $((${EPOCHREALTIME//[.,]/} / 1000))
}

# Milliseconds that a unit of each kind of work takes: on two cores, for ml-100k, MiniLM
# and SmolLM2-135M, until this run has measured its own.  A unit is a step of stage 2, a
# user of llm, otherwise all of it.
declare -A rate=([light]=200 [cf]=12000 [text]=1500 [stage1]=2500 [stage2]=1100 [llm]=80)

begin_units=10 # loading the LLM, and the steps before the first one through it, count as much

# Milliseconds of the work that is still to do, if nothing of it is in the cache.
left=0

minutes_left() {
    printf '%d:%02d' $((left / 60000)) $((left / 1000 % 60))
}

# part KIND UNITS NAME FILTER ARGUMENT...: the stream NAME by the filter; one that is there
# from an earlier run stays.  While planning it only adds to `left` what it would take.
part() {
    local cost=$((rate[$1] * $2)) kind=$1 units=$2 part=$3$run log=$work/log/$3$run.log begin
    [ -n "$run" ] || shared[$3]=yes
    shift 3
    [ ! -s "$work/$part.mr" ] || return 0
    if [ -n "$planning" ]; then
        left=$((left + cost))
        return
    fi
    [ "$cost" -lt 1000 ] || heading "$part, at most $(minutes_left) to go"
    begin=$(now)
    interruptible "$@" > "$work/$part.part" 2> "$log" || fail_log "$log"
    mv "$work/$part.part" "$work/$part.mr"
    left=$((left > cost ? left - cost : 0))
    grep -q '^memo: .*: from the cache$' "$log" || measured "$kind" "$units" $(($(now) - begin))
}

# measured KIND UNITS MILLISECONDS: what is left is reckoned with what was measured.
measured() {
    [ "$2" -gt 0 ] || return 0
    rate[$1]=$(($3 / $2))
    plan
}

plan() {
    local seed=$seed run=$run users=$asked
    left=0 planning=yes
    make_all
    planning=
}

# training KIND UNITS NAME FILTER ARGUMENT...: a part whose seconds are kept, those of the
# run that memo has its output from.
training() {
    local part=$3$run
    part "$1" "$2" "$3" memo "${@:4}"
    if [ -z "$planning" ] && [ ! -s "$work/$part.seconds" ]; then
        seconds_of "${@:4}" > "$work/$part.seconds"
        rm -f "$work/$part.state"
    fi
}

seconds_of() {
    local key
    key=$(memo --explain "$@" 2> /dev/null | sed -n 's/^hit: \([0-9a-f]*\),.*/\1/p')
    memo --list | awk -v key="${key:-none}" '$1 == key { print $6; found = 1 }
        END { if (!found) print "?" }'
}

# split NAME [OPTION...]: the interactions; the section says how they were split.
split() {
    part light 1 import data-import "$data"
    part light 1 "$1" data-split "${@:2}" "$work/import.mr"
    splits+=("$1")
}

# need_texts INPUT: at least one item has a title.
need_texts() {
    if [ -z "$(rows_of item.title "$work/$1.mr")" ] || # -c reads to the end, -q would not
        ! stream-show --name item.title --head 1000000000 "$work/$1.mr" | grep -c . > /dev/null
    then
        fail "$data: no item has a title (item.title), and the LLM reads titles"
    fi
}

# cf NAME INPUTS OPTION...: NAME-weights by cf-train, and NAME, its vectors.
cf() {
    local inputs
    find_inputs "$2"
    training cf 1 "$1-weights" cf-train --only --seed "$seed" "${@:3}" "${inputs[@]}"
    find_inputs "$2 $1-weights"
    part light 1 "$1" memo cf-embed --only "${inputs[@]}"
}

# text NAME INPUTS: sentence embeddings.
text() {
    local inputs
    find_inputs "$2"
    part text 1 "$1" memo sbert-encode --only -m "$encoder" "${inputs[@]}"
}

# stage1 NAME INPUTS OPTION...
stage1() {
    local inputs
    find_inputs "$2"
    training stage1 1 "$1" align-train --only --seed "$seed" "${@:3}" "${inputs[@]}"
}

# fuse_parts OPTIONS INPUT...: what cf-fuse makes of the parts, by the inputs' validation users.
fuse_parts() {
    # shellcheck disable=SC2086 # words
    cand-sample -n 19 --for valid "${@:2}" | cf-fuse --only $1
}

# sum NAME INPUTS OPTION...: the sum of CF, e, q, texts of the history and popularity
# (cf-score --by fused).
sum() {
    local inputs
    find_inputs "$2"
    part light 1 "$1" fuse_parts "${*:3}" "${inputs[@]}"
}

# by_parts INPUTS [K]: a row for the CF model, e, q and their sum, cf-K and so on.
by_parts() {
    local by
    for by in cf joint joint-text fused; do
        by_cf "${by/fused/parts}${2:+-$2}" "$1" --by $by
    done
}

paper=(--preset paper) # stage 2 on the paper's own input

# stage2 NAME INPUTS OPTION...: resumable, without validation.  The LLM is told what the sum
# of all parts expects where it is among the inputs, else what the CF model expects.
stage2() {
    local inputs
    find_inputs "$2"
    training stage2 $((steps + begin_units)) "$1" project-train -m "$llm" --precision "$precision" --only \
        --seed "$seed" --steps "$steps" --valid-users 0 --checkpoint "$work/$1$run.state" \
        --resume "${@:3}" "${inputs[@]}"
}

# candidates NAME INPUTS OPTION...: the truth among 19 others, of test users.  They are made
# while planning, from splits alone, so that power can count who is tested.
candidates() {
    local inputs some=() log=$work/log/$1.log
    find_inputs "$2"
    [ -s "${inputs[0]}" ] || [ -z "$planning" ] || return 0 # it is being split
    [ -n "${shared[$1]:-}" ] || sets+=("$1")
    shared[$1]=yes
    set_of[$1]=$2
    [ ! -s "$work/$1.mr" ] || return 0
    how_many "${inputs[@]}" "${@:3}"
    interruptible cand-sample -n 19 --only "${some[@]}" "${@:3}" "${inputs[@]}" \
        > "$work/$1.part" 2> "$log" || fail_log "$log"
    mv "$work/$1.part" "$work/$1.mr"
}

# How many users a sample of candidates is for: without --users at most 300.
how_many() {
    local there
    there=$(cand-sample -q -n 1 --only "$@" | rows_of cand.test.user)
    [ -z "$users" ] || some=(--users "$users")
    [ -n "$users" ] || [ "$there" -le "$default_users" ] || some=(--users "$default_users")
}

# by_cf NAME INPUTS OPTION...: score-NAME by cf-score.
by_cf() {
    local inputs
    find_inputs "$2"
    part light 1 "score-$1" cf-score --only --as "$1$run" "${@:3}" "${inputs[@]}"
}

# by_llm NAME INPUTS OPTION...: score-NAME by llm-score.
by_llm() {
    local inputs sample=${users:-$default_users}
    find_inputs "$2"
    [ "$sample" -gt 0 ] && [ "$sample" -lt "$everyone" ] || sample=$everyone
    part llm $((sample + begin_units)) "score-$1" memo llm-score -m "$llm" --only \
        --precision "$precision" --as "$1$run" "${@:3}" "${inputs[@]}"
}

shuffles=3 # orders of a control

# shuffled STREAM TENSOR: STREAM-shuffled-1, ...: the stream with the tensor's rows in
# other orders, so that each item has another's vector.
shuffled() {
    local i file
    find_file "$1"
    for ((i = 1; i <= shuffles; i++)); do
        part light 1 "$1-shuffled-$i" stream-shuffle --name "$2" --seed "$i" "$file"
    done
}

# controls ROW: the rows of by_llm_shuffled.
controls() {
    local i
    for ((i = 1; i <= shuffles; i++)); do
        printf '%s-shuffled-%d ' "$1" "$i"
    done
}

# by_llm_shuffled NAME STREAM INPUTS OPTION...: by_llm with each shuffled STREAM beside the
# inputs.
by_llm_shuffled() {
    local i
    for ((i = 1; i <= shuffles; i++)); do
        by_llm "$1-shuffled-$i" "$3 $2-shuffled-$i" "${@:4}"
    done
}

# tested: ROWS USERS ITEMS NAME of each set of candidates, ITEMS different true ones; of
# labels, which have none, the users.
tested() {
    local name inputs n=${users:-$default_users}
    [ "$n" -gt 0 ] && [ "$n" -le "$everyone" ] || n=$everyone
    [ ${#sets[@]} -gt 0 ] || echo "$n $n $n"
    for name in "${sets[@]}"; do
        find_inputs "${set_of[$name]} $name"
        cf-score -q --by pop "${inputs[@]}" |
            metrics -q --format json -k 1 -m hr --resamples 100 | awk -v name="$name" '
                /^      "(split|users|people|true_items)":/ { gsub(/[",:]/, ""); at[$1] = $2 }
                $1 == "true_items" && at["split"] == "test" {
                    print at["users"], at["people"], at["true_items"], name }'
    done
}

# What difference the run can see.  A difference in HR@1 of two rows on the same N users has
# a standard error of about sqrt(d / N), d the share of users where one hits and the other
# does not; d is .25 in most tables here.  2.8 of them are found in four runs of five (a test
# at .05).  Over k seeds d is about (1 + 1 / k) / 2 of it: A-LLMRec minus its CF model, 200
# steps, has .15 with one seed and .07 over three on Beauty, .10 and .07 on ml-100k, .18 and
# .11 on Office.  Where tests are by true items, N lies between the rows and these.
power() {
    tested | awk -v seeds="$seeds" '
        function seen(n) { return sprintf("%.3f", 2.8 * sqrt(d / (n > 0 ? n : 1))) }
        BEGIN {
            k = split(seeds, each, ",")
            d = .25 * (1 + 1 / k) / 2
            said = k > 1 ? "means over " k " seeds" : "one seed"
        }
        {
            least = $3 < $2 ? $3 : $2
            printf "%s%s%d users%s, %s%s%s%s", (NR > 1 ? "; " : ""),
                (NR > 1 ? $4 ": " : ""), $2,
                ($3 < $1 ? " with " $3 " different true items" : ""),
                (NR > 1 ? "" : said ": a difference in HR@1 of "), seen($1),
                (least < $1 ? " to " seen(least) : ""),
                (NR > 1 ? "" : " is found in four runs of five, half of it in three of ten")
        }'
}

# The main line up to stage 1 and the sum of the parts: data and text are there.
standard() {
    cf cf data
    stage1 align "data cf text" --preset choice
    sum sum "data cf align text"
}
