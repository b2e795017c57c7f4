# What several .bats files share: load common.

# fails STATUS COMMAND...: it must end with that; its standard error is $output.
fails() {
    local want=$1
    shift
    run bash -c '"$@" 2>&1 > /dev/null' fails "$@"
    [ "$status" = "$want" ] || { echo "status $status: $output"; false; }
}

# not COMMAND...: it must not succeed.  Bash lets a bare "! COMMAND" pass, so it fails no test.
not() {
    if "$@"; then
        echo "succeeded: $*"
        return 1
    fi
}

# says TEXT: it stands in $output.
says() {
    [[ $output == *"$1"* ]] || { echo "no '$1' in: $output"; false; }
}

# words COMMAND...: its standard error is $stderr, its status $status.
words() {
    run --separate-stderr bash -c '"$@" > /dev/null' words "$@"
}

# unnumbered FILE: its tensors without attributes, as other programs write them.
unnumbered() {
    local folder
    folder=$(mktemp -d) || return
    stream-convert -q -o "$folder/all.safetensors" "$1" &&
        stream-convert -q "$folder/all.safetensors"
    rm -r "$folder"
}

declare -gA reads=() # of a filter: the names that it reads, as one pattern

# kept NAME FILTER [OPTION...]: does the filter read a tensor of that name?  It is asked once.
kept() {
    local filter="${*:2}"
    [ -n "${reads[$filter]:-}" ] ||
        reads[$filter]="@($("$2" --reads "${@:3}" | sed -n 's/^keep\t//p' | paste -sd '|'))"
    # shellcheck disable=SC2053
    [[ $1 == ${reads[$filter]} ]]
}

# rows FILE NAME FROM [COUNT]: rows of a tensor or text.
rows() {
    stream-show --name "$2" --from "$3" --head "${4:-10000}" "$1"
}

# small_vectors STREAM: cf.mr, text.mr and in.mr with vectors of both kinds and joint ones.
small_vectors() {
    cf-train -q --dim 8 --maxlen 10 --batch 20 --epochs 2 "$1" | cf-embed -q > cf.mr
    sbert-encode -q -m MiniLM --only "$1" > text.mr
    cat cf.mr text.mr | align-train -q --dim 6 --epochs 1 --batch 8 > in.mr
}

# pipelines_file, in setup_file: the scripts of pipelines/ on the tiny stand-ins, in the
# file's folder.
pipelines_file() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export TOP MILLRACE_PATH=$TOP/tests/fixtures/tiny PATH=$TOP/pipelines:$PATH
    cd "$BATS_FILE_TMPDIR"
}

# pipelines_test, in setup.
pipelines_test() {
    cd "$BATS_FILE_TMPDIR"
    bats_require_minimum_version 1.5.0
}
