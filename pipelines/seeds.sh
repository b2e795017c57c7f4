# shellcheck shell=bash disable=SC2154
# (The variables are the runner's.)
# What runners of several seeds share: table1, choosing and scenario.  Sourced after runner.sh.

check_seeds() {
    [[ $seeds =~ ^[0-9]+(,[0-9]+)*$ ]] || usage "--seeds: '$seeds' is not a list of numbers"
    local twice
    twice=$(tr , '\n' <<< "$seeds" | sed 's/^0*\(.\)/\1/' | sort | uniq -d | head -n 1)
    [ -z "$twice" ] || usage "--seeds: '$seeds' names $twice twice"
}

# Seeds may be added to a run.
keep_seeds() {
    if [ -e "$work/seeds" ]; then
        [[ $seeds, = $(< "$work/seeds"),* || $(< "$work/seeds"), = $seeds,* ]] ||
            fail "$work/seeds: $(< "$work/seeds"); --seeds $seeds does not go on from it"
    fi
    echo "$seeds" > "$work/seeds"
}

# job FUNCTION ARGUMENT...: with a log of its own.
job() {
    set -euo pipefail
    "$@" 2>> "$work/log/$(IFS=- && echo "$*").log"
}

# say_failed JOBLOG: the last line of what failed by itself, and ends; the jobs beside it
# were killed.
say_failed() {
    local name log
    name=$(awk -F '\t' 'NR > 1 && $7 > 0 && $7 < 128 && $8 == 0 { name = $9 }
        END { print name }' "$1")
    name=${name#job }
    log=$work/log/${name// /-}.log
    [ -n "$name" ] || log=$work/log/parallel.log
    fail "${name:-parallel}: $(reason "$log" || true) ($log)"
}

# in_parallel FUNCTION NAMES SEEDS: job FUNCTION NAME SEED for each, seeds slowest, so that
# more seeds only append to the job log.
in_parallel() {
    # shellcheck disable=SC2086 # words
    interruptible parallel --will-cite --joblog "$work/$1.joblog" --resume-failed --halt now,fail=1 \
        --jobs "$jobs" job "$1" "{2}" "{1}" ::: $3 ::: $2 2> "$work/log/parallel.log" ||
        say_failed "$work/$1.joblog"
}

export -f job
