# Faults around filters, pipes and trainers.  The full numbers: make faults.

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.."
    make -s MODE="${MODE:-release}" WERROR=1 fault-programs
}

setup() {
    export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0:exitcode=99}:verify_asan_link_order=0
    faults=$BATS_TEST_DIRNAME/../faults
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny
    cd "$BATS_TEST_TMPDIR"
}

@test "a few faults of each kind around every filter end well" {
    run "$faults/run" --fast
    echo "$output"
    [ "$status" = 0 ]
    [[ "${lines[-1]}" =~ ^"in all"\ +[0-9]{3,} ]]
}

@test "every filter is among the subjects" {
    for p in "$BATS_TEST_DIRNAME"/../../bin/*.c; do
        grep -qE "\| $(basename "$p" .c)( |$)" "$faults/subjects" || { echo "$p"; false; }
    done
}

@test "what is not right is reported and fails" {
    # A filter whose reader goes unchecked, and one that tells another story.
    printf 'cat | in.mr | | cat\nhead | in.mr | | head -c 50\n' > subjects
    data-synth -q --users 9 --items 12 --per-user 5 | stream-cat --pick item.title > in.mr
    run "$BATS_TEST_DIRNAME/../../.build/${MODE:-release}/tests/faults/inject" -n 3 < subjects
    [ "$status" = 1 ]
    [[ "$output" = *"not right: cat, bit flipped: another answer and status 0"* ]]
    [[ "$output" = *"again: cd "*"; cat < failed-"* ]]
}

@test "trainers killed at random and within a checkpoint resume to the same bytes" {
    run "$faults/kill" --fast
    echo "$output"
    [ "$status" = 0 ]
    [ "$(grep -c 'not right 0$' <<< "$output")" = 3 ]
}

@test "a stage killed in a long pipe: one line of each stage after it" {
    data-import -q ml-100k | data-split -q > data.mr
    # Killed within its first write.
    export shim=$BATS_TEST_DIRNAME/../../.build/${MODE:-release}/tests/faults/shim.so
    bash -c 'stream-cat data.mr | stream-cat |
        FAULT=kill=1 LD_PRELOAD=$shim stream-cat | cand-sample -q -n 3 |
        cf-score -q --by pop | stream-cat | metrics > out; echo "${PIPESTATUS[*]}"' \
        2> err > statuses
    cat err statuses
    [ "$(cat statuses)" = "0 0 137 1 1 1 1" ]
    grep -q '^cand-sample: <stdin>: cut short after [0-9]* frames' err
    [ "$(grep -cE ': (no input|<stdin>: cut short after [0-9]+ frames(, in a frame)?)$' err)" = 4 ]
    [ "$(grep -cvE '^bash: line|Killed|cut short|no input' err)" = 0 ]
    [ ! -s out ]
}

@test "a stage that finds bad data in a long pipe: its reason, then one line of each after it" {
    data-import -q ml-100k > imported.mr
    bash -c 'stream-cat imported.mr | stream-cat | cf-train -q --only | cf-embed -q |
        cand-sample -q | cf-score -q | metrics > out; echo "${PIPESTATUS[*]}"' 2> err > statuses
    cat err statuses
    [ "$(cut -d ' ' -f 3-7 statuses)" = "1 1 1 1 1" ]
    [ "$(grep -c . err)" = 5 ]
    grep -qFx "cf-train: no 'inter.split' in the input: run data-split first: ... | data-split | cf-train ..." err
    [ "$(grep -cE '^(cf-embed|cand-sample|cf-score|metrics): (no input|<stdin>: cut short after [0-9]+ frames)$' err)" = 4 ]
    [ ! -s out ]
}

@test "a pipe whose reader goes away is silent" {
    data-import -q ml-100k | data-split -q > data.mr
    bash -c 'stream-cat data.mr | cand-sample -q | cf-score -q --by pop |
        stream-show --name item.title --head 1; echo "${PIPESTATUS[*]}"' 2> err > out
    [ ! -s err ]
    [ "$(sed -n '$p' out | cut -d ' ' -f 4)" = 0 ]
}

@test "results with kernels for other processors are within their tolerances" {
    [ "${MODE:-}" != asan ] || skip "other tests run these programs under sanitizers"
    run "$faults/hosts"
    echo "$output"
    [ "$status" = 0 ]
    [ "${#lines[@]}" = 10 ]
}
