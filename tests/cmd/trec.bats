# metrics and TREC's files: written, read, and as trec_eval sees them (fixtures/trec.py).

load common

bats_require_minimum_version 1.5.0

setup() {
    export LC_ALL=C
    trec=$BATS_TEST_DIRNAME/../fixtures/trec
    streams=$BATS_TEST_DIRNAME/../fixtures/metrics
    cd "$BATS_TEST_TMPDIR"
}

# run, query, measure, value of every query, as expected.tsv has them
values() { # MEASURES RUN
    metrics -q --format per-user -m "$1" -k 1,5,20 --qrels "$trec/qrels" "$trec/$2.run" |
        awk -F '\t' 'NR == 1 { for (i = 5; i <= NF; i++) { sub(/\/.*/, "", $i); name[i] = $i } next }
            { for (i = 5; i <= NF; i++) print $3 "\t" $2 "\t" name[i] "\t" $i }'
}

refused() { # WORDS OPTION...
    local words=$1

    shift
    run --separate-stderr metrics "$@"
    [ "$status" = 1 ] || { echo "status $status: $output"; false; }
    [ -z "$output" ]
    [ "$stderr" = "metrics: $words" ] || { echo "$stderr"; false; }
}

# expect NAME LINE...: a file of these lines
lines() {
    printf '%s\n' "${@:2}" > "$1"
}

@test "every query's measures are trec_eval's" {
    for run in a b; do
        values hr,recall,map,mrr $run
        values ndcg $run
    done | sort > got
    sort "$trec/expected.tsv" > want
    join -t '|' <(sed 's/\t\([^\t]*\)$/|\1/' want | sort) <(sed 's/\t\([^\t]*\)$/|\1/' got | sort) > both
    [ "$(wc -l < both)" = "$(wc -l < want)" ]
    [ "$(wc -l < both)" = 800 ]
    awk -F '|' '{ d = $2 - $3; if (d > 1.5e-6 || d < -1.5e-6) { print; bad = 1 } } END { exit bad }' both
}

@test "means over all queries, in every format, with intervals and tests" {
    metrics --qrels "$trec/qrels" -m ndcg,map -k 20 -c a,b "$trec"/[ab].run > table
    head -1 table | grep -qx 'qrels: 40 queries; 95 % intervals from 10000 resamples of the queries, seed 1'
    for run in a b; do
        want=$(awk -F '\t' -v r=$run '$1 == r && $3 == "map@20" { s += $4 }
            END { printf "%.4f", s / 40 }' "$trec/expected.tsv")
        grep -qE "^$run .*  ${want#0} " table
    done
    grep -qx 'qrels: a minus b, the same 40 queries:' table
    grep -qx 'note: b: 3 of 40 queries are not in the run and count as 0' table
    grep -qx 'note: b: 2 queries of the run are not in the qrels' table
    not grep -q chance table
    metrics -q --format json --qrels "$trec/qrels" "$trec/a.run" | python3 -m json.tool > json
    metrics -q --format tsv --qrels "$trec/qrels" "$trec/a.run" | grep -qP '^qrels\ta\t\tmrr/trec\t'
    cmp <(metrics --threads 1 --qrels "$trec/qrels" "$trec/a.run") \
        <(metrics --threads 2 --qrels "$trec/qrels" "$trec/a.run")
}

@test "what is written comes back as the same metrics" {
    cd "$streams"
    metrics -q --format tsv --no-chance --trec-run "$BATS_TEST_TMPDIR/run" \
        --trec-qrels "$BATS_TEST_TMPDIR/qrels" data.mr cand.mr cf.mr > "$BATS_TEST_TMPDIR/want"
    cd "$BATS_TEST_TMPDIR"
    metrics -q --format tsv --qrels qrels run | sed 's/^qrels/test/; s,/trec,/20 uniform,' |
        cut -f 1-5,8 | diff <(cut -f 1-5,8 want) - # queries have another order than users
    [ "$(wc -l < qrels)" = 60 ]
    [ "$(wc -l < run)" = 1200 ]
    grep -qE '^u0 Q0 [0-9]+ 1 19 cf$' run
    grep -qE '^u0 0 [0-9]+ 1$' qrels
}

@test "several scorers are several files" {
    cd "$streams"
    refused "--trec-run: 2 scorers of the test split, and a run is of one: put {scorer} into the name of the file" \
        --trec-run "$BATS_TEST_TMPDIR/run" data.mr cand.mr cf.mr llm.mr
    [ ! -e "$BATS_TEST_TMPDIR/run" ]
    refused "--trec-run: 2 scorers of the test split, and a run is of one: put {scorer} into the name of the file" \
        --trec-run "$BATS_TEST_TMPDIR/run" --trec-qrels "$BATS_TEST_TMPDIR/q" data.mr cand.mr cf.mr llm.mr
    [ ! -e "$BATS_TEST_TMPDIR/q" ]
    metrics -q --trec-run "$BATS_TEST_TMPDIR/{scorer}.run" data.mr cand.mr cf.mr llm.mr > "$BATS_TEST_TMPDIR/t"
    cd "$BATS_TEST_TMPDIR"
    [ "$(wc -l < cf.run)" = 1200 ]
    [ "$(wc -l < llm.run)" = 1180 ] # one user has no score
    not grep -q '^u5 ' llm.run
}

@test "a scorer's name is no path" {
    cd "$streams"
    stream-convert -q -o "$BATS_TEST_TMPDIR/s.npy" -n score.test.cf cf.mr
    cd "$BATS_TEST_TMPDIR"
    mkdir in
    stream-convert -q -n score.test.../out s.npy > s.mr
    run --separate-stderr metrics --trec-run 'in/{scorer}' "$streams"/{data,cand}.mr s.mr
    [ "$status" = 1 ]
    [ "${stderr_lines[1]}" = "metrics: --trec-run: the scorer's name '../out' is no part of a file's name" ]
    [ ! -e out ]
}

@test "equal scores: a strict order, drawn by the seed, that is chance in the mean" {
    cd "$streams"
    for seed in 1 2 3 4 5 6 7 8; do
        metrics --seed $seed --trec-run "$BATS_TEST_TMPDIR/$seed" --trec-qrels "$BATS_TEST_TMPDIR/q" \
            data.mr cand.mr same.mr 2> "$BATS_TEST_TMPDIR/words" > "$BATS_TEST_TMPDIR/t"
    done
    cd "$BATS_TEST_TMPDIR"
    grep -q '60 of 60 users have equal scores, in an order drawn by the seed' words
    not cmp -s 1 2
    [ "$(cut -d ' ' -f 1,5 1 | sort -u | wc -l)" = 1200 ] # no score twice
    for seed in 1 2 3 4 5 6 7 8; do
        metrics -q --format tsv -m recall -k 10 --qrels q $seed | awk 'NR == 2 { print $4 }'
    done > hits
    # 480 draws of .5: a standard deviation of .023, four of them
    awk '{ s += $1 } END { print s / NR; exit !(s / NR > .41 && s / NR < .59) }' hits
}

@test "wrong files are named with the line" {
    lines q 'a 0 d 1'
    lines r 'a Q0 d 1 0.5 t' 'a Q0 d 2 0.4 t'
    refused "r: query 'a' has document 'd' twice" --qrels q r
    lines r 'a Q0 d 1 0.5 t' 'a Q0 e 2 nan t'
    refused "r:2: score 'nan', expected a finite number" --qrels q r
    lines r 'a Q0 d 1 0.5 t' '' 'a Q0 e 2 t'
    refused "r:3: 5 fields, expected 6" --qrels q r
    lines r 'a Q0 d 1 0.5 t' 'a Q0 e 2 .1 u'
    refused "r:2: tag 'u' after 't': one run a file" --qrels q r
    lines r 'a Q0 d 1 0.5 t'
    lines q 'a 0 d 1x'
    refused "q:1: relevance '1x', expected a whole number" --qrels q r
    lines q 'a 0 d -9223372036854775808'
    refused "q:1: relevance '-9223372036854775808', expected a whole number" --qrels q r
    printf 'a 0 d 1\n\xff 0 d 1\n' > q # JSON would leave it out
    refused "q:2: field 1 is no UTF-8 text of at most 65000 bytes" --format json --qrels q r
    printf 'a Q0 d 1 1 \xff\n' > bytes
    lines q 'a 0 d 1'
    refused "bytes:1: field 6 is no UTF-8 text of at most 65000 bytes" --format json --qrels q bytes
    printf 'a Q0 d 1 0.5 t\na Q0 e 2 .1 u\033[2J\n' > r
    refused "r:2: tag 'u?[2J' after 't': one run a file" --qrels q r
    lines r 'a Q0 d 1 0.5 t'
    lines q 'a 0 d 1' 'a 0 d 0'
    refused "q: query 'a' has document 'd' twice" --qrels q r
    lines q ''
    refused "q: holds no judgements" --qrels q r
    : > r
    lines q 'a 0 d 1'
    refused "r: is empty" --qrels q r
    printf 'a Q0 d 1 \0 0.5 t\n' > r
    refused "r: holds a NUL, expected text" --qrels q r
    run metrics --qrels q none
    [ "$status" = 1 ]
}

@test "ids of several words are refused, and a full disk; nothing is left" {
    sed 's/^/x /' <(seq 60) > ids
    stream-convert -q --lines user.id ids > ids.mr
    cp "$streams"/{data,cand,cf}.mr .
    refused "the user id 'x 1' is not one word, as TREC's files need it" \
        --trec-run run data.mr cand.mr cf.mr ids.mr
    refused "/none/run: /none: No such file or directory" --trec-run /none/run data.mr cand.mr cf.mr
    [ -z "$(ls run* 2> /dev/null)" ]
}

@test "mistakes on the command line" {
    for line in "--qrels $trec/qrels" "--qrels $trec/qrels --group warmth x" \
        "--qrels $trec/qrels -m coverage x" "--qrels $trec/qrels --trec-run y x" \
        '--pool --trec-run y x' '--trec-run y --trec-qrels y x'; do
        run metrics $line
        [ "$status" = 2 ] || { echo "$line: $status $output"; false; }
    done
}
