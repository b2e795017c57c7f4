# cf-score: scores of candidates, what it must not mix, weights from elsewhere.

load common

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

@test "scores of ncf are its network's, alone and beside a whole catalogue" {
    cf-train -q --model ncf --dim 4 --layers 2 --epochs 3 data.mr > ncf.w.mr
    cf-embed -q --no-inter --only ncf.w.mr > ncf.v.mr
    cat ncf.w.mr ncf.v.mr | cand-sample -q -n 9 --for test > ncf.mr
    cf-score -q --threads 1 ncf.mr > one.mr
    cf-score -q --threads 2 ncf.mr | cmp - one.mr
    metrics -q --format tsv one.mr | grep -q '^test.cf'
    # Row 0 by hand: GMF's products and a tower of two maps with ReLU.
    user=$(row ncf.mr cand.test.user 0) item=$(row ncf.mr cand.test.item 0 | cut -f3)
    { row ncf.mr user.cf.test "$user"; row ncf.mr item.cf "$item"
      for t in MLP_layers.1 MLP_layers.4 predict_layer; do
          stream-show --name cf.$t.weight --head 99 ncf.mr | tr '\n' '\t'; echo
          stream-show --name cf.$t.bias --head 99 ncf.mr | tr '\n' '\t'; echo
      done
      row one.mr score.test.cf 0 | cut -f3; } | awk '
        function map(w, b, n, out,    i, o) {
            for (o = 1; o <= out; o++) {
                y[o] = b[o]
                for (i = 1; i <= n; i++) y[o] += w[(o - 1) * n + i] * x[i]
                if (y[o] < 0) y[o] = 0
            }
            for (o = 1; o <= out; o++) x[o] = y[o]
        }
        NR == 1 { split($0, u) } NR == 2 { split($0, v) }
        NR == 3 { split($0, w1) } NR == 4 { split($0, b1) }
        NR == 5 { split($0, w2) } NR == 6 { split($0, b2) }
        NR == 7 { split($0, p) } NR == 8 { sum = $1 }
        NR == 9 {
            for (i = 1; i <= 8; i++) { x[i] = u[4 + i]; x[8 + i] = v[4 + i] }
            map(w1, b1, 16, 8); map(w2, b2, 8, 4)
            for (i = 1; i <= 4; i++) sum += p[i] * u[i] * v[i] + p[4 + i] * x[i]
            d = sum - $1; print sum, $1; exit !(d < 1e-4 && d > -1e-4)
        }'
    cand-sample -q --by all ncf.mr | cf-score -q | metrics -q --format tsv | grep -q '^test.cf.*full'
}

@test "scores of ncf want the network that the vectors are of" {
    cand-sample -q --only -n 9 data.mr > only.mr
    fails 1 cf-score ncf.v.mr only.mr
    [ "$output" = "cf-score: 'item.cf' is of model ncf, whose scores are no dot products but its network's: no 'cf.predict_layer.weight' in the input: add the output of cf-train" ]
    cf-train -q --only --model ncf --dim 4 --layers 2 --epochs 3 --seed 2 data.mr > other.w.mr
    fails 1 cf-score other.w.mr ncf.v.mr only.mr
    [[ "$output" = "cf-score: 'item.cf' is of network "*", 'cf.*' are "*": run cf-embed again" ]]
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
    metrics -q --format tsv score.mr | grep -q "cf"
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
    [ "$output" = "cf-score: no 'cand.test.user' in the input: run cand-sample first: ... | cand-sample -n 19 | cf-score ..." ]
    cand-sample -q -n 9 data.mr > bare.mr
    fails 1 cf-score bare.mr
    [ "$output" = "cf-score: no 'item.cf' in the input: run cf-embed first: ... | cf-train | cf-embed | cf-score ..." ]
    fails 1 cf-score --by joint cand.mr
    [ "$output" = "cf-score: no 'align.item.fc1.weight' in the input: run align-train first: ... | sbert-encode -m MiniLM | align-train | cf-score ..." ]
    cand-sample -q --by all --only data.mr > all.mr
    stream-cat -q --pick 'item.cf,user.cf.*' vectors.mr > bare.mr
    fails 1 cf-score bare.mr all.mr
    [ "$output" = "cf-score: no 'inter.user' in the input: run data-import first" ]
    fails 2 cf-score --as '' cand.mr
}

@test "candidates of other data are refused" {
    mkdir -p few
    head -3 "$BATS_TEST_DIRNAME/../fixtures/tiny/ml-100k/ml-100k.inter" > few/d.inter
    data-import -q few/d.inter | data-split -q > few.mr
    cand-sample -q --only -n 9 data.mr > foreign.mr
    fails 1 cf-score --by pop few.mr foreign.mr
    [[ "$output" = "cf-score: 'cand.test.user' stands on item.id 80:"*", but the input's is 1:"*": run cand-sample again" ]] || { echo "$output"; false; }
    unnumbered foreign.mr > plain.mr
    fails 1 cf-score --by pop few.mr plain.mr
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

# Stage 1 over the same vectors, with random texts' vectors in place of an encoder's.
aligned() {
    [ -f align.mr ] && return
    stream-convert -q -n item.cf -o E.npy vectors.mr
    stream-convert -q -n item.text E.npy > text.mr
    cf-embed -q --only cf.mr | stream-cat -q --pick inter.cf > inter.mr
    align-train -q --dim 4 --epochs 2 cand.mr inter.mr text.mr > align.mr 2> align.log
}

# $1 decoded by the item tower, at row $2: fc2 $1 + bias.
decoded() {
    paste <(stream-show --name align.item.fc2.bias --head 8 align.mr) \
        <(stream-show --name align.item.fc2.weight --head 8 align.mr) |
        awk -v e="$(row align.mr "$1" "$2")" 'BEGIN { split(e, v) }
            { s = $1; for (i = 2; i <= NF; i++) s += v[i - 1] * $i; printf "%.6f\t", s }'
}

@test "--by joint is the user's vector times the decoded joint vector" {
    aligned
    for by in joint joint-text; do
        cf-score -q --by $by align.mr > joint.mr
        user=$(row cand.mr cand.test.user 5)
        item=$(row cand.mr cand.test.item 5 | cut -f3)
        { row vectors.mr user.cf.test "$user"; decoded "item.${by/-/_}" "$item"; echo
          row joint.mr "score.test.$by" 5 | cut -f3; } |
            awk 'NR == 1 { split($0, u) } NR == 2 { for (i = 1; i <= NF; i++) s += u[i] * $i }
                NR == 3 { d = s - $1; print s, $1; exit !(d < 1e-4 && d > -1e-4) }'
        cf-score -q --by $by --threads 1 align.mr | cmp - joint.mr
    done
}

@test "joint vectors, towers and CF vectors of different trainings do not meet" {
    aligned
    stream-cat -q --pick 'align.*,item.joint' align.mr > towers.mr
    align-train -q --only --seed 2 --dim 4 --epochs 2 cand.mr inter.mr text.mr 2> align.log |
        stream-cat -q --pick 'align.*' > other.mr
    fails 1 cf-score --by joint cand.mr towers.mr other.mr
    [[ "$output" = "cf-score: 'item.joint' is of towers "*": run align-embed again" ]]
    cf-train -q --seed 2 --dim 8 --maxlen 10 --batch 20 --epochs 2 data.mr |
        cf-embed -q --no-inter --only > other.mr
    fails 1 cf-score --by joint cand.mr towers.mr other.mr
    [[ "$output" = "cf-score: 'item.joint' was made from item.cf "*": run align-train again" ]]
}

# places NAME RANKED SCORED: rank.test.NAME is what scores of all items say.
places() {
    rm -f ./*.npy
    for t in inter.user inter.item inter.split; do
        stream-convert -q -n $t -o $t.npy data.mr
    done
    for t in cand.test.user cand.test.item score.test.$1; do
        stream-convert -q -n $t -o ${t%.$1}.npy "$3"
    done
    stream-convert -q -n rank.test.$1 -o rank.npy "$2"
    python3 -c '
import ast, struct
def read(path):
    b = open(path + ".npy", "rb").read()
    end = 10 + int.from_bytes(b[8:10], "little")
    h = ast.literal_eval(b[10:end].decode())
    n = 1
    for d in h["shape"]: n *= d
    code = {"<i4": "i", "<f4": "f", "|u1": "B"}[h["descr"]]
    v = struct.unpack(f"<{n}{code}", b[end:])
    w = n // h["shape"][0]
    return v if w == 1 else [v[i:i + w] for i in range(0, n, w)]
truth = {u: i for u, s, i in zip(read("inter.user"), read("inter.split"), read("inter.item"))
         if s == 2}
rows = zip(read("cand.test.user"), read("cand.test.item"), read("score.test"), read("rank"))
for u, items, scores, rank in rows:
    real = [(i, s) for i, s in zip(items, scores) if i >= 0]
    t = dict(real)[truth[u]]
    want = sum(s > t for _, s in real), sum(s == t for _, s in real), len(real)
    assert want == rank, (u, want, rank)
'
}

@test "all items: ranks are those of scores of every unseen item" {
    aligned
    cand-sample -q --by all --for valid,test align.mr > all.mr
    cand-sample -q -n 79 align.mr > each.mr
    for by in cf pop joint joint-text; do
        cf-score -q --by $by all.mr > ranked.mr
        cf-score -q --by $by each.mr > scored.mr
        places "$by" ranked.mr scored.mr
        cf-score -q --by $by --threads 1 all.mr | cmp - ranked.mr
        for i in 1 2 3; do cf-score -q --by $by --part $i/3 all.mr > part$i.mr; done
        stream-cat -q --fragment part[123].mr > parts.mr
        cf-score -q --by $by --only all.mr | cmp - parts.mr
    done
    stream-show --tsv --name 'rank.*' ranked.mr | cut -f1,3 | tr -d ' ' | sed -n 2,3p > got
    printf 'rank.valid.joint-text\t[60,3]\nrank.test.joint-text\t[60,3]\n' | diff - got
}

@test "all items: users without a target are refused" {
    cand-sample -q --by all --only data.mr > all.mr
    data-split -q --by time --test-share 0.01 --valid-share 0.01 data.mr > other.mr
    fails 1 cf-score --by pop other.mr all.mr
    [[ "$output" = "cf-score: 'cand.test.user': row "*": user "*" has no interaction of that split" ]]
}
