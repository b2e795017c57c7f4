# pipelines/choosing on the tiny stand-ins: its rows, what a second run leaves alone, and
# the mistakes that it names.
# Not under sanitizers: the pipelines run the programs of bin/

load common

setup_file() {
    pipelines_file
    choosing $(small) --seeds 1,2 --score-options '--calibrate 0' --folder whole \
        > whole.out 2> whole.err
}

setup() {
    pipelines_test
}

small() {
    echo --steps 2 --precision f32 --valid-users 20 \
        --controls shuffled,best,random,shuffled-cf,paper
}

@test "a row for each part, the LLM, the sum and each control, on the same users" {
    for row in chance a-llmrec cf parts fused joint joint-text shuffled best random shuffled-cf \
        paper pop; do
        grep -qE "^$row +\." whole/table.md || { echo "$row"; false; }
    done
    [ "$(grep -c '^test: .* minus .*, the same 60 users:$' whole/table.md)" = 19 ]
    cmp whole.out whole/table.md
}

# difference A B: of the table's last test of A minus B on the test's users, HR@1.
difference() {
    awk -v a="$1" -v b="$2" '$1 == "test:" && $2 == a && $4 == b "," { seen = 1 }
        seen && /^hr@1\// { found = $0; seen = 0 } END { print found }' whole/table.md
}

# own A,B: the same from the runs of seed 1 alone.
own() {
    metrics -q -k 1,10 --cluster auto --compare "$1" whole/text.mr whole/others.mr \
        whole/fused-1.mr whole/score-*-1.mr |
        sed -n '/^test:.*minus/,$s/^\(hr@1\/.*\)/\1/p'
}

@test "controls are compared with the rows of their own seed, and the table says so" {
    grep -q '^Means over seeds 1,2 of the CF model' whole/table.md
    grep -q '^Seed 1 alone, the controls beside the same rows:$' whole/table.md
    for name in best shuffled-cf; do
        [ -n "$(own a-llmrec@1,$name@1)" ]
        [ "$(difference a-llmrec $name)" = "$(own a-llmrec@1,$name@1)" ]
    done
    [ "$(difference parts shuffled)" = "$(own parts@1,shuffled@1)" ]
    not grep -q 'minus best' <(sed '/^Seed 1 alone/,$d' whole/table.md)
}

@test "the table says whose validation rows flatter, and its command" {
    grep -q "^Rows of validation flatter, since its users chose the weights of .parts" whole/table.md
    grep -q '^    pipelines/choosing .*--seeds 1' whole/table.md
}

@test "shuffled-cf: the rows of item.fused, in another order, and other scores" {
    for file in stage1 shuffled-cf; do
        stream-show --name item.fused --head 1000 whole/$file-1.mr > $file.rows
    done
    not cmp -s stage1.rows shuffled-cf.rows
    cmp <(sort stage1.rows) <(sort shuffled-cf.rows)
    for name in a-llmrec random shuffled-cf; do
        stream-show --name "score.test.$name@1" --head 100 whole/score-$name-1.mr | cksum
    done | sort -u > sums
    [ "$(wc -l < sums)" = 3 ]
}

@test "--control-seeds all: more seeds of a run that is there" {
    cp -r whole all
    choosing $(small) --seeds 1,2 --score-options '--calibrate 0' --control-seeds all \
        --folder all --resume > all.out 2> all.err
    grep -q '^Means over seeds 1,2, the controls beside the same rows:$' all.out
    grep -q '^note: best: each user.s mean over 2 runs$' all.out
    cmp whole/score-best-1.mr all/score-best-1.mr
}

@test "--score-options: those of every llm-score" {
    for name in a-llmrec best random shuffled-cf; do
        stream-show whole/score-$name-1.mr | grep -q "^score.test.$name@1 .* calibrate=0 " ||
            { echo "$name"; false; }
    done
}

@test "seeds are whole runs: their CF models and projections differ" {
    not cmp -s whole/cf-1.mr whole/cf-2.mr
    not cmp -s whole/stage2-1.mr whole/stage2-2.mr
}

@test "the shuffled control has the same items, with other texts" {
    stream-cat --pick item.text whole/text.mr > text.mr
    stream-cat --pick item.text whole/shuffled-1.mr > shuffled.mr
    not cmp -s text.mr shuffled.mr
    stream-cat --pick 'inter.*' whole/text.mr | stream-convert -n inter.item -o a.npy
    stream-cat --pick 'inter.*' whole/shuffled-1.mr | stream-convert -n inter.item -o b.npy
    cmp a.npy b.npy
}

@test "--resume goes on: what is there stays, a seed may be added, other settings may not" {
    cp -r whole more
    touch -d 2020-01-01 more/score-a-llmrec-1.mr
    choosing $(small) --users 0 --seeds 1,2 --score-options '--calibrate 0' --folder more --resume > more.out 2> more.err
    [ "$(stat -c %Y more/score-a-llmrec-1.mr)" = "$(date -d 2020-01-01 +%s)" ]
    diff <(grep -v choosing more.out) <(grep -v choosing whole.out)
    run -1 choosing $(small) --seeds 1,2 --steps 3 --folder more --resume
    [[ $output = *"more/settings: not this command line's"* ]]
    run -1 choosing $(small) --seeds 1,2 --folder more
    [[ $output = *"--resume goes on with it"* ]]
}

@test "more validation users than there are: all of them, and said" {
    choosing $(small) --valid-users 500 --controls no --seeds 1 --folder capped > capped.out 2> capped.err
    grep -qx 'choosing: --valid-users 500: all 60 that have a validation item' capped.err
    [ "$(stream-show capped/cand.mr | sed -n 's/^cand.valid.user .*\[\([0-9]*\)\].*/\1/p')" = 60 ]
    grep -q '^fused ' capped/table.md
}

@test "mistakes are named" {
    run -2 choosing --seeds a
    [[ $output = *"--seeds: 'a' is not a list of numbers"* ]]
    run -2 choosing --seeds 1,2,1
    [[ $output = *"--seeds: '1,2,1' names 1 twice"* ]]
    run -2 choosing --controls maybe
    [[ $output = *"--controls: 'maybe' is not shuffled, best, random, shuffled-cf or paper"* ]]
    run -2 choosing --control-seeds 2
    [[ $output = *"--control-seeds: '2' is neither first nor all"* ]]
    run -2 choosing --steps 0
    [[ $output = *"--steps: '0' is not a number from 1"* ]]
    run -1 choosing --data nowhere --folder none
    [[ $output = *"choosing: data-import: nowhere"* ]]
    run -1 choosing $(small) --stage2-options '--no-such-option' --seeds 1 --folder bad
    [[ $output = *"--no-such-option"* ]]
}

@test "shellcheck finds nothing" {
    command -v shellcheck > /dev/null || skip "no shellcheck"
    cd "$TOP"
    shellcheck -x -P pipelines pipelines/choosing pipelines/seeds.sh
}
