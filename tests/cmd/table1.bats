# pipelines/table1 on the tiny stand-ins: stopped, gone on with, and what it writes.
# Not under sanitizers: the pipelines run the programs of bin/

load common

setup_file() {
    pipelines_file
    table1 $(small) --folder whole > whole.out 2> whole.err
}

setup() {
    pipelines_test
}

small() {
    echo --seeds 1,2 --steps 6 --precision f32 --score-options --orders=2
}

# The jobs that a job log says are done.
done_jobs() {
    [ -e "$1" ] && awk -F '\t' 'NR > 1 && $7 == 0 && $8 == 0' "$1" | wc -l
}

# A folder with all streams of the whole run, settings of its own.
copy_whole() {
    mkdir "$1"
    cp -r whole/*.mr whole/*.cost whole/log "$1"
}

column() { # TSV HEADING ROW
    awk -F '\t' -v h="$2" -v r="$3" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == h) c = i }
        $1 == r { print $c }' "$1"
}

@test "five rows; columns with their protocol; spread beside each" {
    [ "$(wc -l < whole/table1.tsv)" = 6 ]
    [ "$(awk -F '\t' '{ print NF }' whole/table1.tsv | sort -u)" = 24 ]
    [ "$(cut -f 1 whole/table1.tsv | paste -sd ' ')" = \
        'row a-llmrec larger-llm infonce deeper everything' ]
    for heading in 'time s' 'stage 1 s' 'stage 2 s' 'CPU s' 'memory MB' 'valid ndcg@10/20 uniform' \
        'valid hr@10/20 uniform' 'valid hr@1/20 uniform' 'test ndcg@10/20 uniform' \
        'test hr@10/20 uniform' 'test hr@1/20 uniform'; do
        awk -v v="$(column whole/table1.tsv "$heading" infonce)" 'BEGIN { exit !(v > 0) }' ||
            { echo "$heading"; false; }
        [ -z "$(column whole/table1.tsv "$heading" everything)" ]
        grep -qF "| $heading |" whole/table1.md
    done
}

@test "--score-options: those of every llm-score" {
    for name in a-llmrec-1 infonce-2; do
        stream-show whole/score-$name.mr | grep -q '^score.test.* orders=2$'
    done
}

@test "a row is the mean and deviation of its seeds, and time the sum of both stages" {
    for split in valid test; do
        awk -F '\t' -v s=$split '$1 == s && $2 ~ /^deeper@/ && $4 ~ /^hr@10\// {
            x[++n] = $5 } END { m = (x[1] + x[2]) / 2; d = x[1] - m
            printf "%d %.4f %.4f\n", n, m, sqrt(2 * d * d) }' whole/metrics.tsv > want
        awk -F '\t' -v h="$split hr@10/20 uniform" 'NR == 1 { for (i = 1; i <= NF; i++)
            if ($i == h) c = i } $1 == "deeper" { printf "%d %.4f %.4f\n", $2, $c, $(c + 1) }' \
            whole/table1.tsv > got
        diff want got
    done
    awk -F '\t' 'NR > 1 && $2 { d = $3 - $5 - $7; if (d < 0) d = -d; if (d > .01) exit 1 }' \
        whole/table1.tsv
    awk -F '\t' '$1 == "deeper" { s += $3 } END { print s / 2 }' whole/costs.tsv > want
    [ "$(column whole/table1.tsv 'stage 1 s' deeper)" = "$(cat want)" ]
}

@test "what stage 1 made of the joint space: eight numbers of each kind and seed" {
    [ "$(wc -l < whole/joint.tsv)" = 49 ]
    [ "$(cut -f 1,2 whole/joint.tsv | sort | uniq -c | awk '{ print $1 }' | sort -u)" = "$(printf '1\n8')" ]
    want=$(sed -n 's/.*own text found by cosine: @1 [.0-9]* (.*), @10 \([.0-9]*\) .*/\1/p' \
        whole/log/stage1-infonce-*.log | awk '{ s += $1 } END { printf "%.4f", s / 2 }')
    [ "$(awk -F ' *[|] *' '$2 == "InfoNCE" && NF == 11 { print $8 }' whole/table1.md)" = "${want#0}" ]
}

@test "the stamp, the paired tests and the plot" {
    grep -q '^ml-100k: 1200 interactions, 60 users, 80 items' whole/table1.md
    grep -q 'larger LLM: none, its rows are empty' whole/table1.md
    grep -q '^    project-train .* --steps 6 ' whole/table1.md
    grep -q '^    align-train .* --net deep .* --epochs 100 ' whole/table1.md
    for split in valid test; do
        for row in infonce deeper; do
            grep -q "^$split: a-llmrec minus $row, the same 60 users:" whole/table1.md
        done
    done
    grep -q "^note: infonce: each user's mean over 2 runs" whole/table1.md
    ! command -v gnuplot > /dev/null || grep -q '>deeper<' whole/table1.svg
}

@test "stopped in the middle and resumed: the same scores, and nothing done twice" {
    table1 $(small) --folder half > out 2>&1 3>&- &
    pid=$!
    for ((i = 0; i < 1000; i++)); do
        [ "$(done_jobs half/row.joblog)" -ge 2 ] 2> /dev/null && break
        sleep .1
    done
    kill -TERM $pid
    status=0
    wait $pid || status=$?
    [ "$status" = 143 ]
    [ ! -e half/table1.tsv ]
    before=$(done_jobs half/row.joblog)
    [ "$before" -ge 2 ]
    [ "$before" -lt 6 ]
    run table1 $(small) --folder half
    [ "$status" = 1 ]
    [ "$output" = "table1: half holds a run: --resume goes on with it" ]
    run table1 $(small) --steps 7 --folder half --resume
    [ "$status" = 1 ]
    [[ "$output" = "table1: half/settings: not this command line's"* ]]
    table1 $(small) --folder half --resume > out 2>&1
    cmp whole/metrics.tsv half/metrics.tsv
    [ "$(done_jobs half/row.joblog)" = 6 ]
    [ "$(done_jobs half/stage1.joblog)" = 6 ]
}

@test "fewer seeds of a run are a table too, in a folder of any name" {
    local folder='it'\''s "few"'

    copy_whole "$folder"
    table1 --seeds 1 --steps 6 --precision f32 --folder "$folder" > out 2>&1
    [ "$(column "$folder/table1.tsv" seeds deeper)" = 1 ]
    awk -F '\t' '$1 == "deeper" && $4 == "" && $20 == "" { ok = 1 } END { exit !ok }' \
        "$folder/table1.tsv"
    ! command -v gnuplot > /dev/null || grep -q '>deeper<' "$folder/table1.svg"
    not compgen -G "$folder/*.part"
}

@test "a failing job: its log's last line, status 1" {
    copy_whole failing
    rm failing/stage2-infonce-2.mr failing/score-infonce-2.mr
    head -c 1000 whole/stage1-infonce-2.mr > failing/stage1-infonce-2.mr
    run --separate-stderr table1 $(small) --folder failing
    [ "$status" = 1 ]
    last=${stderr_lines[-1]}
    echo "$last"
    [[ "$last" = "table1: row infonce 2: project-train: "*"stage1-infonce-2.mr"*"cut short"* ]]
    [[ "$last" = *"(failing/log/row-infonce-2.log)" ]]
    [ ! -e failing/table1.tsv ]
}

@test "a model with random weights: time and memory only" {
    copy_whole random
    llm-convert -q -t q8_0 --random "$MILLRACE_PATH/llama/config.json" \
        --tokenizer "$MILLRACE_PATH/llama" -o random.gguf
    table1 $(small) --folder random --llm-large "$PWD/random.gguf" > out 2>&1
    grep -q 'random.gguf has random weights: its rows show time and memory' random/table1.md
    grep -q 'of 2 steps and no scores' random/table1.md
    for row in larger-llm everything; do
        [ "$(column random/table1.tsv seeds $row)" = 1 ]
        for heading in 'stage 2 s' 'memory MB'; do
            awk -v v="$(column random/table1.tsv "$heading" $row)" 'BEGIN { exit !(v > 0) }'
        done
        [ -z "$(column random/table1.tsv 'test ndcg@10/20 uniform' $row)" ]
    done
}

@test "seconds of an interrupted command count as far as its checkpoint" {
    cat > slow << 'END'
[ -e x.state ] && { sleep .2; exit; }
sleep .4; touch x.state; sleep .6; exit 1
END
    run bash -c "set -euo pipefail; work=$PWD; . $TOP/pipelines/common.sh
        . $TOP/pipelines/table1-jobs.sh; measured x bash slow"
    [ "$status" = 1 ]
    bash -c "set -euo pipefail; work=$PWD; . $TOP/pipelines/common.sh
        . $TOP/pipelines/table1-jobs.sh; measured x bash slow"
    awk '{ exit !($1 >= .6 && $1 < 1.2 && $3 > 0) }' x.cost || { cat x.cost; false; }
}

@test "mistakes on the command line are status 2, two lines" {
    for line in '--sedes 1' '--seeds' '--seeds 1,,2' '--seeds 1,2,1' '--jobs 0' '--steps x' '--users -1'; do
        run table1 $line
        [ "$status" = 2 ] || { echo "$line: $status $output"; false; }
        [ "${#lines[@]}" = 2 ]
        [[ "${lines[0]}" = "table1: "* ]]
    done
}

@test "--help is the head of the script" {
    run table1 --help
    [ "$status" = 0 ]
    [[ "$output" = *"--resume "*"--llm-large MODEL"*"not counted." ]]
}

@test "the scripts pass shellcheck" {
    command -v shellcheck > /dev/null || skip "shellcheck is not installed"
    cd "$TOP"
    shellcheck -x -P pipelines pipelines/table1 pipelines/table1-jobs.sh
}

@test "options of both stages: they come before the row's" {
    table1 --seeds 1 --steps 2 --precision f32 --users 10 --folder told --stage1-options '--epochs 2 --match off --net deep --hidden 8' \
        --stage2-options '--guess-by joint --history 1'
    stream-show told/stage1-infonce-1.mr | grep -q -- '--match infonce .*--net deep '
    stream-show told/stage2-infonce-1.mr | grep -q -- '--history 1 .*--guess-by joint '
    run table1 --seeds 1 --steps 2 --precision f32 --users 10 --folder told --resume
    [ "$status" = 1 ]
    [[ "$output" = "table1: told/settings: not this command line's"* ]]
}
