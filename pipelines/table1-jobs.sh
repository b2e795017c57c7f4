# shellcheck shell=bash disable=SC2154
# (The variables are table1's.)
# What pipelines/table1 runs by GNU parallel, a training each, and the table of it all.

# "random" if the model's file says that its weights are, as llm-convert --random does.
has_random_weights() {
    local place file
    for place in . ${MILLRACE_PATH//:/ }; do
        file=$place/$1
        [[ $1 != /* ]] || file=$1
        [ ! -d "$file" ] || file=$file/config.json
        [ ! -f "$file" ] || break
    done
    if [ -n "$1" ] && grep -aqF millrace.random_weights < <(head -c 8M "$file"); then
        echo random
    fi
}

modified() {
    stat -c %.Y "$1" 2> /dev/null || echo 0
}

# measured NAME COMMAND...: NAME.mr by the command, and in NAME.cost its seconds, those of
# the processor, and its largest memory in kB.  Of earlier attempts that were interrupted
# counts what led to NAME.state, a checkpoint that the command writes and goes on from, as
# many of these seconds the processor's as in the last attempt.
measured() {
    local name=$work/$1 kept=0
    shift
    [ ! -s "$name.mr" ] || return 0
    if [ -e "$name.state" ]; then
        [ ! -e "$name.kept" ] || kept=$(< "$name.kept")
        kept=$(echo "$kept $(modified "$name.state") $(modified "$name.begun")" |
            awk '{ print $1 + ($2 > $3 ? $2 - $3 : 0) }')
    fi
    echo "$kept" > "$name.kept"
    touch "$name.begun"
    command time -o "$name.time" -f '%e %U %S %M' "$@" > "$name.part"
    tail -n 1 "$name.time" | awk -v kept="$kept" '{ whole = kept + $1
        print whole, ($2 + $3) * ($1 > 0 ? whole / $1 : 1), $4 }' > "$name.cost"
    mv "$name.part" "$name.mr"
    rm -f "$name.state" "$name.kept" "$name.begun" "$name.time"
}

# stage1 mse|infonce|deep SEED
stage1() {
    local options=
    case $1 in
    infonce) options="--match infonce" ;;
    deep) options="--net deep" ;;
    esac
    # shellcheck disable=SC2086 # words
    measured "stage1-$1-$2" align-train --only --threads "$threads" --seed "$2" \
        $stage1_options $options \
        "$work/text.mr"
}

# Which stage 1 a row stands on, and which LLM.
row_stage1() {
    case $1 in
    infonce) echo infonce ;;
    deeper | everything) echo deep ;;
    *) echo mse ;;
    esac
}

row_llm() {
    case $1 in
    larger-llm | everything) echo "$llm_large" ;;
    *) echo "$llm" ;;
    esac
}

# stage2 ROW SEED OPTION...: the projections
stage2() {
    local name=stage2-$1-$2 input model
    input=$work/stage1-$(row_stage1 "$1")-$2.mr
    model=$(row_llm "$1")
    # shellcheck disable=SC2046,SC2086 # words
    measured "$name" project-train -m "$model" --precision "$precision" --only \
        $stage2_options --threads "$threads" --seed "$2" --checkpoint "$work/$name.state" --resume \
        $([ "$model" = "$llm" ] || echo $large_options) "${@:3}" "$work/text.mr" "$input"
}

# row ROW SEED: projections, and scores of validation and test in one stream
row() {
    local name=$1-$2
    stage2 "$1" "$2" --steps "$steps" --valid-users 192 --valid-every 100
    # shellcheck disable=SC2086 # words
    make_stream "$work/score-$name.mr" llm-score -m "$(row_llm "$1")" --only \
        --precision "$precision" --threads "$threads" --as "$1@$2" $score_options "$work/text.mr" \
        "$work/stage1-$(row_stage1 "$1")-$2.mr" "$work/cand.mr" "$work/stage2-$name.mr"
}

# large ROW SEED: time and memory of a few steps
large() {
    stage2 "$1" "$2" --steps "$large_steps" --valid-users 0
}

export -f make_stream modified measured stage1 stage2 row_stage1 row_llm row large

# ROW SEED STAGE1 STAGE2 CPU KB: CPU of both, nothing where one is unknown ("-"), and the
# larger memory of the two.
list_costs() {
    local row seed one two cpu1 cpu2 kb1 kb2
    for row in a-llmrec larger-llm infonce deeper everything; do
        for seed in ${seeds//,/ }; do
            [ -e "$work/stage2-$row-$seed.cost" ] || continue
            read -r one cpu1 kb1 < "$work/stage1-$(row_stage1 "$row")-$seed.cost"
            read -r two cpu2 kb2 < "$work/stage2-$row-$seed.cost"
            printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$row" "$seed" "$one" "$two" \
                "$(echo "$cpu1 $cpu2" | awk '!/-/ { print $1 + $2 }')" \
                $((kb1 > kb2 ? kb1 : kb2))
        done
    done
}

# evaluate OPTION...: metrics of all rows and of the references
evaluate() {
    local row seed files=()
    for row in a-llmrec larger-llm infonce deeper everything; do
        for seed in ${seeds//,/ }; do
            [ ! -e "$work/score-$row-$seed.mr" ] || files+=("$work/score-$row-$seed.mr")
        done
    done
    metrics -q "$@" "$work/text.mr" "$work/cand.mr" "$work/others.mr" "${files[@]}"
}

# The rows that have scores, the first one first.
scored_rows() {
    local row list=a-llmrec
    for row in larger-llm infonce deeper everything; do
        [ ! -e "$work/score-$row-${seeds%%,*}.mr" ] || list+=,$row
    done
    echo "$list"
}

# "98114 training, ..." of a program's first such line in a log.
said() {
    sed -n "s/^$1: //p" "$2" | head -1
}

# What the numbers stand on.
stamp() {
    local file
    echo "$data: $(said data-import "$work/log/prepare.log")."
    echo "Sentences: $encoder; LLM: $llm;" \
        "larger LLM: ${llm_large:-none, its rows are empty}."
    [ -z "$random" ] || echo "$llm_large has random weights: its rows show time and" \
        "memory of $large_steps steps and no scores."
    echo "Mean and standard deviation over seeds $seeds of stages 1 and 2; data, SASRec," \
        "sentence embeddings and candidates are the same for all."
    echo "Stage 2: $steps steps, products in $precision. Seconds beside other jobs: $jobs at" \
        "once, threads each: $threads, cores: $(nproc)," \
        "$(processor)."
    echo
    for file in "$work"/stage[12]-*-"${seeds%%,*}".mr; do
        stream-show "$file" | sed -n 's/^history: /    /p' | tail -1
    done | sort -u
}

# What stage 1 made of the joint space, from its logs.
joint_table() {
    local kind seed
    for kind in mse infonce deep; do
        for seed in ${seeds//,/ }; do
            sed "s/^/$kind $seed /" "$work/log/stage1-$kind-$seed.log"
        done
    done | awk -v tsv="$work/joint.tsv" -f "$top/pipelines/table1-joint.awk"
}

# The plot, where there is gnuplot: quality of the test users against seconds.
plot() {
    if ! command -v gnuplot > /dev/null; then
        echo "table1: no gnuplot, no plot" >&2
        return
    fi
    awk -F '\t' 'NR == 1 { for (y = 1; $y !~ /^test ndcg@10/; y++); label = $y }
        NR > 1 && $y != "" { printf "%s\t%s\t%s\t%g\t%g\t%s\n", $1, $3, $y, $4, $(y + 1), label }' \
        "$work/table1.tsv" > "$work/plot.tsv" # row, x, y, their deviations, y's name
    (cd "$work" && gnuplot) << END
set terminal svg size 720,480 dynamic background "white" font "sans,13"
set output "table1.svg.part"
set datafile separator "\t"
set xlabel "seconds of training (stages 1 and 2)"
set ylabel "$(head -1 "$work/plot.tsv" | cut -f 6)"
set offsets graph .15, graph .25, graph .1, graph .1
unset key
set grid
plot "plot.tsv" using 2:3:4:5 with xyerrorbars pt 7, \
    "" using 2:3:1 with labels left offset 1,.7
END
    mv "$work/table1.svg.part" "$work/table1.svg"
}

# table1.tsv, table1.md, tests.txt and the plot; each appears whole.
make_table() {
    list_costs > "$work/costs.tsv"
    evaluate --no-chance --format tsv > "$work/metrics.tsv"
    evaluate --pool --compare "$(scored_rows)" | # the norm is in every run's history
        sed '/^note: .*: scores by --norm choice$/d' > "$work/tests.txt.part"
    mv "$work/tests.txt.part" "$work/tests.txt"
    awk -v markdown="$work/table1.md.part" -f "$top/pipelines/table1.awk" \
        "$work/costs.tsv" "$work/metrics.tsv" > "$work/table1.tsv.part"
    mv "$work/table1.tsv.part" "$work/table1.tsv"
    { echo && joint_table && echo && stamp && echo && echo '```' &&
        cat "$work/tests.txt" && echo '```'; } >> "$work/table1.md.part"
    mv "$work/table1.md.part" "$work/table1.md"
    plot
    cat "$work/table1.md"
}
