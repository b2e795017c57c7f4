# cand-sample: what is ranked, and that nothing tells which is the truth.

load common

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR"
    tiny=$BATS_TEST_DIRNAME/../fixtures/tiny
}

data() {
    MILLRACE_PATH=$tiny data-import -q ml-100k | data-split -q > data
}

# Lines "user item time", imported and split.
import() {
    { echo 'user_id item_id timestamp'; printf '%s\n' "$@"; } | tr ' ' '\t' > rows.tsv
    data-import -q rows.tsv | data-split -q > data
}

rows() {
    stream-show --name "$1" --head 1000000 "${@:2}"
}

# Rows "user split item" of the data.
interactions() {
    paste <(rows inter.user data) <(rows inter.split data) <(rows inter.item data)
}

# Checks candidates of split $1 (number $2) in the stream $3 against the data.
check() {
    paste <(rows "cand.$1.user" "$3") <(rows "cand.$1.item" "$3") > cand
    interactions | awk -v want="$2" '
        NR == FNR { has[$1, $3] = 1; if ($2 == want) truth[$1] = $3; next }
        {
            found = 0
            delete seen
            if (FNR > 1 && $1 <= last) { print "users do not ascend: " $0; exit 1 }
            last = $1
            for (i = 2; i <= NF; i++) {
                if ($i < 0) continue
                if (seen[$i]++) { print "twice: " $0; exit 1 }
                if ($i == truth[$1]) found = 1
                else if (has[$1, $i]) { print "an interaction: " $0; exit 1 }
            }
            if (!found) { print "no truth: " $0; exit 1 }
        }' - cand
}

# How often each item is in training: lines "item count".
counts() {
    interactions | awk '$2 == 0 { n[$3]++ } $3 > last { last = $3 }
        END { for (i = 0; i <= last; i++) print i, n[i] + 0 }'
}

# No candidate of the stream has more than $1 training interactions.
check_cold() {
    counts > counts
    rows cand.test.item "$2" | awk -v most="$1" '
        NR == FNR { n[$1] = $2; next }
        { for (i = 1; i <= NF; i++) if ($i >= 0 && n[$i] > most) exit 1 }' counts -
}

@test "--by cold: the truth and all others are items that no training has seen" {
    data-synth -q --users 300 --items 100 --per-user 8 |
        data-split -q --by cold-items --items 20 > data
    cand-sample -q -n 9 --by cold data > out
    check test 2 out
    check_cold 0 out
    [ "$(rows cand.test.item out | awk '{ print NF }' | sort -u)" = 10 ]
    cat data out | cf-score -q --by pop | metrics --format tsv > table # all have 0: chance
    grep -qP '^test\tpop\t\thr@1/10 unseen\t0.100000\t' table
}

@test "--by cold: users of warmer items are left out, --cold-most says which are cold" {
    data
    run --separate-stderr cand-sample --by cold --cold-most 6 -n 3 data
    [[ "$stderr" =~ test:\ [0-9]+\ users\ left\ out,\ whose\ held-out\ items ]]
    cand-sample -q --by cold --cold-most 6 -n 3 data > out
    check test 2 out
    check_cold 6 out
    [ "$(rows cand.test.user out | wc -l)" -lt 60 ]
    cand-sample -q --by cold --cold-most 6 -n 3 --target-from all-heldout data > all
    cmp <(rows cand.test.item out) <(rows cand.test.item all) # one held out a user
    run cand-sample --cold-most 6 data
    [ "$status" = 2 ]
    import 'a x 1' 'a y 2' 'a z 3' 'a w 4' 'b z 1' 'b w 2' 'b x 3' 'b y 4' 'c w 1' 'c x 2' \
        'c y 3' 'c z 4' 'd y 1' 'd z 2' 'd x 3' 'd w 4'
    run cand-sample --by cold data
    [ "$status" = 1 ]
    [[ "$output" = *"no user's test item has at most 0 training interactions"* ]]
}

@test "the truth is there, the others are distinct and new to the user" {
    data
    cand-sample -q data > out
    [ "$(rows cand.test.item out | awk '{ print NF }' | sort -u)" = 20 ]
    [ "$(rows cand.test.user out | wc -l)" = 60 ]
    check test 2 out
    cand-sample -q -n 9 --by pop --for valid,test data > out
    [ "$(rows cand.valid.item out | awk '{ print NF }' | sort -u)" = 10 ]
    check test 2 out
    check valid 1 out
}

@test "attributes say how, and counts are said" {
    data
    run --separate-stderr cand-sample --by pop -n 9 --seed 5 data
    [ "$stderr" = "cand-sample: test: 60 users, 10 candidates each (popularity)" ]
    cand-sample -q --by pop -n 9 --seed 5 --only data > out
    [ "$(stream-show out | grep -c 'split=test sampler=popularity number=9 seed=5')" = 2 ]
    [ "$(stream-show out | grep -vc '^history')" = 2 ]
}

@test "places of the truth are spread" {
    data-synth -q --users 2000 --items 300 --per-user 5 | data-split -q > data
    cand-sample -q -n 9 --only data > out
    check test 2 out
    interactions | awk '
        NR == FNR { if ($2 == 2) truth[$1] = $3; next }
        { for (i = 2; i <= NF; i++) if ($i == truth[$1]) n[i]++ }
        END { for (i = 2; i <= 11; i++) if (n[i] < 150 || n[i] > 250) exit 1 }' - cand
}

@test "the same seed gives the same bytes, another one others" {
    data
    cand-sample -q data > a
    OMP_NUM_THREADS=2 cand-sample -q data > b
    cand-sample -q --seed 2 data > c
    cmp a b
    not cmp -s <(rows cand.test.item a) <(rows cand.test.item c)
}

@test "a sample of users has the candidates that they have among all" {
    data
    cand-sample -q --only data > all
    cand-sample -q --only --users 10 data > ten
    cand-sample -q --only --users 20 --for test,valid data > twenty
    [ "$(rows cand.test.user ten | wc -l)" = 10 ]
    [ -z "$(comm -23 <(rows cand.test.user ten | sort) <(rows cand.test.user twenty | sort))" ]
    for f in ten twenty; do
        paste <(rows cand.test.user $f) <(rows cand.test.item $f) | sort > $f.rows
    done
    paste <(rows cand.test.user all) <(rows cand.test.item all) | sort > all.rows
    [ -z "$(comm -23 ten.rows all.rows)" ]
    [ -z "$(comm -23 twenty.rows all.rows)" ]
    [ "$(rows cand.test.user twenty)" = "$(rows cand.valid.user twenty)" ]
}

@test "a small catalogue is padded with -1, and said" {
    import 'a v 1' 'a w 2' 'a x 3' 'b v 1' 'b y 2' 'b z 3'
    run --separate-stderr cand-sample data
    [ "${stderr_lines[0]}" = "cand-sample: test: rows of 5, not 20: the catalogue has no more items" ]
    [ "${stderr_lines[2]}" = "cand-sample: test: 2 users have fewer, padded with -1" ]
    cand-sample -q data > out
    [ "$(rows cand.test.item out | awk '{ print NF, ($3 >= 0), $4 }' | sort -u)" = "5 1 -1" ]
    check test 2 out
    cand-sample -q -n 1000000 --only data > million
    [ "$(stat -c %s million)" -lt 10000 ]
    cmp <(rows cand.test.item out) <(rows cand.test.item million)
}

@test "popularity draws only what was trained on" {
    import 'a v 1' 'a w 2' 'a x 3' 'b v 1' 'b y 2' 'b z 3' 'c u 1' 'c t 2' 'c s 3'
    cand-sample -q -n 3 --by pop data > out
    # items in training: v (0) and u (5); user 2 has u
    [ "$(rows cand.test.item out | tail -1 | tr '\t' '\n' | sort -n | tr '\n' ' ')" = "-1 -1 0 7 " ]
}

@test "--target-from all-heldout: a row for each held-out item, which metrics finds" {
    MILLRACE_PATH=$tiny data-import -q ml-100k | data-split -q --hold 3 > data
    cand-sample -q data > first
    cand-sample --target-from all-heldout data 2> said > out
    [ "$(cat said)" = "cand-sample: test: 180 items of 60 users, 20 candidates each (uniform)" ]
    cand-sample -q --target-from all-heldout data | cmp - out
    # a user's first row is the one without the option; each held-out item comes once,
    # and no other item of the user
    paste <(rows cand.test.user out) <(rows cand.test.item out) > all
    awk 'NR == 1 || $1 != last { print } { last = $1 }' all |
        cmp - <(paste <(rows cand.test.user first) <(rows cand.test.item first))
    interactions > mine
    awk 'NR == FNR { has[$1, $3] = 1; if ($2 == 2) left[$1, $3] = 1; next }
         { truths = others = 0
           for (i = 2; i <= NF; i++) if (has[$1, $i]) {
               if (left[$1, $i]) truths++; else others++
               delete left[$1, $i] }
           if (truths != 1 || others) { print; exit 1 } }' mine all
    # ranks by popularity, reckoned here
    cf-score -q --by pop out | metrics -q --format per-user -k 1 | tail -n +2 | cut -f 4 > ranks
    awk 'FNR == 1 { file++ }
         file == 1 { if ($2 == 0) pop[$3]++; if ($2 == 2) truth[$1, $3] = 1; next }
         { for (i = 2; i <= NF; i++) if (truth[$1, $i]) t = $i
           above = tied = 0
           for (i = 2; i <= NF; i++) { above += pop[$i] > pop[t]; tied += pop[$i] == pop[t] }
           print above + (tied + 1) / 2 }' mine all > want
    paste ranks want | awk '{ d = $1 - $2; if (d < -1e-3 || d > 1e-3) bad = 1 }
                            END { exit bad || NR != 180 }'
    cf-score -q --by pop out | metrics -k 1 > table
    grep -q '^test: 180 items of 60 users, 20 uniform candidates; 95 % intervals from' table
}

@test "all: users only" {
    data
    run --separate-stderr cand-sample --by all data
    [ "$stderr" = "cand-sample: test: 60 users, 80 candidates each (all)" ]
    cand-sample -q --by all data > out
    stream-show out | grep -q '^cand.test.user .*sampler=all'
    not grep -q cand.test.item <(stream-show out)
}

@test "a new choice replaces the old one" {
    data
    cand-sample -q -n 5 data | cand-sample -q -n 7 > out
    [ "$(stream-show out | grep -c '^cand.test.item')" = 1 ]
    [ "$(rows cand.test.item out | awk '{ print NF }' | sort -u)" = 8 ]
}

# Items by first appearance: v 0, w 1, x 2, y 3, z 4, u 5.
given() {
    import 'a v 1' 'a w 2' 'a x 3' 'b v 1' 'b y 2' 'b z 3' 'c u 1'
    printf '%s\n' "$@" | tr ' ' '\t' > list
}

@test "from a file: users ascending, rows shuffled and padded" {
    given 'b z x u w' 'a x y'
    run --separate-stderr cand-sample --from list data
    [ "${stderr_lines[0]}" = "cand-sample: test: 2 users, 4 candidates each (given)" ]
    cand-sample -q --from list data > out
    [ "$(rows cand.test.user out | tr '\n' ' ')" = "0 1 " ]
    [ "$(rows cand.test.item out | head -1 | cut -f3,4)" = $'-1\t-1' ]
    [ "$(rows cand.test.item out | tail -1 | tr '\t' '\n' | sort | tr '\n' ' ')" = "1 2 4 5 " ]
    stream-show out | grep -q '^cand.test.item .*sampler=given number=3'
    cand-sample -q --users 1 --only --from list data > out
    [ "$(rows cand.test.user out | wc -l)" = 1 ]
    check test 2 out
}

# says TEXT: the file `list` is refused so.
refuses() {
    run cand-sample --from list data
    echo "$output"
    [ "$status" = 1 ]
    [ "${lines[0]}" = "cand-sample: $1" ]
}

@test "wrong: a file of candidates" {
    given 'b z x' 'q z'
    refuses "list:2: no user has the id 'q'"
    given 'b z x' 'b z'
    refuses "list:2: user 'b' is there a second time, after line 1"
    given 'c u'
    refuses "list:1: user 'c' has no interaction in the test split"
    given 'b z none'
    refuses "list:1: no item has the id 'none'"
    given 'b z x x'
    refuses "list:1: item 'x' is there twice"
    given 'b z y'
    refuses "list:1: item 'y' is another interaction of the user"
    given 'b x'
    refuses "list:1: the user's test item 'z' is not among the candidates"
    : > list
    refuses "list: no candidates"
    rm list
    refuses "list: no such file"
}

@test "wrong: data that is not split, users that are not there" {
    MILLRACE_PATH=$tiny data-import -q ml-100k > in
    run --separate-stderr cand-sample in
    [ "$status" = 1 ]
    [ "$stderr" = "cand-sample: no 'inter.split' in the input: run data-split first: ... | data-split | cand-sample ..." ]
    import 'a x 1' 'b x 2'
    run --separate-stderr cand-sample data
    [ "$status" = 1 ]
    [ "$stderr" = "cand-sample: no user has an interaction in the test split" ]
    data
    run --separate-stderr cand-sample --users 61 data
    [ "$status" = 1 ]
    [ "$stderr" = "cand-sample: --users 61: only 60 users have an interaction in the test split" ]
    run cand-sample < /dev/null
    [ "$status" = 1 ]
    [[ "$output" = "cand-sample: "*"no input" ]]
}

# mistakes TEXT ARGUMENTS...
mistakes() {
    run cand-sample "${@:2}"
    echo "$output"
    [ "$status" = 2 ]
    [ "${lines[0]}" = "cand-sample: $1" ]
}

@test "mistakes" {
    mistakes "--for: 'train' is neither test nor valid" --for train
    mistakes "--for names no split" --for ''
    mistakes "--from gives the candidates of one split, --for names 2" --from x --for valid,test
    mistakes "--from gives candidates, --by all takes every item" --from x --by all
    mistakes "--by joint finds items only with --top N" --by joint
    mistakes "--ids and --ids-from name users of --top N" --ids 1
    mistakes "--top: --by uniform gives no order; cf, joint, joint-text, fused and pop do" \
        --top 3 --by uniform
    mistakes "--top goes without -n, --target-from and --from" --top 3 -n 4
    for option in '--ids 1' '--ids-from x' '--with x'; do
        mistakes "--top --for takes all users with a truth or a sample, and no other items: \
it goes without --ids, --ids-from and --with" --top 3 --for test $option
    done
    mistakes "only one of --users, --ids and --ids-from" --top 3 --ids 1 --users 2
}

# The tiny data with vectors: in.mr.
vectors() {
    data
    cf-train -q --dim 8 --maxlen 10 --batch 20 --epochs 2 data | cf-embed -q > in.mr
}

# best FILE TENSOR: each row of cand.next in FILE holds the unseen items with the largest
# products of user.cf.next and TENSOR, or, where that is count, the training counts.
best() {
    rm -f ./*.npy
    for t in inter.user inter.item inter.split user.cf.next cand.next.user cand.next.item; do
        stream-convert -q -n $t -o $t.npy "$1"
    done
    [ "$2" = count ] || stream-convert -q -n "$2" -o vectors.npy "$1"
    python3 -c '
import ast, os, struct
def read(path):
    b = open(path + ".npy", "rb").read()
    end = 10 + int.from_bytes(b[8:10], "little")
    shape = ast.literal_eval(b[10:end].decode())
    n = 1
    for d in shape["shape"]: n *= d
    v = struct.unpack("<%d%s" % (n, {"<i4": "i", "<f4": "f", "|u1": "B"}[shape["descr"]]), b[end:])
    w = n // shape["shape"][0]
    return v if w == 1 and len(shape["shape"]) == 1 else [v[i:i + w] for i in range(0, n, w)]
rows = list(zip(read("inter.user"), read("inter.item"), read("inter.split")))
count = [sum(i == j and s == 0 for _, j, s in rows) for i in range(80)]
vectors = read("vectors") if os.path.exists("vectors.npy") else None
x = read("user.cf.next")
for user, row in zip(read("cand.next.user"), read("cand.next.item")):
    score = [sum(a * b for a, b in zip(x[user], v)) for v in vectors] if vectors else count
    unseen = [i for i in range(80) if not any(u == user and j == i for u, j, _ in rows)]
    want = sorted(unseen, key=lambda i: (-score[i], i))[:len(row)]
    want += [-1] * (len(row) - len(want))
    near = all(i >= 0 and abs(score[i] - score[j]) < 1e-5 for i, j in zip(want, row) if i != j)
    assert list(row) == want or vectors and near and len(set(row)) == len(row), (user, row, want)
'
}

@test "top: the best unseen items of each model, for who the user is by now" {
    vectors
    stream-convert -q -n item.cf -o E.npy in.mr
    stream-convert -q -n item.text E.npy > text.mr
    align-train -q --dim 4 --epochs 2 in.mr text.mr > joint.mr 2> log
    cand-sample -q --top 7 in.mr > out
    best out item.cf
    [ "$(rows cand.next.user out | wc -l)" = 60 ]
    [ "$(stream-show out | grep -c 'split=next sampler=top-cf number=7 seed=1')" = 2 ]
    cand-sample -q --top 90 --by pop in.mr > out
    best out count
    [ "$(rows cand.next.item out | awk '{ print NF, $NF }' | sort -u)" = '80 -1' ]
    for by in joint joint-text; do
        cand-sample -q --top 7 --by $by joint.mr > out
        stream-show out | grep -q "^cand.next.item .*sampler=top-$by "
        cand-sample -q --top 7 --by $by --threads 1 joint.mr | cmp - out
    done
}

@test "top: the same bytes at 1 and 2 threads, in the order of scores" {
    vectors
    cand-sample -q --top 9 --threads 1 in.mr > a
    cand-sample -q --top 9 --threads 2 in.mr > b
    cmp a b
    cf-score -q a > scored
    rows score.next.cf scored | awk '{ for (i = 2; i <= NF; i++) if ($i > $(i - 1)) exit 1 }'
    run --separate-stderr metrics scored
    [ "$status" = 1 ]
    [[ "$stderr" = "metrics: only 'score.next.*' in the input: what comes next has no truth"* ]]
}

@test "top: users by name, from a file, or a sample" {
    vectors
    cand-sample -q --only --top 5 in.mr > all
    paste <(rows cand.next.user all) <(rows cand.next.item all) > all.rows
    ids=$(rows user.id data | sed -n '3p;12p;40p')
    cand-sample -q --only --top 5 --ids "$(echo "$ids" | tac | paste -sd,)" in.mr > some
    paste <(rows cand.next.user some) <(rows cand.next.item some) | diff - <(sed -n '3p;12p;40p' all.rows)
    { echo "$ids"; echo "$ids"; } > list
    cand-sample -q --only --top 5 --ids-from list in.mr > again
    cmp <(rows cand.next.item some) <(rows cand.next.item again)
    sed 's/$/\r/' list > dos
    cand-sample -q --only --top 5 --ids-from dos in.mr > again
    cmp <(rows cand.next.item some) <(rows cand.next.item again)
    cand-sample -q --only --top 5 --users 10 in.mr > ten
    cand-sample -q --only --users 10 in.mr > tested
    cmp <(rows cand.next.user ten) <(rows cand.test.user tested)
    cand-sample -q --top 4 some data in.mr > again
    [ "$(stream-show again | grep -c '^cand.next.item')" = 1 ]
}

# fails TEXT ARGUMENTS...
fails() {
    run --separate-stderr cand-sample "${@:2}"
    [ "$status" = 1 ]
    [ "$stderr" = "cand-sample: $1" ] || { echo "$stderr"; false; }
}

@test "top: users without a vector get what is popular" {
    vectors
    cand-sample -q --only --top 5 in.mr > all
    cand-sample -q --only --top 5 --by pop in.mr > pop
    stream-convert -q -n user.cf.next -o x.npy in.mr
    python3 - << 'END'
import struct
b = bytearray(open("x.npy", "rb").read())
b[-8 * 4:] = struct.pack("<8f", *[float("nan")] * 8)
open("x.npy", "wb").write(b)
END
    stream-convert -q -n user.cf.next x.npy > x.mr
    run --separate-stderr cand-sample --top 5 in.mr x.mr
    [[ "$stderr" = *"cand-sample: next: 1 users have no vector: the most popular items instead"* ]]
    cand-sample -q --top 5 in.mr x.mr > out
    cmp <(rows cand.next.item out) <(rows cand.next.item all | head -59; rows cand.next.item pop | tail -1)
    [ "$(cf-score -q out > scored; rows score.next.cf scored | tail -1 | tr '\t' '\n' | sort -u)" = nan ]
}

@test "top: items of --with stand behind the best, once, for those who have not had them" {
    tiny=$BATS_TEST_DIRNAME/../fixtures/tiny/ml-100k
    data-import -q "$tiny" | data-split -q > with.mr
    title=$(stream-show --name item.title --head 1 with.mr)
    cand-sample -q --top 3 --by pop with.mr > without.mr
    cand-sample -q --top 3 --by pop --with "$title" id:"$(stream-show --name item.id --from 5 --head 1 with.mr)" -- with.mr > out.mr
    paste <(stream-show --name cand.next.item --head 100 without.mr) \
        <(stream-show --name cand.next.item --head 100 out.mr) |
        awk '{ for (i = 1; i <= 3; i++) if ($i != $(i + 3)) exit 1
               for (i = 7; i <= 8; i++) if ($i != 0 && $i != 5 && $i != -1) exit 1
               if (($7 == -1 && $8 != -1) || ($7 == $8 && $7 != -1)) exit 1 }'
    # everybody has it in the row, or has had it
    paste <(stream-show --name inter.user --head 2000 with.mr) <(stream-show --name inter.item --head 2000 with.mr) |
        awk '$2 == 5 { print $1 }' | sort -u > had
    paste <(stream-show --name cand.next.user --head 100 out.mr) <(stream-show --name cand.next.item --head 100 out.mr) |
        awk '{ for (i = 2; i <= NF; i++) if ($i == 5) print $1 }' | sort -u > given
    [ "$(cat had given | sort -n | uniq -c | awk '$1 == 1' | wc -l)" = 60 ]
    run bash -c 'cand-sample -q --top 3 --by pop --with nothing -- with.mr > /dev/null'
    [ "$status" = 1 ]
    [ "$output" = "cand-sample: --with: no item has the id or title 'nothing'" ]
    { echo one more; stream-show --name item.title --head 80 with.mr; } > titles
    stream-convert -q --lines item.title titles > titles.mr
    run cand-sample --top 3 --by pop --with one -- with.mr titles.mr
    [ "$status" = 1 ]
    [ "$output" = "cand-sample: 'item.title' has 81 rows, but 'item.id' 80" ]
    run cand-sample -n 3 --with x -- with.mr
    [ "$status" = 2 ]
    [ "${lines[0]}" = "cand-sample: --with adds items to those of --top N" ]
}

@test "top --for: the truth is an item like any other, and may be missed" {
    vectors
    cand-sample -q --only --top 12 --for valid,test in.mr > top
    for split in valid test; do
        paste <(rows cand.$split.user top) <(rows cand.$split.item top) > cand
        [ "$(cut -f 1 cand)" = "$(interactions | awk -v w=$split '
            $2 == (w == "valid" ? 1 : 2) { print $1 }' | sort -nu)" ]
        interactions | awk -v want=$([ $split = valid ] && echo 1 || echo 2) '
            NR == FNR { has[$1, $3] = 1; if ($2 == want && !($1 in truth)) truth[$1] = $3; next }
            { delete seen; hit = 0
              for (i = 2; i <= NF; i++) {
                  if (seen[$i]++) exit bad = 1
                  if ($i == truth[$1]) hit = 1
                  else if (($1, $i) in has) { print "another of the user: " $0; exit bad = 1 }
              }
              hits += hit; missed += !hit }
            END { if (bad) exit 1; print hits " found, " missed " missed"
                  exit !(hits && missed) }' - cand
        stream-show top | grep -q "^cand.$split.item .*split=$split sampler=top-cf number=12 seed=1"
    done
    cand-sample -q --only --top 12 --for valid,test --threads 1 in.mr | cmp - top
    cand-sample -q --only --top 12 --for valid,test --seed 2 in.mr > other
    for n in top other; do rows cand.test.item $n > $n.rows; done
    not cmp -s top.rows other.rows # the order alone is drawn
    cmp <(tr '\t' '\n' < top.rows | sort) <(tr '\t' '\n' < other.rows | sort)
    cand-sample -q --only --top 12 --for test --users 7 in.mr > seven
    cand-sample -q --only --by all --for test --users 7 in.mr > all
    cmp <(rows cand.test.user seven) <(rows cand.test.user all)
}

@test "wrong: top" {
    vectors
    fails "--ids: no user has the id 'nobody'" --top 3 --ids nobody in.mr
    printf '1\n\n' > list
    fails "list:2: no user has the id ''" --top 3 --ids-from list in.mr
    printf '1\n2\0003\n' > list # not user 2
    fails "list:2: no UTF-8 text of at most 65000 bytes without NUL" --top 3 --ids-from list in.mr
    : > list
    fails "list: no user ids" --top 3 --ids-from list in.mr
    fails "none: no such file" --top 3 --ids-from none in.mr
    fails "no 'item.cf' in the input: run cf-embed first: ... | cf-train | cf-embed | cand-sample ..." --top 3 data
    fails "no 'align.item.fc1.weight' in the input: run align-train first: ... | sbert-encode -m MiniLM | align-train | cand-sample ..." --top 3 --by joint in.mr
    fails "--users 61: there are only 60" --top 3 --users 61 in.mr
    data-synth -q --users 9 --items 80 --per-user 5 | data-split -q > other
    stream-convert -q -o plain.safetensors in.mr
    stream-convert -q plain.safetensors | cat in.mr - > plain.mr
    fails "vectors of 60 users and 80 items, expected the 9 and 80 of 'user.id' and 'item.id': run cf-embed again" \
        --top 3 plain.mr other
    import 'anna v 1' 'anna w 2' 'anna x 3' 'ben v 1' 'ben y 2' 'ben z 3'
    fails "--ids: no user has the id 'ana': near it 'anna'" --top 1 --by pop --ids ben,ana data
    echo ana > list
    fails "list:1: no user has the id 'ana': near it 'anna'" --top 1 --by pop --ids-from list data
}
