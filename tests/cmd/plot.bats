# plot: each kind of picture, with characters and by gnuplot; wrong input.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    data-import -q ml-100k | data-split -q > data.mr
    cf-train -q --dim 8 --maxlen 10 --batch 20 --epochs 12 --valid-every 3 --log sasrec.tsv \
        data.mr | cf-embed -q > cf.mr
    sbert-encode -q -m MiniLM --only data.mr > text.mr
    align-train -q --dim 6 --epochs 8 --batch 8 --log align.tsv cf.mr text.mr > joint.mr
    cand-sample -q -n 9 joint.mr | cand-sample -q -n 9 --for valid | cf-score -q --by pop | cf-score -q > scores.mr
    cand-sample -q --by all joint.mr | cf-score -q > full.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    rm -f out.*
}

need_gnuplot() {
    command -v gnuplot > /dev/null || skip "gnuplot is not installed"
}

# A PATH without gnuplot, in which the shell still finds what it needs.
without_gnuplot() {
    mkdir -p empty
    PATH=$(dirname "$(command -v plot)"):$PWD/empty "$@"
}

@test "each kind gives a PNG on standard output, and an SVG and a PNG as files" {
    need_gnuplot
    for of in 'curves sasrec.tsv align.tsv' 'metrics scores.mr' 'ranks scores.mr' \
        'ranks full.mr' 'calibration scores.mr' 'joint joint.mr' \
        'joint --column item.class joint.mr'; do
        plot $of > out.png
        [ "$(head -c 8 out.png | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ]
        plot $of -o out.svg
        grep -q '</svg>' out.svg
        plot --format svg $of | diff -q - out.svg
        plot $of -o out.txt
        plot --term $of | diff - out.txt
        [ "$(wc -l < out.txt)" -gt 5 ]
        plot --format text $of -o out.dat
        cmp out.dat out.txt
    done
}

@test "metrics with characters: the numbers that metrics prints" {
    plot metrics --term scores.mr > out.txt
    metrics -q --format tsv scores.mr | awk -F '\t' '$1 == "test" && $2 != "chance"' > table.tsv
    metrics scores.mr > table
    for scorer in pop cf; do
        [ "$(grep -c "^  $scorer " out.txt)" = 4 ]
        for number in $(awk -v s=$scorer '/^test:/ { test = 1 } test && $1 == s {
                for (i = 2; i <= NF; i += 2) print $i }' table); do
            grep "^  $scorer " out.txt | grep -qE " $number( |\$)" || { echo "$number"; cat out.txt; false; }
        done
    done
    [ "$(grep -c '^  chance ' out.txt)" = 4 ]
    head -1 out.txt | grep -q '^test: 60 users, 10 uniform candidates$'
}

@test "metrics: the split, the scorers and the cut-offs that are asked for" {
    plot metrics --term --split valid --scorers cf -k 3 -m hr scores.mr > out.txt
    head -1 out.txt | grep -q '^valid: 60 users'
    grep -qx 'hr@3' out.txt
    not grep -qE '^  pop |^hr@1$' out.txt
    [ "$(grep -c '^  cf ' out.txt)" = 1 ]
    [ "$(plot metrics --term full.mr | head -1)" = 'test: 60 users, all items' ]
}

# The data of a series in gnuplot's commands: a program of that name keeps them.
commands_of() {
    mkdir -p spy
    printf '#!/bin/sh\ncat > "%s/commands"\necho picture\n' "$PWD" > spy/gnuplot
    chmod +x spy/gnuplot
    PATH=$PWD/spy:$PATH plot "$@" > /dev/null
}
series() {
    awk -v s="\$s$1" '$0 == "END" { inside = 0 } inside && NF { print } $1 == s && $2 == "<<" { inside = 1 }' \
        commands
}

@test "ranks: the shares of the users whose truth metrics puts there" {
    commands_of ranks --scorers cf scores.mr
    metrics --format per-user scores.mr | awk -F '\t' '
        NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
        $c["split"] == "test" && $c["scorer"] == "cf" { n++; r = $c["rank"]; low = int(r)
            share[low] += 1 - (r - low); share[low + 1] += r - low }
        END { for (i = 1; i <= 10; i++) printf "%d %.6f\n", i, share[i] / n }' > want
    series 1 | awk '{ printf "%d %.6f\n", $1, $2 }' | diff want -
    awk '{ s += $2 } END { exit !(s > .99999 && s < 1.00001) }' want
    series 0 | awk '{ if ($2 != .1) exit 1 } END { exit NR != 10 }' # chance, of ten
    commands_of ranks full.mr # of all items: chance and the scorer sum to 1
    for i in 0 1; do
        series $i | awk '{ s += $2 } END { exit !(s > .99999 && s < 1.00001) }'
    done
    cand-sample -q --top 9 --for test joint.mr | cf-score -q > top.mr
    commands_of ranks top.mr # both sum to the share that is found
    grep -qF 'test: 60 users, all items, of them the top 9 by cf' commands
    found=$(metrics -q --format tsv -k 9 -m hr top.mr | awk -F '\t' '$2 == "cf" { print $5 }')
    for i in 0 1; do
        series $i | awk -v f="$found" '{ s += $2 } END { exit !(f < 1 && s > f - 1e-5 && s < f + 1e-5) }'
    done
}

@test "calibration: scores that are log-probabilities lie on the line, doubled ones below" {
    # 2000 users of two candidates each: the first is true with probability p, which its
    # score says; the second's is 1 - p.
    python=
    for p in python3 /usr/bin/python3; do
        $p -c 'import numpy, msgpack' 2> /dev/null && python=$p && break
    done
    [ -n "$python" ] || skip "python3-msgpack and python3-numpy are not installed"
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$BATS_TEST_DIRNAME/../../samples/python $python - << 'P'
import millrace, numpy
n, r = 2000, numpy.random.default_rng(5)
p = r.uniform(.5, 1, n)
first = r.uniform(size=n) < p
truth = numpy.where(first, 0, 1).astype("i4")
users = numpy.arange(n, dtype="i4")
score = numpy.log(numpy.stack([p, 1 - p], 1)).astype("f4")
items = numpy.tile(numpy.array([0, 1], "i4"), (n, 1))
digest = {"sampler": "uniform"}
millrace.write("planted.mr", {
    "inter.user": numpy.repeat(users, 2), "inter.split": numpy.tile(numpy.array([0, 2], "u1"), n),
    "inter.item": numpy.stack([numpy.full(n, 2, "i4"), truth], 1).reshape(-1),
    "cand.test.user": users, "cand.test.item": items,
    "score.test.right": score, "score.test.double": score * 2})
P
    commands_of calibration planted.mr
    series 1 | awk '{ if ($2 < $3 || $2 > $4 || $3 > $1 + .03 || $4 < $1 - .03) exit 1 }
        END { exit NR != 10 }'
    error() { grep -oP "title '$1 \\(error \\K[0-9.]+" commands; }
    awk -v a="$(error right)" -v b="$(error double)" 'BEGIN { exit !(a < .03 && b > .05) }'
}

@test "curves: the columns of the logs, smoothed or not" {
    commands_of curves --smooth 1 sasrec.tsv
    grep -q "set ylabel 'loss'" commands
    grep -q "set ylabel 'ndcg@10'" commands
    series 0 | awk '{ print $1 + 0, $2 + 0 }' > got # panels repeat $s0: the first 12 are loss
    awk -F '\t' 'NR > 1 { print $1 + 0, $4 + 0 }' sasrec.tsv | diff - <(head -12 got)
    awk -F '\t' 'NR > 1 && $5 != "" { print $1 + 0, $5 + 0 }' sasrec.tsv | diff - <(tail -n +13 got)
    commands_of curves --smooth 4 --draw loss --over epoch sasrec.tsv
    awk -F '\t' 'NR > 1 { s += $4 } NR > 1 && (NR - 1) % 4 == 0 { printf "%d %.5f\n", $3, s / 4; s = 0 }' \
        sasrec.tsv | diff - <(series 0 | awk '{ printf "%d %.5f\n", $1, $2 }')
    grep -q 'means of 4 lines' commands
    commands_of curves --draw loss sasrec.tsv align.tsv
    grep -o "title '[a-z, ]*'" commands | tail -3 | tr '\n' ' ' |
        grep -qx "title 'sasrec' title 'align' title 'align, validation' "
    plot curves --term < sasrec.tsv | head -1 | grep -qx '<stdin>'
    plot curves --title 'My own' --term sasrec.tsv | head -1 | grep -qx 'My own'
}

@test "joint: a sample of items, the same of a seed; components of all" {
    commands_of joint --points 10 joint.mr
    [ "$(series 0 | wc -l)" = 20 ] # two ends of ten lines
    cp commands first
    commands_of joint --points 10 joint.mr
    cmp commands first
    commands_of joint --points 10 --seed 2 joint.mr
    not cmp -s commands first
    grep 'principal component' first | diff - <(grep 'principal component' commands)
    commands_of joint --points 0 joint.mr
    [ "$(series 0 | wc -l)" = $((2 * $(stream-show --name item.id --head 9999 data.mr | wc -l))) ]
}

@test "a picture does not depend on the number of threads" {
    for of in 'metrics scores.mr' 'joint joint.mr'; do
        OMP_NUM_THREADS=1 plot --term $of > one.txt
        OMP_NUM_THREADS=2 plot --term --threads 2 $of | cmp one.txt
    done
}

@test "without gnuplot: one line, nothing written, and characters all the same" {
    run without_gnuplot plot metrics scores.mr -o out.png
    [ "$status" = 1 ]
    [ "$output" = 'plot: gnuplot is not installed (Debian: gnuplot-nox); --term draws without it' ]
    [ ! -e out.png ]
    echo old > out.svg
    run without_gnuplot plot metrics scores.mr -o out.svg
    [ "$status" = 1 ]
    [ "$(cat out.svg)" = old ]
    without_gnuplot plot metrics --term scores.mr | grep -q '^  cf '
}

@test "a gnuplot that fails is said, and nothing is written" {
    mkdir -p broken
    printf '#!/bin/sh\necho half\necho "no font" >&2\nexit 3\n' > broken/gnuplot
    chmod +x broken/gnuplot
    PATH=$PWD/broken:$PATH fails 1 plot metrics scores.mr -o out.png
    says 'plot: gnuplot failed with status 3: no font'
    [ "${#lines[@]}" = 1 ]
    [ ! -e out.png ]
    run bash -c "PATH=$PWD/broken:\$PATH plot metrics scores.mr 2> /dev/null"
    [ "$status" = 1 ]
    [ -z "$output" ]
}

@test "streams without what is plotted" {
    fails 1 plot metrics --term data.mr
    says "plot: no 'score.*' in the input"
    fails 1 plot joint --term cf.mr
    says "item.joint"
    says 'align-train'
    fails 1 plot joint --term --column item.colour joint.mr
    says "item.colour"
    fails 1 plot joint --term --column item.titel joint.mr
    says "--column: no 'item.titel' in the input: did you mean item.title?"
    fails 1 plot calibration --term full.mr
    says 'nothing to draw'
    fails 1 plot ranks --term --scorers cf,llm scores.mr
    says "--scorers: no scores of 'llm'"
    fails 1 plot ranks --term --scorers fc scores.mr
    says "--scorers: no scores of 'fc' in the input: did you mean cf?"
    fails 1 plot ranks --term --split valid full.mr
    says "--split: no scores of the split 'valid' in the input"
    fails 1 plot ranks --term --split tset full.mr
    says "--split: no scores of the split 'tset' in the input: did you mean test?"
    head -c 5000 scores.mr > cut.mr
    fails 1 plot metrics cut.mr -o out.png
    says 'cut short'
    [ ! -e out.png ]
}

@test "files that are no logs" {
    fails 1 plot curves --term data.mr
    says 'data.mr: no log of a training'
    fails 1 plot curves --term nowhere.tsv
    says 'nowhere.tsv: No such file'
    printf 'step\tseconds\tloss\tlr\n' > none.tsv
    fails 1 plot curves --term none.tsv
    says 'none.tsv: a log without any line'
    printf 'step\tseconds\tloss\tlr\n1\t.5\tx\t1\n' > word.tsv
    fails 1 plot curves --term word.tsv
    says "word.tsv: line 2: 'x' is no number"
    printf 'step\tseconds\tloss\tlr\n1\t.5\t3\n' > few.tsv
    fails 1 plot curves --term few.tsv
    says 'few.tsv: line 2: fewer than 4 cells'
    printf 'step\tseconds\tloss\tlr\n1\t.5\t3\t4\t5\n' > many.tsv
    fails 1 plot curves --term many.tsv
    says 'many.tsv: line 2: more than 4 cells'
    fails 1 plot curves --term --draw hr sasrec.tsv
    says "--draw: no log has numbers of 'hr'"
    fails 1 plot curves --term --draw loss,los sasrec.tsv
    says "--draw: no log has numbers of 'los': did you mean loss?"
    fails 1 plot curves --term --over secnods sasrec.tsv
    says "sasrec.tsv: has no column 'secnods' of --over: did you mean seconds?"
    fails 1 plot curves --term --over hours sasrec.tsv
    says "sasrec.tsv: has no column 'hours' of --over"
}

@test "command lines that cannot be meant" {
    fails 2 plot
    says 'plot: the first word is missing, expected one of curves, metrics, joint, ranks, calibration'
    fails 2 plot pie scores.mr
    says "plot: 'pie' is none of curves, metrics"
    fails 2 plot metric scores.mr
    says "plot: 'metric' is nothing that it does: did you mean metrics?"
    fails 2 plot metrics --over epoch scores.mr
    says '--over: plot metrics does not use it'
    fails 2 plot metrics scores.mr -o out.pdf
    says 'out.pdf ends in none of .png, .svg and .txt'
    fails 2 plot metrics scores.mr --format png --term
    says '--term: is --format text, beside --format png'
    fails 2 plot curves -o sasrec.tsv sasrec.tsv
    says 'sasrec.tsv is input and output'
    fails 2 plot metrics --width 9 scores.mr
    says '--width: 9, expected 40'
    fails 1 plot metrics scores.mr -o nowhere/out.txt
    says 'nowhere'
    run bash -c 'plot metrics --term scores.mr > /dev/full'
    [ "$status" = 1 ]
    [ "$output" = 'plot: <stdout>: No space left on device' ]
}

@test "under memo: the picture again without drawing, another kind anew" {
    export MILLRACE_CACHE=$PWD/cache
    rm -rf cache
    memo plot metrics --term scores.mr > a.txt
    plot metrics --term scores.mr | cmp - a.txt
    memo plot metrics --term scores.mr | cmp - a.txt
    memo plot ranks --term scores.mr > b.txt
    plot ranks --term scores.mr | cmp - b.txt
    memo plot curves --term sasrec.tsv > c.txt
    memo plot curves --term < align.tsv > d.txt
    plot curves --term < align.tsv | cmp - d.txt
    not cmp -s c.txt d.txt
}

@test "on a terminal, characters in its width" {
    command -v script > /dev/null || skip "no script"
    script -qc "stty cols 61; plot metrics scores.mr" /dev/null < /dev/null | tr -d '\r' > out.txt
    grep -q '^  cf ' out.txt
    [ "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' out.txt)" -le 61 ]
}
