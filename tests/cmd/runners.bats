# Every script that a user starts, from and in folders whose names look like options,
# patterns, quotes and two lines; and what their command lines refuse.
# Not under sanitizers: the pipelines run the programs of bin/

load common

setup_file() {
    export TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export ODD=$'-x [a-z]*\'q" &$HOME\nsecond line'
    unset MILLRACE_PATH MILLRACE_WORK
    cd "$BATS_FILE_TMPDIR"
    mkdir -p "./$ODD/samples"
    cp -r "$TOP/pipelines" "./$ODD/"
    cp "$TOP"/samples/{fetch,SHA256SUMS,requirements.txt} "./$ODD/samples/"
    cp -r "$TOP/tests/fixtures/tiny" "./$ODD/samples/fetched"
    ln -s "$TOP/bin" "./$ODD/bin"
    touch "./$ODD/Makefile" # a source tree
}

setup() {
    unset MILLRACE_PATH MILLRACE_WORK
    export MILLRACE_USERS=10 MILLRACE_STEPS=2 MILLRACE_PUBLISHED_STEPS=2
    cd "$BATS_FILE_TMPDIR"
    ls -A > before
}

# Nothing lies beside the folders that were named.
teardown() {
    ls -A | grep -vxF -f before | grep -vxF -e out -e before | { not grep .; }
}

# Each script that a user starts.
runners() {
    grep -lE '^\. .*common\.sh' "$TOP"/pipelines/* 2> /dev/null | xargs -n 1 basename |
        grep -v '\.sh$'
}

@test "--help of every runner, by a path that begins with a dash" {
    local name tried=0

    for name in $(runners); do
        bash -- "$ODD/pipelines/$name" --help > out 2>&1 || { cat out; false; }
        grep -q "pipelines/$name" out || { echo "$name"; cat out; false; }
        not grep -q 'No such file' out
        tried=$((tried + 1))
    done
    [ $tried -ge 6 ]
}

@test "an option that a runner does not have is a mistake, and nothing runs" {
    local name

    for name in $(runners); do
        run bash -- "$ODD/pipelines/$name" --no-such-option
        [ "$status" = 2 ] || { echo "$name: $status: $output"; false; }
    done
    run bash -- "$ODD/pipelines/full" one two
    [ "$status" = 2 ]
    [[ $output = *"expected one folder, found 2"* ]]
}

@test "a runner without common.sh beside it writes nothing" {
    local name

    for name in $(runners); do
        mkdir -p alone/work
        cp "$TOP/pipelines/$name" alone/
        cd alone/work
        run bash "../$name"
        cd ../..
        [ "$status" != 0 ]
        [ -z "$(ls -A alone/work)" ]
        rm -r alone
    done
}

@test "the demo, into its own folder" {
    bash -- "$ODD/pipelines/demo" > out 2>&1 || { cat out; false; }
    grep -q '^a-llmrec ' "./$ODD/.build/demo/table.txt"
    stream-check -q "./$ODD/.build/demo/scores.mr"
}

@test "the full run, into a folder that is named" {
    bash -- "$ODD/pipelines/full" "./$ODD/-full [x]" > out 2>&1 || { cat out; false; }
    stream-check -q "./$ODD/-full [x]"/*.mr
    [ "$(ls "./$ODD/-full [x]"/score-*.mr | wc -l)" -ge 10 ]
}

@test "the full run goes on with its own settings alone" {
    local setting full="./$ODD/pipelines/full"
    mkdir fl
    printf '%s\n' data=ml-100k encoder=MiniLM llm=SmolLM2.gguf users=10 steps=2 \
        guess_steps=200 published_steps=2 > fl/settings
    for setting in DATA=other ENCODER=other LLM=other USERS=11 STEPS=3 GUESS_STEPS=3 \
        PUBLISHED_STEPS=3; do
        run env "MILLRACE_$setting" bash -- "$full" fl
        [ "$status" = 1 ]
        [[ "$output" = "full: fl holds a run with $(grep -i "^${setting%=*}=" fl/settings): "* ]]
        [ "$(ls fl)" = settings ]
    done
    rm fl/settings
    cp "./$ODD/-full [x]/text.mr" fl
    run bash -- "$full" fl
    [ "$status" = 1 ]
    [[ "$output" = "full: fl holds a run whose settings are not known: "* ]]
    rm -r fl
    # what is whole is not made again
    bash -- "$full" "./$ODD/-full [x]" > again 2>&1
    not grep -q 'training' again
    rm again
}

@test "table 1, into a folder that is named" {
    bash -- "$ODD/pipelines/table1" --seeds 1 --steps 2 --precision f32 \
        --folder "./$ODD/-table [x]" > out 2>&1 || { cat out; false; }
    [ "$(wc -l < "./$ODD/-table [x]/table1.tsv")" = 6 ]
}

@test "a scenario, into a folder that is named" {
    MILLRACE_CACHE="$PWD/$ODD/cache" bash -- "$ODD/pipelines/scenario" fuse --steps 2 \
        --precision f32 --folder "./$ODD/-fuse [x]" > out 2>&1 || { cat out; false; }
    grep -q '^| fused ' "./$ODD/-fuse [x]/fuse.md"
}

@test "fetch says what is missing by its own folder's name" {
    command -v python3 > /dev/null || skip "no python3"
    export PIP_INDEX_URL=http://127.0.0.1:1/ PIP_RETRIES=0
    run bash -- "$ODD/samples/fetch"
    [ "$status" = 1 ]
    [[ $output = *"into $BATS_FILE_TMPDIR/$ODD/samples/fetched/wheels/"* ]]
    [ -z "$(find "./$ODD" -name '.fetch.*')" ]
}
