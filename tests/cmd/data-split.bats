# data-split: who is trained and judged on what.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR"
    tiny=$BATS_TEST_DIRNAME/../fixtures/tiny
}

# Lines "user item time", imported.
import() {
    { echo 'user_id item_id timestamp'; printf '%s\n' "$@"; } | tr ' ' '\t' > rows.tsv
    data-import -q rows.tsv > in
}

splits() {
    stream-show --name inter.split --head 100000 "$@" | tr -d '\n'
}

@test "the last is test, the one before validation; two are not enough" {
    import 'a x 3' 'a y 1' 'a z 2' 'a w 4' 'b x 1' 'b y 2' 'c x 5' 'c y 6' 'c z 7'
    run --separate-stderr data-split in
    [ "${stderr_lines[0]}" = "data-split: 5 training, 2 validation, 2 test interactions" ]
    [ "${stderr_lines[1]}" = "data-split: 1 of 3 users train only" ]
    [ "${#stderr_lines[@]}" = 2 ]
    data-split -q in > out
    [ "$(splits out)" = 001200012 ]
}

@test "ties go by the file's order, and are said" {
    import 'a x 1' 'a y 2' 'a z 2' 'b x 1' 'b y 2' 'b z 3'
    run --separate-stderr data-split in
    [ "${stderr_lines[1]}" = "data-split: 1 of 2 users have validation and test at the same second: their order is the file's" ]
}

@test "by time: the last of all, a second stays together" {
    import 'a x 1' 'a y 2' 'a z 9' 'b x 3' 'b y 4' 'b z 5' 'b w 9' 'c x 6' 'c y 7' 'c z 8'
    data-split -q --by time --valid-share .2 --test-share .2 in > out
    [ "$(splits out)" = 0020002011 ]
    # the tenth of the rows falls into the second 9, which goes with the part before
    data-split -q --by time --valid-share 0 --test-share .1 in 2> /dev/null > out
    [ "$(splits out)" = 0000000000 ]
}

@test "a part without interactions is said, also under -q" {
    import 'a x 1' 'b x 2'
    run --separate-stderr data-split -q in
    [ "$status" = 0 ]
    [ "$stderr" = "data-split: no interaction is for test" ]
}

@test "a second split replaces the first" {
    import 'a x 1' 'a y 2' 'a z 3'
    data-split -q in | data-split -q --by time --valid-share 0 --test-share .34 > out
    [ "$(stream-show out | grep -c inter.split)" = 1 ]
    [ "$(splits out)" = 002 ]
}

@test "--only writes the split, which counts beside the data" {
    import 'a x 1' 'a y 2' 'a z 3'
    data-split -q --only in > out
    [ "$(stream-show out | grep -vc '^history')" = 1 ]
    [ "$(splits in out)" = 012 ]
}

@test "the same bytes again" {
    MILLRACE_PATH=$tiny data-import -q ml-100k > in
    data-split -q in > a
    data-split -q in > b
    cmp a b
}

@test "wrong: missing tensors, no input, cut input" {
    run data-split < /dev/null
    [ "$status" = 1 ]
    [[ "$output" = "data-split: "*"no input" ]]
    import 'a x 1' 'a y 2' 'a z 3'
    data-split -q --only in > split
    run --separate-stderr data-split split
    [ "$status" = 1 ]
    [ "$stderr" = "data-split: no 'user.id' in the input: run data-import first" ]
    head -c 400 in > cut
    run --separate-stderr data-split cut
    [ "$status" = 1 ]
    [[ "$stderr" = "data-split: cut: "* ]]
}

@test "wrong: shares that leave nothing" {
    run data-split --by time --valid-share .5 --test-share .5
    [ "$status" = 2 ]
    [ "${lines[0]}" = "data-split: --valid-share and --test-share leave nothing for training" ]
}

@test "the real files, where they are fetched" {
    fetched=$BATS_TEST_DIRNAME/../../samples/fetched
    [ -d "$fetched/ml-100k" ] || skip "not fetched"
    data-import -q "$fetched/ml-100k" | data-split > /dev/null 2> said
    [ "$(sed -n 1p said)" = "data-split: 98114 training, 943 validation, 943 test interactions" ]
    grep -q '^data-split: 415 of 943 users have validation and test at the same second' said
}
