# cf-score: scores of candidates, what it must not mix, weights from elsewhere.

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    data-import -q "$BATS_TEST_DIRNAME/../fixtures/tiny/ml-100k" | data-split -q > data.mr
    cf-train -q --dim 8 --maxlen 10 --batch 20 --epochs 2 data.mr > cf.mr
    cf-embed -q --no-inter cf.mr > vectors.mr
    cand-sample -q -n 9 --for valid,test vectors.mr > cand.mr
    cf-score -q cand.mr > score.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

fails() {
    local want=$1
    shift
    run bash -c '"$@" 2>&1 > /dev/null' fails "$@"
    [ "$status" = "$want" ] || { echo "status $status: $output"; false; }
}

row() {
    stream-show --name "$2" --from "$3" --head 1 "$1"
}

@test "a score is the dot product of the user's and the item's vector" {
    user=$(row cand.mr cand.test.user 5)
    item=$(row cand.mr cand.test.item 5 | cut -f3)
    { row vectors.mr user.cf.test "$user"; row vectors.mr item.cf "$item"
      row score.mr score.test.cf 5 | cut -f3; } |
        awk 'NR == 1 { split($0, u) } NR == 2 { for (i = 1; i <= NF; i++) s += u[i] * $i }
            NR == 3 { d = s - $1; print s, $1; exit !(d < 1e-4 && d > -1e-4) }'
}

@test "both splits, with the shape of their candidates and their digest" {
    stream-show --tsv --name 'score.*' score.mr | cut -f1,3 | tr -d ' ' | head -3 | tail -2 > got
    printf 'score.valid.cf\t[60,10]\nscore.test.cf\t[60,10]\n' | diff - got
    stream-show --name 'score.*' score.mr | grep -c 'candidates=[0-9a-f]* by=cf-score' | grep -qx 2
}

@test "the same bytes at 1 and 2 threads" {
    cf-score -q --threads 1 cand.mr | cmp - score.mr
    cf-score -q --threads 2 cand.mr | cmp - score.mr
}

@test "--as names the scores, --by pop counts training interactions" {
    cf-score -q --by pop cand.mr | cf-score -q --by pop --as again > pop.mr
    stream-show --name score.test.pop --head 60 pop.mr > a
    stream-show --name score.test.again --head 60 pop.mr > b
    cmp a b
    user=$(row cand.mr cand.test.user 0)
    item=$(row cand.mr cand.test.item 0 | cut -f2)
    paste <(stream-show --name inter.item --head 1200 data.mr) \
        <(stream-show --name inter.split --head 1200 data.mr) |
        awk -v i="$item" '$1 == i && $2 == 0 { n++ } END { print n + 0 }' > want
    head -1 a | cut -f2 | diff want -
}

@test "popularity as a model scores the same as --by pop" {
    cf-train -q --model pop data.mr | cf-embed -q --no-inter |
        cand-sample -q -n 9 | cf-score -q | cf-score -q --by pop > pop.mr
    stream-show --name score.test.cf --head 60 pop.mr > a
    stream-show --name score.test.pop --head 60 pop.mr > b
    cmp a b
}

@test "padding scores NaN" {
    data-import -q "$BATS_TEST_DIRNAME/../fixtures/tiny/ml-100k" | data-split -q |
        cand-sample -q -n 79 | cf-score -q --by pop > padded.mr
    stream-show --name cand.test.item --head 60 padded.mr | tr '\t' '\n' > items
    stream-show --name score.test.pop --head 60 padded.mr | tr '\t' '\n' > scores
    paste items scores | awk '($1 == -1) != ($2 == "nan") { bad = 1 } $1 == -1 { n++ }
        END { exit bad || n == 0 }'
}

@test "metrics accepts the scores" {
    metrics -q --tsv score.mr | grep -q "cf"
}

@test "vectors of different weights do not meet" {
    cf-train -q --seed 2 --dim 8 --maxlen 10 --batch 20 --epochs 2 data.mr |
        cf-embed -q --no-inter --only > other.mr
    stream-cat -q --pick item.cf other.mr > item.mr
    fails 1 cf-score cand.mr item.mr
    [[ "$output" = "cf-score: 'item.cf' is of weights "*": run cf-embed again" ]]
}

@test "what is missing says who makes it" {
    fails 1 cf-score vectors.mr
    [ "$output" = "cf-score: no 'cand.test.user' in the input: run cand-sample first" ]
    cand-sample -q -n 9 data.mr > bare.mr
    fails 1 cf-score bare.mr
    [ "$output" = "cf-score: no 'item.cf' in the input: run cf-embed first" ]
    cand-sample -q --by all vectors.mr > all.mr
    fails 1 cf-score all.mr
    [[ "$output" = "cf-score: 'cand.test.user' asks for all items: "* ]]
    fails 2 cf-score --as '' cand.mr
}

@test "candidates of other data are refused" {
    mkdir -p few
    head -3 "$BATS_TEST_DIRNAME/../fixtures/tiny/ml-100k/ml-100k.inter" > few/d.inter
    data-import -q few/d.inter | data-split -q > few.mr
    cand-sample -q --only -n 9 data.mr > foreign.mr
    fails 1 cf-score --by pop few.mr foreign.mr
    [[ "$output" = "cf-score: 'cand.test.user': row "*", expected 0 to 1" ]] || { echo "$output"; false; }
}

@test "weights that went through .safetensors give the same vectors" {
    cf-train -q --only --dim 8 --maxlen 10 --batch 20 --epochs 2 data.mr > weights.mr
    stream-convert -q --prefix cf. -o sasrec.safetensors weights.mr
    stream-convert -q --prefix cf. sasrec.safetensors | cat data.mr - |
        cf-embed -q --only --no-inter > a.mr
    cf-embed -q --only --no-inter data.mr weights.mr > b.mr
    cmp a.mr b.mr
}
