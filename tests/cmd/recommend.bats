# recommend: tables of candidates and scores, reasons, people who are new.

bats_require_minimum_version 1.5.0
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_FILE_TMPDIR/stand-ins
    "$BATS_TEST_DIRNAME/../stand-ins" "$MILLRACE_PATH"
    data-import -q ml-100k | data-split -q > data.mr
    cf-train -q --only --dim 8 --maxlen 10 --batch 20 --epochs 2 data.mr > weights.mr
    cf-embed -q --only data.mr weights.mr > cf.mr
    sbert-encode -q -m MiniLM --only data.mr > text.mr
    align-train -q --only --dim 6 --epochs 2 data.mr cf.mr text.mr > align.mr
    cat data.mr cf.mr align.mr > vectors.mr
    cand-sample -q --top 8 --by cf vectors.mr > cand.mr
    cf-score -q cand.mr | cf-score -q --by pop > in.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

@test "a table: user, rank, title, each score, why" {
    recommend --user 7 -n 3 in.mr > out
    grep -qxE 'user  rank  title +cf +pop +why' out
    [ "$(wc -l < out)" = 4 ]
    sed 1d out | grep -cxE '7     [123]     [A-Z].*  [0-9.]+  +[0-9]+ +[A-Z].* \(-?[01]\.[0-9]{2}\); [A-Z].* \(-?[01]\.[0-9]{2}\)' | grep -qx 3
}

@test "TSV holds the candidates, in the order of the scores made last" {
    recommend --format tsv -n 8 in.mr > out
    [ "$(head -1 out)" = $'user\trank\titem\ttitle\tcf\tpop\twhy1\twhy2' ]
    [ "$(wc -l < out)" = $((60 * 8 + 1)) ]
    awk -F '\t' 'NR > 1 { if ($2 > 1 && $6 > last) bad = 1; last = $6 } END { exit bad }' out
    recommend --format tsv -n 8 --by cf in.mr > by-cf
    awk -F '\t' 'NR > 1 { if ($2 > 1 && $5 > last) bad = 1; last = $5 } END { exit bad }' by-cf
    diff <(sed 1d out | sort -t $'\t' -k 1,1 -k 3,3 | cut -f 1,3-) \
        <(sed 1d by-cf | sort -t $'\t' -k 1,1 -k 3,3 | cut -f 1,3-)
    # the first user's items are those of cand.next.item
    for i in $(rows in.mr cand.next.item 0 1); do rows in.mr item.id $i 1; done |
        diff - <(sed 1d by-cf | head -8 | cut -f 3)
}

@test "equal scores keep the candidates' order" {
    cand-sample -q --top 8 --by cf vectors.mr | cf-score -q --by pop | recommend -q --format tsv -n 8 > out
    awk -F '\t' 'NR > 1 && $2 == 1 { n++ } END { exit n != 60 }' out
    recommend -q --format tsv -n 8 cand.mr | awk -F '\t' 'NR == FNR { at[$1, $3] = $2; next }
        FNR > 1 { if ($2 > 1 && $5 == last && at[$1, $3] < place) bad = 1
                  last = $5; place = at[$1, $3] } END { exit bad }' - out
}

@test "why: the nearest of the history by the cosine of joint vectors less their mean" {
    recommend --format json --user 5 -n 2 --why 1 in.mr > out
    rows vectors.mr item.joint 0 > joint
    rows data.mr item.id 0 > ids
    user=$(($(rows data.mr user.id 0 | grep -nx 5 | cut -d: -f1) - 1))
    paste <(rows data.mr inter.user 0) <(rows data.mr inter.item 0) |
        awk -v u=$user '$1 == u { print $2 }' > history
    command -v python3 > /dev/null || skip "no python3"
    python3 - << 'END'
import json, math
joint = [[float(x) for x in line.split()] for line in open("joint")]
mean = [sum(column) / len(joint) for column in zip(*joint)]
joint = [[x - m for x, m in zip(row, mean)] for row in joint]
history = [int(x) for x in open("history")]
ids = open("ids").read().split("\n")

def cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b))
    return dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))

out = json.load(open("out"))
for item in out["users"][0]["items"]:
    v = joint[ids.index(item["item"])]
    best = max(cosine(v, joint[h]) for h in history)
    assert abs(best - item["why"][0]["cosine"]) < 1e-4, (best, item)
    assert ids.index(item["why"][0]["item"]) in history
END
}

@test "JSON: what orders, users, scores by name" {
    recommend --format json --user 7,5 -n 1 in.mr > out
    tr -d ' \n' < out | grep -qE '^\{"by":"pop","users":\[\{"user":"[57]","items":\[\{"rank":1,"item":"[0-9]+","title":"[^"]*","scores":\{"cf":[^,]*,"pop":[0-9.]+\},"why":\[\{"item":'
    [ "$(grep -c '"user"' out)" = 2 ]
}

@test "the same bytes at 1 and 2 threads, and memo repeats them" {
    export MILLRACE_CACHE=$BATS_TEST_TMPDIR/cache
    recommend --threads 1 in.mr > one
    recommend --threads 2 in.mr | cmp - one
    memo recommend in.mr | cmp - one
    memo recommend in.mr | cmp - one
    recommend --threads 1 --history Fargo -- data.mr weights.mr > one
    recommend --threads 2 --history Fargo -- data.mr weights.mr | cmp - one
}

@test "a new user's history: the CF model's best, none of it again" {
    recommend --format tsv -n 100 --history "Toy Story" "Fargo" -- data.mr weights.mr align.mr > out
    [ "$(wc -l < out)" = 79 ]
    not grep -qxE '1|2' <(cut -f 3 out)
    # the same as the user who is added to the stream
    data-add -q --history "Toy Story" "Fargo" -- data.mr weights.mr align.mr | cf-embed -q |
        cand-sample -q --top 100 --by cf --ids new | cf-score -q | recommend --format tsv -n 100 > long
    cut -f 1-5 out > a
    cut -f 1-5 long | diff a -
}

@test "an item that came later is no part of the CF model's history" {
    printf 'id\ttitle\nnew1\tMud\n' > films.tsv
    data-add -q --items films.tsv data.mr weights.mr > longer.mr
    recommend --format tsv --why 0 --history Fargo new1 -- longer.mr > with
    recommend --format tsv --why 0 --history Fargo -- longer.mr | diff with -
    words recommend --history Mud -- longer.mr
    [ "$status" = 1 ]
    [ "$stderr" = "recommend: --history: the CF model knows none of these items" ]
}

@test "missing scores are last, and shown as none" {
    data-add -q --user ann vectors.mr weights.mr | cf-embed -q |
        cand-sample -q --top 4 --by pop --ids ann | cf-score -q > ann.mr
    recommend -q ann.mr | sed 1d > out
    [ "$(wc -l < out)" = 4 ]
    grep -cE '^ann .* -  +-$' out | grep -qx 4
    recommend -q --format tsv ann.mr | sed 1d | cut -f 5-7 | sort -u | diff - <(printf '\t\t\n')
    recommend -q --format json ann.mr | grep -c '"cf": null' | grep -qx 4
}

@test "without titles ids are shown, without vectors no reasons" {
    printf 'user\titem\tt\n' > plain.tsv
    for u in a b c; do for i in 1 2 3 4 5; do echo "$u-i$(((i * i + ${#u}) % 7))-$i"; done; done |
        tr - '\t' >> plain.tsv
    echo $'d\ti9\t1' >> plain.tsv
    data-import -q plain.tsv | data-split -q | cand-sample -q --top 1 --by pop | cf-score -q --by pop > plain.mr
    words recommend plain.mr
    [ "$stderr" = "recommend: no 'item.joint' and no 'item.cf' in the input: no reasons" ]
    recommend -q plain.mr | head -1 | grep -qx 'user  rank  title  pop'
    recommend -q plain.mr | sed 1d | grep -qE '^a +1 +i[0-9]'
}

@test "candidates without scores: their own order, and it is said" {
    words recommend cand.mr
    [ "$stderr" = "recommend: no 'score.next.*' in the input: items are in the order of cand-sample" ]
}

@test "wrong input" {
    words recommend data.mr
    [ "$status" = 1 ]
    [ "$stderr" = "recommend: no 'cand.next.user' in the input: run cand-sample --top N, then cf-score and llm-score: ... | cf-train | cf-embed | cand-sample --top 20 | cf-score | recommend ..." ]
    words recommend --by llm in.mr
    [ "$status" = 1 ]
    [ "$stderr" = "recommend: --by: no 'score.next.llm' in the input, which has cf, pop" ]
    words recommend --by fc in.mr
    [ "$stderr" = "recommend: --by: no 'score.next.fc' in the input, which has cf, pop: did you mean cf?" ]
    words recommend --by llm -q cand.mr
    [ "$stderr" = "recommend: --by: no 'score.next.llm' in the input, which has no scores" ]
    words recommend --user 5,999x,61,7 in.mr
    [ "$status" = 1 ]
    [ "${stderr_lines[0]}" = "recommend: --user: no user has the id '999x'" ]
    [ "${stderr_lines[1]}" = "recommend: --user: no user has the id '61': near it '21', '11', '1'" ]
    cand-sample -q --top 3 --by cf --ids 7 vectors.mr | cf-score -q > seven.mr
    words recommend --user 5 seven.mr
    [ "$stderr" = "recommend: --user: no candidates of user '5' in the input: run cand-sample --top with that user" ]
    cat in.mr seven.mr > mixed.mr
    cand-sample -q --top 7 --by cf in.mr > stale.mr
    words recommend stale.mr
    [ "$status" = 1 ]
    [[ "$stderr" = "recommend: 'score.next.cf' scored candidates "*", but these are "*": run cf-score again" ]]
    words recommend --history Fargo -- data.mr
    [ "$status" = 1 ]
    [[ "$stderr" = "recommend: no 'cf."*"' in the input: run cf-train first: ... | cf-train | recommend ..." ]]
    words recommend --history Farg zzzzz -- data.mr weights.mr
    [ "$stderr" = "recommend: --history: no item has the id or title 'Farg': near it 'Fargo' (id 2)
recommend: --history: no item has the id or title 'zzzzz'" ]
}

@test "the flags of earlier versions are formats" {
    for format in tsv json; do
        recommend --format $format -n 2 in.mr > new
        recommend --$format -n 2 in.mr | cmp - new
    done
}

@test "mistakes on the command line" {
    for options in '--tsv --json' '--history a --user 3' '--history a --by cf' '-n 0' '--why 11'; do
        words recommend $options -- in.mr
        [ "$status" = 2 ] || { echo "$options: $status"; false; }
    done
    words recommend --history a --user 3 -- in.mr
    [ "${stderr_lines[0]}" = "recommend: --history is of somebody new, --user of those in the stream" ]
}
