# OPT's folders in llm-score and project-train: tests/fixtures/opt.py.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    export OPT=$BATS_TEST_DIRNAME/../fixtures/opt
    data-import -q ml-100k | data-split -q | cand-sample -q -n 4 --for valid > data.mr
    small_vectors data.mr
    for kind in before after; do # of norms
        train -m "$OPT/$kind" in.mr > $kind.mr
    done
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# Options that train in a fraction of a second.
train() {
    project-train -q -t recall --steps 3 -b 4 --cands 3 --share 2 --prealign 4 --valid-users 4 \
        --valid-every 2 --history 2 "$@"
}

# Lines of numbers that agree within $1.
agree() {
    paste "$2" "$3" | awk -v most="$1" '{
        for (i = 1; i <= NF / 2; i++) {
            d = $i - $(i + NF / 2)
            if (!(d <= most && -d <= most)) { print "line " NR ": " $0; bad = 1 }
        }
    } END { exit bad || NR == 0 }'
}

@test "llm-score --lines: as transformers, the start token first, to 1e-4 a token" {
    for kind in before after after-pickle; do
        model=$OPT/$kind
        if [ $kind = after-pickle ]; then # its tokenizer is that of the other folder
            mkdir -p pickle
            cp "$OPT"/after-pickle/* "$OPT"/after/token* pickle
            model=pickle
        fi
        awk -F '\t' -v kind="${kind%-pickle}" '
            $1 == kind { sub(/^[^\t]*\t/, ""); print > "lines"; getline; print > "want" }' \
            "$OPT/lines.expected"
        llm-score -m "$model" --lines lines > got
        [ "$(wc -l < got)" = 2 ]
        agree 3e-4 want got
    done
}

@test "project-train: projections into OPT have its embeddings' width" {
    stream-show before.mr > shown
    grep -qE '^proj.item.3.weight +<f4 +\[32, 32\] .*llm=before' shown
    stream-show after.mr > shown
    grep -qE '^proj.item.3.weight +<f4 +\[20, 20\] .*llm=after' shown
    grep -qE '^proj.user.0.weight +<f4 +\[20, 8\]' shown
}

@test "OPT: the same bytes at 1 and 2 threads, with all kept and recomputed" {
    for kind in before after; do
        train -m "$OPT/$kind" --threads 2 --recompute no in.mr | cmp - $kind.mr
        train -m "$OPT/$kind" --recompute yes in.mr | cmp - $kind.mr
        llm-score -q -m "$OPT/$kind" --threads 1 $kind.mr > one.mr
        llm-score -q -m "$OPT/$kind" --threads 2 $kind.mr | cmp - one.mr
        metrics one.mr > table
        grep -q '^llm' table
    done
}

@test "OPT: the start token is in front, unless --bos says otherwise" {
    llm-score -q --only -m "$OPT/before" data.mr --user no --items no > auto.mr
    llm-score -q --only -m "$OPT/before" data.mr --user no --items no --bos before > before.bos
    llm-score -q --only -m "$OPT/before" data.mr --user no --items no --bos none > none.bos
    for name in auto.mr before.bos none.bos; do
        stream-convert -q -o $name.npy -n score.valid.llm < $name
    done
    cmp auto.mr.npy before.bos.npy
    not cmp -s auto.mr.npy none.bos.npy
}

@test "OPT: the oldest history has no room in 256 positions, which is said" {
    printf 'candidate: {title}\ntext: Seen: {history}\\n\ntext: Of {candidates} next:\\n\nanswer: {title}\n' > long
    llm-score -m "$OPT/before" -t long --history 100 --user no --items no data.mr \
        2> log | stream-show --name score.valid.llm > rows
    grep -qE "the model's context had no room for [1-9][0-9]* of the history's items" log
    not grep -q nan rows
}

@test "OPT: candidates that have no room are an error, with nothing written" {
    data-import -q ml-100k | data-split -q | cand-sample -q -n 50 --for valid > many.mr
    fails 1 llm-score -m "$OPT/before" -t long --user no --items no many.mr
    says "tokens, the model's context has 256"
    fails 1 project-train -m "$OPT/before" -t long --cands 50 --steps 1 in.mr
    says "tokens, the model's context has 256"
    printf '%s\tx\n' "$(printf 'word %.0s' {1..300})" > lines
    fails 1 llm-score -m "$OPT/before" --lines lines
    says "lines: line 1: "
    says "the model's context has 256"
}

@test "OPT: projections of another width are refused" {
    fails 1 llm-score -m "$OPT/after" before.mr
    says "before"
}
