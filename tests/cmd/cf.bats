# cf-train, cf-embed: training, checkpoints, what may be seen, wrong input.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    data-import -q "$BATS_TEST_DIRNAME/../fixtures/tiny/ml-100k" | data-split -q > data.mr
    cf-train -q $(small) data.mr > cf.mr
    cf-embed -q cf.mr > vectors.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# Options that train in a fraction of a second.
small() {
    echo --dim 8 --maxlen 10 --batch 20 --epochs 4
}

# A function, since bash lets a bare "! cmp" pass.
differ() {
    not cmp -s "$1" "$2"
}

@test "cf-train: the same bytes at 1 and 2 threads and again, for every loss" {
    for loss in softmax bce gbce; do
        cf-train -q $(small) --loss $loss --negatives 7 --threads 1 data.mr > one.mr
        cf-train -q $(small) --loss $loss --negatives 7 --threads 2 data.mr > two.mr
        cmp one.mr two.mr
    done
}

# The options of a large catalogue: what each adds, and all at once.
large() {
    echo "--loss gbce --negatives 7 --adam sparse"
    echo "--loss gbce --negatives 7 --shared"
    echo "--loss gbce --negatives 7 --shared --adam sparse --item-std .05"
    echo "--loss bce --adam sparse"
    echo "--model gru4rec --preset large"
}

@test "cf-train for large catalogues: the same bytes at 1 and 2 threads" {
    large | while read -r options; do
        cf-train -q $(small) $options --threads 1 data.mr > one.mr
        cf-train -q $(small) $options --threads 2 data.mr > two.mr
        cmp one.mr two.mr
    done
}

@test "cf-train for large catalogues: stopped and resumed is the same as undisturbed" {
    large | while read -r options; do
        rm -f l.ckpt
        cf-train -q $(small) $options --checkpoint l.ckpt --stop-after 2 data.mr 2> log > no &&
            false
        grep -q 'stopped after epoch 2' log
        cf-train -q $(small) $options --checkpoint l.ckpt --resume --threads 1 data.mr > r.mr
        cf-train -q $(small) $options data.mr > u.mr
        cmp r.mr u.mr
    done
}

@test "cf-train --adam sparse: Adam where a step touches all items, another where not" {
    weights() { cf-train -q --only $(small) --loss gbce --shared "$@" data.mr > w && unnumbered w; }
    weights --negatives 1000 > all.mr
    weights --negatives 1000 --adam sparse > all.sparse.mr
    cmp all.mr all.sparse.mr
    weights --negatives 7 > few.mr
    weights --negatives 7 --adam sparse > few.sparse.mr
    not cmp -s few.mr few.sparse.mr
}

@test "cf-train --item-std: the items' vectors before training have that deviation" {
    cf-train -q --only --dim 64 --epochs 0 --item-std .3 data.mr |
        stream-show --name cf.item_emb.weight --head 81 |
        awk '{ for (i = 1; i <= NF; i++) { n++; s += $i; q += $i * $i } }
             END { s /= n; q = sqrt(q / n - s * s); print n, s, q
                   exit !(n == 81 * 64 && s < .02 && s > -.02 && q > .28 && q < .32) }'
}

@test "cf-train: a large catalogue is told of its preset" {
    data-synth -q --users 20 --items 100000 --per-user 5 | data-split -q > wide.mr
    run cf-train --dim 4 --maxlen 5 --epochs 1 --loss bce --only --no-hits wide.mr
    grep -aq '100000 items, and each step moves all of them: --preset large' <<< "$output"
    run cf-train --dim 4 --maxlen 5 --epochs 1 --preset large --only --no-hits wide.mr
    not grep -aq 'preset large' <<< "$output"
}

@test "cf-train: another seed gives other weights" {
    cf-train -q $(small) --seed 2 data.mr > other.mr
    not cmp -s cf.mr other.mr
}

@test "cf-train: weights have the published names and shapes" {
    stream-show --tsv --name 'cf.*' cf.mr | cut -f1-3 > names
    grep -qP '^cf.item_emb.weight\t<f4\t\[?81, ?8\]?$' names || { cat names; false; }
    grep -q '^cf.attention_layers.1.in_proj_weight' names
    grep -q '^cf.forward_layers.0.conv1.weight' names
    [ "$(grep -c '^cf\.' names)" = 28 ]
}

@test "cf-train: more training, lower loss" {
    loss() { cf-train $(small) --valid-every 0 --epochs "$1" data.mr 2>&1 > /dev/null | grep -oP 'loss \K[0-9.]+'; }
    a=$(loss 2) b=$(loss 150)
    awk "BEGIN { exit !($b < $a - .1) }" || { echo "$a, then $b"; false; }
}

# Six users with six items each, then the two given ones.
six_users() {
    printf 'user_id:token\titem_id:token\trating:float\ttimestamp:float\n'
    for u in 1 2 3 4 5 6; do
        for i in 1 2 3 4 5 6; do
            printf 'u%s\ti%s\t5\t%s\n' $u $(((u + i) % 7)) $i
        done
        printf 'u%s\t%s\t5\t7\nu%s\t%s\t5\t8\n' $u "$1" $u "$2"
    done
}

@test "cf-train: validation and test items do not change the weights" {
    train() { cf-train -q --only --dim 4 --maxlen 4 --batch 6 --epochs 5 --valid-every 0; }
    for held in 'x y' 'y x'; do
        mkdir -p "held $held"
        six_users $held > "held $held/d.inter"
        data-import -q "held $held/d.inter" | data-split -q > "held $held/data.mr"
        train < "held $held/data.mr" > "held $held/cf.mr"
    done
    not cmp -s "held x y/data.mr" "held y x/data.mr"
    cmp <(unnumbered "held x y/cf.mr") <(unnumbered "held y x/cf.mr")
}

@test "cf-train: stopped and resumed is the same as undisturbed" {
    rm -f c.ckpt
    fails 1 cf-train -q $(small) --valid-every 2 --checkpoint c.ckpt --stop-after 3 data.mr
    [[ "$output" = "cf-train: stopped after epoch 3 as asked; --resume goes on from c.ckpt" ]]
    cf-train -q $(small) --valid-every 2 --checkpoint c.ckpt --resume --threads 1 data.mr > r.mr
    cf-train -q $(small) --valid-every 2 data.mr > u.mr
    cmp r.mr u.mr
}

@test "cf-train: killed and resumed is the same as undisturbed" {
    local options='--dim 8 --maxlen 10 --batch 20 --epochs 4000 --valid-every 0 --loss bce'
    rm -f k.ckpt
    cf-train -q $options --checkpoint k.ckpt --stop-after 1 data.mr > /dev/null 2>&1 || true
    cf-train -q $options --checkpoint k.ckpt --resume data.mr > k.mr 3>&- &
    pid=$!
    sleep .3
    kill -9 $pid 2> /dev/null || true
    wait $pid || true
    cf-train -q $options --epochs 8 --checkpoint k.ckpt --resume data.mr > r.mr
    cf-train -q $options --epochs 8 data.mr > u.mr
    cmp r.mr u.mr
}

@test "cf-train: more epochs go on from a finished checkpoint" {
    rm -f m.ckpt
    cf-train -q $(small) --epochs 2 --checkpoint m.ckpt data.mr > /dev/null
    cf-train -q $(small) --checkpoint m.ckpt --resume data.mr > m.mr
    cmp m.mr cf.mr
}

@test "cf-train: a checkpoint of other options or data is refused" {
    rm -f o.ckpt
    cf-train -q $(small) --checkpoint o.ckpt data.mr > /dev/null
    fails 1 cf-train -q $(small) --lr 0.01 --checkpoint o.ckpt --resume data.mr
    [[ "$output" = "cf-train: o.ckpt: made with other inputs or options (--lr is "*" there, 0.01 now)"* ]]
    fails 1 cf-train -q $(small) --seed 5 --checkpoint o.ckpt --resume data.mr
    [[ "$output" = "cf-train: o.ckpt: made with other inputs or options (--seed is 1 there, 5 now)"* ]]
    fails 1 cf-train -q $(small) --epochs 3 --lr 0.01 --checkpoint o.ckpt --resume data.mr
    [[ "$output" = *"options (--lr is "* ]]
    data-import -q --min-rating 3 "$BATS_TEST_DIRNAME/../fixtures/tiny/ml-100k" | data-split -q > fewer.mr
    fails 1 cf-train -q $(small) --checkpoint o.ckpt --resume fewer.mr
    [[ "$output" = "cf-train: o.ckpt: made with other inputs or options (the options are these"* ]]
    head -c 1000 o.ckpt > cut.ckpt
    fails 1 cf-train -q $(small) --checkpoint cut.ckpt --resume data.mr
    [[ "$output" = "cf-train: cut.ckpt: cut short or damaged (checksum differs)" ]]
}

# A finished training's state, or a file that is none, is never overwritten by a repeated
# command line.
@test "cf-train: a checkpoint that is there stays without --resume" {
    rm -f s.ckpt
    cf-train -q $(small) --epochs 1 --checkpoint s.ckpt data.mr > /dev/null
    cp s.ckpt kept
    fails 1 cf-train -q $(small) --epochs 1 --checkpoint s.ckpt data.mr
    [[ "$output" = "cf-train: s.ckpt: is there already: --resume goes on with it"* ]]
    cmp s.ckpt kept
    echo mine > letter
    fails 1 cf-train -q $(small) --epochs 1 --checkpoint letter data.mr
    [ "$(cat letter)" = mine ]
    cf-train -q $(small) --epochs 1 --checkpoint /dev/null data.mr > /dev/null
}

@test "cf-train: early stopping keeps the best epoch" {
    cf-train $(small) --epochs 40 --valid-every 1 --patience 2 data.mr 2> log > early.mr
    best=$(grep -oP 'keeping epoch \K[0-9]+' log)
    cf-train -q $(small) --epochs "$best" --valid-every 0 data.mr --only > best.mr
    cf-embed -q --only --no-inter data.mr best.mr > a.mr
    cf-embed -q --only --no-inter early.mr > b.mr
    cmp a.mr b.mr
}

# Rates so large that validation grows worse within a few epochs.
hasty() {
    echo --dim 8 --maxlen 10 --batch 20 --lr .1
}

@test "cf-train: validates by default, and its patience ends" {
    cf-train $(hasty) --epochs 400 --threads 1 data.mr 2> log > early.mr
    cf-train -q $(hasty) --epochs 400 --threads 2 data.mr | cmp - early.mr
    grep -qE '^cf-train: epoch [0-9]+: loss [0-9.]+, validation ndcg@10/20 [0-9.]+$' log
    best=$(grep -oP 'keeping epoch \K[0-9]+' log)
    steps=$(grep -oP '[0-9]+(?= steps of)' log)
    [ $((best % 5)) = 0 ]
    [ "$steps" -lt 1200 ] # of 3 an epoch
    rm -f e.ckpt
    fails 1 cf-train -q $(hasty) --epochs 400 --checkpoint e.ckpt --stop-after $((best + 7)) data.mr
    cf-train -q $(hasty) --epochs 400 --checkpoint e.ckpt --resume data.mr > r.mr
    cmp r.mr early.mr
    # a training that has ended has ended
    cf-train $(hasty) --epochs 900 --checkpoint e.ckpt --resume data.mr 2>&1 > /dev/null |
        grep -q "^cf-train: $steps steps of"
}

@test "cf-train: the last epoch is validated, and more epochs are the same training" {
    options="$(small) --epochs 7 --valid-every 3"
    rm -f l.ckpt
    cf-train $options --checkpoint l.ckpt data.mr 2>&1 > /dev/null |
        grep -q '^cf-train: epoch 7: .* validation'
    cf-train -q $options --epochs 12 --checkpoint l.ckpt --resume data.mr > more.mr
    cf-train -q $options --epochs 12 data.mr | cmp - more.mr
}

@test "cf-train: nothing to validate on" {
    data-split -q --by time --valid-share 0 data.mr > none.mr
    cf-train $(small) --epochs 6 none.mr 2> log > /dev/null
    not grep -q 'keeping epoch' log
    fails 1 cf-train $(small) --valid-every 2 none.mr
    [ "$output" = "cf-train: --valid-every: no user has a validation item: run data-split first" ]
    fails 2 cf-train --valid-every 0 --patience 3 data.mr
    [[ "$output" = "cf-train: --patience needs --valid-every N"* ]]
}

@test "cf-train --valid-users: some of the users, or all" {
    of() { cf-train $(small) --valid-every 4 --valid-users "$1" data.mr 2>&1 > /dev/null |
        grep -oP 'epoch 4: .*'; }
    [ "$(of 0)" = "$(of 60)" ]
    [ "$(of 0)" != "$(of 7)" ]
}

@test "cf-train --loss auto: softmax" {
    cf-train -q --only $(small) --loss softmax data.mr > soft.mr
    cf-train -q --only $(small) data.mr > auto.mr
    cmp <(unnumbered soft.mr) <(unnumbered auto.mr)
}

@test "cf-train --loss auto: gbce where softmax is slow" {
    [ "${MODE:-}" != asan ] || skip "60,000 items; smaller trainings by gbce run in other tests"
    data-synth -q -u 3000 -i 60000 -n 14..14 | data-split -q > wide.mr
    run cf-train --dim 2 --maxlen 12 --batch 3000 --epochs 1 --only --no-hits wide.mr
    [[ "$output" = *"cf-train: --loss gbce: an epoch of softmax would compute 2"*"e+09 scores, auto takes it up to 1.5e+09"* ]]
    run cf-train --dim 2 --maxlen 5 --batch 3000 --epochs 1 --only --no-hits wide.mr
    [[ "$output" != *"--loss gbce"* ]]
}

@test "cf-train --preset published: no validation" {
    cf-train $(small) --epochs 10 --preset published data.mr 2>&1 > pub.mr |
        not grep -q validation.ndcg
    cf-train -q $(small) --epochs 10 --loss bce --windows last --valid-every 0 --patience 0 \
        data.mr | cmp - pub.mr
}

@test "cf-train: mistakes of the command line" {
    fails 2 cf-train --heads 3 data.mr
    [[ "$output" = "cf-train: --heads: 3 does not divide --dim 50"* ]]
    fails 2 cf-train --resume data.mr
    [[ "$output" = "cf-train: --resume needs --checkpoint FILE"* ]]
    fails 2 cf-train --shared data.mr
    [[ "$output" = "cf-train: --shared goes with --loss gbce, not auto"* ]]
    fails 2 cf-train --adam sparse data.mr
    [[ "$output" = "cf-train: --adam sparse goes with --loss bce or gbce, not auto: softmax touches"* ]]
    fails 2 cf-train --model mf --adam sparse data.mr
    [[ "$output" = "cf-train: --adam: --model mf does not use it"* ]]
    fails 2 cf-train --loss hinge data.mr
    [[ "$output" = "cf-train: --loss: 'hinge' is none of softmax, bce, gbce"* ]]
}

@test "cf-train: what is missing says who makes it" {
    data-import -q "$BATS_TEST_DIRNAME/../fixtures/tiny/ml-100k" > raw.mr
    fails 1 cf-train raw.mr
    [ "$output" = "cf-train: no 'inter.split' in the input: run data-split first: ... | data-split | cf-train ..." ]
    fails 1 cf-train --hide-last 1000 data.mr
    [ "$output" = "cf-train: no user has two training items beside the hidden ones" ]
    head -c 5000 data.mr > short.mr
    fails 1 cf-train short.mr
}

@test "cf-train: --hits of a split that holds nothing" {
    data-split -q --by time --valid-share 0 data.mr > late.mr
    cf-train --only $(small) late.mr 2>&1 > weights.mr | grep "hr@1" > words
    grep -qE '^cf-train: hr@1/20 uniform: last training item [0-9.]+, validation of none, test ' words
}

@test "cf-train: a full disk is an error" {
    run bash -c "cf-train -q $(small) data.mr > /dev/full"
    [ "$status" = 1 ]
    [[ "$output" = *"No space left"* ]]
}

@test "cf-train: nobody reads the output: it ends long before its last epoch" {
    timeout 20 bash -c "cf-train -q --dim 8 --epochs 10000000 data.mr | true" || [ $? != 124 ]
}

@test "cf-embed: the same bytes at 1 and 2 threads" {
    cf-embed -q --threads 1 cf.mr > one.mr
    cmp one.mr vectors.mr
}

@test "cf-embed: names and shapes" {
    stream-show vectors.mr | grep -E 'item\.cf|user\.cf|inter\.cf' | sed 's/  */ /g' |
        cut -d' ' -f1-4 > names
    diff names - <<'END'
item.cf <f4 [80, 8]
user.cf.train <f4 [60, 8]
user.cf.valid <f4 [60, 8]
user.cf.test <f4 [60, 8]
user.cf.next <f4 [60, 8]
inter.cf <f4 [1200, 8]
END
    cf-embed -q --no-inter cf.mr | stream-show | { ! grep inter.cf; }
}

@test "cf-embed: a user's vector is that of the interaction it stands before" {
    stream-show --name inter.split --head 1200 vectors.mr > splits
    stream-show --name inter.cf --head 1200 vectors.mr > inter
    for s in 1:valid 2:test; do
        # Rows are sorted by user: the i-th row of that split is user i's.
        paste splits inter | grep "^${s%:*}" | cut -f2- > want
        stream-show --name "user.cf.${s#*:}" --head 60 vectors.mr > user
        [ -s want ]
        # Other rows stood beside them in the products: equal to rounding.
        paste want user | awk '{ for (i = 1; i <= NF / 2; i++) {
            d = $i - $(i + NF / 2); if ($i !~ /nan/ && (d > 1e-4 || d < -1e-4)) bad = 1 } }
            END { exit bad || NR != 60 }'
    done
}

@test "cf-embed: nothing before it, no vector" {
    stream-show --name inter.cf --head 1 vectors.mr | grep -qi nan
}

@test "cf-embed --shuffle-history: held-out vectors of other orders, training's as they are" {
    cf-embed -q --shuffle-history --threads 1 cf.mr > one.mr
    cf-embed -q --shuffle-history --threads 2 cf.mr | cmp - one.mr
    cf-embed -q --shuffle-history --seed 2 cf.mr > two.mr
    for name in item.cf user.cf.train user.cf.valid user.cf.test user.cf.next; do
        stream-convert -q -o plain.npy -n $name < vectors.mr
        stream-convert -q -o one.npy -n $name < one.mr
        stream-convert -q -o two.npy -n $name < two.mr
        case $name in
        *.cf | *.train) cmp plain.npy one.npy ;;
        *)
            differ plain.npy one.npy
            differ one.npy two.npy
            ;;
        esac
    done
}

@test "cf-embed: weights of other data are refused" {
    data-import -q --k-core 12 "$BATS_TEST_DIRNAME/../fixtures/tiny/ml-100k" | data-split -q > core.mr
    cf-train -q --only $(small) data.mr > weights.mr
    fails 1 cf-embed core.mr weights.mr
    [[ "$output" = "cf-embed: 'cf.item_emb.weight' stands on item.id 80:"*", but the input's is "*": run cf-train again" ]]
    unnumbered weights.mr > plain.mr
    fails 1 cf-embed core.mr plain.mr
    [[ "$output" = "cf-embed: 'cf.item_emb.weight' has 80 items, expected the "*" of 'item.id': was it trained on other data?" ]]
    fails 1 cf-embed data.mr
    [ "$output" = "cf-embed: no 'cf.item_emb.weight' in the input: run cf-train first: ... | cf-train | cf-embed ..." ]
    fails 1 cf-embed --heads 3 cf.mr
    [ "$output" = "cf-embed: 'cf.*': width 8 is not a multiple of 3 heads" ]
}

# What every model of --model that is trained must hold.
small_of() {
    case $1 in
    gru4rec) echo --dim 8 --hidden 6 --layers 2 --maxlen 10 --batch 40 --epochs 4 ;;
    nextitnet) echo --dim 8 --dilations 1,2,1 --maxlen 10 --batch 20 --epochs 4 ;;
    ncf) echo --dim 4 --layers 2 --batch 100 --negatives 2 --dropout .1 --epochs 4 ;;
    mf) echo --dim 8 --batch 100 --epochs 4 ;;
    esac
}

models='gru4rec nextitnet ncf mf'

@test "cf-train --model: the same bytes at 1 and 2 threads, others for another seed" {
    for m in $models; do
        cf-train -q --model $m $(small_of $m) --threads 1 data.mr > one.mr
        cf-train -q --model $m $(small_of $m) --threads 2 data.mr > two.mr
        cmp one.mr two.mr
        cf-train -q --only --model $m $(small_of $m) --seed 2 data.mr > other.mr
        cf-train -q --only --model $m $(small_of $m) data.mr > again.mr
        not cmp -s again.mr other.mr
    done
}

@test "cf-train --model: stopped and resumed is the same as undisturbed" {
    for m in $models; do
        rm -f c.ckpt
        local options="--model $m $(small_of $m) --valid-every 2"
        fails 1 cf-train -q $options --checkpoint c.ckpt --stop-after 3 data.mr
        [[ "$output" = "cf-train: stopped after epoch 3 as asked; --resume goes on from c.ckpt" ]]
        cf-train -q $options --checkpoint c.ckpt --resume --threads 1 data.mr > r.mr
        cf-train -q $options data.mr > u.mr
        cmp r.mr u.mr
    done
}

@test "cf-train --model: more training, lower loss" {
    for m in $models; do
        loss() { cf-train --model $m $(small_of $m) --lr .01 --epochs "$1" --valid-every 0 data.mr 2>&1 > /dev/null |
            grep -oP 'loss \K[0-9.]+'; }
        a=$(loss 2) b=$(loss 150)
        awk "BEGIN { exit !($b < $a - .1) }" || { echo "$m: $a, then $b"; false; }
    done
}

@test "cf-train --model: validation and test items do not change the weights" {
    for m in $models; do
        for held in 'x y' 'y x'; do
            mkdir -p "held $held"
            six_users $held > "held $held/d.inter"
            data-import -q "held $held/d.inter" | data-split -q |
                cf-train -q --only --model $m $(small_of $m) > "held $held/$m.mr"
        done
        cmp <(unnumbered "held x y/$m.mr") <(unnumbered "held y x/$m.mr")
    done
}

@test "cf-train --model: weights through .safetensors give the same vectors" {
    for m in $models; do
        cf-train -q --only --model $m $(small_of $m) data.mr > w.mr
        stream-convert -q --prefix cf. -o w.safetensors w.mr
        stream-convert -q --prefix cf. w.safetensors | cat data.mr - |
            cf-embed -q --only $(hints_of $m) > a.mr
        cf-embed -q --only data.mr w.mr > b.mr
        stream-diff a.mr b.mr | grep -v 'same$' > differ || true
        [ ! -s differ ] || { echo "$m"; cat differ; false; }
    done
}

# What stream-convert does not carry.
hints_of() {
    case $1 in
    gru4rec) echo --maxlen 10 ;;
    nextitnet) echo --maxlen 10 --dilations 1,2,1 ;;
    esac
}

@test "cf-train --model: cf-embed, cf-score, align-train take every one" {
    stream-convert -q --prefix item. -n text "$(random_texts)" > text.mr
    for m in $models; do
        cf-train -q --model $m $(small_of $m) data.mr | cf-embed -q > $m.mr
        cand-sample -q -n 9 $m.mr | cf-score -q | metrics -q --format tsv > table
        [ "$(grep -c "^test.cf.*60" table)" -ge 4 ]
        cf-embed -q --threads 1 $m.mr | cmp - <(cf-embed -q --threads 2 $m.mr)
        align-train -q --epochs 1 $m.mr text.mr | stream-check -q
    done
}

# Vectors of 80 items as a .npy: its header, then floats.
random_texts() {
    { printf '\223NUMPY\001\000\166\000'
      printf '%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (80, 4), }"
      for i in {1..320}; do printf "\\x00\\x00\\x$(printf %x $((i % 128)))\\x3e"; done; } > text.npy
    echo text.npy
}

@test "cf-train --model: its defaults are in --help, an option given wins" {
    cf-train --model mf --help | grep -q -- '--batch N .*\[1024\]'
    cf-train --help --model mf | grep -q -- '--batch N .*\[1024\]'
    cf-train --help | grep -q -- '--batch N .*\[128\]'
    cf-train --batch 7 --model mf --help | grep -q -- '--batch N .*\[7\]'
}

@test "cf-train --model: an option of another model is refused" {
    fails 2 cf-train --model mf --heads 2 data.mr
    [[ "$output" = "cf-train: --heads: --model mf does not use it"* ]]
    fails 2 cf-train --l2 .1 data.mr
    [[ "$output" = "cf-train: --l2: --model sasrec does not use it"* ]]
    fails 2 cf-train --model pop --epochs 3 data.mr
    [[ "$output" = "cf-train: --epochs: --model pop does not use it"* ]]
    fails 2 cf-train --model bert data.mr
    [[ "$output" = "cf-train: --model: 'bert' is none of sasrec, "* ]]
}

# What the table of models says of each reaches help, page and checks.
@test "cf-train --help and its page name every model" {
    local names name title

    names=$(cf-train --help | sed -nE 's/.*--model NAME .*: ([a-z0-9|]+) \[sasrec\]/\1/p' | tr '|' ' ')
    [[ "$names" = "sasrec "*" pop" ]]
    for name in $names; do
        title=$(cf-train --help | sed -nE "s/^  $name +([A-Za-z0-9]+).*/\1/p")
        [ -n "$title" ] || { echo "--help has no line of $name"; false; }
        grep -q "^\.It Cm $name\$" "$BATS_TEST_DIRNAME/../../bin/cf-train.1" ||
            { echo "cf-train.1 has no paragraph of $name"; false; }
    done
}

@test "cf-train --model: an option is for the models that its help line names" {
    local model option value users tried=0

    for option in loss=bce windows=last gbce-t=.5 blocks=1 heads=2 hidden=7 layers=2 \
        dilations=1,2 kernel=2 maxlen=5 dropout=.3 l2=.1; do
        value=${option#*=} option=${option%=*}
        users=$(cf-train --help | sed -nE "s/^ +(-.,)? *--$option .*\(([a-z0-9, ]+)\)(:.*)? \[.*/ \2,/p")
        for model in sasrec gru4rec nextitnet ncf mf pop; do
            run cf-train -q --model $model --epochs 0 --dim 4 --$option $value --no-hits data.mr
            if [ $model = pop ] || [[ "$users" != *" $model,"* ]]; then
                [[ $status = 2 && "$output" = *": --model $model does not use it"* ]] ||
                    { echo "$model takes --$option: $output"; false; }
            else
                [ $status = 0 ] || { echo "$model, --$option: $output"; false; }
            fi
            tried=$((tried + 1))
        done
    done
    [ $tried = 72 ]
}

@test "a new CF model is one file and one row of CF_KINDS" {
    local root=$BATS_TEST_DIRNAME/../.. new=$BATS_TEST_TMPDIR/new libs

    [ -f "$root/.build/release/libmillrace.a" ] || skip "no release build"
    mkdir -p "$new/cf"
    sed 's/ROW(mf)/ROW(mf) ROW(twin)/' "$root/lib/cf/cf_kind.h" > "$new/cf/cf_kind.h"
    sed 's/cf_mf\b/cf_twin/; s/_emb\.weight/_twin.weight/; s/\.title = "[^"]*"/.title = "Twin"/' \
        "$root/lib/cf/mf.c" > "$new/twin.c"
    libs=$(make -s -C "$root" --no-print-directory --eval 'libs: ; @echo $(LDLIBS)' libs)
    ${CC:-cc} -std=c11 -D_GNU_SOURCE -DMILLRACE_VERSION='"0.1.0"' -fopenmp -I "$new" \
        -I "$root/lib" -o "$new/cf-train" "$new/twin.c" "$root/lib/cf/cf_model.c" \
        "$root/lib/cf/cf_network.c" "$root/bin/cf-train.c" \
        "$root/.build/release/libmillrace.a" $libs

    "$new/cf-train" --help | grep -q '^  twin  *Twin (Rendle et al. 2009)$'
    "$new/cf-train" --help | grep -q -- '--l2 .*(ncf, mf, twin)'
    "$new/cf-train" --model twin --help | grep -q -- '--batch N .*\[1024\]'
    fails 2 "$new/cf-train" --model twin --heads 2 data.mr
    "$new/cf-train" -q --only --model twin $(small_of mf) data.mr > twin.mr
    "$root/bin/cf-train" -q --only --model mf $(small_of mf) data.mr > mf.mr
    stream-convert -q -n cf.user_twin.weight -o twin.npy twin.mr
    stream-convert -q -n cf.user_emb.weight -o mf.npy mf.mr
    cmp twin.npy mf.npy
}

@test "cf-train --model: sequence models take every loss" {
    for m in gru4rec nextitnet; do
        for loss in bce gbce; do
            cf-train -q --model $m $(small_of $m) --loss $loss --threads 1 data.mr > one.mr
            cf-train -q --model $m $(small_of $m) --loss $loss --threads 2 data.mr | cmp - one.mr
        done
    done
}

@test "cf-train --model nextitnet: --dilations" {
    for d in 1,0 1,x '' 1,,2 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1; do
        fails 2 cf-train --model nextitnet --dilations "$d" data.mr
        [[ "$output" = "cf-train: --dilations: '$d' is no list such as 1,4 of at most 16 numbers"* ]]
    done
    cf-train -q --only --model nextitnet $(small_of nextitnet) data.mr > net.mr
    fails 1 cf-embed --dilations 1,2 data.mr net.mr
    [ "$output" = "cf-embed: 'cf.*' has 3 residual blocks, expected 2, for dilations 1,2" ]
    fails 1 cf-embed --dilations 1.5 data.mr net.mr
    [ "$output" = "cf-embed: 'cf.residual_blocks.0.conv1.weight' says dilations '1.5', expected numbers such as 1,4" ]
    cf-embed -q --only --dilations 1,2,1 data.mr net.mr > a.mr
    cf-embed -q --only data.mr net.mr > b.mr
    cf-embed -q --only --dilations 2,1,1 data.mr net.mr > c.mr
    stream-diff a.mr b.mr > /dev/null
    not stream-diff a.mr c.mr > /dev/null
}

@test "cf-train --model mf: a user's vector is the same at all positions, NaN without training" {
    cf-train -q --model mf $(small_of mf) data.mr | cf-embed -q > mf.mr
    stream-show --name user.cf.valid --head 60 mf.mr > valid
    stream-show --name user.cf.test --head 60 mf.mr | cmp - valid
    stream-show --name cf.user_emb.weight --head 60 mf.mr | cmp - valid
    stream-show --name cf.item_emb.weight --from 1 --head 80 mf.mr > items
    stream-show --name item.cf --head 80 mf.mr | cmp - items
    mkdir -p lone
    { six_users x y; printf 'u9\tx\t5\t100\nu9\ty\t5\t101\n'; } > lone/d.inter
    data-import -q lone/d.inter | data-split -q --by time |
        cf-train -q --model mf $(small_of mf) | cf-embed -q > lone.mr
    stream-show --name user.cf.next --head 7 lone.mr | tr '\t' ' ' > next
    [ "$(grep -c nan next)" = 1 ]
    sed -n 7p next | grep -q '^nan nan'
}

@test "cf-train --model ncf: vectors are both tables side by side" {
    cf-train -q --model ncf $(small_of ncf) data.mr | cf-embed -q > ncf.mr
    stream-show --tsv --name '*' ncf.mr | cut -f1,3 | tr -d ' ' | grep -P '^(cf\.|item.cf)' > names
    diff names - <<'END'
cf.embed_user_GMF.weight	[60,4]
cf.embed_item_GMF.weight	[80,4]
cf.embed_user_MLP.weight	[60,8]
cf.embed_item_MLP.weight	[80,8]
cf.MLP_layers.1.weight	[8,16]
cf.MLP_layers.1.bias	[8]
cf.MLP_layers.4.weight	[4,8]
cf.MLP_layers.4.bias	[4]
cf.predict_layer.weight	[1,8]
cf.predict_layer.bias	[1]
item.cf	[80,12]
END
    for s in item.cf:item user.cf.test:user; do
        paste <(stream-show --name "cf.embed_${s#*:}_GMF.weight" --head 60 ncf.mr) \
            <(stream-show --name "cf.embed_${s#*:}_MLP.weight" --head 60 ncf.mr) > both
        stream-show --name "${s%:*}" --head 60 ncf.mr | cmp - both
    done
    fails 2 cf-train --model ncf --heads 2 data.mr
    [[ "$output" = "cf-train: --heads: --model ncf does not use it"* ]]
    fails 1 cf-train --model ncf --layers 9 data.mr
    [[ "$output" = "cf-train: no NeuMF can have 60 users, 80 items, "*", 9 layers" ]]
}

@test "cf-embed: the weights of two models, or for other users, are refused" {
    cf-train -q --only --model mf $(small_of mf) data.mr > mf.w.mr
    cf-train -q --only $(small) data.mr > sasrec.w.mr
    fails 1 cf-embed data.mr mf.w.mr sasrec.w.mr
    [[ "$output" = "cf-embed: 'cf.pos_emb.weight' is of model sasrec, 'cf.user_emb.weight' of mf: the weights of two models are in the input" ]]
    mkdir -p less/ml
    grep -v '^1	' "$BATS_TEST_DIRNAME/../fixtures/tiny/ml-100k/ml-100k.inter" > less/ml/ml.inter
    cp "$BATS_TEST_DIRNAME/../fixtures/tiny/ml-100k/ml-100k.item" less/ml/ml.item
    data-import -q --keep-items less/ml | data-split -q > less.mr
    fails 1 cf-embed less.mr mf.w.mr
    [[ "$output" = "cf-embed: 'cf.user_emb.weight' stands on user.id 60:"*", but the input's is 59:"*": run cf-train again" ]]
    unnumbered mf.w.mr > plain.mr
    fails 1 cf-embed less.mr plain.mr
    [[ "$output" = "cf-embed: 'cf."*"_emb.weight' has "*": was it trained on other data?" ]] || { echo "$output"; false; }
}

@test "popularity is a model of the same pipeline" {
    cf-train -q --model pop data.mr | cf-embed -q > pop.mr
    stream-show pop.mr | sed 's/  */ /g' | grep -q '^item.cf <f4 \[80, 1\]'
    [ "$(stream-show --name user.cf.test --head 1 pop.mr)" = 1 ]
}

@test "cf-train: hr@1 on a catalogue without unseen items is what metrics says" {
    mkdir -p one
    printf 'user,item\na,x\na,x\na,x\nb,x\nb,x\nb,x\n' > one/interactions.csv
    data-import -q one | data-split -q > one/d.mr
    cf-train --model mf --epochs 1 --only one/d.mr 2>&1 > one/w.mr | grep "hr@1" > one/said
    grep -q 'test 1.000' one/said || { cat one/said; false; }
    cat one/d.mr one/w.mr | cf-embed -q | cand-sample -q | cf-score -q |
        metrics -q --format tsv --no-chance -k 1 | awk -F '\t' '$4 ~ /^hr@1\// { found = $5 == 1 } END { exit !found }'
}
