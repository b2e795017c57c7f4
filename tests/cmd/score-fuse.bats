# score-fuse: several scores made one, with weights from validation alone.

load common

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    data-synth -q --users 300 --items 120 --per-user 6..15 --follow .4 | data-split -q > data.mr
    cf-train -q --dim 8 --maxlen 10 --epochs 6 data.mr | cf-embed -q --no-inter > cf.mr
    cand-sample -q --for valid,test cf.mr | cf-score -q | cf-score -q --by pop > in.mr
    cf-train -q --only --seed 2 --dim 4 --maxlen 10 --epochs 1 data.mr > other.mr
    cat data.mr other.mr | cf-embed -q --only --no-inter > other-cf.mr
    cat in.mr other-cf.mr | cf-score -q --as other > three.mr
    score-fuse -q in.mr > out.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

fails() { # STATUS WORDS COMMAND...
    local want=$1 words=$2
    shift 2
    run bash -c '"$@" 2>&1 > /dev/null' fails "$@"
    [ "$status" = "$want" ] || { echo "status $status: $output"; false; }
    [[ "$output" = "score-fuse: $words"* ]] || { echo "$output"; false; }
}

# value SPLIT SCORER METRIC < table.tsv
value() {
    awk -F '\t' -v s="$1" -v n="$2" -v m="$3/20 uniform" \
        '$1 == s && $2 == n && $3 == "" && $4 == m { print $5 }'
}

# at_least A B
at_least() {
    awk "BEGIN { exit !($1 >= $2) }" || { echo "$1 is below $2"; false; }
}

# rows NAME FILE: its numbers, one a line
rows() {
    stream-show --name "$1" --head 999 "$2" | tr '\t' '\n'
}

# npy FILE CODE: the numbers x of a float .npy changed by Python
npy() {
    python3 - "$1" "$2" << 'P'
import array, struct, sys
raw = open(sys.argv[1], "rb").read()
start = 10 + struct.unpack("<H", raw[8:10])[0]
x = array.array("f", raw[start:])
exec(sys.argv[2])
open(sys.argv[1], "wb").write(raw[:start] + x.tobytes())
P
}

@test "on validation the result is never below the best part, whatever metric" {
    for on in ndcg@10 hr@1 hr@5 mrr; do
        score-fuse -q --on $on three.mr | metrics -q --format tsv -k 1,5,10 > t
        for part in cf pop other; do
            at_least "$(value valid fused $on < t)" "$(value valid $part $on < t)"
        done
    done
}

@test "the opposite of a part has no say: of weights that rank alike, the most even" {
    for split in valid test; do
        stream-convert -q -n score.$split.pop -o $split.npy in.mr
        npy $split.npy 'x = array.array("f", [-v for v in x])'
        stream-convert -q -n score.$split.against $split.npy > $split.mr
    done
    score-fuse --of pop,against --how weights in.mr valid.mr test.mr 2> words > fused.mr
    grep -qx 'score-fuse: --weights pop=0.55,against=0.45' words
    metrics -q --format tsv fused.mr > t
    for split in valid test; do
        [ "$(value $split fused mrr < t)" = "$(value $split pop mrr < t)" ]
    done
    score-fuse -q --only --weights pop=1,against=0 in.mr valid.mr test.mr > alone.mr
    cmp <(rows score.test.fused alone.mr) <(rows score.test.pop in.mr)
    score-fuse --of pop,against --how logistic in.mr valid.mr test.mr 2> words > fused.mr
    grep -qE 'pop=0\.[0-9]+,against=-0\.[0-9]+$' words
}

@test "two parts that each know something are better together" {
    score-fuse three.mr 2> words | metrics -q --format tsv > t
    grep -qE '^score-fuse: --weights cf=[0-9.]+,pop=[0-9.]+,other=[0-9.]+$' words
    value=$(value valid fused ndcg@10 < t)
    grep -q "^score-fuse: ndcg@10 on validation: fused $(printf %.4f "$value"), cf " words
    at_least "$value" "$(value valid pop ndcg@10 < t)"
}

@test "the weights are in the history and beside the scores, and can be given back" {
    weights=$(score-fuse --only three.mr 2>&1 > /dev/null |
        sed -n 's/^score-fuse: --weights //p')
    score-fuse -q --only three.mr > a.mr
    stream-show a.mr | grep -qE "^history: score-fuse .* --weights $weights\$"
    stream-show a.mr | grep -qE "^score.test.fused .*by=score-fuse fused=weights weights=$weights"
    score-fuse -q --only --weights "$weights" three.mr > b.mr
    cmp <(rows score.test.fused a.mr) <(rows score.test.fused b.mr)
    metrics a.mr three.mr | grep -qx "note: fused: fused by weights $weights"
}

@test "the test split is not looked at: without it, the same weights" {
    cand-sample -q --for valid cf.mr | cf-score -q | cf-score -q --by pop > valid.mr
    for how in weights logistic; do
        score-fuse --how $how valid.mr 2>&1 > out | grep -- --weights > a
        score-fuse --how $how in.mr 2>&1 > out | grep -- --weights | diff a -
    done
}

@test "a split without truth is fused by the same weights" {
    for kind in cand.test.user cand.test.item score.test.cf score.test.pop; do
        stream-cat -q --pick $kind in.mr | stream-convert -q -o $kind.npy -n $kind
    done
    stream-convert -q -n cand.next.user cand.test.user.npy > 1.mr
    stream-convert -q -n cand.next.item cand.test.item.npy > 2.mr
    stream-convert -q -n score.next.cf score.test.cf.npy > 3.mr
    stream-convert -q -n score.next.pop score.test.pop.npy > 4.mr
    score-fuse -q in.mr [1-4].mr > next.mr
    cmp <(rows score.next.fused next.mr) <(rows score.test.fused next.mr)
    rm 4.mr
    run --separate-stderr score-fuse -q in.mr [1-3].mr
    [ "$status" = 1 ]
    [[ "${stderr_lines[-1]}" = "score-fuse: no 'score.next.pop' in the input: run its scorer on the next candidates too, or "* ]]
}

@test "a sum of standardised scores, as worked out in Python" {
    score-fuse -q --only --weights cf=.25,pop=.75 in.mr > sum.mr
    rows score.test.cf in.mr > 1
    rows score.test.pop in.mr > 2
    rows score.test.fused sum.mr > 3
    python3 - << 'P'
import statistics
cf, pop, fused = ([float(v) for v in open(f)] for f in "123")

def z(row):
    sd = statistics.pstdev(row)
    return [(v - statistics.fmean(row)) / sd if sd else 0 for v in row]

assert len(fused) >= 200 * 20
for i in range(0, len(fused), 20):
    for a, b, c in zip(z(cf[i:i + 20]), z(pop[i:i + 20]), fused[i:i + 20]):
        assert abs(.25 * a + .75 * b - c) < 1e-3 # scores are shown with six digits
P
}

@test "--how rrf needs no validation candidates" {
    cand-sample -q cf.mr | cf-score -q | cf-score -q --by pop > test.mr
    score-fuse -q --how rrf --as rrf test.mr > rrf.mr
    metrics -q --format tsv rrf.mr | grep -qP '^test\trrf\t'
    rows score.test.rrf rrf.mr | awk '!($1 > 0 && $1 <= 2 / 61 + 1e-6) { exit 1 }'
    not cmp -s <(score-fuse -q --only --how rrf -k 1 test.mr) <(score-fuse -q --only --how rrf test.mr)
    for how in weights logistic; do
        fails 1 "no 'score.valid.*' in the input, on which the weights are found: score the candidates of cand-sample --for valid,test" \
            score-fuse -q --how $how test.mr
    done
}

@test "the same bytes at 1 and 2 threads and at a rerun" {
    for how in weights rrf logistic; do
        score-fuse -q --how $how --threads 1 three.mr > a
        score-fuse -q --how $how --threads 2 three.mr | cmp a -
    done
    score-fuse -q in.mr | cmp out.mr -
}

@test "fused again, the earlier result is not a part" {
    score-fuse -q out.mr | stream-show | grep 'score-fuse .*--weights' > heads
    [ "$(sed 's/.*--weights //' heads | uniq | wc -l)" = 1 ]
    score-fuse -q --as twice out.mr | stream-show | grep -q -- '--weights cf=.*,pop=.*,fused='
}

@test "what is missing or does not belong together" {
    fails 1 "no 'score.*' in the input: run cf-score or llm-score first" score-fuse cf.mr
    fails 1 "--of: no 'score.*.llm' in the input: run its scorer first" score-fuse --of cf,llm in.mr
    fails 1 "--weights: no 'score.*.pup' in the input: did you mean pop?" \
        score-fuse --weights cf=1,pup=1 in.mr
    stream-cat -q --drop score.valid.pop in.mr > half.mr
    fails 1 "no 'score.valid.pop' in the input: run its scorer on the valid candidates too" \
        score-fuse --of cf,pop half.mr
    cand-sample -q --top 9 --for valid,test cf.mr | cf-score -q | cf-score -q --by pop > top.mr
    run score-fuse -q top.mr
    [ "$status" = 1 ]
    [[ "$output" = *"is not among its candidates: run cand-sample -n N" ]]
    cand-sample -q --only --seed 2 --for valid,test data.mr > other-cand.mr
    fails 1 "'score.valid.cf' scored candidates " score-fuse -q in.mr other-cand.mr
    [[ "$output" = *": run cf-score again" ]]
    stream-convert -q -n score.test.cf -o inf.npy in.mr
    npy inf.npy 'x[62] = float("inf")'
    stream-convert -q -n score.test.inf inf.npy > inf.mr
    run --separate-stderr score-fuse -q --how rrf --of cf,inf in.mr inf.mr
    [ "$status" = 1 ]
    grep -qx "score-fuse: no 'score.valid.inf' in the input: .*" <<< "$stderr"
    cat inf.mr > both.mr
    npy inf.npy 'x[62] = 0'
    stream-convert -q -n score.valid.inf inf.npy > valid.mr
    run --separate-stderr score-fuse -q --how rrf --of cf,inf in.mr valid.mr both.mr
    [ "$status" = 1 ]
    [ "${stderr_lines[2]}" = "score-fuse: 'score.test.inf' row 3 is not finite: run cf-score again" ]
}

@test "mistakes on the command line" {
    fails 2 "'cf' is named twice" score-fuse --of cf,cf in.mr
    fails 2 "'cf,' has an empty name" score-fuse --of cf, in.mr
    fails 2 "--on: 'ndcg' is no metric such as ndcg@10, hr@1 or mrr" score-fuse --on ndcg in.mr
    fails 2 "--on: 'ndgc@10' is no metric such as ndcg@10, hr@1 or mrr: did you mean ndcg?" score-fuse --on ndgc@10 in.mr
    fails 2 "--on: 'coverage@3' is no metric such as ndcg@10, hr@1 or mrr" score-fuse --on coverage@3 in.mr
    fails 2 "--weights: 'cf' is not NAME=NUMBER" score-fuse --weights cf in.mr
    fails 2 "--weights: '.5x'" score-fuse --weights cf=.5x in.mr
    fails 2 "--weights names the scorers: it does not go with --of" \
        score-fuse --of cf --weights cf=1 in.mr
    fails 2 "--how rrf has no weights" score-fuse --how rrf --weights cf=1 in.mr
    fails 2 "--as: the name is empty" score-fuse --as '' in.mr
}
