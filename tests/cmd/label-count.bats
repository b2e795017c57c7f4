# Labels of the histories: label-count, llm-score --texts, metrics of both.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    data-import -q ml-100k | data-split -q > data.mr
    label-count -q --only data.mr > genre.mr
    small_vectors data.mr
    project-train -q -t recall --steps 3 -b 6 --cands 4 --prealign 4 --valid-users 0 --history 2 \
        in.mr > proj.mr
    llm-score -q --only --texts genre proj.mr genre.mr > score.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

@test "label-count: labels and counts as counted by hand" {
    stream-show --name cand.genre.text --head 100 genre.mr > labels
    stream-show --name item.class --head 1000000 data.mr | tr ' ' '\n' | grep . |
        LC_ALL=C sort -u | cmp - labels
    # The first user's counts, from the numbers of its training items.
    for name in inter.user inter.item inter.split; do
        stream-show --name $name --head 1000000 data.mr > $name
    done
    stream-show --name item.class --head 1000000 data.mr > classes
    paste -d ' ' inter.user inter.item inter.split | awk '$1 == 0 && $3 == 0 { print $2 + 1 }' |
        while read -r n; do sed -n "${n}p" classes; done | tr ' ' '\n' | grep . |
        LC_ALL=C sort | uniq -c | awk '{ print $2, $1 }' > want
    stream-show --name rel.genre --head 1 genre.mr | tr -s ' \t' '\n' | grep . |
        paste -d ' ' labels - | awk '$2 > 0 { print $1, $2 + 0 }' | cmp - want
}

@test "label-count: options and their mistakes" {
    label-count -q --only --users 7 --as kind data.mr | stream-show > shown
    grep -qE '^cand.kind.user +<i4 +\[7\]' shown
    grep -qE '^score.kind.pop ' shown
    label-count -q --users 7 data.mr | cmp - <(label-count -q --users 7 data.mr)
    fails 1 label-count --users 100 data.mr
    says "only 60 users"
    fails 1 label-count --column item.nothing data.mr
    says "item.nothing"
    fails 1 label-count --column user.id data.mr
    says "'user.id' has 60 rows, but 'item.id' 80"
    fails 2 label-count --as test data.mr
    says "--as: 'test' is no name for a set"
    fails 2 label-count --separator '' data.mr
    data-import -q ml-100k > unsplit.mr
    fails 1 label-count unsplit.mr
    says data-split
}

@test "llm-score --texts: the same bytes at 1 and 2 threads, in parts, and by --orders" {
    llm-score -q --only --texts genre --threads 2 proj.mr genre.mr | cmp - score.mr
    for i in 1 2 3; do
        llm-score -q --texts genre --part $i/3 proj.mr genre.mr > part$i.mr
    done
    stream-cat --fragment part1.mr part2.mr part3.mr | cmp - score.mr
    llm-score -q --only --texts genre -t genre proj.mr genre.mr > given.mr
    stream-convert -q -n score.genre.llm -o a.npy < given.mr
    stream-convert -q -n score.genre.llm -o b.npy < score.mr
    cmp a.npy b.npy
}

@test "llm-score --texts: choice probabilities of a user sum to 1" {
    stream-show --name score.genre.llm --head 1000 score.mr |
        awk '{ s = 0; for (i = 1; i <= NF; i++) s += exp($i); if (s < .999 || s > 1.001) bad = 1 }
             END { exit bad || NR == 0 }'
}

@test "llm-score --texts: without projections, and mistakes" {
    llm-score -q --only --texts genre --as text data.mr genre.mr > text.score
    llm-score -q --only --texts genre --as text --history 3 data.mr genre.mr > longer.score
    not cmp -s text.score longer.score
    fails 1 llm-score --texts kind data.mr genre.mr
    says "--texts: no 'cand.kind.user' in the input: run label-count first"
    fails 1 llm-score --texts gener data.mr genre.mr
    says "--texts: no 'cand.gener.user' in the input: did you mean cand.genre.user?"
    fails 1 label-count --column item.calss data.mr
    says "--column: no 'item.calss' in the input: did you mean item.class?"
    printf 'text: Best:\n' > bare
    fails 1 llm-score --texts genre -t bare data.mr genre.mr
    says "the template has no 'answer:'"
    fails 2 llm-score --lines --texts genre
    fails 1 project-train -t genre --steps 1 in.mr
    says "has 'candidate:', and needs a 'text:' with {candidates}"
}

@test "metrics: accuracy and NDCG of labels, chance, pop and oracle, compared" {
    metrics -k 1,5 --compare llm,pop genre.mr score.mr > table
    grep -qE '^genre: 60 users, [0-9]+ genre candidates' table
    grep -qE '^chance ' table
    grep -qE '^pop ' table
    grep -qE '^llm ' table
    grep -qE '^oracle +1.0000 +1.0000' table
    grep -q 'llm minus pop' table
    metrics -k 1,5 --format tsv genre.mr score.mr > tsv
    awk -F '\t' '$1 == "genre" && $2 == "oracle" && $5 != "1.000000" { bad = 1 }
                 $4 ~ /mrr/ { bad = 1 } END { exit bad || NR < 8 }' tsv
    metrics --threads 2 -k 1,5 genre.mr score.mr > two
    metrics --threads 1 -k 1,5 genre.mr score.mr | cmp - two
    metrics --format json -k 1 genre.mr score.mr | grep -q '"oracle"'
    metrics --format markdown genre.mr score.mr | grep -q '^| llm'
    metrics --format per-user genre.mr score.mr > users
    [ "$(wc -l < users)" -gt 120 ]
}

@test "metrics: labels beside candidates, and scores of another set are refused" {
    cand-sample -q -n 4 --only data.mr > cand.mr
    cf-score -q --by pop data.mr cand.mr | metrics -k 1 - genre.mr score.mr > both
    grep -qE '^genre: 60 users' both
    grep -qE '^test: 60 users, 5 uniform' both
    label-count -q --only --users 30 data.mr > other.mr
    fails 1 metrics other.mr score.mr
    says "'score.genre.llm'"
    says "run llm-score again"
}
