# pipelines/scenario on the tiny stand-ins: every scenario once, again from the cache, and
# what it says where data cannot carry it.

setup_file() {
    [ "${MODE:-}" != asan ] || return 0
    export TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export MILLRACE_PATH=$TOP/tests/fixtures/tiny
    export MILLRACE_CACHE=$BATS_FILE_TMPDIR/cache
    export PATH=$TOP/pipelines:$PATH
    cd "$BATS_FILE_TMPDIR"
    scenario ablations $(small) --folder ablations > ablations.out 2> ablations.err
}

setup() {
    [ "${MODE:-}" != asan ] || skip "the pipelines run the programs of bin/"
    cd "$BATS_FILE_TMPDIR"
    bats_require_minimum_version 1.5.0
}

small() {
    echo --steps 2 --precision f32
}

# A section without its seconds.
without_seconds() {
    sed 's/^\(| [a-z0-9-]* |\) [0-9.]* |$/\1 |/' "$1"
}

# holds FILE ROW...: the rows of the first table after chance, in order.
holds() {
    [ "$(sed -n 's/^| \([a-z0-9@-]*\) | [.0-9]* [.0-9]*–.*/\1/p' "$1" | paste -sd ' ')" = "${*:2}" ] ||
        { cat "$1"; false; }
}

@test "ablations: a row for each part, on the same users" {
    cmp ablations.out ablations/ablations.md
    holds ablations.out a-llmrec no-match no-item-recon no-text-recon no-recon no-rec \
        targets-last targets-all no-user no-items no-stage1 random-items random-users text cf
    grep -q '^ml-100k: 1200 interactions, 60 users, 80 items. Split: 1080 training' ablations.out
    grep -q '^test: 60 users, 20 uniform candidates; ' ablations.out
    grep -q '2 steps of stage 2 each' ablations.out
    [ "$(grep -cE '^\| (no|targets|random|text|cf).* \| [.01][0-9.e-]* \| 60 \|$' ablations.out)" = 14 ]
    [ "$(grep -cE '^\| (cf-weights|align.*|proj.*) \| [0-9.]+ \|$' ablations.out)" = 22 ]
}

@test "ablations: each option made another model" {
    for name in align proj; do
        for file in ablations/$name-*.mr; do
            stream-convert --prefix $name. -o one.safetensors "$file"
            cksum < one.safetensors
        done
    done | sort | uniq -d > twice
    [ ! -s twice ]
    stream-show ablations/align-no-recon.mr | grep -q -- '--alpha 0 --beta 0'
    stream-show ablations/proj-random-items.mr | grep -q -- '--random-items '
}

@test "a finding is the number of metrics and the sign of its direction" {
    metrics -q -k 1,10 --tsv --compare a-llmrec,cf ablations/data.mr ablations/cand.mr \
        ablations/score-a-llmrec.mr ablations/score-cf.mr |
        awk -F '\t' '$3 == "cf" && $4 ~ /^hr@1\// { printf "%.3f", -$5 }' > want
    grep -qF "minus cf -$(sed 's/^0//' want) [" ablations.out
    grep -q 'more than its CF model, .6237 and .6154. Here .*: the other way round.$' ablations.out
}

@test "again: from the cache, the same section apart from nothing" {
    scenario ablations $(small) --folder again > again.out 2> again.err
    cmp ablations.out again.out
    grep -q '^memo: project-train: from the cache$' again/log/proj.log
}

@test "stopped in the middle and resumed: the same numbers" {
    MILLRACE_CACHE=$PWD/other scenario ablations $(small) --folder half > out 2>&1 3>&- &
    pid=$!
    for ((i = 0; i < 600; i++)); do
        [ -e half/proj.mr ] && break
        sleep .05
    done
    kill -TERM $pid
    status=0
    wait $pid || status=$?
    [ "$status" = 143 ]
    [ ! -e half/ablations.md ]
    run scenario ablations $(small) --folder half
    [ "$status" = 1 ]
    [ "$output" = "scenario: ablations: half holds a run: --resume goes on with it" ]
    run scenario ablations $(small) --users 5 --folder half --resume
    [ "$status" = 1 ]
    [[ "$output" = "scenario: ablations: half/settings: not this command line's"* ]]
    scenario ablations $(small) --folder half --resume > out 2> half.err
    diff <(without_seconds out) <(without_seconds ablations.out)
}

@test "--gather: sections on one page, in the paper's order" {
    run scenario --gather ablations
    [ "$status" = 0 ]
    [ "${lines[0]}" = "# What the scenarios found" ]
    [ "$(grep -c '^## ' <<< "$output")" = 1 ]
    grep -qFx "$(sed -n '/^| cf |/p' ablations.out | head -1)" <<< "$output"
    mkdir -p empty
    run scenario --gather empty
    [ "$status" = 1 ]
    [ "$output" = "scenario: --gather: there is no section in empty" ]
}

@test "--list names every scenario, --help begins with the script's head" {
    run scenario --list
    [ "$status" = 0 ]
    [ "$(cut -d ' ' -f 1 <<< "$output")" = "$(basename -s .sh "$TOP"/pipelines/scenarios/*.sh)" ]
    ! grep -qE '^[a-z-]+ *$' <<< "$output"
    run scenario ablations --help
    [ "$status" = 0 ]
    [[ "$output" = "One claim of the paper"*"--resume"*"its last part."*"13 trainings"* ]]
}

@test "mistakes on the command line are status 2, two lines" {
    for line in '' 'nowhere' 'ablations --sedes 1' 'ablations --steps' 'ablations --steps 0' \
        'ablations --seed x' 'ablations --users -1' 'ablations more' '--steps 3 ablations'; do
        run scenario $line
        [ "$status" = 2 ] || { echo "$line: $status $output"; false; }
        [ "${#lines[@]}" = 2 ]
        [[ "${lines[0]}" = "scenario: "* ]]
    done
    run scenario nowhere
    [[ "${lines[0]}" = "scenario: there is no scenario 'nowhere', only "*"ablations"* ]]
}

@test "data that cannot carry it: one line, status 1, no section" {
    mkdir -p bare
    cut -f 1,2,4 "$MILLRACE_PATH/ml-100k/ml-100k.inter" | sed '1s/.*/user\titem\ttime/' > bare/interactions.tsv
    run --separate-stderr scenario ablations $(small) --data ./bare --folder no-texts
    [ "$status" = 1 ]
    [ "$stderr" = "scenario: ablations: ./bare: no item has a title (item.title), and the LLM reads titles" ]
    run --separate-stderr scenario ablations $(small) --users 500 --folder many
    [ "$status" = 1 ]
    [[ "${stderr_lines[-1]}" = *"--users 500: only 60 users have an interaction in the test split (many/log/cand.log)" ]]
    [ ! -e no-texts/ablations.md ]
    [ ! -e many/ablations.md ]
    run --separate-stderr scenario ablations $(small) --data ./nowhere --folder no-data
    [ "$status" = 1 ]
    [[ "$stderr" = *"data-import: "*"nowhere"* ]]
}

@test "the scripts pass shellcheck" {
    command -v shellcheck > /dev/null || skip "shellcheck is not installed"
    cd "$TOP"
    shellcheck -x -P pipelines pipelines/scenario pipelines/scenario-*.sh pipelines/scenarios/*.sh
}
