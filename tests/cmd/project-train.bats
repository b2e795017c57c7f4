# project-train: the whole line on tiny stand-ins, checkpoints, options, wrong input.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    data-import -q ml-100k | data-split -q > data.mr
    cf-train -q --dim 8 --maxlen 10 --batch 20 --epochs 4 data.mr | cf-embed -q > cf.mr
    sbert-encode -q -m MiniLM --only data.mr > text.mr
    cat cf.mr text.mr | align-train -q --dim 6 --epochs 2 --batch 8 > in.mr
    project-train -q $(small) in.mr > proj.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# Options that train in a fraction of a second, on both projections.
small() {
    echo -t recall -m SmolLM2.gguf --steps 6 -b 6 --cands 3..5 --share 3 --prealign 8 \
        --valid-users 6 --valid-every 2 --history 3
}

lacks() {
    if grep -q "$1" "$2"; then
        echo "'$1' is in $2"
        false
    fi
}

@test "the whole line, with defaults" {
    data-import ml-100k | data-split | cf-train -e 4 | cf-embed |
        sbert-encode -m MiniLM | align-train -e 2 | cand-sample -n 19 | cf-score |
        project-train -m SmolLM2.gguf --steps 20 | llm-score -m SmolLM2.gguf |
        metrics -k 1,10 > table
    grep -q llm table
    grep -q cf table
}

# One of each way to build a layer; learning to write titles must show in each, and the
# model as a GGUF file must score and write as its folder does.
@test "project-train, llm-score, llm-generate: other families of LLMs" {
    llms=$BATS_TEST_DIRNAME/../fixtures/llms
    mkdir -p folders files
    printf '%s\n' 'candidate: [item]{title}' 'history: [item]{title}' 'separator: \n' \
        'text: {candidates}\n' 'text: {history}\n' 'text: [user]' 'answer: {title}' > short.txt
    cand-sample -q -n 4 in.mr > cand.mr
    for llm in qwen2-window gemma2 gemma3 olmo2 gpt_neox gpt2; do
        cp -r "$llms/$llm" folders
        cp "$llms"/tokenizer*.json "folders/$llm"
        llm-convert -q -t f32 -o "files/$llm" "folders/$llm"
        options="-q -t short.txt -m $llm --loss title --steps 60 -b 8 --lr .02 --cands 4..4
            --share 2 --prealign 3 --history 2 --max-title 6 --valid-users 0"
        MILLRACE_PATH=folders project-train $options --log log.tsv cand.mr > llm.mr
        MILLRACE_PATH=folders project-train $options --recompute yes --threads 2 cand.mr |
            cmp - llm.mr
        awk -F '\t' 'NR > 1 && $5 > 0 { loss[++n] = $5 }
            END { for (i = 1; i <= 10; i++) { first += loss[i]; last += loss[n - i + 1] }
                  exit !(n == 60 && last < .97 * first) }' log.tsv ||
            { echo "$llm learns nothing:"; cat log.tsv; false; }
        for from in folders files; do
            MILLRACE_PATH=$from llm-score -q --only -m "$llm" llm.mr > "$from.mr"
            MILLRACE_PATH=$from llm-generate -q --max-tokens 6 -m "$llm" llm.mr > "$from.txt"
        done
        stream-diff -q -t 1e-5 -n score.test.llm folders.mr files.mr
        cmp folders.txt files.txt
    done
}

@test "project-train: the same bytes at 1 and 2 threads" {
    for options in '' '--preset published -t published --steps 3' '-t guess' '--loss title --targets all' \
        '--loss select --targets last --no-gain --no-standardise' '--weights stored --batch 1'; do
        project-train -q $(small) $options --threads 1 in.mr > one.mr
        project-train -q $(small) $options --threads 2 in.mr > two.mr
        cmp one.mr two.mr
    done
}

@test "project-train: another seed gives other projections" {
    project-train -q $(small) --seed 2 --only in.mr > other.mr
    stream-convert -q -o a.npy -n proj.item.3.weight < proj.mr
    stream-convert -q -o b.npy -n proj.item.3.weight < other.mr
    not cmp -s a.npy b.npy
}

@test "project-train: tensors have the published names, and attributes of the training" {
    stream-show proj.mr > shown
    for side in user item; do
        grep -qE "^proj.$side.0.weight +<f4 +\[48, [68]\] .*llm=SmolLM2.gguf" shown
        grep -qE "^proj.$side.3.bias +<f4 +\[48\] " shown
        grep -qE "^proj.$side.gain +<f4 +\[1\] .*seed=1" shown
    done
}

@test "project-train: files in any order, and parts of them by --only" {
    align-train -q --dim 6 --epochs 2 --batch 8 --only cf.mr text.mr > align.mr
    project-train -q --only $(small) data.mr cf.mr align.mr > a.mr
    cat align.mr cf.mr data.mr | project-train -q --only $(small) > b.mr
    stream-convert -q -o a.npy -n proj.user.0.weight < a.mr
    stream-convert -q -o b.npy -n proj.user.0.weight < b.mr
    cmp a.npy b.npy
}

@test "project-train again replaces what it wrote before" {
    project-train -q $(small) proj.mr > again.mr
    [ "$(stream-show again.mr | grep -c '^proj.user.gain ')" = 1 ]
    stream-convert -q -o a.npy -n proj.item.0.weight < proj.mr
    stream-convert -q -o b.npy -n proj.item.0.weight < again.mr
    cmp a.npy b.npy
}

@test "project-train --resume: the same bytes after --stop-after" {
    rm -f c.ckpt
    fails 1 project-train $(small) --checkpoint c.ckpt --stop-after 3 in.mr
    says "stopped after step 3"
    project-train $(small) --checkpoint c.ckpt --resume in.mr 2> log > resumed.mr
    grep -q 'going on after step 3' log
    lacks prealigned log
    cmp proj.mr resumed.mr
}

@test "project-train --resume: the same bytes after kill -9" {
    rm -f k.ckpt
    project-train -q $(small) --steps 60 in.mr > whole.mr
    project-train -q $(small) --steps 60 --checkpoint k.ckpt --checkpoint-every 1 in.mr \
        > /dev/null &
    for i in $(seq 500); do
        [ -s k.ckpt ] && break
        sleep .01
    done
    kill -9 $! || true
    wait $! || true
    project-train -q $(small) --steps 60 --checkpoint k.ckpt --checkpoint-every 1 \
        --resume in.mr > resumed.mr
    cmp whole.mr resumed.mr
}

@test "project-train: a finished checkpoint gives the output again" {
    rm -f f.ckpt
    project-train -q $(small) --checkpoint f.ckpt --resume in.mr > first.mr
    project-train -q $(small) --checkpoint f.ckpt --resume in.mr > second.mr
    cmp first.mr second.mr
    cmp first.mr proj.mr
}

@test "project-train: checkpoints of other options, input or model are refused" {
    rm -f o.ckpt
    project-train -q $(small) --checkpoint o.ckpt in.mr > /dev/null
    for options in '--lr .1' '--seed 2' '--history 2' '--steps 7' '--loss title' \
        '--valid-users 5'; do
        fails 1 project-train $(small) $options --checkpoint o.ckpt --resume in.mr
        says o.ckpt
    done
    cat cf.mr text.mr | align-train -q --dim 6 --epochs 1 --batch 8 > other.mr
    fails 1 project-train $(small) --checkpoint o.ckpt --resume other.mr
    mkdir -p other
    cp "$MILLRACE_PATH/SmolLM2.gguf" other/
    printf 'more' >> other/SmolLM2.gguf
    fails 1 project-train $(small) -m other/SmolLM2.gguf --checkpoint o.ckpt --resume in.mr
    says o.ckpt
    cp "$MILLRACE_PATH/SmolLM2.gguf" other/ # of the same size, with other weights
    head -c 400 /dev/zero | dd of=other/SmolLM2.gguf bs=1 seek=80000 conv=notrunc status=none
    fails 1 project-train $(small) -m other/SmolLM2.gguf --checkpoint o.ckpt --resume in.mr
    says o.ckpt
    head -c 1000 o.ckpt > cut.ckpt
    fails 1 project-train $(small) --checkpoint cut.ckpt --resume in.mr
    says cut.ckpt
}

@test "project-train: what is missing names its maker" {
    fails 1 project-train $(small) data.mr
    says align-train
    fails 1 project-train $(small) --joint cf data.mr
    says cf-embed
    fails 1 project-train $(small) text.mr
    says data-import
    fails 1 project-train $(small) --user no data.mr
    says align-train
    fails 1 project-train $(small) --items no data.mr
    says cf-embed
}

@test "project-train: users or items alone, other vectors, random ones" {
    project-train -q $(small) --user no in.mr | stream-show > shown
    lacks '^proj.user' shown
    project-train -q $(small) --items no in.mr | stream-show > shown
    lacks '^proj.item' shown
    project-train -q $(small) --joint cf in.mr | stream-show > shown
    grep -qE '^proj.item.0.weight +<f4 +\[48, 8\] .*joint=cf' shown
    project-train -q $(small) --items random --user random in.mr | stream-show > shown
    grep -qE '^proj.item.0.weight .*random_items=yes' shown
}

# A function, since bash lets a bare "! cmp" pass.
differ() {
    not cmp -s "$1" "$2"
}

# The weights that a training learns, as NAME.npy.
learned() {
    project-train -q $(small) "${@:2}" in.mr |
        stream-convert -q -n proj.item.0.weight -o "$1.npy"
}

@test "project-train: the flags of earlier versions" {
    learned random --items random --user random
    learned flags --random-items --random-users
    cmp random.npy flags.npy
    fails 2 project-train --no-user --no-items in.mr
    says "--user no --items no leaves nothing to train"
}

@test "project-train: words and start token of the template file, options win" {
    printf '%s\n' 'candidate: [item]{title}' 'text: The {noun}s:\n{candidates}\n' \
        'text: To {verb} after those {past}, {history}:\n[user]' 'answer: {title}' > plain
    { cat plain && printf '%s\n' 'noun: film' 'verb: see' 'past: seen' 'bos: before'; } > worded
    learned plain -t plain
    learned options -t plain --noun film --verb see --past seen --bos before
    learned file -t worded
    cmp options.npy file.npy
    differ plain.npy file.npy
    learned back -t worded --noun movie --verb watch --past watched --bos auto
    cmp plain.npy back.npy
    learned some -t worded --noun book
    learned same -t plain --noun book --verb see --past seen --bos before
    cmp some.npy same.npy
    project-train -q $(small) -t worded in.mr | stream-show > shown
    grep -qE '^proj.item.0.weight .*noun=film' shown
    grep -qE '^proj.item.0.weight .*bos=before' shown
    { cat plain && echo 'bos: behind'; } > wrong
    fails 1 project-train $(small) -t wrong in.mr
    says "template wrong: line 5: bos: 'behind' is none of auto, before, after, none"
    fails 1 project-train $(small) -t gues in.mr
    says "--template: 'gues' is neither a file nor one of recall, guess, published, genre, open: did you mean guess?"
}

# The projections of a stream, without their attributes.
weights() {
    for name in user.0.weight user.3.bias item.0.weight item.0.bias item.3.weight item.gain; do
        stream-convert -q -o "$1.npy" -n proj.$name < "$1"
        cat "$1.npy"
    done
}

@test "project-train --joint-mix: 0 is without, 1 is by text, between is neither" {
    project-train -q $(small) --joint-mix 0 in.mr > none.mr
    cmp none.mr proj.mr
    for options in '' '--no-standardise --no-gain --prealign 0'; do
        project-train -q $(small) $options --joint text in.mr > bytext.mr
        project-train -q $(small) $options --joint-mix 1 in.mr > all.mr
        cmp <(weights bytext.mr) <(weights all.mr)
        project-train -q $(small) $options --joint-mix .3 in.mr > some.mr
        differ <(weights some.mr) <(weights all.mr)
        project-train -q $(small) $options in.mr > none.mr
        differ <(weights some.mr) <(weights none.mr)
    done
    project-train -q $(small) --joint-mix .3 --threads 1 in.mr > one.mr
    project-train -q $(small) --joint-mix .3 --threads 2 in.mr > two.mr
    cmp one.mr two.mr
    project-train -q $(small) --joint-mix .3 --joint auto in.mr | stream-show > shown
    grep -qE '^proj.item.0.weight .*joint=auto.*cold_share=0.35' shown
}

@test "project-train --joint-mix: the same bytes after --stop-after" {
    rm -f m.ckpt
    project-train -q $(small) --joint-mix .5 in.mr > whole.mr
    fails 1 project-train $(small) --joint-mix .5 --checkpoint m.ckpt --stop-after 3 in.mr
    project-train -q $(small) --joint-mix .5 --checkpoint m.ckpt --resume in.mr > resumed.mr
    cmp whole.mr resumed.mr
    fails 1 project-train $(small) --joint-mix .4 --checkpoint m.ckpt --resume in.mr
    says m.ckpt
}

@test "project-train --joint-mix: what it cannot be with, and what it needs" {
    for options in '--items no' '--items random' '--joint text' '--joint cf'; do
        fails 2 project-train --joint-mix .5 $options in.mr
        says "--joint-mix needs items by --joint joint or auto, and none of them random"
    done
    fails 2 project-train --joint-mix 1.5 in.mr
    stream-cat --pick 'item.joint' in.mr > joint.mr
    fails 1 project-train $(small) --joint-mix .5 cf.mr joint.mr
    says "no 'item.joint_text' in the input: run align-train first"
}

@test "project-train: mistakes on the command line" {
    fails 2 project-train --user no --items no in.mr
    says "leaves nothing to train"
    fails 2 project-train --resume in.mr
    says "--checkpoint"
    fails 2 project-train --stop-after 3 in.mr
    says "--checkpoint"
    fails 2 project-train --loss cosine in.mr
    fails 2 project-train --cands 1 in.mr
}

@test "project-train: mistakes in a template have their line" {
    printf 'candidate: {title}\ntext: [film]\n' > bad.txt
    fails 1 project-train $(small) -t bad.txt in.mr
    says "bad.txt: line 2: '[film]'"
    fails 1 project-train $(small) -t no.txt in.mr
    says no.txt
}

@test "project-train: models that are cut, of another kind, or not there" {
    head -c 50000 "$MILLRACE_PATH/SmolLM2.gguf" > cut.gguf
    fails 1 project-train $(small) -m ./cut.gguf in.mr
    says cut.gguf
    sed 's/llama/bloom/g' "$MILLRACE_PATH/SmolLM2.gguf" > bloom.gguf
    fails 1 project-train $(small) -m ./bloom.gguf in.mr
    says bloom
    fails 1 project-train $(small) -m nobody.gguf in.mr
    says nobody.gguf
}

@test "project-train: full disk, cut input" {
    run bash -c 'project-train -q "$@" > /dev/full' sh $(small) in.mr
    [ "$status" = 1 ]
    says "No space left"
    head -c 20000 in.mr > cut.mr
    fails 1 project-train $(small) cut.mr
}

@test "project-train: history that has no room is said" {
    project-train $(small) --steps 1 --history 500 -t published in.mr 2> log > /dev/null ||
        { cat log; false; }
    sed 's/^text:/text: {candidates}{candidates}{candidates}{history}{history}{history}/' \
        > long.txt <<< $'candidate: {title}\nanswer: {title}\ntext: '
    project-train $(small) --steps 1 --cands 20 --history 500 -t long.txt in.mr \
        2> log > /dev/null
    grep -q 'no room for [0-9]* of the history' log
}

@test "project-train --guess each: one hypothesis at a time, at any number of threads" {
    project-train -q $(small) -t guess --guess each --soft-labels .5 in.mr > each.mr
    project-train -q --threads 2 $(small) -t guess --guess each --soft-labels .5 in.mr |
        cmp - each.mr
    cand-sample -q --users 20 each.mr > cand.mr
    llm-score -q --only --threads 1 cand.mr > one.mr
    llm-score -q --only --threads 2 cand.mr | cmp - one.mr
    llm-score -q --only --guess each:0 cand.mr > best.mr
    not stream-diff -q -n score.test.llm one.mr best.mr
    # the best alone is the mixture of temperature 0; items keep the words of the training
    llm-score -q --only --guess 0 cand.mr > sharp.mr
    stream-diff -t 1e-4 -n score.test.llm best.mr sharp.mr
    # more hypotheses than run together: still probabilities, as the model says them
    cand-sample -q -n 40 --users 12 each.mr | llm-score -q --only --calibrate 0 > long.mr
    rows long.mr score.test.llm 0 > long.txt
    awk -v count=0 '{ sum = 0; for (i = 1; i <= NF; i++) sum += exp($i)
                      count += NF == 41 && sum > .999 && sum < 1.001 }
                    END { exit count != NR || NR == 0 }' long.txt
    # by default without what the model likes under every hypothesis
    llm-score -q --only --calibrate 0 cand.mr > said.mr
    not stream-diff -q -n score.test.llm one.mr said.mr
    fails 2 llm-score -q --calibrate .5 --guess 0 cand.mr
    says "--calibrate needs --guess each"
    fails 1 project-train $(small) -t guess --guess each:x in.mr
    says "--guess: 'each:x'"
}

@test "project-train -t guess: learned from, and scored by what the stream says" {
    project-train -q $(small) -t guess --soft-labels .5 in.mr > guess.mr
    project-train -q --threads 2 $(small) -t guess --soft-labels .5 in.mr > guess2.mr
    cmp guess.mr guess2.mr
    project-train -q $(small) -t guess in.mr > hard.mr
    not stream-diff -q -n 'proj.*' guess.mr hard.mr
    lacks proj.user <(stream-show guess.mr) # the template has no [user]
    cand-sample -q --users 20 guess.mr > cand.mr
    llm-score -q --only --as a cand.mr > a.mr
    llm-score -q --only --as b --guess none cand.mr > b.mr
    llm-score -q --only --as c --guess-by pop cand.mr > c.mr
    for x in a b c; do stream-convert --name score.test.$x -o $x.npy $x.mr; done
    not cmp -s a.npy b.npy
    not cmp -s a.npy c.npy
}

@test "project-train --guess-by: scoring takes the scorer of the training" {
    project-train -q $(small) -t guess --guess-by joint in.mr | cand-sample -q --users 20 > cand.mr
    llm-score -q --only cand.mr > own.mr
    llm-score -q --only --guess-by joint cand.mr | cmp - own.mr
    llm-score -q --only --guess-by pop cand.mr > pop.mr
    for x in own pop; do stream-convert --name score.test.llm -o $x.npy $x.mr; done
    not cmp -s own.npy pop.npy
}

# The line of the README with made-up data: cf-fuse's scores are the guess, in training and,
# unasked, where the LLM scores.
@test "project-train after cf-fuse: the whole line" {
    data-synth -q -u 60 -i 40 -n 6..12 | data-split -q |
        cf-train -q --dim 8 --maxlen 10 --batch 20 --epochs 4 | cf-embed -q |
        sbert-encode -q -m MiniLM | align-train -q --preset choice --dim 6 --epochs 4 |
        cand-sample -q -n 9 --for valid | cf-fuse -q | stream-cat -d 'cand.*' > fused.mr
    project-train -q $(small) --steps 2 -t guess fused.mr |
        cand-sample -q -n 9 > cand.mr
    llm-score -q --only -m SmolLM2.gguf cand.mr > own.mr
    llm-score -q --only -m SmolLM2.gguf --guess-by fused cand.mr | cmp - own.mr
    llm-score -q --only -m SmolLM2.gguf --guess-by cf cand.mr > cf.mr
    for x in own cf; do stream-convert --name score.test.llm -o $x.npy $x.mr; done
    not cmp -s own.npy cf.npy
    stream-cat cand.mr own.mr | metrics -k 1 | grep -q '^llm '
    fails 1 project-train $(small) -t guess --guess-by fused in.mr
    says "no 'item.fused' in the input: run cf-fuse first"
}

@test "project-train --guess-by best: what cf-fuse has written, else the CF model" {
    cand-sample -q -n 9 --for valid in.mr | cf-fuse -q | stream-cat -d 'cand.*' > has.mr
    for by in cf fused; do
        [ $by = cf ] && input=in.mr || input=has.mr
        project-train -q --only $(small) -t guess --guess-by $by $input > said.mr
        project-train --only $(small) -t guess $input 2> log > best.mr
        cmp <(unnumbered said.mr) <(unnumbered best.mr)
        stream-show best.mr | grep -qE "^proj.item.0.weight .*guess_by=$by"
        grep -q "the guess is made from" log
        # what scores later takes the scorer of the training
        cand-sample -q -n 9 --users 20 --only $input > nine.mr
        llm-score -q --only $input nine.mr best.mr > own.mr
        llm-score -q --only --guess-by $by $input nine.mr best.mr | cmp - own.mr
        llm-score -q --only has.mr nine.mr best.mr | cmp - own.mr
    done
    grep -q "cf-fuse's scores" log
}

@test "project-train: steps, or epochs where these alone are given" {
    steps() { project-train $(small) --valid-users 0 "$@" in.mr 2>&1 > /dev/null |
        grep -oP '^project-train: \K[0-9]+(?= steps in )'; }
    [ "$(steps)" = 6 ]
    [ "$(steps --epochs 2)" = 6 ]
    [ "$(steps --epochs 2 --steps 0)" = 20 ]
    small() { echo -t recall -m SmolLM2.gguf -b 60 --cands 3 --share 60 --prealign 0 --history 0; }
    [ "$(steps --epochs 2)" = 2 ]
    [ "$(steps --preset paper)" = 4 ]
    [ "$(steps --preset published --batch 60)" = 5 ]
    project-train --help | grep -qE -- '--steps N .*\[100\]$'
    project-train $(small) --steps 3 --valid-users 0 in.mr 2>&1 > /dev/null |
        grep -qE '^project-train: 3 steps of 60 examples, 3.0 times the [0-9]+ of an epoch$'
}

@test "--guess-by text-history: refused before the stream is read" {
    for program in project-train "llm-score --only"; do
        fails 2 $program --guess-by text-history /nowhere
        says "--guess-by text-history: its vectors of users are of another kind than those of training"
    done
}

@test "project-train --guess-by: a scorer of other items" {
    stream-convert -q -n item.cf -o all.npy in.mr
    { head -c 128 all.npy | sed 's/([0-9]*, 8), }/(7, 8), } /'
      tail -c +129 all.npy | head -c $((7 * 8 * 4)); } > seven.npy
    stream-convert -q -n item.fused seven.npy > seven.mr
    fails 1 project-train $(small) -t guess --guess-by fused in.mr seven.mr
    says "'item.fused' is of 7 items, expected 80: run cf-fuse again"
}

@test "project-train --preset paper: the prompt of before, no guess" {
    small="$(small)" small=${small#-t recall}
    project-train -q $small --preset paper in.mr > paper.mr
    project-train -q $(small) --guess none --soft-labels 0 in.mr > spelled.mr
    cmp <(unnumbered paper.mr) <(unnumbered spelled.mr)
    project-train -q $small in.mr | stream-show > shown
    grep -qE '^proj.item.0.weight .*guess=each .*guess_by=cf' shown
    project-train -q $small --preset paper -t guess --guess each in.mr > each.mr
    stream-show each.mr | grep -q '^history: project-train .*--template guess .*--guess each '
    not stream-diff -q -n "proj.item.*" paper.mr each.mr
}

@test "project-train: a guess that is none, or that the vectors do not fit" {
    fails 1 project-train $(small) -t guess --guess x in.mr
    [[ $output == *"--guess: 'x' is neither each, each:T, none, nor a list of at most 4"* ]]
    fails 1 project-train $(small) -t guess --guess 1,2,3,4,5 in.mr
    fails 2 project-train $(small) -t guess --guess-by llm in.mr
    fails 1 project-train $(small) --soft-labels .5 in.mr
    [[ $output == *"--soft-labels needs a guess"* ]]
    fails 1 project-train $(small) -t guess --items no in.mr
    [[ $output == *"leave nothing to train"* ]]
}

# best LOG COLUMN SIGN: step and value of the least, or with -1 the greatest.
best() {
    awk -F '\t' -v name="$2" -v sign="$3" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next }
        $c != "" && (least == "" || sign * $c < least) { least = sign * $c; step = $1 }
        END { print step, sign * least }' "$1"
}

@test "project-train --keep: the step of the least loss, or of the best ranking, as llm-score ranks" {
    [ "${MODE:-}" != asan ] || skip "160 steps, 600 users; the next but one keeps by less"
    local synth='--users 600 --items 60 --per-user 8..16 --follow .9 --skew 0'

    data-synth -q $synth | data-split -q |
        cf-train -q --dim 16 --maxlen 10 --epochs 60 --lr .01 --dropout .1 --valid-every 0 |
        cf-embed -q | sbert-encode -q -m MiniLM |
        align-train -q --preset choice --dim 16 --epochs 20 | cand-sample -q -n 9 --for valid > made.mr
    for keep in loss ndcg; do
        project-train --guess-by cf -m SmolLM2.gguf --loss select --steps 80 -b 16 --lr .01 --cands 10 \
            --max-title 2 --valid-users 600 --valid-every 20 --keep $keep --log $keep.tsv made.mr \
            2> $keep.said > $keep.mr
    done
    read -r step loss < <(best loss.tsv valid_loss 1)
    grep -q "kept step $step$" loss.said
    lacks ndcg loss.tsv
    read -r step ndcg < <(best ndcg.tsv valid_ndcg@10 -1)
    grep -q "kept step $step$" ndcg.said
    grep -q "step $step: .*, ndcg@10 $(printf %.4f "$ndcg"), .* [*]$" ndcg.said
    # Other negatives of the same users: within three deviations, .3 / sqrt(600) each.
    llm-score -q ndcg.mr | metrics -q -k 10 -m ndcg --format tsv |
        awk -F '\t' -v want="$ndcg" '$1 == "valid" && $2 == "llm" { d = $5 - want; seen = 1 }
            END { print d, want; exit !(seen && d < .05 && d > -.05) }'
}

@test "project-train --valid-every 0: no validation, the same bytes as --valid-users 0" {
    local options=$(small | sed 's/--valid-users.*2 --history/--history/')

    project-train $options --valid-users 0 in.mr > users.mr 2> users.said
    project-train $options --valid-every 0 in.mr 2> every.said | cmp - users.mr
    lacks validation users.said
    lacks validation every.said
    grep -q 'kept step 6$' every.said
    project-train --help | grep -q 'before the LLM is asked; 0: none \[500\]'
}

@test "project-train --keep ndcg: the same bytes at 1 and 2 threads, and after --stop-after" {
    local options="$(small) -t guess --keep ndcg"

    project-train -q $options --threads 1 --log whole.tsv in.mr > one.mr
    project-train -q $options --threads 2 in.mr | cmp - one.mr
    rm -f n.ckpt
    fails 1 project-train $options --log part.tsv --checkpoint n.ckpt --stop-after 3 in.mr
    project-train -q $options --log part.tsv --checkpoint n.ckpt --resume in.mr | cmp - one.mr
    cmp <(cut -f 1,3- whole.tsv) <(cut -f 1,3- part.tsv)
}

@test "without inter.cf only --targets last trains, and it says so" {
    stream-cat --drop inter.cf in.mr > own.mr
    fails 1 project-train $(small) own.mr
    says "'inter.cf' in the input: run cf-embed without --no-inter (or use --targets last) first"
    project-train -q $(small) --targets last own.mr > trained.mr
    stream-check trained.mr
}
