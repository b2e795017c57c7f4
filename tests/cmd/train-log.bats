# --log of every trainer, and what trainers say of their time and memory.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    data-import -q ml-100k | data-split -q > data.mr
    small_vectors data.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    rm -f ./*.tsv ./*.ckpt
}

# Each trainer, in a fraction of a second: its options and its input.
cf='cf-train -q --dim 8 --maxlen 10 --batch 20 --epochs 6 --valid-every 2'
align='align-train -q --dim 6 --batch 8 --epochs 6'
project='project-train -q -m SmolLM2.gguf --steps 6 -b 6 --cands 3..5 --share 3 --prealign 8
    --valid-users 6 --valid-every 2 --history 3'
input_of() {
    case $1 in cf) echo data.mr ;; *) echo in.mr ;; esac
}

but_seconds() {
    cut -f 1,3- "$1"
}

# The column of that name, without its head.
column() {
    awk -F '\t' -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next }
        { print $c }' "$1"
}

@test "each trainer's log has the named columns, and the rows of its training" {
    $cf --log cf.tsv data.mr > /dev/null
    [ "$(head -1 cf.tsv)" = $'step\tseconds\tepoch\tloss\tvalid_ndcg@10\tlr' ]
    [ "$(column cf.tsv epoch | tr '\n' ' ')" = '1 2 3 4 5 6 ' ]
    [ "$(column cf.tsv step | tr '\n' ' ')" = '3 6 9 12 15 18 ' ]
    [ "$(column cf.tsv valid_ndcg@10 | grep -c .)" = 3 ] # every second epoch
    [ "$(column cf.tsv lr | sort -u)" = 0.001 ]
    $align --log align.tsv in.mr > /dev/null
    [ "$(head -1 align.tsv)" = \
        $'step\tseconds\tepoch\tloss\tmatch\titem_recon\ttext_recon\trec\tvalid_loss\tvalid_ndcg@10\tlr' ]
    awk -F '\t' 'NR > 1 { d = $4 - $5 - $6 - $7 - $8; if (d > 1e-5 || d < -1e-5) exit 1 }' align.tsv
    [ "$(column align.tsv valid_loss | grep -c .)" = 6 ]
    [ "$(column align.tsv valid_ndcg@10 | grep -c .)" = 1 ] # every fifth epoch
    $project --log project.tsv in.mr > /dev/null
    [ "$(column project.tsv step | tr '\n' ' ')" = '0 1 2 3 4 5 6 ' ]
    [ "$(column project.tsv valid_select | grep -c .)" = 4 ] # before, 2, 4, 6
    awk -F '\t' 'NR > 2 { d = $3 - ($4 + $5) / 2; if (d > 1e-5 || d < -1e-5) exit 1 }' project.tsv
    column project.tsv lr | sed 1d | sort -gcr # a cosine falls
    for log in cf align project; do # seconds grow
        column $log.tsv seconds | sort -gc
        [ "$(awk -F '\t' '{ print NF }' $log.tsv | sort -u | wc -l)" = 1 ]
    done
}

@test "what the trainers say is what the log has" {
    cf-train --dim 8 --maxlen 10 --batch 20 --epochs 2 --valid-every 2 --log cf.tsv data.mr \
        2> said > /dev/null
    grep -q "epoch 2: loss $(printf %.4f "$(column cf.tsv loss | tail -1)"), validation \
ndcg@10/20 $(printf %.4f "$(column cf.tsv valid_ndcg@10 | tail -1)")" said
    align-train --dim 6 --batch 8 --epochs 2 --log align.tsv in.mr 2> said > /dev/null
    awk '$2 == 2 && NF == 8 { print $7, $8 }' said > numbers
    printf '%.4f %.4f\n' "$(column align.tsv loss | tail -1)" \
        "$(column align.tsv valid_loss | tail -1)" | diff - numbers
}

@test "a log changes no weights" {
    for t in cf align project; do
        ${!t} "$(input_of $t)" > without.mr
        ${!t} --log log.tsv "$(input_of $t)" > with.mr
        cmp without.mr with.mr
    done
}

@test "stopped and resumed: the log of an uninterrupted training, seconds aside" {
    for t in cf align project; do
        ${!t} --log whole.tsv "$(input_of $t)" > /dev/null
        fails 1 ${!t} --log parts.tsv --checkpoint $t.ckpt --stop-after 2 "$(input_of $t)"
        [ "$(wc -l < parts.tsv)" -lt "$(wc -l < whole.tsv)" ]
        fails 1 ${!t} --log parts.tsv --checkpoint $t.ckpt --resume --stop-after 5 \
            "$(input_of $t)"
        ${!t} --log parts.tsv --checkpoint $t.ckpt --resume "$(input_of $t)" > /dev/null
        diff <(but_seconds whole.tsv) <(but_seconds parts.tsv)
        column parts.tsv seconds | sort -gc
    done
}

@test "killed: lines past the checkpoint, and one cut short, are made again" {
    $cf --log whole.tsv data.mr > /dev/null
    fails 1 $cf --log parts.tsv --checkpoint k.ckpt --stop-after 2 data.mr
    printf '9\t.5\t3\t99\t\t.5\n12\t.7\t4\t9' >> parts.tsv
    $cf --log parts.tsv --checkpoint k.ckpt --resume data.mr > /dev/null
    diff <(but_seconds whole.tsv) <(but_seconds parts.tsv)
}

@test "a log that is not there any more begins where training goes on, and says so" {
    fails 1 $align --checkpoint g.ckpt --stop-after 4 in.mr
    align-train --dim 6 --batch 8 --epochs 6 --checkpoint g.ckpt --resume --log late.tsv in.mr \
        2> said > /dev/null
    grep -q 'late.tsv: not there, begins after step' said
    [ "$(column late.tsv epoch | tr '\n' ' ')" = '5 6 ' ]
}

@test "a new training replaces the log, through a link too" {
    echo old > real.tsv
    ln -sf real.tsv link.tsv
    $cf --log link.tsv data.mr > /dev/null
    [ -L link.tsv ]
    head -1 real.tsv | grep -q ^step
    [ "$(wc -l < real.tsv)" = 7 ]
}

@test "a log on a pipe or a device" {
    $cf --log >(cat > piped.tsv) data.mr > /dev/null
    $cf --log file.tsv data.mr > /dev/null
    for i in 1 2 3 4 5 6 7 8 9 10; do
        [ "$(wc -l < piped.tsv)" = 7 ] && break
        sleep .1
    done
    diff <(but_seconds piped.tsv) <(but_seconds file.tsv)
    $cf --log /dev/stderr data.mr 2> err.tsv > /dev/null
    diff <(but_seconds err.tsv) <(but_seconds file.tsv)
}

@test "a log that is an input, an output or a checkpoint is refused" {
    cp data.mr d.mr
    fails 2 $cf --log d.mr d.mr
    says 'd.mr is input and output'
    cmp data.mr d.mr
    run bash -c "$cf --log d.mr < d.mr > /dev/null"
    [ "$status" = 1 ]
    says 'd.mr: is input and output'
    cmp data.mr d.mr
    run bash -c "$cf --log o.mr data.mr > o.mr"
    [ "$status" = 1 ]
    says 'o.mr: is standard output, and would be replaced'
    fails 2 $cf --log x --checkpoint x data.mr
    says '--checkpoint and --log are the same file'
    cp "$MILLRACE_PATH/SmolLM2.gguf" m.gguf
    fails 2 $project -m ./m.gguf --log m.gguf in.mr
    says 'm.gguf'
    cmp "$MILLRACE_PATH/SmolLM2.gguf" m.gguf
}

@test "a log that cannot be written, or is none, is said in one line" {
    fails 1 $cf --log nowhere/x.tsv data.mr
    says 'cf-train: --log: nowhere/x.tsv: nowhere: No such file or directory'
    fails 1 $cf --log . data.mr
    says 'cf-train: --log: .: Is a directory'
    fails 1 $cf --log /dev/full data.mr
    says 'cf-train: --log: /dev/full: No space left on device'
    fails 1 $align --checkpoint n.ckpt --stop-after 2 in.mr
    echo 'a letter' > letter.tsv
    fails 1 $align --checkpoint n.ckpt --resume --log letter.tsv in.mr
    says 'letter.tsv: no log of this trainer: its first line is not'
    [ "$(cat letter.tsv)" = 'a letter' ]
    fails 2 cf-train --model pop --log x.tsv data.mr
    says '--log: --model pop does not use it'
}

@test "each trainer ends with its seconds and its memory; -q does not" {
    for t in cf align project; do
        ${!t/ -q/} "$(input_of $t)" 2> said > /dev/null
        tail -1 said | grep -qE '^[a-z]+-train: done in [0-9]+\.[0-9] s, peak memory [1-9][0-9]* MB$'
        ${!t} "$(input_of $t)" 2> said > /dev/null
        [ ! -s said ]
    done
}

@test "cf-train says early how long it will take" {
    timeout -s KILL 6 cf-train --epochs 10000000 --patience 0 data.mr 2> said > /dev/null || true
    grep -qE '^cf-train: 10000000 epochs will take about [0-9]+:[0-9]{2} h$' said
    [ "$(wc -l < said)" = 1 ]
}
