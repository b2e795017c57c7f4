# Filters whose rows are computed in parts: --part I/N, and --fragment behind parallel.
# The parts together are the bytes of the undivided run.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    data-synth -q --users 90 --items 300 | data-split -q > data.mr
    cf-train -q --only --dim 8 --maxlen 10 --epochs 1 data.mr > weights.mr
    cf-embed -q --only data.mr weights.mr > cf.mr
    sbert-encode -q --only -m MiniLM data.mr > text.mr
    align-train -q --only --dim 6 --epochs 1 data.mr cf.mr text.mr > align.mr
    project-train -q --only --steps 1 -b 4 --prealign 2 --valid-users 0 data.mr cf.mr \
        align.mr > proj.mr
    cand-sample -q -n 5 --for test,valid --only data.mr > cand.mr
    cat data.mr cf.mr align.mr cand.mr proj.mr > all.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# in_parts N COMMAND...: the command once for each part, put together.
in_parts() {
    local n=$1 i names=
    shift
    for i in $(seq "$n"); do
        "$@" --part "$i/$n" > "part$i.mr" || return
        names+=" part$i.mr"
    done
    stream-cat --fragment $names
}

# behind_parallel NAME FILE COMMAND...: FILE cut before each frame of NAME.
behind_parallel() {
    local magic
    magic=$(stream-show --magic "$1" "$2") || return
    parallel --will-cite --pipe --recend '' --recstart "$magic" -N 1 -k "${@:3}" < "$2" |
        stream-cat --fragment
}

needs_parallel() {
    command -v parallel > /dev/null || skip "no parallel"
}

@test "sbert-encode --part: the same bytes, in more parts than blocks too" {
    for n in 1 2 3 7; do
        in_parts $n sbert-encode -q -m MiniLM data.mr | cmp - text.mr
    done
}

@test "sbert-encode: parts begin at multiples of its block" {
    sbert-encode -q -m MiniLM --part 2/3 data.mr | stream-cat --fragment 2> err || true
    grep -qx "stream-cat: 'item.text' has rows from 64 of 300, expected row 0" err
}

@test "sbert-encode --fragment behind parallel" {
    needs_parallel
    for rows in 64 128 1000; do
        stream-cat --pick 'item.*' --rows $rows data.mr > items.mr
        behind_parallel item.id items.mr sbert-encode -q -m MiniLM --fragment > again.mr
        cmp again.mr text.mr
    done
}

@test "sbert-encode --fragment refuses rows that begin within a block" {
    needs_parallel
    stream-cat --pick 'item.*' --rows 100 data.mr > items.mr
    run behind_parallel item.id items.mr sbert-encode -q -m MiniLM --fragment
    says "sbert-encode: 'item.title' begins at row 100, expected a multiple of 64: cut it \
with stream-cat --rows 64, or a multiple"
    says "stream-cat: 'item.text' has 100 of 300 rows"
}

@test "llm-score and cf-score --part: the same bytes, both splits, several orders" {
    llm-score -q --only --orders 2 all.mr > llm.mr
    in_parts 4 llm-score -q --orders 2 all.mr | cmp - llm.mr
    cf-score --only all.mr > cf-scores.mr
    in_parts 2 cf-score all.mr | cmp - cf-scores.mr
    in_parts 100 cf-score all.mr | cmp - cf-scores.mr
}

@test "llm-score and cf-score --fragment: the other inputs come as files" {
    needs_parallel
    stream-cat --drop 'cand.valid.*' all.mr > test-only.mr
    llm-score -q --only test-only.mr > llm.mr
    cf-score --only test-only.mr > cf-scores.mr
    stream-cat --pick 'cand.test.*' --rows 17 cand.mr > cut.mr
    behind_parallel cand.test.user cut.mr \
        llm-score -q --fragment data.mr cf.mr align.mr proj.mr - | cmp - llm.mr
    # all.mr has the candidates as well: those on standard input count
    behind_parallel cand.test.user cut.mr cf-score --fragment all.mr - | cmp - cf-scores.mr
    cat all.mr llm.mr cf-scores.mr | metrics > table # the digests are the whole's
    grep -q '^llm ' table
    grep -q '^cf ' table
}

@test "parts that are missing, doubled or of another run" {
    for i in 1 2 3; do
        cf-score --part $i/3 all.mr > part$i.mr
    done
    fails 1 stream-cat --fragment part1.mr part3.mr
    says "'score.valid.cf' has rows from 60 of 90, expected row 30"
    fails 1 stream-cat --fragment part2.mr part3.mr
    says "'score.valid.cf' has rows from 30 of 90, expected row 0"
    fails 1 stream-cat --fragment part1.mr part2.mr
    says "'score.valid.cf' has 60 of 90 rows"
    fails 1 stream-cat --fragment part1.mr part2.mr part2.mr part3.mr
    says "'score.valid.cf' has rows from 30 of 90, expected row 60"
    fails 1 stream-cat --fragment part1.mr part1.mr part2.mr part3.mr
    says "'score.valid.cf' starts anew: 'score.valid.cf' has 30 of 90 rows"
    stream-cat --pick 'cand.*' cand.mr | cand-sample -q -n 5 --seed 2 --for test,valid \
        --only data.mr > other.mr
    cat data.mr cf.mr other.mr | cf-score --part 2/3 > part2.mr
    fails 1 stream-cat --fragment part1.mr part2.mr part3.mr
    says "'score.valid.cf' has other attributes from row 30"
}

# refuses_half NAME COMMAND...: the second half of that, beside part1.mr of another run.
refuses_half() {
    "${@:2}" --part 2/2 > part2.mr
    fails 1 stream-cat --fragment part1.mr part2.mr
    says "'$1' has other attributes from row"
    says "parts of different runs, by their options or what they have read"
}

@test "parts of runs with other options or other vectors are not put together" {
    stream-cat --drop 'cand.valid.*' all.mr > test-only.mr
    cf-train -q --only --dim 8 --maxlen 10 --epochs 1 --seed 2 data.mr | cat data.mr - |
        cf-embed -q --only > other-cf.mr
    cf-score --part 1/2 test-only.mr > part1.mr
    refuses_half score.test.cf cf-score test-only.mr other-cf.mr
    refuses_half score.test.cf cf-score --by pop --as cf test-only.mr
    llm-score -q --part 1/2 test-only.mr > part1.mr
    refuses_half score.test.llm llm-score -q --history 3 test-only.mr
    refuses_half score.test.llm llm-score -q --noun banana test-only.mr
    sbert-encode -q -m MiniLM --part 1/2 data.mr > part1.mr
    refuses_half item.text sbert-encode -q -m MiniLM --max-length 4 data.mr
    # what changes no byte does not matter: threads, the order of what is read
    cf-score --threads 1 --part 1/2 test-only.mr > part1.mr
    stream-cat --pick 'cand.*' test-only.mr > cand-only.mr
    cat data.mr cand-only.mr cf.mr | cf-score --threads 2 --part 2/2 > part2.mr
    stream-cat --fragment part1.mr part2.mr | cmp - <(cf-score --only test-only.mr)
}

@test "a part is no whole stream" {
    cf-score --part 1/3 all.mr > part1.mr
    fails 1 stream-check part1.mr
    says "'score.valid.cf' has 30 of 90 rows"
    fails 1 metrics all.mr part1.mr
}

@test "parts without rows are no input" {
    fails 1 stream-cat --fragment /dev/null
    fails 1 cf-score --fragment all.mr - < /dev/null
    says "no input"
    stream-cat --pick 'item.*' --rows 100 data.mr > items.mr
    cf-score --fragment all.mr - < items.mr > none.mr # none of its rows
    fails 1 stream-cat --fragment none.mr
    says "the parts hold no rows"
}

@test "candidates cut apart from each other, or without their digest" {
    stream-cat --pick cand.test.user --rows 10 cand.mr > users.mr
    magic=$(stream-show --magic cand.test.user users.mr)
    needs_parallel
    parallel --will-cite --pipe --recend '' --recstart "$magic" -N 1 -k \
        'cat > users.{#}.mr' < users.mr
    fails 1 cf-score --fragment all.mr - < users.3.mr
    says "'cand.test.item' has shape [90, 6], expected [10, 6]"
}

@test "--rows cuts what shares rows" {
    fails 1 stream-cat --rows 10 --pick 'cand.test.user,item.id' all.mr
    says "'cand.test.user' has 90 rows, but 'item.id' 300: only what shares rows can be \
cut together"
    fails 2 stream-cat --rows 10 --fragment all.mr
    # cut or not, it is the same stream
    stream-cat --rows 7 --pick 'inter.*' data.mr > cut.mr
    stream-check -q cut.mr
    for name in inter.user inter.rating inter.split; do
        cmp <(stream-show -n $name --head 999999 cut.mr) \
            <(stream-show -n $name --head 999999 data.mr)
    done
}

@test "--part and --fragment: mistakes" {
    for part in 0/3 4/3 1/ /3 1 1/3x -1/3 1/0 '' ' 1/3' 1/99999999; do
        fails 2 cf-score --part "$part" all.mr
        says "--part: '$part' is not I/N with I from 1 to N"
    done
    fails 2 cf-score --part 1/2 --fragment all.mr
    fails 2 sbert-encode -m MiniLM --lines --part 1/2
    fails 2 llm-score --lines --fragment
    fails 1 stream-show --magic no.such all.mr
    says "--magic: no 'no.such' in the input"
    fails 2 stream-show --magic cand.test.user --tsv all.mr
}
