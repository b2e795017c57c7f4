# What a filter says where its input lacks a tensor: which one, which filter makes it, and
# the pipe of those that are still to run.

load common

setup_file() {
    bats_require_minimum_version 1.5.0
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    data-import -q ml-100k > imported.mr
    data-split -q imported.mr > data.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# The trainers and the LLM, for seconds: functions stand for them in pipes.
cf-train() { command cf-train -q --dim 8 --maxlen 10 -b 20 --epochs 1 "$@"; }
align-train() { command align-train -q --dim 6 --epochs 1 -b 8 "$@"; }
project-train() { command project-train -q --steps 1 -b 2 --prealign 1 --valid-users 0 "$@"; }
export -f cf-train align-train project-train

# says_first MAKER PIPE COMMAND...
says_first() {
    local maker=$1 pipe=$2
    shift 2
    words "$@"
    [ "$status" = 1 ]
    [[ "$stderr" = "$1: "*"run $maker first: $pipe" ]] || { echo "$stderr"; false; }
}

@test "the pipe begins where the input ends" {
    says_first data-split '... | data-split | cf-train ...' cf-train imported.mr
    says_first cf-embed '... | cf-train | cf-embed | align-train ...' align-train data.mr
    cf-train data.mr | cf-embed -q > cf.mr
    says_first sbert-encode '... | sbert-encode -m MiniLM | align-train ...' align-train cf.mr
    says_first align-train '... | sbert-encode -m MiniLM | align-train | project-train ...' \
        project-train -m SmolLM2.gguf cf.mr
    says_first cand-sample '... | cand-sample -n 19 | cf-score ...' cf-score cf.mr
    says_first 'cf-score or llm-score' '... | cand-sample -n 19 | cf-score | metrics ...' metrics cf.mr
    cand-sample -q cf.mr > cand.mr
    says_first 'cf-score or llm-score' '... | cf-score | metrics ...' metrics cand.mr
    says_first 'cf-score or llm-score' '... | cand-sample --for valid,test | cf-score | score-fuse ...' \
        score-fuse cand.mr
    says_first cf-fuse \
        '... | sbert-encode -m MiniLM | align-train | cand-sample --for valid,test | cf-fuse | cf-score ...' \
        cf-score --by fused cand.mr
    words llm-generate -m SmolLM2.gguf -t guess --for next cand.mr
    [[ "$stderr" = *": ... | cand-sample --top 20 | llm-generate ..." ]] || { echo "$stderr"; false; }
    cf-train data.mr | cf-embed -q --no-inter > bare.mr
    says_first 'cf-embed without --no-inter (or use --targets last)' \
        '... | cf-embed | project-train ...' project-train -m SmolLM2.gguf --joint cf -t recall bare.mr
}

@test "data that is not there is named without a pipe" {
    cf-train data.mr | cf-embed -q --only > vectors.mr
    words align-train vectors.mr
    [ "$stderr" = "align-train: no 'inter.user' in the input: run data-import first" ]
}

@test "the programs of an installation with a prefix call each other by it" {
    ln -s "$(type -P align-train)" millrace-align-train
    words ./millrace-align-train data.mr
    [ "$stderr" = "millrace-align-train: no 'item.cf' in the input: run cf-embed first: ... | millrace-cf-train | millrace-cf-embed | millrace-align-train ..." ]
}

# runs INPUT PROGRAM...: what it says is done, until it says nothing more.
runs() {
    local input=$1 pipe i
    shift
    cp "$input" now.mr
    for i in 1 2 3 4 5 6; do
        words "$@" now.mr
        [ "$status" != 0 ] || return 0
        [[ "$stderr" = *': ... | '*" | $1 ..." ]] || { echo "$stderr"; false; }
        pipe=${stderr##*: ... | }
        (set -o pipefail; eval "${pipe%" | $1 ..."}" < now.mr > next.mr 2> said) ||
            { echo "$pipe: $(cat said)"; false; }
        mv next.mr now.mr
    done
    echo "$1 still says: $stderr"
    false
}

@test "the pipes run, and lead to an end" {
    for program in cf-train cf-embed align-train align-embed cf-score cf-fuse metrics \
        score-fuse recommend 'cf-score --by joint-text' 'cf-score --by fused' \
        'project-train -m SmolLM2.gguf' \
        'llm-score -t guess -m SmolLM2.gguf' 'llm-generate -m SmolLM2.gguf --users 1 --max-tokens 1'; do
        runs imported.mr $program
    done
}
