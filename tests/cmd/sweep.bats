# pipelines/sweep: settings to filters, runs by parallel, --resume, the table, the best and
# its one test value, the Slurm script.
# Not under sanitizers: these are scripts

setup_file() {
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny
    export MILLRACE_CACHE=$BATS_FILE_TMPDIR/cache
    cd "$BATS_FILE_TMPDIR"
    mkdir shop
    awk 'BEGIN {
        srand(1)
        print "user,item,time" > "shop/interactions.csv"
        for (u = 0; u < 20; u++) for (t = 0; t < 8; t++)
            print u "," int(rand() * 40) "," t > "shop/interactions.csv"
        print "item,title" > "shop/items.csv"
        for (i = 0; i < 40; i++) print i ",Thing " i > "shop/items.csv"
    }'
    export MILLRACE_DATA=$BATS_FILE_TMPDIR/shop
}

setup() {
    command -v parallel > /dev/null || skip "no parallel"
    top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    # The build that is under test, not the tree's own bin.
    mkdir -p "$BATS_FILE_TMPDIR/tree"
    ln -sfn "$top/pipelines" "$BATS_FILE_TMPDIR/tree/pipelines"
    ln -sfn "$(dirname "$(command -v cf-train)")" "$BATS_FILE_TMPDIR/tree/bin"
    sweep=$BATS_FILE_TMPDIR/tree/pipelines/sweep
    out=$BATS_TEST_TMPDIR/out
    cd "$BATS_TEST_TMPDIR"
}

sweep() {
    "$sweep" --out "$out" "$@"
}

# A small sweep of SASRec: four runs.
small='--scorer cf cf-train.epochs=2 cf-train.lr=1e-3,1e-2 seed=1..2'

mistake() {
    run sweep "${@:2}"
    [ "$status" = 2 ] || { echo "status $status: $output"; false; }
    [[ $output == *"sweep: $1"* ]] || { echo "$output"; false; }
    [ ! -e "$out/joblog" ]
}

# The column of that name in the table.
column() {
    awk -F '\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next }
                              { print $c }' "$out/table.tsv"
}

@test "a grid: every combination, each setting to its filter" {
    run sweep --dry-run match=mse,infonce cf-train.dim=8,16 seed=1..3
    [ "$status" = 0 ]
    [ "${#lines[@]}" = 13 ]
    [ "${lines[0]}" = $'run\tmatch\tcf-train.dim\tseed' ]
    [ "${lines[1]}" = $'1\tmse\t8\t1' ]
    [ "${lines[12]}" = $'12\tinfonce\t16\t3' ]
}

@test "a list, alone and with a grid" {
    printf 'match\ttemperature\nmse\t0.1\ninfonce\t0.07\ninfonce\t0.2\n' > list.tsv
    run sweep --dry-run --list list.tsv
    [ "${#lines[@]}" = 4 ]
    [ "${lines[3]}" = $'3\tinfonce\t0.2' ]
    plain=$output
    { printf '\xef\xbb\xbf'; sed 's/$/\r/' list.tsv; } > marked.tsv
    run sweep --dry-run --list marked.tsv
    [ "${output//marked.tsv/list.tsv}" = "$plain" ]
    run sweep --dry-run --list list.tsv seed=1,2
    [ "${#lines[@]}" = 7 ]
    [ "${lines[6]}" = $'6\tinfonce\t0.2\t2' ]
    printf 'match\ttemperature\nmse\n' > short.tsv
    mistake "--list: 'mse' has not a value for each of match temperature" --list short.tsv
    mistake "--list: none.tsv: no such file" --list none.tsv
    mistake "seed: '1' is given twice" --list list.tsv seed=1,2,1
    printf 'match\tseed\nmse\t1\nmse\t2\nmse\t1\n' > twice.tsv
    mistake $'--list: \'mse\t1\' is given twice' --list twice.tsv
    printf 'match' > names.tsv
    mistake "no runs" --list names.tsv
}

@test "settings are checked before anything starts" {
    mistake 'lr: several filters have it: say cf-train.lr= or another of cf-train align-train project-train' lr=1
    mistake 'wings: no filter of this line has it' wings=2
    mistake 'cf-train.wings: no filter of this line has it' cf-train.wings=2
    mistake 'match: no filter of this line has it' --scorer cf match=mse
    mistake 'cf-train.dim=5x is refused' cf-train.dim=8,5x
    mistake 'match=mise is refused' match=mse,mise
    mistake "hits is a flag: yes or no, not 1" hits=1
    mistake "blocks: no values" "blocks= "
    mistake "blocks: '5;6' is no value" 'blocks=5;6'
    mistake "blocks is given twice" blocks=5 blocks=6
    mistake "only: no filter" only=yes
    mistake "no settings"
    mistake "there is no option --wings" --wings
    mistake "'wings' is not SETTING=VALUES" wings
    mistake "--jobs and --threads: 'two' is no number" --jobs two blocks=5
    mistake "--metric: 'hr@3' is none of hr@1 hr@10 ndcg@10 mrr" --metric hr@3 blocks=5
    mistake "--metric: 'ndgc@10' is none of hr@1" --dry-run --metric ndgc@10 blocks=5
    mistake "--scorer: 'gpt' is neither cf nor llm" --scorer gpt blocks=5
    run sweep 'blocks=5;touch x'
    [ "$status" = 2 ]
    [ ! -e x ]
    sweep --dry-run blocks=5 > settings
    grep -q $'^1\t5$' settings
    [ ! -e "$out" ]
}

@test "a sweep: a table with every setting, the best by its mean over seeds, tested once" {
    run sweep $small
    echo "$output"
    [ "$status" = 0 ]
    [ "$(head -1 "$out/table.tsv")" = \
        $'run\tcf-train.epochs\tcf-train.lr\tseed\tndcg@10\tstate\tseconds\tbest' ]
    [ "$(column state | sort | uniq -c | tr -s ' ')" = " 4 done" ]
    # the best by hand
    want=$(paste <(column cf-train.lr) <(column ndcg@10) |
        awk '{ s[$1] += $2 } END { print (s["1e-2"] > s["1e-3"]) ? "1e-2" : "1e-3" }')
    [ "$(paste <(column cf-train.lr) <(column best) | tr -d '\t' | grep -c "^$want\*$")" = 2 ]
    [ "$(column best | grep -c '\*')" = 2 ]
    grep -q "^best: cf-train.epochs=2 cf-train.lr=$want$" "$out/best.txt"
    [ "$(grep -c 'on test users: 0\.[0-9]* (2 seeds' "$out/best.txt")" = 1 ]
    # nobody else was tested
    [ "$(ls "$out"/runs/*.test.tsv | wc -l)" = 2 ]
    # the value of a run is that of the same line by hand
    data-import -q "$MILLRACE_DATA" | data-split -q |
        cf-train -q --epochs 2 --lr 1e-2 --seed 2 | cf-embed -q |
        cand-sample -q --for valid | cf-score -q | metrics -q --format tsv > hand.tsv
    cmp hand.tsv "$out/runs/4.tsv"
    if command -v gnuplot > /dev/null; then
        [ "$(head -c 4 "$out/plot.png" | tail -c 3)" = PNG ]
        [ "$(wc -l < "$out/plot.tsv")" = 4 ]
    fi
}

@test "a folder is for one sweep, and says how to go on" {
    sweep $small > /dev/null 2>&1
    run sweep $small
    [ "$status" = 2 ]
    [[ $output == *"holds this sweep already: --resume"* ]]
    run sweep $small blocks=9
    [ "$status" = 2 ]
    [[ $output == *"holds another sweep"* ]]
    sweep --gather --metric hr@1 > words
    grep -q '^hr@1 on test users: ' words
    run sweep --gather --metric hr@7
    [ "$status" != 0 ]
    [[ $output == *"has no hr@7 of cf: it has "*"hr@1/"* ]]
    [ -z "$(find . -name '*.part')" ]
}

@test "a setting that fails: the others are there, --resume-failed runs it again" {
    # 3 heads do not divide 8 columns, which the filter says when it starts
    run sweep --scorer cf cf-train.epochs=1 cf-train.dim=8 cf-train.heads=1,3,2
    echo "$output"
    [ "$status" = 1 ]
    [ "$(column state | tr '\n' ' ')" = 'done failed done ' ]
    [[ $output == *"run 2 failed: cf-train: "* ]]
    [ -z "$(column best | sed -n 2p)" ]
    [ "$(column best | grep -c '\*')" = 1 ]
    one=$(stat -c %y "$out/runs/1.tsv")
    sed -i 's/--heads 3/--heads 4/' "$out/runs/2.settings" # repaired
    run sweep --resume-failed
    echo "$output"
    [ "$status" = 0 ]
    [ "$(column state | tr '\n' ' ')" = 'done done done ' ]
    [ "$(stat -c %y "$out/runs/1.tsv")" = "$one" ]
}

@test "--halt stops; runs that never were are said, and nothing is tested" {
    run sweep --jobs 1 --halt now,fail=1 --scorer cf cf-train.epochs=1 cf-train.dim=8 \
        cf-train.heads=1,3,2
    [ "$status" = 1 ]
    [ "$(column state | tr '\n' ' ')" = 'done failed missing ' ]
    [[ $output == *"some runs are still to come"* ]]
    [ ! -e "$out/test.joblog" ]
}

@test "killed in the middle, --resume does the rest and no run twice" {
    set -m
    "$sweep" --out "$out" --jobs 1 --scorer cf cf-train.epochs=20 seed=1..6 > log 2>&1 &
    for _ in $(seq 300); do
        [ ! -e "$out/joblog" ] || [ "$(wc -l < "$out/joblog")" -lt 3 ] || break
        sleep 0.1
    done
    kill -9 -- -$!
    wait || true
    done_before=$(($(wc -l < "$out/joblog") - 1))
    [ $done_before -ge 2 ]
    [ $done_before -lt 6 ]
    cp "$out/joblog" before
    run sweep --resume
    echo "$output"
    [ "$status" = 0 ]
    [ "$(column state | sort | uniq -c | tr -s ' ')" = " 6 done" ]
    [ "$(sed 1d "$out/joblog" | cut -f 1 | sort -n | tr '\n' ' ')" = '1 2 3 4 5 6 ' ]
    cmp <(head -c "$(stat -c %s before)" "$out/joblog") before
}

@test "the LLM's line, with what runs share" {
    run sweep cf-train.epochs=2 align-train.epochs=1 prealign=2 project-train.valid-users=0 steps=1,2 \
        cand-sample.number=5 batch=4
    [ "$status" = 2 ] # batch: of three filters
    run sweep cf-train.epochs=2 align-train.epochs=1 prealign=2 project-train.valid-users=0 steps=1,2 \
        cand-sample.number=5 project-train.batch=4 --metric hr@1
    echo "$output"
    [ "$status" = 0 ]
    [ "$(column state | tr '\n' ' ')" = 'done done ' ]
    grep -q '^hr@1 on test users: ' "$out/best.txt"
}

@test "the Slurm script: its body is one run of the list" {
    sweep --slurm array.sh $small
    if command -v shellcheck > /dev/null; then
        shellcheck array.sh
    fi
    grep -qx '#SBATCH --array=1-4' array.sh
    grep -qx '#SBATCH --cpus-per-task=1' array.sh
    [ ! -e "$out/joblog" ]
    for i in 3 1 4 2; do
        (cd / && SLURM_ARRAY_TASK_ID=$i bash "$OLDPWD/array.sh")
    done
    data-import -q "$MILLRACE_DATA" | data-split -q |
        cf-train -q --epochs 2 --lr 1e-2 --seed 1 | cf-embed -q |
        cand-sample -q --for valid | cf-score -q | metrics -q --format tsv > hand.tsv
    cmp hand.tsv "$out/runs/3.tsv"
    sweep --gather
    [ "$(column state | sort | uniq -c | tr -s ' ')" = " 4 done" ]
    grep -q 'on test users' "$out/best.txt"
}

@test "jobs times threads is the number of cores" {
    n=$(nproc)
    for pair in "--jobs $n:1" "--jobs 1:$n" "--threads $n:$n" ":1"; do
        rm -rf "$out"
        sweep --slurm array.sh ${pair%:*} $small
        grep -qx "threads ${pair##*:}" "$out/runs/1.settings" || { echo "$pair"; false; }
    done
}

@test "the scripts are clean" {
    command -v shellcheck > /dev/null || skip "no shellcheck"
    cd "$top/pipelines"
    shellcheck -x demo full sweep sweep-run sweep-table sweep-plot common.sh runner.sh sweep-settings.sh
}

@test "folders of any name: of the data by a path from here, and of the sweep" {
    name="-x [a-z]*'q\" &"
    mkdir "./$name"
    cp -r "$MILLRACE_DATA" "./$name/shop"
    run env MILLRACE_DATA="./$name/shop" "$sweep" --out "$name/out" --scorer cf cf-train.epochs=1
    [ "$status" = 0 ] || { echo "$output"; false; }
    grep -q '^best:' "./$name/out/best.txt"
    [ "$(cut -f 4 "./$name/out/table.tsv" | tail -n 1)" = 'done' ]
    "$sweep" --out "$name/slurm" --slurm "$name/array.sh" --scorer cf cf-train.epochs=1
    bash -n "./$name/array.sh"
    (SLURM_ARRAY_TASK_ID=1 bash "./$name/array.sh")
    [ -s "./$name/slurm/runs/1.tsv" ]
    export MILLRACE_DATA=$'two\nlines'
    mistake 'a name with a line break' --scorer cf cf-train.epochs=1
}

@test "with a descriptor closed no file of the sweep gets its words" {
    "$sweep" --out "$out" --scorer cf cf-train.epochs=1 >&- 2> words && status=0 || status=$?
    cat words
    [ -z "$(grep -rl 'best:' "$out" | grep -v '/best.txt$')" ]
    [ -s "$out/table.tsv" ]
    [ "$status" = 1 ]
    "$sweep" --help 2>&- | grep -q SETTING
}
