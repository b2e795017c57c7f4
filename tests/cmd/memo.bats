# memo: the same bytes with it and without it, what counts and what does not, many at
# once, faults, and looking after the folder.

load common

setup_file() {
    bats_require_minimum_version 1.5.0
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    data-import -q ml-100k | data-split -q > data.mr
    cf-train -q --dim 8 --maxlen 10 --batch 20 --epochs 4 data.mr | cf-embed -q > cf.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_CACHE=$BATS_TEST_TMPDIR/cache
    shim=$BATS_TEST_TMPDIR/shim real_path=$PATH
    calls=$BATS_TEST_TMPDIR/calls
}

# A script in PATH that stands for a filter, counts its runs, and does $2 before each.
wrap() {
    local real
    real=$(PATH=$real_path command -v "$1")
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
    PATH=$shim:$real_path
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
    [ "$status" = 0 ]
    cmp want got
    [[ "$stderr" != *"from the cache"* ]]
    run --separate-stderr bash -c '"$@" < in.mr > got' same memo "$@"
    [ "$status" = 0 ]
    cmp want got
    [[ "$stderr" = "memo: $1: from the cache" ]] || { echo "$stderr"; false; }
    [ "$1" != stream-cat ] || return 0 # of which every byte counts, and where from
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
    step data-split
    step cf-train --dim 8 --maxlen 10 --batch 20 --epochs 4
    step cf-embed
    step sbert-encode -m MiniLM
    step align-train --dim 6 --epochs 2 --batch 8
    step align-embed
    step cand-sample -n 4 --for valid,test
    step cf-score
    step cf-score --by pop
    step project-train -m SmolLM2.gguf --steps 2 -b 6 --cands 3 --share 3 --prealign 2 \
        --valid-users 0 --history 3
    step llm-score -m SmolLM2.gguf
    same_bytes no metrics -k 1,3 --resamples 100
    same_bytes no stream-cat --pick 'score.*'
}

@test "data sets from files and made up" {
    data-synth -q --users 30 --items 20 --clusters 4 --per-user 3..5 > want
    for i in 1 2; do
        memo data-synth --users 30 --items 20 --clusters 4 --per-user 3..5 2> said | cmp - want
        memo data-import ml-100k | data-split -q | cmp - data.mr
    done
    grep -q 'from the cache' said
    cp -r "$MILLRACE_PATH/ml-100k" .
    printf '1\t1\t5\t1\n' >> ml-100k/ml-100k.inter
    memo data-import ml-100k 2> said > changed.mr
    not grep -q 'from the cache' said
    data-import -q ml-100k | cmp - changed.mr
}

@test "other vectors that pass by, and another history, do not encode the texts again" {
    wrap sbert-encode
    memo sbert-encode -m MiniLM cf.mr > one.mr
    cf-train -q --dim 8 --maxlen 10 --batch 20 --epochs 1 --lr .01 data.mr |
        cf-embed -q > other.mr
    not cmp -s cf.mr other.mr
    sbert-encode -q -m MiniLM other.mr > want.mr
    rm "$calls"
    memo sbert-encode -m MiniLM other.mr | cmp - want.mr
    runs 0
    stream-cat --pick 'item.*' data.mr | memo sbert-encode -m MiniLM --only > /dev/null
    runs 0
}

@test "options count by their values, however given; idle ones do not" {
    wrap cf-train
    memo cf-train --dim 8 --maxlen 10 -b 20 --epochs 2 data.mr > one.mr
    memo cf-train --epochs=2 --threads 2 -b 20 --dim=8 -q --maxlen 10 --seed 1 \
        --checkpoint c.ckpt --no-hits < data.mr | cmp - one.mr
    memo cf-train --lr 0.001 --loss auto --dim 8 --maxlen 10 -b 20 --epochs 2 data.mr |
        cmp - one.mr
    runs 1
    for more in '--seed 2' '--lr 0.0010000000000001' '--windows last'; do
        memo cf-train --dim 8 --maxlen 10 -b 20 --epochs 2 $more data.mr > /dev/null
    done
    runs 4
    memo cf-train --preset published --dim 8 --maxlen 10 -b 20 --epochs 2 data.mr > two.mr
    memo cf-train --loss bce --windows last --valid-every 0 --patience 0 --dim 8 --maxlen 10 -b 20 --epochs 2 data.mr |
        cmp - two.mr
    runs 5
}

@test "whether an option was given counts where it changes something" {
    llm-score --reads --template recall | grep -q "^given	template$"
    not grep -q '^given' <(llm-score --reads)
}

@test "what is read depends on the options" {
    cf-score --reads | grep -qx 'keep	item.cf'
    not grep -qx 'keep	item.cf' <(cf-score --reads --by pop)
    cf-score --reads --by pop | grep -qx 'keep	inter.user'
    [ "$(sbert-encode --reads -m MiniLM --template '{title}, {class}' | grep keep)" = \
        "$(printf 'keep-texts\titem.title\nkeep-texts\titem.class\nkeep\titem.id')" ]
    # before the model is loaded, which is none
    printf x > model.gguf
    llm-score --reads -m ./model.gguf | grep -qx 'keep	cand.\*'
}

@test "parts of the rows are outputs of their own" {
    sbert-encode -q -m MiniLM data.mr > whole.mr
    for i in 1 2; do
        for part in 1/2 2/2; do
            memo sbert-encode -m MiniLM --part $part data.mr
        done | cmp - <(for part in 1/2 2/2; do
            sbert-encode -q -m MiniLM --part $part data.mr; done)
    done
    [ "$(entries)" = 2 ]
}

@test "a model changed in place is noticed, even with its old size and time" {
    cp -r "$MILLRACE_PATH/MiniLM" model
    touch -d '1 hour ago' model/*
    wrap sbert-encode
    memo sbert-encode -m ./model data.mr > one.mr
    memo sbert-encode -m "$PWD/model" data.mr | cmp - one.mr
    runs 1
    cp -p model/model.safetensors old
    size=$(stat -c %s model/model.safetensors)
    printf '\001\002\003' | dd of=model/model.safetensors bs=1 seek=$((size - 300)) \
        conv=notrunc status=none
    touch -r old model/model.safetensors
    memo sbert-encode -m ./model data.mr > two.mr
    runs 2
    not cmp -s one.mr two.mr
}

@test "the program's own content counts" {
    wrap sbert-encode
    memo sbert-encode -m MiniLM data.mr > one.mr
    wrap sbert-encode 'true'
    memo sbert-encode -m MiniLM data.mr | cmp - one.mr
    runs 2
}

@test "50 jobs at once: one computes, all have its bytes" {
    wrap sbert-encode 'sleep 1'
    sbert-encode -q -m MiniLM data.mr > want.mr
    rm "$calls"
    for i in $(seq 50); do
        memo -q sbert-encode -m MiniLM data.mr > "many.$i" &
    done
    wait
    runs 1
    for i in $(seq 50); do
        cmp "many.$i" want.mr
    done
    [ "$(entries)" = 1 ]
    [ -z "$(left_over)" ]
}

@test "the computing one is killed: another takes over, nothing is left" {
    wrap sbert-encode '[ $(wc -l < '"$calls"') != 1 ] || sleep 30'
    memo sbert-encode -m MiniLM data.mr > /dev/null &
    first=$!
    until [ -s "$calls" ]; do sleep .05; done
    memo sbert-encode -m MiniLM data.mr > second.mr 2> said &
    second=$!
    until grep -q 'waiting for another' said; do sleep .05; done
    kill -9 $first
    wait $second
    runs 2
    [ "$(entries)" = 1 ]
    [ -z "$(left_over)" ]
    PATH=${PATH#"$shim":} sbert-encode -q -m MiniLM data.mr | cmp - second.mr
}

@test "killed at random moments: never a wrong entry, never anything left" {
    sbert-encode -q -m MiniLM data.mr > want.mr
    for i in $(seq 20); do
        rm -rf "$MILLRACE_CACHE/entries"
        memo -q sbert-encode -m MiniLM data.mr > got.mr 2> /dev/null &
        sleep "0.0$((RANDOM % 80 + 10))"
        kill -9 $! 2> /dev/null || true
        wait $! || true
        [ -z "$(left_over)" ]
        memo --verify | grep -qE '^([01]) of \1 entries whole'
        memo -q sbert-encode -m MiniLM data.mr | cmp - want.mr
    done
}

@test "a filter that fails is not kept, its status and words pass on" {
    stream-cat --pick item.id data.mr > poor.mr
    for i in 1 2; do
        run --separate-stderr bash -c 'memo cf-train poor.mr > out.mr'
        [ "$status" = 1 ]
        [[ "$stderr" = "cf-train: no 'inter.user' in the input"* ]]
    done
    run memo cf-train --no-such
    [ "$status" = 2 ]
    [ "${lines[0]}" = 'cf-train: there is no option --no-such' ]
    run memo sbert-encode -m nowhere data.mr
    [ "$status" = 1 ]
    [[ "$output" = *nowhere* ]]
    wrap sbert-encode 'kill -SEGV $$'
    run bash -c 'memo sbert-encode -m MiniLM data.mr > out.mr'
    [ "$status" = 139 ]
    [ "$(entries)" = 0 ]
    run memo no-such-program
    [ "$status" = 1 ]
    run memo cf-train --help
    [ "$status" = 0 ]
    [[ "$output" = "cf-train - "* ]]
}

@test "input that is cut short fails and is not kept" {
    head -c 20000 data.mr > short.mr
    run bash -c 'memo cf-train < short.mr > out.mr'
    [ "$status" = 1 ]
    [[ "$output" = *"cut short"* ]]
    not stream-check -q out.mr
    [ "$(entries)" = 0 ]
}

@test "any byte of an entry damaged: said, and computed again" {
    wrap sbert-encode
    memo sbert-encode -m MiniLM data.mr > want.mr
    entry=$(find "$MILLRACE_CACHE/entries" -type f)
    cp "$entry" good
    size=$(stat -c %s good)
    n=1
    for at in 0 100 5000 $((size / 2)) $((size - 900)) $((size - 100)) $((size - 40)) \
        $((size - 1)); do
        cp good "$entry"
        byte=$(od -An -tu1 -j "$at" -N 1 good)
        printf "\\x$(printf %x $(((byte + 1) % 256)))" |
            dd of="$entry" bs=1 seek="$at" conv=notrunc status=none
        run memo --verify
        [ "$status" = 1 ]
        [[ "$output" = *damaged*"0 of 1 entries whole"* ]]
        memo sbert-encode -m MiniLM data.mr 2> said | cmp - want.mr
        grep -q 'computing it again' said
        n=$((n + 1))
        runs $n
        memo --verify
    done
    for left in 0 1 1000 $((size - 1)); do
        head -c "$left" good > "$entry"
        memo sbert-encode -m MiniLM data.mr 2> said | cmp - want.mr
        [ "$(head -1 said)" = "memo: $entry: its last line or its key is damaged; computing it again" ]
        memo --verify
    done
}

# mounted OPTIONS: a file system of its own, for one test.
mounted() {
    mkdir -p mounted
    mount -t tmpfs -o "$1" tmpfs mounted 2> /dev/null || skip "cannot mount"
}

teardown() {
    ! mountpoint -q mounted || umount mounted
}

# unkept WHY COMMAND...: memo gives the command's own bytes, and says once that they are not
# kept.
unkept() {
    local why=$1
    shift
    "$@" < cf.mr > want.mr 2> /dev/null
    run --separate-stderr bash -c '"$@" < cf.mr > got.mr' unkept memo -q "$@"
    cmp want.mr got.mr || { echo "$stderr"; false; }
    [ "$status" = 0 ]
    [[ "$stderr" = "memo: $1: not kept: "$why ]] || { echo "$stderr"; false; }
}

@test "full disk: the same bytes, a line that says that they are not kept, nothing left" {
    export MILLRACE_CACHE=$PWD/mounted/c
    for size in 8 64 128; do # no room for what goes in, for some or most of what comes out
        mounted "size=${size}k"
        unkept "$PWD/mounted/c: No space left on device" cf-embed -q
        unkept "$PWD/mounted/c: No space left on device" \
            data-synth -q --users 300 --items 90 --clusters 4 --per-user 40
        [ -z "$(left_over)" ]
        [ "$(entries)" = 0 ]
        umount mounted
    done
}

@test "a folder that cannot be written: the same bytes, not kept; what is there is given" {
    export MILLRACE_CACHE=$PWD/mounted/c
    mounted size=10m
    memo cf-embed cf.mr > want.mr
    mount -o remount,ro mounted
    memo cf-embed cf.mr 2> said | cmp - want.mr
    [ "$(cat said)" = "memo: cf-embed: from the cache" ]
    unkept "$PWD/mounted/c: Read-only file system" data-split -q
    memo --explain data-split cf.mr 2>&1 | grep -qx "memo: nothing can be kept: $PWD/mounted/c: Read-only file system"
    memo --list | grep -q 'cf-embed'
    fails 1 memo --prune 0
    [ "$output" = "memo: $PWD/mounted/c: Read-only file system" ]
}

@test "a folder that cannot be made" {
    touch file
    export MILLRACE_CACHE=$PWD/file/below
    unkept "$PWD/file: Not a directory" cf-embed -q
    for what in --list --size --verify; do
        fails 1 memo $what
        [ "$output" = "memo: $PWD/file: Not a directory" ]
    done
}

@test "the limit of a file's size, which memory has too: a line, nothing left" {
    run --separate-stderr bash -c 'ulimit -f 10; memo cf-embed cf.mr | cat > out.mr; exit ${PIPESTATUS[0]}'
    [ "$status" = 1 ]
    [ "$stderr" = "memo: $MILLRACE_CACHE: File too large; and in memory: File too large" ]
    [ -z "$(left_over)" ]
    [ "$(entries)" = 0 ]
}

@test "what a program writes is all there, though another that it started lives on" {
    printf '#!/bin/bash\nsleep 5 &\nseq 100000\n' > "$shim"
    chmod +x "$shim"
    SECONDS=0
    memo "$shim" < /dev/null | cmp - <(seq 100000)
    [ $SECONDS -lt 4 ]
}

@test "NFS is refused" {
    [ "${MODE:-}" != asan ] || skip "sanitizers must come first"
    cat > nfs.c << END
#include <sys/vfs.h>
int statfs(const char *path, struct statfs *s) { (void)path; s->f_type = 0x6969; return 0; }
END
    gcc -shared -fPIC -o nfs.so nfs.c
    LD_PRELOAD=$PWD/nfs.so run memo cf-train data.mr
    [ "$status" = 1 ]
    [[ "$output" = "memo: $MILLRACE_CACHE: is on NFS, "*"set MILLRACE_CACHE"* ]]
}

@test "any other program: its arguments, files and input count" {
    count() {
        cat > "$shim" << END
#!/bin/sh
echo run >> $calls
sort "\$@"
END
        chmod +x "$shim"
    }
    count
    printf 'b\na\n' > words
    for i in 1 2; do
        memo "$shim" -r < words | cmp - <(sort -r words)
    done
    runs 1
    memo "$shim" words | cmp - <(sort words)
    printf 'd\nc\n' > words
    memo "$shim" words | cmp - <(sort words)
    printf 'e\n' | memo "$shim" -r > /dev/null
    runs 4
}

@test "--explain names what differs from the nearest" {
    memo --explain sbert-encode -m MiniLM data.mr > said
    grep -qx "miss: there is nothing of sbert-encode in $MILLRACE_CACHE" said
    memo sbert-encode -m MiniLM data.mr > one.mr
    memo --explain sbert-encode -m MiniLM < data.mr > said
    grep -qE '^hit: [0-9a-f]{8}, last used .* \(sbert-encode -m MiniLM data.mr\), ' said
    memo --explain sbert-encode -m MiniLM --max-length 3 data.mr > said
    [ "$(tail -n +2 said)" = "  option max-length: '3' here, '0' there" ]
    memo data-import ml-100k > new.mr
    cp -r "$MILLRACE_PATH/ml-100k" .
    sed -i '2s/\t\(.\)/\tX\1/' ml-100k/ml-100k.item
    data-import -q ml-100k > new.mr
    memo --explain sbert-encode -m MiniLM new.mr > said
    [ "$(tail -n +2 said)" = "  input item.title: other content" ]
    [ "$(entries)" = 2 ]
}

@test "--list, --size, --prune removes the longest unused first" {
    memo sbert-encode -m MiniLM data.mr > /dev/null
    memo cf-train -q --dim 8 --maxlen 10 -b 20 --epochs 1 data.mr > /dev/null
    memo data-synth -q --users 30 --items 20 --clusters 4 --per-user 3..5 > /dev/null
    memo sbert-encode -m MiniLM data.mr > /dev/null
    [ "$(memo --list | awk '{ print $8 }' | paste -sd ' ')" = \
        "sbert-encode data-synth cf-train" ]
    memo --size | grep -qE "^3 entries, [0-9.]+ kB in $MILLRACE_CACHE$"
    first=$(find "$MILLRACE_CACHE/entries" -type f -printf '%T@ %s\n' | sort -n | tail -1 |
        cut -d' ' -f2)
    memo --prune "$first" | grep -q '^removed 2 entries, .*; kept 1 entry, '
    memo sbert-encode -m MiniLM data.mr 2>&1 > /dev/null | grep -q 'from the cache'
    memo --prune 0 | grep -q 'kept 0 entries'
    for size in x 3Q -1 '' 0x10; do
        run memo --prune "$size"
        [ "$status" = 2 ]
    done
}

@test "mistakes" {
    for wrong in '' '--list --size' '--list cf-train' '--no-such'; do
        run memo $wrong
        [ "$status" = 2 ]
    done
    run memo stream-convert -o x.npy data.mr
    [ "$status" = 2 ]
    [[ "$output" = *"memo does not keep"* ]]
    run memo llm-convert -o x.gguf SmolLM2.gguf
    [ "$status" = 2 ]
    [[ "$output" = *"memo does not keep"* ]]
    run script -qec 'memo cf-train data.mr' /dev/null
    [[ "$output" = *"refusing to write tensors to a terminal"* ]] || [ "$status" = 127 ]
}

@test "a program that changes between being asked and being run is not kept" {
    real=$(command -v cf-embed)
    mkdir -p "$shim"
    printf '#!/bin/bash\n# millrace-reads 1\n[ "$1" != --reads ] || echo "#" >> "$0"\nexec %s "$@"\n' \
        "$real" > "$shim/cf-embed"
    chmod +x "$shim/cf-embed"
    PATH=$shim:$real_path memo cf-embed cf.mr 2> said | cmp - <(cf-embed -q cf.mr)
    grep -q '^memo: cf-embed: a file that it reads has changed meanwhile: not kept$' said
    [ "$(entries)" = 0 ]
}

@test "where children's ends are ignored, a filter that fails is not taken for one that ends well" {
    stream-cat --pick item.id data.mr > poor.mr
    run --separate-stderr bash -c 'env --ignore-signal=CHLD memo cf-train poor.mr > out.mr'
    [ "$status" = 1 ]
    [[ "$stderr" = "cf-train: no 'inter.user' in the input"* ]]
    [ "$(entries)" = 0 ]
    env --ignore-signal=CHLD memo cf-embed cf.mr | cmp - <(cf-embed -q cf.mr)
}
