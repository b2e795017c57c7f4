# memo: the same bytes with it and without it, what counts and what does not, many at
# once, faults, and looking after the folder.

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    data-import -q ml-100k | data-split -q > data.mr
    cf-train -q --dim 8 --maxlen 10 --batch 20 --epochs 4 data.mr | cf-embed -q > cf.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_CACHE=$BATS_TEST_TMPDIR/cache
    shim=$BATS_TEST_TMPDIR/shim
    calls=$BATS_TEST_TMPDIR/calls
}

# A script in PATH that stands for a filter, counts its runs, and does $2 before each.
wrap() {
    local real
    real=$(command -v "$1")
    mkdir -p "$shim"
    cat > "$shim/$1" << END
#!/bin/bash
# asked for millrace-reads 1 as the filter is
if [ "\$1" != --reads ]; then
    echo run >> $calls
    ${2:-:}
fi
exec $real "\$@"
END
    chmod +x "$shim/$1"
    PATH=$shim:$PATH
}

runs() {
    [ "$(wc -l 2> /dev/null < "$calls" || echo 0)" = "$1" ] ||
        { echo "$(cat "$calls" 2> /dev/null | wc -l) runs, expected $1"; false; }
}

entries() {
    find "$MILLRACE_CACHE/entries" -type f | wc -l
}

# Everything that is neither an output nor a remembered digest.
left_over() {
    find "$MILLRACE_CACHE" -type f ! -path '*/digests/*' ! -name lock |
        grep -vE '/entries/[0-9a-f]{32}$' || true
}

# The command's output by itself, computed by memo, and from the cache, from its file
# argument and from standard input, with --only where it takes that.
same_bytes() {
    local only=$1
    shift
    "$@" < in.mr > want
    run --separate-stderr bash -c '"$@" < in.mr > got' same memo "$@"
    [ "$status" = 0 ] && cmp want got
    [[ "$stderr" != *"from the cache"* ]]
    run --separate-stderr bash -c '"$@" < in.mr > got' same memo "$@"
    [ "$status" = 0 ] && cmp want got
    [[ "$stderr" = "memo: $1: from the cache" ]] || { echo "$stderr"; false; }
    memo "$@" in.mr 2> said | cmp - want
    grep -qx "memo: $1: from the cache" said
    [ $only = no ] || "$@" --only < in.mr > want
    [ $only = no ] || memo "$@" --only in.mr 2> said | cmp - want
    grep -qx "memo: $1: from the cache" said
}

@test "every filter of the main line: the same bytes, computed and from the cache" {
    cp data.mr in.mr
    step() {
        same_bytes yes "$@"
        mv got next.mr
        "$@" < in.mr > next.mr
        mv next.mr in.mr
    }
    step data-split -q
    step cf-train --dim 8 --maxlen 10 --batch 20 --epochs 4
    step cf-embed -q
    step sbert-encode -m MiniLM
    step align-train --dim 6 --epochs 2 --batch 8
    step align-embed -q
    step cand-sample -n 4 --for valid,test
    step cf-score -q
    step cf-score --by pop
    step project-train -m SmolLM2.gguf --steps 2 -b 6 --cands 3 --share 3 --prealign 2 \
        --valid-users 0 --history 3
    step llm-score -m SmolLM2.gguf
    same_bytes no metrics -k 1,3 --resamples 100
    same_bytes no stream-cat --pick 'score.*'
}
