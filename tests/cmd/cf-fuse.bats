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

@test "cand-sample --top --by fused: the numbers are those of ranking all items so, cut at N" {
    cut() { metrics -q --no-chance -k 1,5,10 -m hr,ndcg --format tsv "$1"; }
    cand-sample -q --top 10 --by fused --for test fused.mr | cf-score -q --by fused > top.mr
    cut top.mr | sed 's#/full, top 10 by fused##' > top
    cand-sample -q --by all --for test fused.mr | cf-score -q --by fused > all.mr
    cut all.mr | sed 's,/full,,' | grep test > all
    grep test top | cmp - all
}

@test "a fused score is the weighted sum of its parts" {
    weights=$(sed -n 's/^cf-fuse: cf=/cf=/p' weights.txt)
    for part in cf joint joint-text text-history pop fused; do score $part > "$part.txt"; done
    paste cf.txt joint.txt joint-text.txt text-history.txt pop.txt fused.txt |
        awk -v text="$weights" '
        BEGIN { n = split(text, part, ","); for (i = 1; i <= n; i++) sub(/.*=/, "", part[i]) }
        { for (i = 1; i <= 10; i++) {
              if ($(40 + i) == 0) continue   # no training has seen it
              want = part[1] * $i + part[2] * $(10 + i) + part[3] * $(20 + i) + \
                     part[4] * $(30 + i) + part[5] * log(1 + $(40 + i))
              d = want - $(50 + i); if (d < 0) d = -d
              if (d > 1e-3) exit 1
              seen++ } }
        END { exit !(seen > 100) }'
}

@test "unseen items are ranked by text alone, and by auto likewise" {
    cf-fuse -q --of cf,joint,joint-text,pop in.mr | stream-cat --drop 'cand.*' |
        cand-sample -q -n 9 --by cold > cold.mr
    for part in joint-text fused auto; do score $part cold.mr test > "$part.txt"; done
    cmp joint-text.txt auto.txt
    paste joint-text.txt fused.txt | awk '
        { n2 = NF / 2; for (i = 2; i <= n2; i++) { x = $i - $1; y = $(n2 + i) - $(n2 + 1)
              if (x != 0) { if (ratio == "") ratio = y / x
                  d = y - ratio * x; if (d < -1e-3 || d > 1e-3) exit 1; n++ } } }
        END { exit !(n > 50) }'
}

@test "unseen items are ranked by both kinds of text" {
    number='([-+]?[0-9.]+(e[-+]?[0-9]+)?)'
    weights=$(sed -nE "s/.*interaction: joint-text=$number,text-history=$number$number\$/\1 \3 \5/p" \
        weights.txt)
    stream-cat --drop 'cand.*' fused.mr | cand-sample -q -n 9 --by cold > cold.mr
    for part in joint-text text-history fused; do score $part cold.mr test > "$part.txt"; done
    paste joint-text.txt text-history.txt fused.txt | awk -v weights="$weights" '
        BEGIN { split(weights, w, " ") }
        { for (i = 1; i <= 10; i++) {
              d = w[1] * $i + w[2] * $(10 + i) + w[3] - $(20 + i)
              if (d < -1e-3 || d > 1e-3) bad++
              seen++ } }
        END { exit bad > 0 || seen < 100 }'
}

@test "test candidates do not enter" {
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

@test "candidates that were added since have no CF vector and take no part" {
    printf 'id\ttitle\tclass\nnew1\tToy Story 3\tComedy\nnew2\tHeat 2\tAction\n' > new.tsv
    stream-cat --drop 'cand.*' in.mr | cat - weights.mr | data-add -q --items new.tsv |
        cf-embed -q | sbert-encode -q -m "$BATS_TEST_DIRNAME/../fixtures/tiny/MiniLM" |
        align-embed -q | cand-sample -q -n 60 --for valid,test > more.mr
    cf-fuse more.mr > fused-more.mr 2> said
    not grep -qi nan said
    not grep -q 'cf=0,' said
    cf-score -q --by fused fused-more.mr | metrics -q -k 1 | grep -q '^fused'
}

@test "what cannot be added up is refused" {
    fails 2 cf-fuse --of fused in.mr
    [[ $output == *"'fused' is no scorer that can be added up"* ]]
    fails 2 cf-fuse --of cf,txt-ridge in.mr
    [[ $output == *"'txt-ridge' is no scorer that can be added up: did you mean text-ridge?"* ]]
    fails 2 cf-fuse --of text-history,pop in.mr
    [[ $output == *"none of these is a score by the CF model's vectors of users"* ]]
    stream-cat --drop item.text in.mr > untold.mr
    fails 1 cf-fuse untold.mr
    says "no 'item.text' in the input: run sbert-encode first"
    cf-fuse -q --of cf,joint,joint-text,pop untold.mr | cf-score -q --by fused > told.mr
    fails 2 cf-fuse --of cf,cf in.mr
    [[ $output == *"named twice"* ]]
    fails 2 cf-fuse --of pop in.mr
    fails 1 cf-score --by fused in.mr
    [[ $output == *"item.fused"*"cf-fuse"* ]]
}

# Without attributes nothing but their number tells whose vectors they are.
@test "vectors of other users or items are refused" {
    for name in user.cf.valid item.cf; do
        stream-convert -q -n $name -o all.npy in.mr
        { head -c 128 all.npy | sed 's/([0-9]*, 8), }/(7, 8), } /'
          tail -c +129 all.npy | head -c $((7 * 8 * 4)); } > seven.npy
        stream-convert -q -n $name seven.npy > seven.mr
        stream-cat --drop $name in.mr | cat - seven.mr > mixed.mr
        fails 1 cf-fuse --of cf,pop mixed.mr
        says "expected the 60 and 80 of 'user.id' and 'item.id': run cf-embed again"
    done
}

@test "a sum of other items is refused by the name of what makes it" {
    stream-convert -q -n item.cf -o all.npy in.mr
    { head -c 128 all.npy | sed 's/([0-9]*, 8), }/(7, 9), } /'
      tail -c +129 all.npy | head -c $((7 * 9 * 4)); } > seven.npy
    stream-convert -q -n item.fused seven.npy > seven.mr
    fails 1 cand-sample --top 5 --by fused in.mr seven.mr
    says "'item.fused' is of 7 items, expected 80: run cf-fuse again"
    cand-sample -q -n 9 in.mr | cat - seven.mr > mixed.mr
    fails 1 cf-score --by fused mixed.mr
    says "'item.fused' is of 7 items, expected 80: run cf-fuse again"
}

@test "item.fused beside other CF vectors is refused" {
    cf-train -q --only --dim 8 --maxlen 10 --batch 20 --epochs 1 --seed 2 data.mr > w2.mr
    cat data.mr w2.mr | cf-embed -q --only > cf2.mr
    stream-cat --pick item.fused fused.mr > only.mr
    cat data.mr cf2.mr only.mr | cand-sample -q -n 9 > mixed.mr
    fails 1 cf-score --by fused mixed.mr
    [[ $output == *"'item.fused' was made from item.cf"*"run cf-fuse again"* ]]
}
