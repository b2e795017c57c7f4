# cf-fuse, and the scorers of cf-score that are made of texts or of several parts.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    data-import -q "$BATS_TEST_DIRNAME/../fixtures/tiny/ml-100k" |
        data-split -q --by cold-items > data.mr
    cf-train -q --only --dim 8 --maxlen 10 --batch 20 --epochs 4 data.mr > weights.mr
    cat data.mr weights.mr | cf-embed -q --only > cf.mr
    sbert-encode -q --only -m "$BATS_TEST_DIRNAME/../fixtures/tiny/MiniLM" data.mr > text.mr
    cat data.mr cf.mr text.mr | align-train -q --dim 6 --epochs 3 > joint.mr
    cand-sample -q -n 9 --for valid,test joint.mr > in.mr
    cf-fuse in.mr > fused.mr 2> weights.txt
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

score() {
    cf-score -q --only --by "$1" "${2:-fused.mr}" > "s.$1.mr"
    stream-show --name "score.${3:-valid}.$1" --head 50 "s.$1.mr"
}

@test "a fused score is the weighted sum of its parts" {
    weights=$(sed -n 's/^cf-fuse: cf=/cf=/p' weights.txt)
    for part in cf joint joint-text pop fused; do score $part > "$part.txt"; done
    paste cf.txt joint.txt joint-text.txt pop.txt fused.txt | awk -v text="$weights" '
        BEGIN { n = split(text, part, ","); for (i = 1; i <= n; i++) sub(/.*=/, "", part[i]) }
        { for (i = 1; i <= 10; i++) {
              if ($(30 + i) == 0) continue   # no training has seen it
              want = part[1] * $i + part[2] * $(10 + i) + part[3] * $(20 + i) + \
                     part[4] * log(1 + $(30 + i))
              d = want - $(40 + i); if (d < 0) d = -d
              if (d > 1e-3) exit 1
              seen++ } }
        END { exit !(seen > 100) }'
}

@test "unseen items are ranked by text alone, and by auto likewise" {
    stream-cat --drop 'cand.*' fused.mr | cand-sample -q -n 9 --by cold > cold.mr 2> said
    for part in joint-text fused auto; do score $part cold.mr test > "$part.txt"; done
    cmp joint-text.txt auto.txt
    paste joint-text.txt fused.txt | awk '
        { n2 = NF / 2; for (i = 2; i <= n2; i++) { x = $i - $1; y = $(n2 + i) - $(n2 + 1)
              if (x != 0) { if (ratio == "") ratio = y / x
                  d = y - ratio * x; if (d < -1e-3 || d > 1e-3) exit 1; n++ } } }
        END { exit !(n > 50) }'
}

@test "the truth and test items do not enter" {
    stream-cat --pick 'cand.valid.*' in.mr > valid.mr
    stream-cat --drop 'cand.*' in.mr | cat - valid.mr | stream-cat | cf-fuse -q --only > a.mr
    cf-fuse -q --only in.mr > b.mr
    stream-convert -q -n item.fused -o a.npy a.mr
    stream-convert -q -n item.fused -o b.npy b.mr
    cmp a.npy b.npy
}

@test "the same bytes at 1 and 2 threads" {
    for by in text-nearest text-ridge text-history auto fused; do
        cf-score -q --only --by $by --threads 1 fused.mr > one.mr
        cf-score -q --only --by $by --threads 2 fused.mr | cmp - one.mr
    done
    cf-fuse -q --only --threads 1 in.mr > one.mr
    cf-fuse -q --only --threads 2 in.mr | cmp - one.mr
}

@test "what cannot be added up is refused" {
    fails 2 cf-fuse --of text-history in.mr
    [[ $output == *"'text-history' is no scorer that can be added up"* ]]
    fails 2 cf-fuse --of cf,cf in.mr
    [[ $output == *"named twice"* ]]
    fails 2 cf-fuse --of pop in.mr
    fails 1 cf-score --by fused in.mr
    [[ $output == *"item.fused"*"cf-fuse"* ]]
}

@test "item.fused beside other CF vectors is refused" {
    cf-train -q --only --dim 8 --maxlen 10 --batch 20 --epochs 1 --seed 2 data.mr > w2.mr
    cat data.mr w2.mr | cf-embed -q --only > cf2.mr
    stream-cat --pick item.fused fused.mr > only.mr
    cat data.mr cf2.mr only.mr | cand-sample -q -n 9 > mixed.mr
    fails 1 cf-score --by fused mixed.mr
    [[ $output == *"'item.fused' was made from item.cf"*"run cf-fuse again"* ]]
}
