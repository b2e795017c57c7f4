# metrics on small streams: tests/fixtures/metrics.py says what is in them.

load common

setup() {
    cd "$BATS_TEST_DIRNAME/../fixtures/metrics"
    export LC_ALL=C
}

# value SPLIT SCORER METRIC < table.tsv: value, low and high
value() {
    awk -F '\t' -v s="$1" -v n="$2" -v m="$3" \
        '$1 == s && $2 == n && $3 == "" && $4 == m { print $5, $6, $7 }'
}

refused() { # WORDS FILE...
    local words=$1

    shift
    run --separate-stderr metrics "$@"
    [ "$status" = 1 ] || { echo "status $status: $output"; false; }
    [ -z "$output" ]
    [[ "$stderr" = "metrics: "*"$words"* ]] || { echo "$stderr"; false; }
    [ "${#stderr_lines[@]}" = 1 ]
}

bats_require_minimum_version 1.5.0

@test "chance, a constant scorer, an oracle and known ranks" {
    metrics -q --format tsv data.mr cand.mr same.mr oracle.mr cf.mr cf-valid.mr > "$BATS_TEST_TMPDIR/t"
    cd "$BATS_TEST_TMPDIR"
    [ "$(value test chance 'hr@1/20 uniform' < t)" = '0.050000  ' ]
    [ "$(value test chance 'ndcg@10/20 uniform' < t)" = '0.227178  ' ]
    [ "$(value test same 'ndcg@10/20 uniform' < t)" = '0.227178 0.227178 0.227178' ]
    [ "$(value test oracle 'hr@1/20 uniform' < t)" = '1.000000 1.000000 1.000000' ]
    [ "$(value test oracle 'mrr/20 uniform' < t)" = '1.000000 1.000000 1.000000' ]
    [[ "$(value test cf 'hr@10/20 uniform' < t)" = '0.500000 '* ]]
    [[ "$(value test cf 'ndcg@10/20 uniform' < t)" = '0.227178 '* ]]
    [ "$(value valid cf 'ndcg@10/20 uniform' < t)" = '0.630930 0.630930 0.630930' ]
}

@test "the order of the inputs is that of the rows" {
    run bash -c 'metrics data.mr cand.mr oracle.mr same.mr cf.mr | cut -d " " -f 1 | uniq'
    [ "$output" = "$(printf '%s\n' test: '' chance oracle same cf note:)" ]
}

@test "input by a pipe is the same as by names" {
    [ "$(cat data.mr cand.mr cf.mr | metrics)" = "$(metrics data.mr cand.mr cf.mr)" ]
}

@test "users without scores count as 0 and are said" {
    run metrics data.mr cand.mr llm.mr
    [[ "$output" = *"note: llm: 1 of 60 users have no score and count as 0"* ]]
    metrics -q --format per-user data.mr cand.mr llm.mr > "$BATS_TEST_TMPDIR/u"
    [ "$(grep -P '^test\tu5\t' "$BATS_TEST_TMPDIR/u")" = \
        "$(printf 'test\tu5\tllm\t\t0.000000\t0.000000\t0.000000\t0.000000')" ]
    [[ "$(grep -P '^test\tu6\t' "$BATS_TEST_TMPDIR/u")" = "$(printf 'test\tu6\tllm\t20\t')"* ]]
}

@test "per user: the mean of the dump is the table" {
    metrics -q --format per-user -k 5 data.mr cand.mr llm.mr > "$BATS_TEST_TMPDIR/u"
    [ "$(wc -l < "$BATS_TEST_TMPDIR/u")" = 61 ]
    mean=$(awk -F '\t' 'NR > 1 { s += $6 } END { printf "%.4f", s / 60 }' "$BATS_TEST_TMPDIR/u")
    table=$(metrics -q --format tsv -k 5 data.mr cand.mr llm.mr | value test llm 'ndcg@5/20 uniform')
    [ "$mean" = "$(printf %.4f "${table%% *}")" ]
}

@test "sets with equal titles and with fewer candidates are noted" {
    run metrics data.mr padded.mr
    [[ "$output" = *"users have two candidates of the same title"* ]]
    [[ "$output" = *"note: 1 of 60 users have fewer than 20 candidates"* ]]
    [[ "$output" = *"same    .0575 "* ]] # (59 * .05 + .5) / 60
}

@test "a comparison has its own lines" {
    run metrics --compare oracle,same data.mr cand.mr oracle.mr same.mr
    [[ "$output" = *"test: oracle minus same, the same 60 users:"* ]]
    [[ "$output" = *"hr@1/20 uniform     +.9500      .9500 to .9500  .0001"* ]]
    run bash -c "metrics -q --format tsv -c cf,cf data.mr cand.mr cf.mr | grep -P '\tcf\tcf\t' | cut -f 5,10"
    [ "${lines[0]}" = "$(printf '0.000000\t1')" ]
}

@test "--pool: runs of one name are one scorer, a user's mean over them" {
    for run in oracle:mix@1 same:mix@2 oracle:mix@x@1; do
        stream-convert -q -n score.test.${run%:*} -o "$BATS_TEST_TMPDIR/a.npy" ${run%:*}.mr
        stream-convert -q -n score.test.${run#*:} "$BATS_TEST_TMPDIR/a.npy" > "$BATS_TEST_TMPDIR/${run#*:}"
    done
    metrics -q --pool --format tsv -c mix,same data.mr cand.mr "$BATS_TEST_TMPDIR"/mix@[12] \
        "$BATS_TEST_TMPDIR/mix@x@1" same.mr > "$BATS_TEST_TMPDIR/t"
    cd "$BATS_TEST_TMPDIR"
    [ "$(value test mix 'hr@1/20 uniform' < t)" = '0.525000 0.525000 0.525000' ]
    [ "$(value test mix@x 'hr@1/20 uniform' < t)" = '1.000000 1.000000 1.000000' ]
    [ "$(grep -cP '\tmix(@[12])?\t\thr@1/' t)" = 1 ]
    grep -qP '\tmix\tsame\thr@1/20 uniform\t0.475000\t' t
    cd -
    metrics --pool --format per-user data.mr cand.mr "$BATS_TEST_TMPDIR"/mix@[12] 2> "$BATS_TEST_TMPDIR/e" |
        grep -qP '^test\tu5\tmix\t5.75\t0.525'
    grep -q "mix: each user's mean over 2 runs" "$BATS_TEST_TMPDIR/e"
}

# Four items are the truth of all users, so that they and not the users are what varies.
few_truths() {
    data-synth -q --users 200 --items 12 --per-user 6 | data-split -q "$@" > few.mr
    cand-sample -q --only -n 4 ${all:+--target-from all-heldout} few.mr > few-cand.mr
    cat few.mr few-cand.mr | cf-score -q --only --by pop > few-pop.mr
}

@test "notes say rows where a user has several" {
    cd "$BATS_TEST_TMPDIR"
    data-synth -q --users 40 --items 30 --per-user 8 | data-split -q --by time \
        --test-share 0.3 > several.mr
    cand-sample -q -n 40 --target-from all-heldout several.mr | cf-score -q --by pop > s.mr
    run metrics s.mr
    [[ "$output" =~ note:\ ([0-9]+)\ of\ ([0-9]+)\ rows\ have\ fewer\ than ]]
    (( BASH_REMATCH[2] > 40 ))
    cand-sample -q -n 40 several.mr | cf-score -q --by pop > s.mr
    metrics s.mr | grep -qE 'note: [0-9]+ of [0-9]+ users have fewer than'
}

width() { # of the interval of hr@1, with these options
    metrics -q --format tsv "$@" few.mr few-cand.mr few-pop.mr | value test pop 'hr@1/5 uniform' |
        awk '{ print $3 - $2 }'
}

@test "--cluster item: intervals over few items are wider than over their users" {
    cd "$BATS_TEST_TMPDIR"
    all='' few_truths
    awk "BEGIN { exit !($(width --cluster item) > 1.5 * $(width --cluster user)) }"
    [ "$(width --cluster auto)" = "$(width --cluster item)" ]
    [ "$(width)" = "$(width --cluster user)" ]
    run metrics --cluster auto few.mr few-cand.mr few-pop.mr
    [[ "$output" =~ note:\ intervals\ and\ tests\ by\ true\ items:\ [0-9]+\ different ]]
    run metrics few.mr few-cand.mr few-pop.mr
    [[ "$output" = *"intervals over users may be too narrow, by a factor of up to "?.*" (--cluster auto)"* ]]
}

@test "--cluster auto: users with several rows and items at once" {
    cd "$BATS_TEST_TMPDIR"
    all=yes few_truths --hold 2
    [ "$(width --cluster auto)" = "$(width --cluster both)" ]
    awk "BEGIN { exit !($(width --cluster both) >= $(width --cluster item)) }"
    run metrics --cluster auto few.mr few-cand.mr few-pop.mr
    [[ "$output" = *"by true items and users: "* ]]
}

# truths TRUTHS: in.mr, a user for each letter, which is the user's truth, among 3 others.
truths() {
    local u
    printf 'u\ti\n' > log.tsv
    for ((u = 1; u <= ${#1}; u++)); do
        printf "u$u\\t%s\\n" a "x$u" v "${1:u-1:1}" >> log.tsv
    done
    data-import -q --user u --item i log.tsv | data-split -q | cand-sample -q -n 3 |
        cf-score -q --by pop > in.mr
}

@test "--cluster auto: one true item of two rows is enough, and none leaves users" {
    metrics --cluster auto data.mr cand.mr cf.mr > "$BATS_TEST_TMPDIR/auto"
    grep -q ' resamples of the true items, ' "$BATS_TEST_TMPDIR/auto"
    grep -qx 'note: intervals and tests by true items: 47 different true items, each shared by 1.47 of 60 rows on average' \
        "$BATS_TEST_TMPDIR/auto"
    metrics --cluster item data.mr cand.mr cf.mr | cmp "$BATS_TEST_TMPDIR/auto" -
    metrics data.mr cand.mr cf.mr > "$BATS_TEST_TMPDIR/user"
    grep -q ' 47 different true items, .* by a factor of up to 1.21 (--cluster auto)$' "$BATS_TEST_TMPDIR/user"
    cd "$BATS_TEST_TMPDIR"
    truths bcdefg
    metrics --cluster auto in.mr > auto
    metrics in.mr | cmp auto -
    not grep -q 'true items' auto
}

@test "--cluster auto chooses for each group: by items where these repeat" {
    cd "$BATS_TEST_TMPDIR"
    truths cccdef
    printf '%s\n' one one one two two two > which.txt
    stream-convert -q --lines user.which which.txt > which.mr
    metrics --cluster auto --group user.which in.mr which.mr > t
    grep -qx 'note: intervals and tests by true items: 4 different true items, each shared by 2 of 6 rows on average' t
    grep -qx 'note: different true items in the groups: one 1 of 3 rows; two 3 of 3 rows, by users' t
    metrics --cluster auto --group user.which --format json in.mr which.mr | python3 -c '
import json, sys
e, = json.load(sys.stdin)["evaluations"]
assert (e["cluster"], e["people"], e["true_items"]) == ("item", 6, 4)
assert [(g["cluster"], g["true_items"]) for g in e["groups"]] == [("item", 1), ("user", 3)]'
    of_two() {
        metrics -q "$@" --group user.which --format tsv in.mr which.mr | grep -P '\ttwo$'
    }
    [ "$(of_two --cluster auto)" = "$(of_two --cluster user)" ]
    metrics --group user.which in.mr which.mr > t
    not grep -q 'in the groups' t
}

@test "true items that the user has had already are counted, in each split" {
    cd "$BATS_TEST_TMPDIR"
    printf 'u\ti\n' > log.tsv
    printf 'u1\t%s\n' a b c a >> log.tsv # test: of training
    printf 'u2\t%s\n' a b c c >> log.tsv # test: of validation
    printf 'u3\t%s\n' a b a d >> log.tsv # validation
    printf 'u4\t%s\n' e f g h >> log.tsv
    data-import -q --user u --item i log.tsv | data-split -q | cand-sample -q -n 2 --for valid,test |
        cf-score -q --by pop | metrics > t
    [ "$(grep -c 'repeat' t)" = 2 ]
    sed -n '/^valid/,/^$/p' t | grep -qx "note: 1 of 4 true items repeat an item of the user's own history"
    sed -n '/^test/,$p' t | grep -qx "note: 2 of 4 true items repeat an item of the user's own history"
    truths bcdefg
    metrics in.mr > t
    not grep -q repeat t
}

@test "--cluster: files of qrels have no one truth" {
    run metrics --qrels q --cluster item run
    [ "$status" = 2 ]
    [[ "$output" = *"--cluster user"* ]]
}

# Who is warm, worked out in other words: the 100 items of the stream ordered by training
# interactions, then id; 35 (.35) at either end.
groups_by_hand() {
    python3 -c '
import sys
rows = [line.split() for line in sys.stdin]
items = 100
count, target = [0] * items, {}
for item, split, user in rows:
    if split == "0":
        count[int(item)] += 1
    if split == "2":
        target.setdefault(int(user), int(item))
order = sorted(range(items), key=lambda i: (-count[i], i))
n = int(items * .35)
of = {i: "warm" for i in order[:n]} | {i: "cold" for i in order[items - n:]}
for u in sorted(target):
    print(f"u{u}", of.get(target[u], "middle"), sep="\t")'
}

@test "--group warmth: users by their true item, rows and comparisons for each group" {
    paste <(stream-show --name inter.item --head 300 data.mr) \
        <(stream-show --name inter.split --head 300 data.mr) \
        <(stream-show --name inter.user --head 300 data.mr) > "$BATS_TEST_TMPDIR/inter"
    groups_by_hand < "$BATS_TEST_TMPDIR/inter" > "$BATS_TEST_TMPDIR/hand"
    metrics -q --group warmth --format per-user data.mr cand.mr cf.mr |
        awk -F '\t' 'NR > 1 { print $2 "\t" $NF }' | diff "$BATS_TEST_TMPDIR/hand" -
    metrics -q --group warmth --format tsv -c cf,llm data.mr cand.mr cf.mr llm.mr > "$BATS_TEST_TMPDIR/t"
    cd "$BATS_TEST_TMPDIR"
    [ "$(sed 1d t | cut -f 11 | uniq)" = "$(printf '\nwarm\nmiddle\ncold')" ]
    for group in warm middle cold; do # each row is what its users alone give
        n=$(grep -c "$group" hand)
        [ "$n" -gt 5 ]
        [ "$(awk -F '\t' -v g=$group '$11 == g { print $8 }' t | sort -u)" = "$n" ]
        hits=$(awk -v g=$group '$2 == g { sub(/u/, "", $1); n += 1 + $1 % 20 <= 10 }
            END { print n }' hand)
        value=$(awk -F '\t' -v g=$group '$11 == g && $2 == "cf" && $3 == "" &&
            $4 == "hr@10/20 uniform" { print $5 }' t)
        [ "$value" = "$(awk "BEGIN { printf \"%.6f\", $hits / $n }")" ]
    done
    [ "$(grep -cP '\tcf\tllm\t.*\tcold$' t)" = 4 ]
}

@test "--group adds rows and changes none" {
    metrics --no-chance data.mr cand.mr cf.mr | head -3 > "$BATS_TEST_TMPDIR/plain"
    metrics --no-chance --group warmth data.mr cand.mr cf.mr | head -3 | tr -s ' ' |
        diff <(tr -s ' ' < "$BATS_TEST_TMPDIR/plain") -
    metrics --format markdown --group warmth data.mr cand.mr cf.mr | grep -qE '^\| cf, cold \([0-9]+\) \| '
    metrics --format json --group warmth -c cf,llm data.mr cand.mr cf.mr llm.mr | python3 -c '
import json, sys
e, = json.load(sys.stdin)["evaluations"]
assert [g["group"] for g in e["groups"]] == ["warm", "middle", "cold"]
assert sum(g["users"] for g in e["groups"]) == e["users"] == 60
for g in e["groups"]:
    assert [r["scorer"] for r in g["rows"]] == ["chance", "cf", "llm"]
    assert sum(r["unscored"] for r in g["rows"]) <= 1
    assert len(g["comparisons"]) == 1'
    run_with() {
        metrics -q --format tsv -c cf,llm --group warmth "$@" data.mr cand.mr cf.mr llm.mr
    }
    [ "$(run_with --threads 1)" = "$(run_with --threads 2)" ]
}

@test "--group TENSOR: numbers or text of users, or of their true items" {
    cd "$BATS_TEST_TMPDIR"
    seq 0 59 | awk '{ print $1 % 3 ? "young" : $1 ? "old" : "" }' > age.txt
    stream-convert -q --lines user.age age.txt > age.mr
    cd - > /dev/null
    metrics --no-chance --group user.age data.mr cand.mr cf.mr "$BATS_TEST_TMPDIR/age.mr" |
        cut -d' ' -f 1-3 | sed -n 4,6p |
        diff <(printf 'cf, (empty) (1)\ncf, old (19)\ncf, young (40)\n') -
    metrics -q --format tsv --group item.title data.mr cand.mr cf.mr > "$BATS_TEST_TMPDIR/t"
    grep -qP '\t\tTitle 13$' "$BATS_TEST_TMPDIR/t"
    refused "--group: no 'user.height' in the input" --group user.height data.mr cand.mr cf.mr
    refused "--group: no 'user.aeg' in the input: did you mean user.age?" --group user.aeg \
        data.mr cand.mr cf.mr "$BATS_TEST_TMPDIR/age.mr"
    refused "--group: no 'warmt' in the input: did you mean warmth?" --group warmt \
        data.mr cand.mr cf.mr
    refused "'score.test.cf' has 2 dimensions, expected 1" --group score.test.cf \
        data.mr cand.mr cf.mr
    head -9 "$BATS_TEST_TMPDIR/age.txt" > "$BATS_TEST_TMPDIR/few.txt"
    stream-convert -q --lines user.few "$BATS_TEST_TMPDIR/few.txt" > "$BATS_TEST_TMPDIR/few.mr"
    refused "'user.few' has 9 rows, but there is a user 9" --group user.few \
        data.mr cand.mr cf.mr "$BATS_TEST_TMPDIR/few.mr"
}

@test "the border of cold: users where the order of items decides are counted; numbers decide" {
    cd "$BATS_TEST_TMPDIR"
    printf 'u\ti\n' > log.tsv
    for u in 1 2 3 4 5 6; do # items a to f; each but a once in training
        printf 'u%d\ta\nu%d\t%s\nu%d\tv\nu%d\t%s\n' $u $u $(echo bcdefg | cut -c $u) $u $u \
            $(echo cdefgb | cut -c $u) >> log.tsv
    done
    data-import -q --user u --item i log.tsv | data-split -q | cand-sample -q -n 3 |
        cf-score -q --by pop > in.mr
    metrics --group warmth --cold .5 in.mr > t
    grep -qx "note: the true items of 6 users have the 1 training interactions of cold's border: the order of items decides there" t
    metrics --group warmth --cold-most 1 in.mr > t
    grep -q '^pop, cold (6)' t
    not grep -q border t
    metrics --group warmth --cold-most 1 --warm .8 in.mr | grep -q '^pop, cold (6)' # no share
    run metrics --group warmth --cold-most 3 --warm-least 3 in.mr
    [ "$status" = 2 ]
    [ "${lines[0]}" = "metrics: --warm-least 3 and --cold-most 3: an item would be both" ]
}

@test "groups without users are said, and more warm and cold items than all refused" {
    metrics --group warmth --warm .5 --cold .5 data.mr cand.mr cf.mr > "$BATS_TEST_TMPDIR/t"
    grep -q "^note: no user's true item is middle" "$BATS_TEST_TMPDIR/t"
    not grep -q 'middle (' "$BATS_TEST_TMPDIR/t"
    run metrics --group warmth --warm .7 data.mr cand.mr cf.mr
    [ "$status" = 2 ]
    [ "${lines[0]}" = "metrics: --warm 0.7 and --cold 0.35 are more than all items" ]
}

@test "--measures: recall and map with one truth, ndcg@1 without hr@1" {
    metrics -q --format tsv -m mrr,map,recall,hr,ndcg -k 1,20 data.mr cand.mr llm.mr cf.mr > "$BATS_TEST_TMPDIR/t"
    cd "$BATS_TEST_TMPDIR"
    [ "$(cut -f 4 t | uniq | sed -n 2,9p | tr '\n' ,)" = 'map@1/20 uniform,recall@1/20 uniform,hr@1/20 uniform,map@20/20 uniform,recall@20/20 uniform,hr@20/20 uniform,ndcg@20/20 uniform,mrr/20 uniform,' ]
    for k in 1 20; do
        [ "$(value test llm "recall@$k/20 uniform" < t)" = "$(value test llm "hr@$k/20 uniform" < t)" ]
    done
    [ "$(value test llm 'map@20/20 uniform' < t)" = "$(value test llm 'mrr/20 uniform' < t)" ]
    [ "$(value test cf 'map@1/20 uniform' < t)" = "$(value test cf 'hr@1/20 uniform' < t)" ]
    cd - > /dev/null
    metrics -q --format tsv -m ndcg -k 1 data.mr cand.mr cf.mr | grep -q 'ndcg@1/20'
    run metrics -m hr,fun data.mr
    [ "$status" = 2 ]
    [[ "${lines[0]}" = "metrics: --measures: 'fun' is no measure: expected hr, ndcg, mrr, recall, map, coverage, novelty or popbias" ]]
    run metrics -m hr,ndgc data.mr
    [ "$status" = 2 ]
    [[ "${lines[0]}" = *": did you mean ndcg?" ]]
}

# Lists of the first 3 without ties, in other words: cf's candidates ranked by hand.
lists_by_hand() {
    python3 -c '
import math, sys
read = lambda f: [line.split() for line in open(f)]
inter, cand, score = read("inter"), read("cand"), read("score")
items, count = 100, [0] * 100
for item, split, _ in inter:
    count[int(item)] += split == "0"
order = sorted(range(items), key=lambda i: (-count[i], i))
popular = set(order[:10])
seen, novelty, bias = set(), 0, 0
for c, s in zip(cand, score):
    top = sorted(zip(map(float, s), map(int, c)), reverse=True)[:3]
    seen |= {i for _, i in top}
    novelty += sum(-math.log2(max(count[i], 1) / sum(count)) for _, i in top) / 3
    bias += sum(i in popular for _, i in top) / 3
n = len(cand)
print(f"{len(seen) / items:.6f} {novelty / n:.6f} {bias / n:.6f}")'
}

@test "coverage, novelty and popbias are what a hand makes of the lists" {
    for name in item split user; do
        stream-show --name inter.$name --head 300 data.mr > "$BATS_TEST_TMPDIR/$name"
    done
    stream-show --name cand.test.item --head 60 cand.mr > "$BATS_TEST_TMPDIR/cand"
    stream-show --name score.test.cf --head 60 cf.mr > "$BATS_TEST_TMPDIR/score"
    metrics -q --format tsv -m coverage,novelty,popbias -k 3 data.mr cand.mr cf.mr same.mr \
        > "$BATS_TEST_TMPDIR/t"
    cd "$BATS_TEST_TMPDIR"
    paste item split user > inter
    [ "$(for m in coverage novelty popbias; do value test cf "$m@3/20 uniform" < t | cut -d ' ' -f 1; done | xargs)" = \
        "$(lists_by_hand)" ]
    [[ "$(value test cf 'coverage@3/20 uniform' < t)" = *'  ' ]] # no interval
    for m in coverage novelty popbias; do # a constant scorer is chance
        [ "$(value test same "$m@3/20 uniform" < t | cut -d ' ' -f 1)" = \
            "$(value test chance "$m@3/20 uniform" < t | cut -d ' ' -f 1)" ]
    done
}

@test "coverage has no interval, no test and no value of a user" {
    metrics -q -m coverage,hr -k 3 -c cf,same data.mr cand.mr cf.mr same.mr > "$BATS_TEST_TMPDIR/t"
    grep -qE '^coverage@3/20 uniform +[-+]\.[0-9]{4} *$' "$BATS_TEST_TMPDIR/t"
    metrics -q -m coverage,hr -k 3 --format per-user data.mr cand.mr cf.mr |
        awk -F '\t' 'NR > 1 && ($5 != "" || $6 == "") { exit 1 }'
    metrics -q -m coverage,novelty -k 3 -c cf,same --format json --group warmth data.mr cand.mr cf.mr same.mr |
        python3 -c '
import json, sys
e, = json.load(sys.stdin)["evaluations"]
for rows in [e["rows"]] + [g["rows"] for g in e["groups"]]:
    coverage, novelty = rows[1]["metrics"]
    assert "low" not in coverage and 0 < coverage["value"] < 1 and coverage["k"] == 3
    assert novelty["low"] < novelty["value"] < novelty["high"]
assert "p" not in e["comparisons"][0]["metrics"][0]
assert e["groups"][0]["rows"][1]["metrics"][0]["value"] < e["rows"][1]["metrics"][0]["value"]'
}

@test "what comes next has no truth, but lists" {
    for kind in cand.test.user cand.test.item; do
        stream-convert -q -n $kind -o "$BATS_TEST_TMPDIR/a.npy" cand.mr
        stream-convert -q -n ${kind/test/next} "$BATS_TEST_TMPDIR/a.npy" > "$BATS_TEST_TMPDIR/$kind.mr"
    done
    stream-convert -q -n score.test.cf -o "$BATS_TEST_TMPDIR/a.npy" cf.mr
    stream-convert -q -n score.next.cf "$BATS_TEST_TMPDIR/a.npy" > "$BATS_TEST_TMPDIR/score.mr"
    metrics -q --format tsv -m coverage,novelty data.mr "$BATS_TEST_TMPDIR"/{cand.test.*,score}.mr 2> "$BATS_TEST_TMPDIR/e" |
        sed 's/^next/test/; s/given/uniform/' |
        diff <(metrics -q --format tsv -m coverage,novelty data.mr cand.mr cf.mr) -
    run --separate-stderr metrics -q -m coverage,hr data.mr "$BATS_TEST_TMPDIR"/{cand.test.*,score}.mr
    [ "$status" = 1 ]
    [[ "$stderr" = *"only 'score.next.*' in the input: what comes next has no truth"* ]]
}

@test "what comes next alone has no truth" {
    stream-convert -q -n score.test.cf -o "$BATS_TEST_TMPDIR/a.npy" cf.mr
    stream-convert -q -n score.next.cf "$BATS_TEST_TMPDIR/a.npy" > "$BATS_TEST_TMPDIR/next.mr"
    refused "only 'score.next.*' in the input: what comes next has no truth" \
        data.mr "$BATS_TEST_TMPDIR/next.mr"
}

@test "the same seed prints the same bytes at 1 and 2 threads, another one does not" {
    run_with() {
        metrics -q --format tsv -c cf,llm "$@" data.mr cand.mr cf.mr llm.mr
    }
    [ "$(run_with --threads 1)" = "$(run_with --threads 2)" ]
    [ "$(run_with --seed 1)" != "$(run_with --seed 2)" ]
}

@test "JSON is JSON" {
    metrics --format json -c cf,llm data.mr cand.mr cf.mr llm.mr cf-valid.mr |
        python3 -c '
import json, sys
v = json.load(sys.stdin)["evaluations"]
assert [e["split"] for e in v] == ["valid", "test"]
assert [r["scorer"] for r in v[1]["rows"]] == ["chance", "cf", "llm"]
assert v[1]["rows"][2]["unscored"] == 1
assert v[1]["rows"][1]["metrics"][1]["name"] == "hr@10/20 uniform"
assert v[1]["rows"][1]["metrics"][1]["value"] == .5
assert 0 < v[1]["comparisons"][0]["metrics"][0]["p"] < 1
'
}

@test "ASCII in an ASCII locale, an en dash where there is one" {
    not grep -qP '[^\x00-\x7f]' <(metrics data.mr cand.mr cf.mr)
    LC_ALL=C.UTF-8 metrics data.mr cand.mr cf.mr | grep -q '.3667–.6333'
    metrics --format markdown data.mr cand.mr cf.mr | grep -qF '| cf | .0500 '
}

@test "streams without ids, titles or attributes will do" {
    run metrics bare.mr cand.mr silent.mr
    [ "$status" = 0 ]
    [[ "$output" = *"'score.test.cf' does not say which candidates it scored"* ]]
    [[ "$output" = *"cf      .0500"* ]]
}

@test "what does not belong together is refused" {
    refused "'score.test.cf' scored candidates" data.mr cand.mr stale.mr
    [[ "$stderr" = *"run cf-score again" ]]
    refused "'score.test.cf' has shape [60, 19], expected [60, 20]" data.mr cand.mr narrow.mr
    refused "row 12: item 55, the test item of user 'u12', is not among its candidates" \
        data.mr lost.mr
    refused "of user 'u12', is more than once among" data.mr twice.mr
    refused "cand.test.user: row 3: user 77 has no test interaction" data.mr stranger.mr
    refused "holds item 5000, expected less than the 100 rows" data.mr far.mr
}

@test "what is missing is named with its filter" {
    refused "no 'score.*' in the input: run cf-score or llm-score first" data.mr cand.mr
    refused "the candidates are all items" data.mr all.mr
    refused "no 'cand.test.item' in the input: run cand-sample first" data.mr cf.mr
    refused "no 'inter.user' in the input: run data-import first" cand.mr cf.mr
    run bash -c 'metrics < /dev/null'
    [ "$status" = 1 ]
    [ "$output" = "metrics: no input" ]
    refused "--compare: no scores of 'none' in the input" -c cf,none data.mr cand.mr cf.mr
    refused "--compare: no scores of 'fc' in the input: did you mean cf?" -c fc,cf data.mr \
        cand.mr cf.mr
}

@test "nothing is printed for a stream that is cut short" {
    cat data.mr cand.mr cf.mr | head -c -5 > "$BATS_TEST_TMPDIR/cut.mr"
    refused "cut.mr" "$BATS_TEST_TMPDIR/cut.mr"
}

@test "a full disk is status 1" {
    run bash -c 'metrics data.mr cand.mr cf.mr > /dev/full'
    [ "$status" = 1 ]
    [ "$output" = "metrics: <stdout>: No space left on device" ]
}

@test "the flags of earlier versions are formats" {
    for format in tsv json markdown per-user; do
        metrics -q --format $format data.mr cand.mr cf.mr > "$BATS_TEST_TMPDIR/new"
        metrics -q --$format data.mr cand.mr cf.mr | cmp - "$BATS_TEST_TMPDIR/new"
    done
    run metrics --tsv --json data.mr
    [ "${lines[0]}" = "metrics: --json: is --format json, beside --format tsv" ]
}

@test "mistakes on the command line are status 2" {
    for line in '-k 0' '-k 1,,2' '-k ten' '--compare cf' '--compare a,,c' '--tsv --json'; do
        run metrics $line data.mr
        [ "$status" = 2 ] || { echo "$line: $status"; false; }
    done
}

# The tiny data with every user's rank among all items, and with all of them drawn.
whole_catalogue() {
    cd "$BATS_TEST_TMPDIR"
    data-import -q "$BATS_TEST_DIRNAME/../fixtures/tiny/ml-100k" | data-split -q |
        cf-train -q --dim 8 --maxlen 10 --batch 20 --epochs 3 | cf-embed -q --no-inter > in.mr
    cand-sample -q --by all --for valid,test in.mr | cf-score -q | cf-score -q --by pop > full.mr
    cand-sample -q -n 79 --for valid,test in.mr | cf-score -q | cf-score -q --by pop > drawn.mr
}

@test "full: the numbers are those of drawing every item" {
    whole_catalogue
    for format in '--format tsv -c cf,pop' '--format per-user' '--format tsv --group warmth -c pop,cf'; do
        metrics -q $format full.mr | sed 's,/full,,g' > full
        metrics -q $format drawn.mr | sed 's,/80 uniform,,g' > drawn
        cmp full drawn
        grep -q hr@10 full
    done
    run metrics full.mr
    [[ "${lines[0]}" = "valid: 60 users, all unseen items; 95 % intervals "* ]]
    [[ "$output" = *"note: full: each true item among "*" to "*", all but the user's other interactions"* ]]
    metrics -q --format tsv --threads 1 full.mr | cmp - <(metrics -q --format tsv --threads 2 full.mr)
    metrics --format json full.mr | python3 -c '
import json, sys
v = json.load(sys.stdin)["evaluations"]
assert [(e["split"], e["candidates"], e["columns"]) for e in v] == [
    ("valid", "full", 0), ("test", "full", 0)]
assert v[1]["rows"][1]["metrics"][1]["name"] == "hr@10/full"
'
}

@test "top: the numbers are those of all items, cut at N, where the same scores rank again" {
    whole_catalogue
    cand-sample -q --by all --for valid,test in.mr | cf-score -q > all.mr
    figures() { metrics -q --no-chance -k 1,5,"$2" -m hr,ndcg --format tsv "$1"; }
    for n in 9 30; do
        cand-sample -q --top $n --for valid,test in.mr | cf-score -q > top.mr
        figures top.mr $n | sed "s#/full, top $n by cf##" > top
        figures all.mr $n | sed 's,/full,,' | cmp - top
        found=$(metrics -q --format tsv -k $n -m hr top.mr | value test cf "hr@$n/full, top $n by cf")
        [[ "$found" = 0.* ]]
        # Whoever ranks them, no more is found; without knowledge, no less among all of them.
        [ "$(metrics -q --format tsv -k $n -m hr top.mr | value test chance "hr@$n/full, top $n by cf" |
            cut -d ' ' -f 1)" = "${found%% *}" ]
    done
    run metrics top.mr
    [[ "${lines[0]}" = "valid: 60 users, all unseen items, of them the top 30 by cf; 95 % "* ]]
    [[ "$output" = *"note: the true item is among the candidates of "*" of 60 users (0."*"); the others count as 0"* ]]
    [[ "$output" != *"no score"* ]]
    # A missed truth has no rank, and its mrr is 0.
    metrics -q --format per-user -m mrr top.mr | awk -F '\t' '
        NR > 1 && $4 == "" { missed++; if ($5 != 0) exit bad = 1 }
        NR > 1 && $4 != "" { d = $5 - 1 / $4; if (d > 1e-6 || d < -1e-6) exit bad = 1 }
        END { exit bad || !missed }'
    metrics --format json top.mr | python3 -c '
import json, sys
v = json.load(sys.stdin)["evaluations"]
assert v[1]["candidates"] == "full, top 30 by cf" and v[1]["columns"] == 30
'
}

@test "full: a table of its own beside that of drawn candidates" {
    whole_catalogue
    cand-sample -q -n 9 full.mr | cf-score -q > both.mr
    metrics -q --format tsv both.mr | cut -f 1,4 | grep hr@10 | uniq > got
    printf '%s\thr@10/%s\n' valid full test '10 uniform' test full | diff - got
}

@test "full: users without a vector count as 0 and are said" {
    whole_catalogue
    stream-convert -q -n user.cf.test -o x.npy full.mr
    python3 - << 'END'
import struct
b = bytearray(open("x.npy", "rb").read())
b[-8 * 4:] = struct.pack("<8f", *[float("nan")] * 8)
open("x.npy", "wb").write(b)
END
    stream-convert -q -n user.cf.test x.npy > x.mr
    cf-score -q --as x full.mr x.mr | metrics > got
    grep -q 'note: x: 1 of 60 users have no score and count as 0' got
}

@test "full: ranks that are none, or of others, are refused" {
    whole_catalogue
    ranks() { # 60 rows of three numbers
        python3 -c '
import struct, sys
head = "{\"descr\": \"<i4\", \"fortran_order\": False, \"shape\": (60, 3), }"
head += " " * (117 - len(head)) + "\n"
row = struct.pack("<3i", *map(int, sys.argv[1:]))
open("r.npy", "wb").write(b"\x93NUMPY\1\0" + struct.pack("<H", 118) + head.encode() + row * 60)
' "$@"
        stream-convert -q -n rank.test.x r.npy > r.mr
    }
    ranks 3 4 7
    metrics in.mr <(cand-sample -q --only --by all in.mr) r.mr 2> err | grep -q '^x  *.0000'
    grep -q "'rank.test.x' does not say whose ranks it holds; taken for these users'" err
    run metrics full.mr r.mr
    [[ "$status: $output" = "1: "*"'rank.test.x': row 0: 7 items ranked, by the scorer before it "* ]]
    for wrong in '3 5 7' '-1 2 7' '0 0 0' '1 0 7'; do
        ranks $wrong
        run metrics full.mr r.mr
        [ "$status" = 1 ]
        [[ "$output" = *"'rank.test.x': row 0: "*" is no place" ]] || { echo "$output"; false; }
    done
    cand-sample -q --only --by all --users 20 in.mr > few.mr
    refused "'rank.test.cf' has shape [60, 3], expected [20, 3]" full.mr few.mr
    cand-sample -q --only --by all --users 20 --seed 2 in.mr > seed2.mr
    cat in.mr few.mr | cf-score -q > ranked.mr
    refused "'rank.test.cf' is of users " ranked.mr seed2.mr
}

@test "a new metric is one function and one row of METRIC_ROWS" {
    local root=$BATS_TEST_DIRNAME/../.. new=$BATS_TEST_TMPDIR/new libs

    [ -f "$root/.build/release/libmillrace.a" ] || skip "no release build"
    mkdir -p "$new/metrics"
    sed 's/ROW(METRIC_MRR,/ROW(METRIC_HALF, "half", .cut = true, .worth = half) &/' \
        "$root/lib/metrics/metric.h" > "$new/metrics/metric.h"
    sed 's/^#define ROW(/static double half(int rank) { return rank > 0 ? .5 : 0; }\n&/' \
        "$root/lib/metrics/metric.c" > "$new/metric.c"
    libs=$(make -s -C "$root" --no-print-directory --eval 'libs: ; @echo $(LDLIBS)' libs)
    ${CC:-cc} -std=c11 -D_GNU_SOURCE -DMILLRACE_VERSION='"0.1.0"' -fopenmp -I "$new" \
        -I "$root/lib" -o "$new/metrics-new" "$new/metric.c" "$root/lib/evaluation/"*.c \
        "$root/bin/metrics.c" "$root/.build/release/libmillrace.a" $libs

    "$new/metrics-new" -q --format tsv -m hr,half -k 10 data.mr cand.mr cf.mr > "$new/t"
    [[ "$(value test cf 'hr@10/20 uniform' < "$new/t")" = '0.500000 '* ]]
    [[ "$(value test cf 'half@10/20 uniform' < "$new/t")" = '0.250000 '* ]]
    run "$new/metrics-new" -m fun data.mr cand.mr cf.mr
    [[ "$output" = *"expected hr, ndcg, half, mrr, "* ]]
}
