# The documents' own words: every block marked sh or python is taken from them and run, in
# order, document after document, in one folder, with tiny stand-ins for the data and the
# models.
# Not under sanitizers: other tests run these programs under them

documents='README.md samples/TOUR.md pipelines/README.md lib/stream/FORMAT.md'

setup_file() {
    export TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export MILLRACE_PATH=$BATS_FILE_TMPDIR/stand-ins
    "$TOP/tests/stand-ins" "$MILLRACE_PATH"
    export MILLRACE_CACHE=$BATS_FILE_TMPDIR/cache
    cd "$BATS_FILE_TMPDIR"
    mkdir blocks
    ln -s "$TOP/pipelines" pipelines
    # blocks/101.sh, 102.sh, 103.python, ...: the number of the document, then that of the
    # block in it; a block without a name is the output of the one before: 101.sh.out
    (cd "$TOP" && awk -v to="$BATS_FILE_TMPDIR/blocks" '
         FNR == 1 { document++; n = 0; last = to "/none" }
         /^```/ {
             if (inside) { close(file); inside = 0; next }
             inside = 1
             kind = substr($0, 4)
             file = kind == "" ? last ".out" \
                               : sprintf("%s/%d%02d.%s", to, document, ++n, kind)
             last = kind == "" ? to "/none" : file
             next
         }
         inside { print > file }' $documents)
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# Python with these two packages, or the test is skipped.
need_python() {
    for python in python3 /usr/bin/python3; do
        $python -c 'import msgpack, msgpack_numpy' 2> /dev/null && return
    done
    skip "python3-msgpack and python3-msgpack-numpy are not installed"
}

# What a block that mentions $1 prints, stderr as well.
run_block() {
    run bash -euo pipefail "$(grep -lFe "$1" blocks/*.sh | head -1)"
    echo "$output"
    [ "$status" = 0 ]
}

@test "the whole system in one line" {
    run_block 'project-train -m SmolLM2.gguf | llm-score -m SmolLM2.gguf | metrics -k 1,10'
    for scorer in chance cf llm; do
        [ "$(grep -c "^$scorer " <<< "$output")" = 1 ]
    done
    [[ "$output" = *"hr@1/20 uniform"*"hr@10/20 uniform"* ]]
}

@test "every sh block runs, in the documents' order" {
    for document in 1 2 3; do
        [ "$(ls blocks/$document*.sh | wc -l)" -ge 4 ]
    done
    for block in blocks/*.sh; do
        bash -euo pipefail "$block" > out 2>&1 || { cat "$block" out; false; }
    done
    stream-check -q data.mr weights.mr cf.mr text.mr align.mr cand.mr proj.mr llm.mr words.mr
    [ -z "$(awk 'NR > 1 && $7 != 0' sweep.log)" ] # Exitval of each job
}

@test "weights that went out and came back give the same vectors" {
    cf-embed --only data.mr weights.mr | stream-convert -n item.cf -o ours.npy
    stream-convert -n item.cf -o theirs.npy cf-theirs.mr
    cmp ours.npy theirs.npy
}

@test "output that does not depend on the sample data is as printed" {
    rm -rf shop
    run_block 'mkdir shop'
    diff <(echo "$output") "$(grep -l 'mkdir shop' blocks/*.sh).out"
}

@test "the history that a stream has is as printed" {
    block=$(grep -lx 'stream-show data.mr' blocks/*.sh | head -1)
    bash -euo pipefail "$block" | grep '^history: ' > shown
    grep '^history: ' "$block.out" | diff shown -
}

@test "the Python blocks read the streams" {
    need_python
    export PYTHONPATH=$TOP/samples/python PYTHONDONTWRITEBYTECODE=1
    set -- blocks/*.python
    [ $# = 5 ]
    shift # own.py of the tour: below
    run $python "$4"
    echo "$output"
    [ "$status" = 0 ]
    [[ "$output" = "('<f4', ("*"))" ]]
    stream-check -q mine.mr
    cp "$2" streams.py
    run $python streams.py < cf.mr
    [ "$status" = 0 ]
    [[ "$output" = *"item.cf ("* ]]
    for bytes in 20 1000; do
        head -c -$bytes cf.mr > cut.mr
        run $python streams.py < cut.mr
        [ "$status" = 1 ]
        [ "${#lines[@]}" = 1 ]
        [[ "$output" = "streams.py: <stdin>: cut short, expected an end, found "* ]]
    done
    cp "$3" near.py
    run $python near.py
    echo "$output"
    [ "$status" = 0 ]
    [ "${#lines[@]}" = 3 ]
    [[ "${lines[2]}" = "item.joint ['"*"', '"*"', '"*"']" ]]
}

@test "a CF model in numpy stands between two filters, and finds more than chance" {
    need_python
    export PYTHONPATH=$TOP/samples/python PYTHONDONTWRITEBYTECODE=1
    mkdir -p path
    ln -sf "$(command -v $python)" path/python3
    set -- blocks/*.python
    cp "$1" svd.py
    PATH=$PWD/path:$PATH bash -euo pipefail blocks/1*.bash > out 2> err || { cat err; false; }
    cat out
    awk '$1 == "chance" { chance = $2 } $1 == "svd" { svd = $2 }
        END { exit !(svd > chance + .1) }' out
    stream-check -q svd.mr
    stream-show svd.mr | grep -q '^history: svd 0 --dim 16$'
}

@test "own vectors go through both stages, to a table" {
    need_python
    export PYTHONPATH=$TOP/samples/python PYTHONDONTWRITEBYTECODE=1
    mkdir -p path
    ln -sf "$(command -v $python)" path/python3
    cp blocks/2*.python own.py
    PATH=$PWD/path:$PATH bash -euo pipefail blocks/2*.bash > out 2> err || { cat err; false; }
    cat out
    for scorer in chance cf llm; do
        [ "$(grep -c "^$scorer " out)" = 1 ]
    done
    stream-check -q own.mr own-joint.mr own-cand.mr
}

@test "the README has at most 250 lines" {
    [ "$(wc -l < "$TOP/README.md")" -le 250 ]
}

@test "every filter is in the table, with a link to its man page" {
    for page in "$TOP"/bin/*.1; do
        name=$(basename "$page" .1)
        grep -qF "| [$name](bin/$name.1) | " "$TOP/README.md" || { echo "$name"; false; }
    done
    [ "$(grep -c '^| \[.*](bin/' "$TOP/README.md")" = "$(ls "$TOP"/bin/*.1 | wc -l)" ]
}

# The headings of a document as links name them: lower case, dashes, no punctuation.
anchors() {
    grep '^##* ' "$1" | sed -E 's/^#+ //' | tr '[:upper:]' '[:lower:]' |
        sed 's/[^a-z0-9 -]//g; s/ /-/g'
}

@test "every link leads somewhere, to a heading too" {
    local bad= file link target

    cd "$TOP"
    for file in README.md {lib,tests,samples,pipelines}/*.md lib/*/*.md; do
        for link in $(grep -oE '\]\([^)]+' "$file" | cut -c 3- | grep -v '^http'); do
            target=$(dirname "$file")/${link%%#*}
            [ "${link%%#*}" ] || target=$file
            [ -e "$target" ] || bad+="$file: $link; "
            [[ $link != *#* ]] || anchors "$target" | grep -qx -- "${link##*#}" ||
                bad+="$file: $link: no such heading; "
        done
    done
    echo "$bad"
    [ -z "$bad" ]
}

@test "the commands of make and the options that it names are there" {
    for target in demo check install bench; do
        grep -q "^$target:" "$TOP/Makefile"
    done
    for option in checkpoint resume preset noun verb past precision; do
        project-train --help | grep -qE -- "--$option " || { echo "--$option"; false; }
    done
}
