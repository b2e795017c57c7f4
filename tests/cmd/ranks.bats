# Training by several processes (make MPI=1): the same bytes at any number of ranks, what
# is refused, a rank that dies.

load common
bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    # as root, and with more ranks than processors
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
    command -v mpirun mpicc > /dev/null || return 0
    export MPI=$BATS_TEST_DIRNAME/../../.build/${MODE:-release}/mpi
    trainers="align-train cf-train project-train"
    make -s -C "$BATS_TEST_DIRNAME/../.." MODE="${MODE:-release}" WERROR=1 MPI=1 \
        BIN=".build/${MODE:-release}/mpi" $(printf ".build/${MODE:-release}/mpi/%s " $trainers)
    data-import -q ml-100k | data-split -q > data.mr
    small_vectors data.mr
    cat cf.mr text.mr > vectors.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    command -v mpirun mpicc > /dev/null || skip "no Open MPI"
}

# ranks N PROGRAM...: what MPI=1 built, in that many processes.
ranks() {
    local n=$1 program=$2
    shift 2
    mpirun -n "$n" "$MPI/$program" "$@"
}
export -f ranks

# Three lists a step, in a fraction of a second.
stage2() {
    echo -m SmolLM2.gguf --steps 6 -b 6 --cands 3..5 --share 2 --prealign 8 \
        --valid-users 6 --valid-every 2 --history 3
}

# Four blocks of rows a batch, the last of them short.
stage1() {
    echo --dim 6 --epochs 3 --batch 50 --valid-every 2 --patience 3
}

# Three blocks of windows a batch, the last of them short.
cf() {
    echo --dim 8 --maxlen 10 --batch 20 --epochs 2
}

# same_at_ranks PROGRAM INPUT OPTIONS...: as without MPI, at 2 and 3 ranks.
same_at_ranks() {
    local program=$1 input=$2
    shift 2
    "$program" -q "$@" < "$input" > one.mr
    ranks 2 "$program" -q "$@" --threads 2 "$input" | cmp - one.mr
    ranks 3 "$program" -q "$@" < "$input" | cmp - one.mr
}

# goes_on PROGRAM INPUT STOP OPTIONS...: stopped with two ranks, goes on with three, and
# again with one process that was built without MPI.
goes_on() {
    local program=$1 input=$2 stop=$3
    shift 3
    rm -f state
    "$program" -q "$@" "$input" > one.mr
    fails 1 ranks 2 "$program" -q "$@" --checkpoint state --stop-after "$stop" "$input"
    says "$program: stopped after"
    cp state again
    ranks 3 "$program" -q "$@" --checkpoint state --resume "$input" | cmp - one.mr
    "$program" -q "$@" --checkpoint again --resume "$input" | cmp - one.mr
}

# The process of that rank, of mpirun's.
process_of_rank() {
    local rank=$1 pid
    for pid in $(pgrep -P "$2"); do
        tr '\0' '\n' < "/proc/$pid/environ" | grep -qx "OMPI_COMM_WORLD_RANK=$rank" &&
            echo "$pid"
    done
}

# dies_and_goes_on PROGRAM INPUT OPTIONS...: rank 1 is killed after the first checkpoint.
dies_and_goes_on() {
    local program=$1 input=$2 job status=0
    shift 2
    rm -f state
    mpirun -n 2 "$MPI/$program" -q "$@" --checkpoint state --checkpoint-every 1 "$input" \
        > cut.mr 2> words 3>&- &
    job=$!
    for _ in $(seq 500); do
        [ ! -e state ] || break
        sleep .02
    done
    kill -9 "$(process_of_rank 1 $job)"
    wait $job || status=$?
    [ $status != 0 ]
    [ "$(grep -c 'rank 1 .*exited on signal 9' words)" = 1 ]
    not stream-check -q cut.mr
    "$program" -q "$@" "$input" > one.mr
    ranks 3 "$program" -q "$@" --checkpoint state --resume "$input" | cmp - one.mr
}

@test "one rank has the bytes of no MPI, and mpirun's output is no terminal" {
    project-train -q $(stage2) in.mr > one.mr
    ranks 1 project-train -q $(stage2) in.mr | cmp - one.mr
    PATH=$MPI:$PATH project-train -q $(stage2) in.mr | cmp - one.mr
}

@test "project-train: the same bytes without MPI and at 2 and 3 ranks" {
    same_at_ranks project-train in.mr $(stage2)
    same_at_ranks project-train in.mr $(stage2) --loss title --targets all --guess none
}

@test "project-train: two ranks send the gradients of soft tokens, and say how much" {
    words ranks 2 project-train $(stage2) in.mr
    [[ $stderr =~ "2 ranks: "([0-9]+)" bytes sent a step" ]]
    # a list has at most 5 candidates and 2 users with 3 items of history and a guess
    [ "${BASH_REMATCH[1]}" -gt 1000 ]
    [ "${BASH_REMATCH[1]}" -lt 20000 ]
}

@test "project-train: stopped with two ranks, goes on with three" {
    goes_on project-train in.mr 3 $(stage2)
}

@test "project-train: a rank that is killed ends the job, and the checkpoint goes on" {
    local steps=300 # more than a kill takes; a tenth of the speed under sanitizers
    [ "${MODE:-}" != asan ] || steps=120
    dies_and_goes_on project-train in.mr $(stage2) --steps $steps --valid-every 20
}

@test "align-train: the same bytes without MPI and at 2 and 3 ranks" {
    same_at_ranks align-train vectors.mr $(stage1)
    same_at_ranks align-train vectors.mr $(stage1) --match infonce --learn-temperature \
        --patience 2 --rec-loss choice
    same_at_ranks align-train vectors.mr $(stage1) --preset choice --hidden 8,7 --epochs 2
    same_at_ranks align-train vectors.mr $(stage1) --match-on positives --rec 0 --beta 0
}

@test "align-train: stopped with two ranks, goes on with three; one is killed" {
    goes_on align-train vectors.mr 2 $(stage1)
    dies_and_goes_on align-train vectors.mr $(stage1) --epochs 600 --patience 0
}

@test "align-train: a log asks for validations in every rank, and rank 0 writes it" {
    options="-q --dim 6 --epochs 40 --batch 50"
    align-train $options --log one.tsv vectors.mr > one.mr
    ranks 2 align-train $options --log two.tsv vectors.mr | cmp - one.mr
    cmp <(cut -f 1,3- one.tsv) <(cut -f 1,3- two.tsv)
}

@test "cf-train: the same bytes without MPI and at 2 and 3 ranks" {
    same_at_ranks cf-train data.mr $(cf) --valid-every 1
    same_at_ranks cf-train data.mr $(cf) --loss gbce --negatives 7
    same_at_ranks cf-train data.mr $(cf) --loss bce --adam sparse
    same_at_ranks cf-train data.mr $(cf) --loss gbce --negatives 7 --shared --adam sparse
    same_at_ranks cf-train data.mr $(cf) --model gru4rec --batch 80
    same_at_ranks cf-train data.mr $(cf) --model nextitnet
}

@test "cf-train: stopped with two ranks, goes on with three; one is killed" {
    goes_on cf-train data.mr 1 $(cf)
    dies_and_goes_on cf-train data.mr $(cf) --epochs 300 --patience 0
}

@test "cf-train: models of a user and an item train in one rank" {
    for model in mf ncf pop; do
        cf-train -q --model $model data.mr > one.mr
        ranks 2 cf-train -q --model $model data.mr 2> words | cmp - one.mr
        [ $model = pop ] ||
            grep -qx 'cf-train: 2 ranks, but 1 blocks of a batch a step: 1 without work' words
    done
}

@test "more ranks than lists: said, and the same bytes" {
    project-train -q $(stage2) in.mr > one.mr
    ranks 4 project-train -q $(stage2) in.mr 2> words | cmp - one.mr
    [ "$(cat words)" = "project-train: 4 ranks, but 3 lists a step: 1 without work" ]
    align-train -q --dim 6 --epochs 1 vectors.mr > one.mr
    ranks 3 align-train -q --dim 6 --epochs 1 vectors.mr 2> words | cmp - one.mr
    [ "$(cat words)" = "align-train: 3 ranks, but 2 blocks of rows a step: 1 without work" ]
}

@test "built without MPI: one line and status 2, before anything is read" {
    mkdir -p empty && cd empty
    run bash -c 'mpirun -q -n 3 project-train -q -m SmolLM2.gguf --log log ../in.mr 2>&1'
    [ "$status" = 2 ]
    [ "$output" = "project-train: started as 3 processes, but built without MPI: build with make MPI=1" ]
    [ -z "$(ls)" ]
    PMI_SIZE=2 fails 2 project-train -q -m SmolLM2.gguf ../in.mr
    says "started as 2 processes"
    project-train -q $(stage2) ../in.mr > one.mr
    PMI_SIZE=1 project-train -q $(stage2) ../in.mr | cmp - one.mr
}

@test "built without MPI: tasks of srun train where each has a file of its own" {
    task="SLURM_NTASKS=3 SLURM_PROCID=1"
    fails 2 env PMIX_RANK=1 $task cf-train -q $(cf) data.mr
    says "cf-train: started as 3 processes, but built without MPI"
    env PMIX_RANK=1 $task cf-train -q $(cf) data.mr > task.mr
    env PMIX_RANK=0 $task SLURM_STEP_NUM_TASKS=1 cf-train -q $(cf) data.mr | cmp - task.mr
    env $task cf-train -q $(cf) data.mr | cmp - task.mr # a batch script has no rank
}

@test "filters that train nothing are refused where mpirun would double what they write" {
    for command in 'cand-sample -q -n 3 data.mr' 'stream-show data.mr' 'stream-check -q data.mr'; do
        run bash -c "mpirun -q -n 2 $command 2>&1"
        [ "$status" = 2 ]
        [ "${#lines[@]}" = 1 ]
        says "${command%% *}: started as 2 processes by mpirun, each of which would write all there is"
    done
    # shells that send each to a place of its own, alone or through another filter
    cand-sample -q -n 3 data.mr > one.mr
    mpirun -n 2 bash -c 'cand-sample -q -n 3 data.mr > file.$OMPI_COMM_WORLD_RANK
        cand-sample -q -n 3 data.mr | stream-cat > piped.$OMPI_COMM_WORLD_RANK'
    for i in 0 1; do
        cmp file.$i one.mr
        stream-check -q piped.$i
    done
    mpirun -n 1 cand-sample -q -n 3 data.mr | cmp - one.mr
    SLURM_NTASKS=2 PMIX_RANK=1 SLURM_PROCID=1 cand-sample -q -n 3 data.mr | cmp - one.mr
}

@test "--output: rank 0 writes the file, whole or not at all" {
    cf-train -q $(cf) data.mr > one.mr
    rm -f two.mr
    ranks 2 cf-train -q $(cf) -o two.mr data.mr > nothing
    [ ! -s nothing ]
    cmp two.mr one.mr
    [ "$(stream-show two.mr | grep -c output)" = 0 ]
    cf-train -q $(cf) --output two.mr < data.mr
    cmp two.mr one.mr
    echo before > two.mr
    fails 1 ranks 2 cf-train -q $(cf) -o two.mr --checkpoint state --stop-after 1 data.mr
    [ "$(cat two.mr)" = before ]
    fails 1 ranks 2 cf-train -q $(cf) -o /dev/full data.mr
    [ "$output" = "cf-train: /dev/full: No space left on device" ]
    fails 1 cf-train -q $(cf) -o /dev/full data.mr
    [ "$output" = "cf-train: /dev/full: No space left on device" ]
    fails 1 cf-train -q $(cf) -o nowhere/two.mr data.mr
    says "nowhere"
    fails 2 cf-train -q $(cf) -o data.mr data.mr
    says "--output: data.mr is input and output"
    fails 2 memo cf-train -q $(cf) -o two.mr data.mr
    says "--output writes a file, which memo does not keep"
}

@test "one line says what is wrong, also without mpirun -q" {
    fails 1 ranks 2 cf-train -q nowhere.mr
    [ "$output" = "cf-train: nowhere.mr: No such file or directory" ]
    fails 2 ranks 2 cf-train -q --epoch x data.mr
    [ "${#lines[@]}" = 2 ]
    says "usage: cf-train [OPTION...]"
    fails 2 mpirun -n 1 "$MPI/cf-train" -q $(cf) data.mr : -n 1 "$MPI/cf-train" --bad data.mr
    [ "${lines[0]}" = "cf-train, rank 1: there is no option --bad" ]
    [ "${#lines[@]}" = 2 ]
}

@test "--help and --version of all ranks are printed once, those of one end the job" {
    [ "$(ranks 2 cf-train --version | wc -l)" = 1 ]
    ranks 3 cf-train --help | tr -d '\r' | diff - <("$MPI/cf-train" --help)
    fails 1 timeout 60 mpirun -n 1 "$MPI/cf-train" -q $(cf) data.mr : -n 1 "$MPI/cf-train" --help
    [ "$output" = "cf-train: rank 1 has other tasks than rank 0: to print and end, expected to train" ]
}

@test "a signal that ends mpirun is said, once, and the checkpoint goes on" {
    said=0 # mpirun may end before it has passed the line on
    for signal in INT TERM INT TERM INT; do
        rm -f state
        mpirun -n 2 "$MPI/cf-train" -q $(cf) --epochs 100000 --patience 0 --checkpoint state \
            --checkpoint-every 1 data.mr > cut.mr 2> words 3>&- &
        job=$!
        for _ in $(seq 500); do
            [ ! -e state ] || break
            sleep .02
        done
        kill -$signal $job
        not wait $job
        [ "$(wc -l < words)" -le 1 ]
        grep -qx "cf-train: ended by SIGTERM, as mpirun ends a job" words && said=$((said + 1))
        not stream-check -q cut.mr
        "$MPI/cf-train" -q $(cf) --epochs 100000 --patience 0 --checkpoint state --resume \
            --stop-after 1 data.mr > cut.mr 2> words || true
        grep -q "stopped after" words
    done
    [ $said -gt 0 ]
}

# Two commands of one job.
refused() {
    local want=$1 first=$2 second=$3
    run bash -c "mpirun -q -n 1 $MPI/project-train -q $(stage2) $first in.mr : \
        -n 1 $second in.mr 2>&1"
    [ "$status" = 1 ]
    says "$want"
    [ "$(grep -c project-train <<< "$output")" = 1 ]
}

@test "what rank 0 says of checkpoint and log counts" {
    rm -f state log
    run bash -c "mpirun -q -n 1 $MPI/cf-train -q $(cf) --checkpoint state --stop-after 1 data.mr : \
        -n 1 $MPI/cf-train -q $(cf) --log log data.mr 2>&1"
    [ "$status" = 1 ]
    [ "$(grep -v '^--' <<< "$output")" = "cf-train: stopped after epoch 1 as asked; --resume goes on from state" ]
    [ -e state ]
    [ ! -e log ]
    cf-train -q $(cf) data.mr > one.mr
    mpirun -q -n 1 $MPI/cf-train -q $(cf) data.mr : \
        -n 1 $MPI/cf-train -q $(cf) --checkpoint other --stop-after 1 data.mr | cmp - one.mr
    [ ! -e other ]
}

@test "ranks with other options, models or kernels are refused" {
    mkdir -p other
    cat "$MILLRACE_PATH/SmolLM2.gguf" <(echo) > other/SmolLM2.gguf
    refused "project-train: rank 1 has other options than rank 0: digest" '--lr .01' \
        "$MPI/project-train -q $(stage2) --lr .1"
    refused "project-train: rank 1 has other files of the LLM than rank 0" '' \
        "-x MILLRACE_PATH=$PWD/other $MPI/project-train -q $(stage2)"
    echo 'float expf(float x) { return 1 + x; }' |
        cc -x c -fno-builtin -shared -fPIC -o other/libm.so -
    refused "project-train: rank 1 has other arithmetic " '' \
        "-x LD_PRELOAD=$PWD/other/libm.so -x ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
        $MPI/project-train -q $(stage2)"
    mkdir -p changed # of the same size
    cp "$MILLRACE_PATH/SmolLM2.gguf" changed
    head -c 400 /dev/zero | dd of=changed/SmolLM2.gguf bs=1 seek=80000 conv=notrunc status=none
    refused "project-train: rank 1 has other files of the LLM than rank 0" '' \
        "-x MILLRACE_PATH=$PWD/changed $MPI/project-train -q $(stage2)"
    cat << 'END' > products.c # other last bits than those of arithmetic.c's product show
#include <dlfcn.h>
#include <stddef.h>
void cblas_sgemm(int o, int ta, int tb, int m, int n, int k, float alpha, const float *a,
                 int la, const float *b, int lb, float beta, float *c, int lc)
{
    void (*real)(int, int, int, int, int, int, float, const float *, int, const float *,
                 int, float, float *, int) = dlsym(RTLD_NEXT, "cblas_sgemm");

    real(o, ta, tb, m, n, k, alpha, a, la, b, lb, beta, c, lc);
    if (m != 61)
        c[0] *= 1.01f;
}
END
    cc -D_GNU_SOURCE -shared -fPIC -o other/products.so products.c
    refused "project-train: rank 1 has other scores by the LLM " '' \
        "-x LD_PRELOAD=$PWD/other/products.so -x ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
        $MPI/project-train -q $(stage2)"
    refused "project-train, rank 1: SmolLM2.gguf: not here" '' \
        "-x MILLRACE_PATH=$PWD/nowhere $MPI/project-train -q $(stage2)"
}

@test "input that is cut short: rank 0 says so, once" {
    head -c 10000 in.mr > cut
    run bash -c "mpirun -q -n 3 $MPI/project-train -q $(stage2) < cut 2>&1"
    [ "$status" = 1 ]
    [ "$(grep -v '^\[' <<< "$output")" = "project-train: <stdin>: cut short after 2 frames, in a frame" ]
}
