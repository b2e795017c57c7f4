# pipelines/choosing on the tiny stand-ins: its rows, what a second run leaves alone, and
# the mistakes that it names.

load common

setup_file() {
    pipelines_file || return 0
    choosing $(small) --seeds 1,2 --folder whole > whole.out 2> whole.err
}

setup() {
    pipelines_test
}

small() {
    echo --steps 2 --precision f32 --valid-users 20 --controls shuffled,best,random,paper
}

@test "a row for each part, the LLM, the sum and each control, on the same users" {
    for row in chance a-llmrec cf parts fused joint joint-text shuffled best random paper pop; do
        grep -qE "^$row +\." whole/table.md || { echo "$row"; false; }
    done
    [ "$(grep -c '^test: .* minus .*, the same 60 users:$' whole/table.md)" = 18 ]
    cmp whole.out whole/table.md
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
    choosing $(small) --users 0 --seeds 1,2 --folder more --resume > more.out 2> more.err
    [ "$(stat -c %Y more/score-a-llmrec-1.mr)" = "$(date -d 2020-01-01 +%s)" ]
    diff <(grep -v choosing more.out) <(grep -v choosing whole.out)
    run -1 choosing $(small) --seeds 1,2 --steps 3 --folder more --resume
    [[ $output = *"more/settings: not this command line's"* ]]
    run -1 choosing $(small) --seeds 1,2 --folder more
    [[ $output = *"--resume goes on with it"* ]]
}

@test "mistakes are named" {
    run -2 choosing --seeds a
    [[ $output = *"--seeds: 'a' is not a list of numbers"* ]]
    run -2 choosing --controls maybe
    [[ $output = *"--controls: 'maybe' is not shuffled, best, random or paper"* ]]
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
