# align-train, align-embed: training, checkpoints, what goes together, wrong input.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny
    data-import -q ml-100k | data-split -q > data.mr
    cf-train -q --dim 8 --maxlen 10 --batch 20 --epochs 4 data.mr | cf-embed -q > cf.mr
    sbert-encode -q -m MiniLM --only data.mr > text.mr
    cat cf.mr text.mr > in.mr
    align-train -q $(small) in.mr > align.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# Options that train in a fraction of a second.
small() {
    echo --dim 6 --epochs 4 --batch 8
}

# The numbers of a tensor in a stream.
tensor() {
    stream-convert -q -o "$3" -n "$2" < "$1"
}

@test "align-train: the same bytes at 1 and 2 threads, for every network and match" {
    for options in '' '--match infonce --learn-temperature' '--targets all' \
        '--net deep --hidden 9,7' '--preset published --dim 7' \
        '--preset choice --valid-every 1 --patience 1'; do
        align-train -q $(small) $options --threads 1 in.mr > one.mr
        align-train -q $(small) $options --threads 2 in.mr > two.mr
        cmp one.mr two.mr
    done
}

@test "align-train --preset choice is the options that its page names" {
    align-train -q $(small) --preset choice --batch 256 in.mr > choice.mr
    align-train -q $(small) --net deep --hidden 512 --dropout .5 --weight-decay 0 --lr 1e-3 \
        --beta 0 --rec-loss choice --rec-text 1 --batch 256 in.mr | cmp - choice.mr
    align-train -q $(small) --preset choice --batch 256 --threads 2 in.mr | cmp - choice.mr
    stream-show choice.mr | grep -q '^history: align-train .*--rec-text 1 .*--negatives seen '
    for other in '--rec-text 0' '--rec-loss bce' '--dropout 0'; do
        align-train -q $(small) --preset choice --batch 256 $other --only in.mr > other.mr
        tensor choice.mr item.joint_text a.npy
        tensor other.mr item.joint_text b.npy
        ! cmp -s a.npy b.npy || { echo "$other changes nothing"; false; }
    done
}

@test "align-train --negatives all: items that no training has seen too" {
    data-import -q ml-100k | data-split -q --by cold-items |
        cf-train -q --dim 8 --maxlen 10 --batch 20 --epochs 1 | cf-embed -q > cold.mr
    align-train -q $(small) cold.mr text.mr > default.mr
    align-train -q $(small) --negatives seen cold.mr text.mr | cmp - default.mr
    align-train -q $(small) --negatives all cold.mr text.mr > all.mr
    tensor default.mr item.joint a.npy
    tensor all.mr item.joint b.npy
    not cmp -s a.npy b.npy
}

@test "align-train: another seed gives other towers" {
    align-train -q $(small) --seed 2 in.mr > other.mr
    not cmp -s align.mr other.mr
}

@test "align-train: towers have the published names, and sizes of both spaces" {
    stream-show align.mr > shown
    grep -qE '^align.item.fc1.weight +<f4 +\[6, 8\]' shown
    grep -qE '^align.item.fc2.weight +<f4 +\[8, 6\]' shown
    grep -qE '^align.text.fc2.bias ' shown
    grep -qE '^item.joint +<f4 +\[[0-9]+, 6\] .*item.cf=' shown
    grep -qE '^item.joint_text +<f4 +\[[0-9]+, 6\] .*item.text=' shown
}

@test "align-train: the history holds what auto stood for" {
    align-train -q $(small) --net deep --hidden 9,7 --match infonce in.mr |
        stream-show | grep -E '^history: align-train' > shown
    grep -q -- '--lr 0.0003 --weight-decay 0.1' shown
    grep -q -- '--alpha 0 --beta 0 ' shown
    not grep -q auto shown
}

@test "align-train --only writes its own tensors" {
    align-train -q $(small) --only in.mr | stream-show > shown
    not grep -qE '^(inter|item.cf|item.text|cf)' shown
    grep -q '^item.joint ' shown
}

@test "align-train again replaces what it wrote before" {
    align-train -q $(small) align.mr > again.mr
    [ "$(stream-show again.mr | grep -c '^item.joint ')" = 1 ]
    tensor align.mr item.joint first.npy
    tensor again.mr item.joint second.npy
    cmp first.npy second.npy
}

@test "align-train: training brings texts to their items and the loss down" {
    align-train --dim 16 --epochs 200 --lr .02 --text-scale 20 --match infonce in.mr \
        2> said > /dev/null
    awk '$2 == 1 { first = $7 } $2 == 200 { last = $7 } END { exit !(last < .8 * first) }' said
    # ten of 80 texts by chance is .125
    awk '/own text found/ { sub(/.*@10 /, ""); exit !($1 > .5) }' said
}

@test "align-train --patience keeps the best epoch" {
    align-train --dim 6 --batch 8 --epochs 500 --lr .05 --valid-every 1 --patience 3 in.mr \
        2> said > p.mr
    best=$(sed -nE 's/.*keeping epoch ([0-9]+),.*/\1/p' said)
    [ "$best" -lt 497 ]
    grep -q " $((best + 3)) epochs of " said
    align-train -q --dim 6 --batch 8 --epochs "$best" --lr .05 --valid-every 0 in.mr > best.mr
    tensor p.mr item.joint a.npy
    tensor best.mr item.joint b.npy
    cmp a.npy b.npy
}

@test "align-train: validates by default where the data can" {
    align-train --preset choice --dim 6 --epochs 20 in.mr 2> said > v.mr
    [ "$(awk 'NF == 10 && $2 + 0 > 0 { print $2 }' said | paste -sd ' ')" = '5 10 15 20' ]
    best=$(sed -nE 's/.*keeping epoch ([0-9]+), the best on validation: ndcg@10.20 .*/\1/p' said)
    [ $((best % 5)) = 0 ]
    align-train -q --preset choice --dim 6 --epochs "$best" --valid-every 0 in.mr > best.mr
    tensor v.mr item.joint_text a.npy
    tensor best.mr item.joint_text b.npy
    cmp a.npy b.npy
    fails 2 align-train --valid-every 0 --patience 3 in.mr
    [[ "$output" = "align-train: --patience needs --valid-every N"* ]]
}

@test "align-train: nothing to validate on" {
    data-split -q --by time --valid-share 0 data.mr |
        cf-train -q --dim 8 --maxlen 10 --batch 20 --epochs 1 | cf-embed -q > none.mr
    align-train $(small) none.mr text.mr 2> said > /dev/null
    not grep -q 'keeping epoch' said
    fails 1 align-train $(small) --valid-every 2 none.mr text.mr
    [ "$output" = "align-train: --valid-every: no user has a validation item: run data-split first" ]
}

@test "align-train: killed and resumed is the same as undisturbed" {
    local options='--dim 6 --batch 8 --net deep --hidden 9,7 --valid-every 3 --patience 900'
    rm -f k.ckpt
    fails 1 align-train -q $options --checkpoint k.ckpt --stop-after 1 in.mr
    [[ $output == *"stopped after epoch 1"* ]]
    align-train -q $options --epochs 100000 --checkpoint k.ckpt --resume in.mr > k.mr 3>&- &
    pid=$!
    sleep .3
    kill -9 $pid 2> /dev/null || true
    wait $pid || true
    align-train -q $options --epochs 8 --checkpoint k.ckpt --resume in.mr > r.mr
    align-train -q $options --epochs 8 in.mr > u.mr
    cmp r.mr u.mr
}

@test "align-train: a checkpoint of other options is refused" {
    rm -f o.ckpt
    align-train -q $(small) --checkpoint o.ckpt in.mr > /dev/null
    fails 1 align-train -q $(small) --lr .01 --checkpoint o.ckpt --resume in.mr
    [[ $output == *o.ckpt* ]]
}

@test "align-embed gives what align-train gave" {
    align-embed -q --only align.mr > embedded.mr
    for name in item.joint item.joint_text; do
        tensor align.mr $name a.npy
        tensor embedded.mr $name b.npy
        cmp a.npy b.npy
    done
}

@test "align-embed maps other texts" {
    printf 'A film\nAnother film\n' | sbert-encode -q --lines -m MiniLM > new.mr
    align-train -q $(small) --only in.mr |
        align-embed -q --text text --only - new.mr > joint.mr
    stream-show joint.mr | grep -qE '^item.joint_text +<f4 +\[2, 6\]'
    not grep -q '^item.joint ' <(stream-show joint.mr)
}

# With texts whose q is the items' e, decoded vectors would be those of the decoder; here:
# the same shape, rows shifted by the padding, and users represented by texts alone.
@test "align-embed --as-cf: a CF model on a catalogue that it has not seen" {
    mkdir -p half
    data-import -q "$BATS_TEST_DIRNAME/../fixtures/tiny/ml-100k" \
        --items-with 'class~Comedy|Horror' | data-split -q > half/data.mr
    sbert-encode -q -m MiniLM --only half/data.mr > half/text.mr
    align-embed -q --as-cf --only align.mr half/text.mr > half/as-cf.mr
    stream-show half/as-cf.mr | grep -qE '^cf.item_emb.weight +<f4 +\[33, 8\]'
    align-embed -q --as-cf --only --threads 2 align.mr half/text.mr | cmp - half/as-cf.mr
    stream-cat --pick 'cf.*' cf.mr > half/weights.mr
    cat half/data.mr half/weights.mr half/as-cf.mr | cf-embed -q > half/vectors.mr
    stream-show half/vectors.mr | grep -qE '^item.cf +<f4 +\[32, 8\]'
    # the items' vectors are the decoded ones
    tensor half/vectors.mr item.cf a.npy
    tensor half/as-cf.mr cf.item_emb.weight b.npy
    cmp <(tail -c $((32 * 8 * 4)) a.npy) <(tail -c $((32 * 8 * 4)) b.npy)
    cand-sample -q -n 9 half/vectors.mr | cf-score -q | metrics -k 1 2>&1 | grep -q '^cf '
    fails 1 align-embed --as-cf --text none align.mr
    [[ $output == *"--text: no 'none' in the input: run sbert-encode first"* ]]
    fails 1 align-embed --cf item.fc align.mr # others would go through as if it were there
    [[ $output == *"--cf: no 'item.fc' in the input: did you mean item.cf?"* ]]
    # an incoming one is replaced, not doubled
    align-embed -q --as-cf align.mr > both.mr
    [ "$(stream-show both.mr | grep -c '^cf.item_emb.weight ')" = 1 ]
}

@test "missing tensors name the filter that makes them" {
    fails 1 align-train text.mr
    [[ $output == *"inter.user"*"run data-import first"* ]]
    fails 1 align-train data.mr text.mr
    [[ $output == *"'item.cf'"*"run cf-embed first"* ]]
    fails 1 align-train cf.mr
    [[ $output == *"'item.text'"*"run sbert-encode first"* ]]
    fails 1 align-embed text.mr
    [[ $output == *"align.item.fc1.weight"*"run align-train first"* ]]
    align-train -q $(small) --only in.mr > towers.mr
    fails 1 align-embed towers.mr
    [[ $output == *"cf-embed or sbert-encode"* ]]
}

@test "without inter.cf only --targets last trains, and it says so" {
    cf-train -q --dim 8 --maxlen 10 --batch 20 --epochs 1 data.mr |
        cf-embed -q --no-inter > short.mr
    align-train -q $(small) --targets last short.mr text.mr > /dev/null
    fails 1 align-train short.mr text.mr
    [[ $output == *"'inter.cf'"*"--targets last"* ]]
}

@test "tensors of other sizes are refused with both sizes" {
    printf 'one\ntwo\n' | sbert-encode -q --lines -m MiniLM > two.mr
    stream-convert -q -o two.npy -n text < two.mr
    stream-convert -q -n item.text two.npy > wrong.mr
    fails 1 align-train cf.mr wrong.mr
    [[ $output == *"'item.text' has shape [2, "*expected* ]]
    stream-convert -q -n item.cf two.npy > wide.mr
    fails 1 align-embed align.mr wide.mr
    [[ $output == *"'item.cf' has shape"*"expected"* ]]
}

@test "mistakes on the command line" {
    fails 2 align-train --alpha x in.mr
    [[ $output == *"--alpha: 'x' is not a number"* ]]
    fails 2 align-train --match off --alpha 0 --beta 0 --rec 0 in.mr
    [[ $output == *"every term of the loss is off"* ]]
    fails 2 align-train --resume in.mr
    fails 2 align-train --learn-temperature in.mr
    [[ $output == *"--learn-temperature: --match mse has no temperature"* ]]
    fails 2 align-train --net deep --hidden 1,2,3,4,5,6,7,8,9 in.mr
}

@test "a new loss of stage 1 is one file and one row of MATCHES" {
    local root=$BATS_TEST_DIRNAME/../.. new=$BATS_TEST_TMPDIR/new libs loss

    [ -f "$root/.build/release/libmillrace.a" ] || skip "no release build"
    mkdir -p "$new/align"
    sed 's/ROW(mse)/ROW(mse) ROW(twin)/' "$root/lib/align/match.h" > "$new/align/match.h"
    sed 's/match_mse/match_twin/; s/\.alpha = \.5/.alpha = .25/' \
        "$root/lib/align/match_mse.c" > "$new/twin.c"
    libs=$(make -s -C "$root" --no-print-directory --eval 'libs: ; @echo $(LDLIBS)' libs)
    ${CC:-cc} -std=c11 -D_GNU_SOURCE -DMILLRACE_VERSION='"0.1.0"' -fopenmp -I "$new" \
        -I "$root/lib" -o "$new/align-train" "$new/twin.c" "$root/lib/align/match.c" \
        "$root/bin/align-train.c" "$root/.build/release/libmillrace.a" $libs

    "$new/align-train" --help | grep -q '^  twin  *mean of (e - q)^2; auto: --alpha 0.25 '
    "$new/align-train" --help | grep -q -- '--match NAME .*: mse|twin|infonce|off'
    for loss in twin mse; do
        "$new/align-train" -q --only --match $loss --alpha .5 --dim 6 --epochs 2 in.mr > $loss.mr
        stream-convert -q -n item.joint -o $loss.npy $loss.mr
    done
    cmp twin.npy mse.npy
}

@test "a new recommendation loss of stage 1 is one file and one row of RECS" {
    local root=$BATS_TEST_DIRNAME/../.. new=$BATS_TEST_TMPDIR/new libs loss

    [ -f "$root/.build/release/libmillrace.a" ] || skip "no release build"
    mkdir -p "$new/align"
    sed 's/ROW(bce)/ROW(bce) ROW(twin)/' "$root/lib/align/rec.h" > "$new/align/rec.h"
    sed 's/rec_bce/rec_twin/' "$root/lib/align/rec_bce.c" > "$new/twin.c"
    libs=$(make -s -C "$root" --no-print-directory --eval 'libs: ; @echo $(LDLIBS)' libs)
    ${CC:-cc} -std=c11 -D_GNU_SOURCE -DMILLRACE_VERSION='"0.1.0"' -fopenmp -I "$new" \
        -I "$root/lib" -o "$new/align-train" "$new/twin.c" "$root/lib/align/rec.c" \
        "$root/bin/align-train.c" "$root/.build/release/libmillrace.a" $libs

    "$new/align-train" --help | grep -q '^  twin  *-log s'
    "$new/align-train" --help | grep -q -- '--rec-loss NAME .*: bce|twin|choice'
    for loss in twin bce choice; do
        "$new/align-train" -q --only --rec-loss $loss --dim 6 --epochs 2 in.mr > $loss.mr
        stream-convert -q -n item.joint -o $loss.npy $loss.mr
    done
    [ "$(stream-diff -t 1e-4 -n item.joint twin.mr bce.mr | cut -f 2)" = same ]
    not cmp -s choice.npy bce.npy
}

@test "align-train's page has every loss of --rec-loss" {
    local name tried=0

    for name in $(align-train --help |
        sed -nE 's/.*--rec-loss NAME .*: ([a-z|]+) \[bce\]/\1/p' | tr '|' ' '); do
        align-train --help | sed '1,/^losses of --rec-loss/d' | grep -q "^  $name "
        sed '1,/Fl -rec-loss/d' "$BATS_TEST_DIRNAME/../../bin/align-train.1" |
            grep -q "^\.Cm $name *\.\?$"
        tried=$((tried + 1))
    done
    [ $tried -ge 2 ]
}

@test "align-train's page has every loss of --match" {
    local name tried=0

    for name in $(align-train --help | sed -nE 's/.*--match NAME .*: ([a-z|]+) \[mse\]/\1/p' | tr '|' ' '); do
        align-train --help | grep -q "^  $name .*; auto: --alpha"
        grep -q "^\.Cm $name *\.\?$" "$BATS_TEST_DIRNAME/../../bin/align-train.1"
        tried=$((tried + 1))
    done
    [ $tried -ge 3 ]
}
