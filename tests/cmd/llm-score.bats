# llm-score: scores of candidates with and without soft tokens, --lines, wrong input.

load common

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    data-import -q ml-100k | data-split -q | cand-sample -q -n 9 > data.mr
    small_vectors data.mr
    project-train -q -t recall --steps 3 -b 6 --cands 4 --prealign 4 --valid-users 0 --history 2 \
        --noun film in.mr > proj.mr
    llm-score -q proj.mr > score.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# The numbers of a tensor in a stream.
tensor() {
    stream-convert -q -o "$3" -n "$2" < "$1"
}

same_scores() {
    tensor "$1" score.test.llm a.npy
    tensor "$2" score.test.llm b.npy
    cmp a.npy b.npy
}

other_scores() {
    tensor "$1" score.test.llm a.npy
    tensor "$2" score.test.llm b.npy
    if cmp -s a.npy b.npy; then
        echo "$1 and $2 have the same scores"
        false
    fi
}

@test "llm-score: the same bytes at 1 and 2 threads" {
    for options in '' '--norm sum' '--norm token --orders 2' '--norm byte --items no' \
        '--weights stored' '--weights stored --precision bf16'; do
        llm-score -q $options --threads 1 proj.mr > one.mr
        llm-score -q $options --threads 2 proj.mr > two.mr
        cmp one.mr two.mr
    done
}

@test "llm-score: stored weights are in the history and score alike" {
    llm-score -q --weights stored proj.mr > stored.mr
    stream-show stored.mr | grep -q 'llm-score .*--weights stored'
    printf 'The film is\t Heat\t Alien 3\n' > line
    paste <(llm-score --lines line | tr '\t' '\n') \
        <(llm-score --lines --weights stored line | tr '\t' '\n') |
        awk '{ d = $1 - $2; if (d < -1e-4 || d > 1e-4) bad = 1 } END { exit bad || NR != 2 }'
}

@test "llm-score: the training's options hold, given ones win" {
    llm-score -q --history 2 --noun film --joint joint -t recall proj.mr > given.mr
    same_scores score.mr given.mr
    llm-score -q --history 0 proj.mr > none.mr
    other_scores score.mr none.mr
    llm-score -q --noun book proj.mr > book.mr
    other_scores score.mr book.mr
    llm-score -q -t published proj.mr > published.mr
    other_scores score.mr published.mr
}

@test "llm-score: words of the training, and of a template that is given" {
    printf '%s\n' 'candidate: [item]{title}' 'text: The {noun}s:\n{candidates}\n[user]' \
        'answer: {title}' > plain
    { cat plain && echo 'noun: book'; } > book
    llm-score -q -t plain proj.mr > film.mr # the training's word
    llm-score -q -t plain --noun film proj.mr > same.mr
    same_scores film.mr same.mr
    llm-score -q -t book proj.mr > book.mr
    other_scores film.mr book.mr
    llm-score -q -t plain --noun book proj.mr > same.mr
    same_scores book.mr same.mr
    llm-score -q -t book --noun film proj.mr > same.mr
    same_scores film.mr same.mr
    project-train -q -t recall --only --steps 2 -b 4 --cands 3 --prealign 4 --valid-users 0 -t book \
        in.mr > taught.mr
    llm-score -q in.mr taught.mr > of-training.mr
    llm-score -q -t plain in.mr taught.mr > same.mr
    same_scores of-training.mr same.mr
    llm-score -q -t plain --noun film in.mr taught.mr > other.mr
    other_scores of-training.mr other.mr
}

@test "llm-score: files in any order, and the projections apart" {
    project-train -q -t recall --only --steps 3 -b 6 --cands 4 --prealign 4 --valid-users 0 \
        --history 2 --noun film in.mr > only.mr
    llm-score -q only.mr in.mr > a.mr
    cat in.mr only.mr | llm-score -q > b.mr
    same_scores a.mr b.mr
    same_scores a.mr score.mr
}

@test "llm-score --norm, --orders, --user no, --items no change scores, --seed only orders" {
    for options in '--norm sum' '--orders 3' '--user no' '--items no'; do
        llm-score -q $options proj.mr > other.mr
        other_scores score.mr other.mr
    done
    llm-score -q --seed 9 proj.mr > other.mr
    same_scores score.mr other.mr
    llm-score -q --orders 2 proj.mr > orders.mr
    llm-score -q --orders 2 --seed 9 proj.mr > other.mr
    other_scores orders.mr other.mr
}

@test "llm-score --joint auto: text for the cold share, and for what training lacks" {
    llm-score -q --joint joint proj.mr > e.mr
    llm-score -q --joint text proj.mr > q.mr
    llm-score --joint auto --cold-share 1 proj.mr 2> said > all.mr
    same_scores q.mr all.mr
    [ "$(cat said)" = "llm-score: vectors of 80 of 80 items are from text: the coldest 100 %, and those without training interactions" ]
    llm-score --joint auto --cold-share 0 proj.mr 2> said > none.mr
    same_scores e.mr none.mr
    grep -q "vectors of 0 of 80 items" said
    llm-score --joint auto proj.mr 2> said > some.mr
    grep -q "vectors of 28 of 80 items are from text: the coldest 35 %" said
    other_scores e.mr some.mr
    other_scores q.mr some.mr
    for threads in 1 2; do
        llm-score -q --joint auto --threads $threads proj.mr | cmp - some.mr
    done
}

@test "llm-score --joint auto: an item without a joint vector is taken from text" {
    stream-cat --pick 'item.joint' proj.mr | stream-convert -q -n item.joint -o joint.npy
    cp joint.npy holed.npy
    bytes=$(($(rows proj.mr item.joint 79 | wc -w) * 4))
    for _ in $(seq 4 4 $bytes); do printf '\0\0\300\177'; done | # not a number
        dd of=holed.npy bs=1 seek=$(($(stat -c %s joint.npy) - bytes)) conv=notrunc status=none
    stream-convert -q -n item.joint holed.npy > holed.mr
    fails 1 llm-score --joint joint proj.mr holed.mr
    says "'item.joint' row 79 is not finite"
    llm-score --joint auto --cold-share 0 proj.mr holed.mr 2> said > one.mr
    grep -q "vectors of 1 of 80 items" said
    llm-score -q --joint joint proj.mr > e.mr
    other_scores e.mr one.mr
}

@test "llm-score: the rule of the training holds" {
    project-train -q --joint auto --cold-share .5 --steps 2 -b 4 --cands 3 --prealign 2 \
        --valid-users 0 in.mr > auto.mr
    llm-score auto.mr 2> said > a.mr
    grep -q "vectors of 40 of 80 items are from text: the coldest 50 %" said
    llm-score -q --joint auto --cold-share .5 auto.mr > b.mr
    same_scores a.mr b.mr
    llm-score -q --joint joint auto.mr > c.mr
    other_scores a.mr c.mr
}

@test "llm-score --shuffle-history: other orders, of one seed the same" {
    llm-score -q --shuffle-history --history 9 --threads 1 proj.mr > a.mr
    llm-score -q --shuffle-history --history 9 --threads 2 proj.mr | cmp - a.mr
    llm-score -q --history 9 proj.mr > b.mr
    other_scores a.mr b.mr
    llm-score -q --shuffle-history --seed 2 --history 9 proj.mr > b.mr
    other_scores a.mr b.mr
    llm-score -q --shuffle-history --history 1 proj.mr > a.mr # nothing to shuffle
    llm-score -q --history 1 proj.mr > b.mr
    same_scores a.mr b.mr
}

@test "llm-score: random vectors are those of the training, whatever --seed" {
    project-train -q --seed 5 --items random --user random --steps 2 -b 4 --cands 3 \
        --prealign 0 --valid-users 0 in.mr > random.mr
    llm-score -q random.mr > a.mr
    llm-score -q --seed 5 random.mr > b.mr
    same_scores a.mr b.mr
    llm-score -q --no-random-users random.mr > c.mr
    other_scores a.mr c.mr
}

@test "llm-score --as names the scores, which metrics finds" {
    llm-score -q --as mine proj.mr > mine.mr
    tensor mine.mr score.test.mine m.npy
    tensor score.mr score.test.llm s.npy
    cmp m.npy s.npy
    metrics -k 1 mine.mr | grep -q mine
    cf-score -q score.mr | metrics -k 1 | grep -q llm
}

# shown FILE OPTION...: prompts, and not another word than FILE says.
shown() {
    local want=$1
    shift
    run --separate-stderr llm-score --show-prompt "$@"
    [ "$status" = 0 ]
    [ -z "$stderr" ]
    diff "$want" - <<< "$output"
}

@test "llm-score --show-prompt: what the LLM reads, with the names of soft tokens" {
    stream-cat --drop 'cand.*' proj.mr | cand-sample -q -n 1 > few.mr
    cat > want << END
user 4, cand.test: a prompt of 110 tokens, 5 of them soft; the context has 1024
| The films to choose from:
| <item: Merry Parrot>Merry Parrot
| <item: Frozen Planet>Frozen Planet
| 
| The films that this user has watched:
| <item: Cosmic Planet>Cosmic Planet
| <item: Wild Ranch>Wild Ranch
| 
| The one film of the list that this user will watch next:
| <user>
answers of 2 candidates, each behind the number of its tokens:
   7 | Merry Parrot<|im_end|>
   9 | Frozen Planet<|im_end|>
END
    shown want 4 few.mr
    { sed 's/, cand.test/&, order 1 of 2/' want
      sed 's/, cand.test/&, order 2 of 2/' want | awk '
          { line[NR] = $0 } # the two of the list the other way round
          END { for (i = 1; i <= NR; i++)
              print line[i == 3 || i == 13 ? i + 1 : i == 4 || i == 14 ? i - 1 : i] }'
    } > orders
    shown orders 4 --orders 2 --seed 2 few.mr
    printf '%s\n' 'history: {title}' 'separator: ;' 'text: {history} ' 'answer: "{title}"' > short
    cat > want << END
user 4, cand.test: a prompt of 8 tokens, 0 of them soft; the context has 1024
| Cosmic;Wild 
answers of 2 candidates, each behind the number of its tokens:
   6 | "Merry"<|im_end|>
   7 | "Frozen"<|im_end|>
END
    shown want 4 -q -t short --max-title 4 few.mr
}

@test "llm-score --show-prompt: several users, every list of theirs; weights are not read" {
    cand-sample -q -n 2 --for valid,test data.mr > both.mr
    run --separate-stderr llm-score --show-prompt 5,4 both.mr
    diff - <(grep -o '^user [^:]*' <<< "$output") << END
user 5, cand.test
user 5, cand.valid
user 4, cand.test
user 4, cand.valid
END
    llm-score --show-prompt 5,4 --weights stored both.mr | diff - <(echo "$output")
}

@test "llm-score --show-prompt: who is not there, and what scores alone have" {
    fails 1 llm-score --show-prompt 1000 proj.mr
    [ "$output" = "llm-score: --show-prompt: no user has the id '1000'" ]
    stream-cat --drop 'cand.*' data.mr | cand-sample -q --top 2 --by pop --ids 5 > next.mr
    fails 1 llm-score --show-prompt 5,4 next.mr
    says "--show-prompt: no candidates of user '4' in the input; the first user that has some is '5'"
    fails 2 llm-score --show-prompt 4 --norm sum proj.mr
    says "--show-prompt makes no use of --norm"
    fails 2 llm-score --show-prompt 4 --part 1/2 proj.mr
    says "--show-prompt makes no use of --part"
    fails 2 llm-score --show-prompt 4 --lines
    says "--lines makes no use of --show-prompt"
}

@test "llm-score: text alone needs neither vectors nor projections" {
    llm-score -q data.mr > text-only.mr
    llm-score -q --user no --items no in.mr > again.mr
    same_scores text-only.mr again.mr
}

@test "llm-score: what comes next, after all that the user has had" {
    inter() { # without the last K rows of each of 4 users; one has had everything
        echo user,item,time
        for i in 0 1 2 3 4 5 6 7 8; do echo "0,$i,$i"; done
        for u in 1 2 3 4; do
            for t in $(seq $((6 - $1))); do echo "$u,$(((u * 3 + t * (u % 2 + 1)) % 9)),$t"; done
        done
    }
    { echo item,title; for i in 0 1 2 3 4 5 6 7 8; do echo "$i,The film $i$i$i"; done; } > items.csv
    for k in 0 1; do
        mkdir -p last$k
        inter $k > last$k/interactions.csv
        cp items.csv last$k
        data-import -q --keep-items last$k | data-split -q > last$k.mr
    done
    cand-sample -q --only --top 1 --by pop last1.mr > next.mr
    text() { llm-score -q --norm sum --user no --items no --only "$@"; }
    text last1.mr next.mr > a.mr
    for t in user item; do
        stream-convert -q -n cand.next.$t -o c.npy next.mr
        stream-convert -q -n cand.test.$t c.npy
    done > test.mr
    text last0.mr test.mr > b.mr
    tensor a.mr score.next.llm a.npy
    tensor b.mr score.test.llm b.npy
    cmp a.npy b.npy
}

@test "llm-score: candidates of what comes next, with soft tokens" {
    cand-sample -q --top 4 proj.mr > next.mr
    llm-score -q next.mr > out.mr
    stream-show out.mr | grep -q '^score.next.llm .*\[60, 4\]'
    same_scores out.mr score.mr
}

@test "llm-score: equal titles tie" {
    mkdir -p twins/ml-100k
    cp "$MILLRACE_PATH"/ml-100k/* twins/ml-100k/
    awk -F '\t' -v OFS='\t' 'NR > 1 { $2 = NR % 2 ? "Same" : "Same too" } { print }' \
        "$MILLRACE_PATH/ml-100k/ml-100k.item" > twins/ml-100k/ml-100k.item
    data-import -q twins/ml-100k | data-split -q | cand-sample -q -n 9 > twins.mr
    for norm in choice sum token byte; do
        llm-score -q --norm $norm twins.mr > scored.mr
        tensor scored.mr score.test.llm t.npy
        # 80 bytes of header at least, then 10 floats a user: at most two are distinct.
        [ "$(tail -c 40 t.npy | od -An -v -tx4 -w4 | sort -u | wc -l)" -le 2 ]
    done
}

@test "llm-score --lines: candidates in their order, blocks of lines, equal ones equal" {
    printf 'A film:\tAlien\tHeat\tAlien\nAnother:\tHeat\n' | llm-score --lines > out
    [ "$(wc -l < out)" = 2 ]
    [ "$(head -1 out | cut -f 1)" = "$(head -1 out | cut -f 3)" ]
    grep -qE '^-[0-9]+\.[0-9]{6}\s-[0-9]+\.[0-9]{6}\s-[0-9]+\.[0-9]{6}$' out
    for i in $(seq 70); do
        printf 'Line %d\t Toy\t Story\n' $i
    done > many
    llm-score --lines --threads 1 many > one
    llm-score --lines --threads 2 < many > two
    cmp one two
    [ "$(wc -l < one)" = 70 ]
    [ "$(sed -n 40p many | llm-score --lines)" = "$(sed -n 40p one)" ]
    sed 's/$/\r/' many | llm-score --lines | cmp - one
}

@test "llm-score --lines: GGUF and folder agree to 1e-4" {
    printf 'A film:\t Alien\t Heat\t The Usual Suspects\n' > line
    llm-score --lines line > gguf
    llm-score --lines -m "$MILLRACE_PATH/llama" line > folder
    paste <(tr '\t' '\n' < gguf) <(tr '\t' '\n' < folder) |
        awk '{ d = $1 - $2; if (d > 1e-4 || d < -1e-4) bad++ } END { exit bad || NR != 3 }'
}

@test "llm-score --lines: as transformers, to 1e-4 a token" {
    printf 'A user has watched: Heat, Se7en. Next:\t Alien\t The Usual Suspects\t 12\n' |
        llm-score --lines | tr '\t' '\n' > ours
    sed -n 's/^line //p' "$BATS_TEST_DIRNAME/../fixtures/stage2/expected" |
        tr ' ' '\n' > theirs
    paste ours theirs |
        awk '{ d = $1 - $2; if (d > 3e-4 || d < -3e-4) bad++ } END { exit bad || NR != 3 }'
}

# What stderr says of the lines: a number of rows.
rows_of() {
    llm-score --lines 2>&1 > out | sed -n 's/^llm-score: \([0-9]*\) rows through the language model$/\1/p'
}

@test "llm-score --lines: rows are counted, shared ones once, under -q not" {
    one=$(printf 'The Cat sat\t red\n' | rows_of)
    [ "$one" -gt 1 ]
    [ "$(printf 'The Cat sat\t red\t red\n' | rows_of)" = "$one" ]
    [ "$(printf 'The Cat sat\t red\nThe Cat sat\t red\n' | rows_of)" = $((2 * one)) ]
    [ "$(printf 'The Cat sat\t red\t sat on the cat\n' | rows_of)" -gt "$one" ]
    run bash -c "printf 'The Cat sat\t red\n' | llm-score -q --lines 2>&1 > out"
    [ "$output" = "" ]
}

@test "llm-score --lines: wrong lines have their number" {
    printf 'a\tb\nno tab\n' > wrong
    fails 1 llm-score --lines wrong
    says "wrong: line 2: expected prompt<TAB>candidate"
    printf '\tb\n' > empty
    fails 1 llm-score --lines empty
    says "line 1: the prompt is empty"
    printf 'a\t\xff\n' > bytes
    fails 1 llm-score --lines bytes
    says "line 1"
    printf 'a\0b\tc\n' > nul
    fails 1 llm-score --lines nul
    says "NUL"
    fails 1 llm-score --lines nowhere
    says nowhere
    awk 'BEGIN { for (i = 0; i < 3000; i++) printf "word "; print "\tb" }' > long
    fails 1 llm-score --lines long
    says "the model's context has 1024"
}

@test "llm-score: what is missing names its maker" {
    fails 1 llm-score text.mr
    says data-import
    data-import -q ml-100k | data-split -q > none.mr
    fails 1 llm-score none.mr
    says cand-sample
    project-train -q -t recall --only --steps 1 -b 2 --cands 3 --prealign 0 --valid-users 0 in.mr \
        > only.mr
    fails 1 llm-score data.mr only.mr
    says align-train
}

@test "llm-score: projections of another model are refused" {
    cp "$MILLRACE_PATH/SmolLM2.gguf" other.gguf
    fails 1 llm-score -m ./other.gguf proj.mr
    says "trained for SmolLM2.gguf, not for other.gguf"
    head -c 50000 other.gguf > cut.gguf
    fails 1 llm-score -m ./cut.gguf data.mr
    says cut.gguf
}

@test "llm-score: full disk, closed pipe, cut input" {
    run bash -c 'llm-score -q proj.mr > /dev/full'
    [ "$status" = 1 ]
    says "No space left"
    run bash -c 'printf "a\tb\n" | llm-score --lines > /dev/full'
    [ "$status" = 1 ]
    says "No space left"
    run bash -c 'yes "a	b" | llm-score --lines | head -1; echo "${PIPESTATUS[1]}"'
    [ "${lines[1]}" = 141 ]
    head -c 20000 proj.mr > cut.mr
    fails 1 llm-score cut.mr
}

@test "llm-score: mistakes on the command line" {
    fails 2 llm-score --norm none proj.mr
    fails 2 llm-score --orders 0 proj.mr
    fails 1 llm-score -t no.txt proj.mr
    says no.txt
}

@test "a weight that is not finite ends the run and is named" {
    rm -rf nan
    cp -r "$BATS_TEST_DIRNAME/../fixtures/tiny/llama" nan
    chmod -R u+w nan
    size=$(stat -c %s nan/model.safetensors)
    printf '\377\377\377\177' | # a NaN in every type of floats
        dd of=nan/model.safetensors bs=1 seek=$((size - 4)) conv=notrunc 2> /dev/null
    run bash -c "printf 'The Cat sat\t red\n' | llm-score -m ./nan --lines 2>&1"
    [ "$status" = 1 ]
    [[ $output == "llm-score: ./nan: tensor '"*"' (by its name in GGUF) holds a number that is not finite" ]] ||
        { echo "$output"; false; }
}

@test "a model that Hugging Face's tools have downloaded, by its name there" {
    hub=$BATS_TEST_TMPDIR/hub/models--some--llama
    mkdir -p "$hub/refs" "$hub/snapshots"
    printf 'abc123' > "$hub/refs/main"
    ln -s "$BATS_TEST_DIRNAME/../fixtures/tiny/llama" "$hub/snapshots/abc123"
    printf 'The Cat sat\t red\n' > line
    HF_HUB_CACHE=$BATS_TEST_TMPDIR/hub llm-score -m some/llama --lines line > got
    HF_HOME=$BATS_TEST_TMPDIR HF_HUB_CACHE= llm-score -m some/llama --lines line | cmp - got
    llm-score -m llama --lines line | cmp - got
    export HF_HUB_CACHE=$BATS_TEST_TMPDIR/hub
    fails 1 llm-score -m some/other --lines line
    says "some/other: No such file or directory here, and not in Hugging Face's cache"
    printf '../../x' > "$hub/refs/main"
    fails 1 llm-score -m some/llama --lines line
    says 'No such file or directory here'
}

@test "an adapter is told to be merged; a model is named before its tokenizer" {
    mkdir -p adapter other
    printf '{"peft_type": "LORA"}' > adapter/adapter_config.json
    printf '{"model_type": "mamba"}' > other/config.json
    printf '{}' > other/tokenizer.json
    cp "$BATS_TEST_DIRNAME/../fixtures/tiny/llama/model.safetensors" other
    fails 1 llm-score -m ./adapter --lines /dev/null
    says 'a LoRA adapter, not a model: merge it into its model first'
    fails 1 llm-score -m ./other --lines /dev/null
    says "model_type 'mamba': expected 'llama'"
}

@test "a vocabulary or a list of merges that is cut is said, also under -q" {
    rm -rf short
    cp -r "$BATS_TEST_DIRNAME/../fixtures/tiny/llama" short
    chmod -R u+w short
    printf 'a\t b\n' > line
    run --separate-stderr llm-score -q -m ./short --lines line
    [ "$status" = 0 ]
    [ -z "$stderr" ]
    cp "$BATS_TEST_DIRNAME/../fixtures/llms/"tokenizer*.json short
    run --separate-stderr llm-score -q -m ./short --lines line
    [ "$status" = 0 ]
    [[ $stderr = *"./short: the tokenizer has 40 tokens, but the model has rows for 600"* ]]
    rm -rf short
    cp -r "$BATS_TEST_DIRNAME/../fixtures/opt/before" short
    chmod -R u+w short
    run --separate-stderr llm-score -q -m ./short --lines line
    [ "$status" = 0 ]
    [ -z "$stderr" ]
    sed -i '3,$d' short/merges.txt
    run --separate-stderr llm-score -q -m ./short --lines line
    [ "$status" = 0 ]
    [[ $stderr = *"./short/merges.txt: has 1 merges, but vocab.json has 1"*" tokens of more than one letter"* ]]
}

@test "an adapter beside a model, with its weights or without, is not left out" {
    rm -rf both
    cp -r "$BATS_TEST_DIRNAME/../fixtures/tiny/llama" both
    chmod -R u+w both
    printf 'The Cat sat\t red\n' > line
    llm-score -m ./both --lines line > /dev/null
    printf '{"peft_type": "LORA", "base_model_name_or_path": "x", "r": 8}' > both/adapter_config.json
    fails 1 llm-score -m ./both --lines line
    says './both: has adapter_config.json, a LoRA adapter beside the model: merge it'
    fails 1 llm-convert -o both.gguf ./both
    says './both: has adapter_config.json'
    [ ! -e both.gguf ]
    mv both/model.safetensors both/adapter_model.safetensors
    fails 1 llm-score -m ./both --lines line
    says 'a LoRA adapter'
}

# config KEYS: ./model with a config.json of these and what every model has
config() {
    rm -rf model
    cp -r "$BATS_TEST_DIRNAME/../fixtures/tiny/llama" model
    printf '{%s, "num_hidden_layers": 1}' "$1" > model/config.json
}

@test "folders of quantized weights, experts and more than texts say so, and what to take" {
    for method in gptq awq bitsandbytes compressed-tensors fp8; do
        config "\"model_type\": \"llama\", \"quantization_config\": {\"quant_method\": \"$method\"}"
        fails 1 llm-score -m ./model --lines /dev/null
        says "config.json: weights quantized by $method are not read here: take the model's folder from before that, or a GGUF file"
    done
    config '"model_type": "llama"'
    echo '{"bits": 4}' > model/quantize_config.json
    fails 1 llm-score -m ./model --lines /dev/null
    says 'quantize_config.json: weights quantized by gptq are not read here: take'
    rm model/quantize_config.json
    echo '{"zero_point": true, "q_group_size": 128, "w_bit": 4}' > model/quant_config.json
    fails 1 llm-score -m ./model --lines /dev/null
    says 'quant_config.json: weights quantized by awq are not read here: take'
    config '"model_type": "qwen3_moe", "num_experts": 60'
    fails 1 llm-score -m ./model --lines /dev/null
    says "model_type 'qwen3_moe' (a mixture of experts): expected 'llama'"
    config '"model_type": "llama4", "text_config": {"num_local_experts": 16}'
    fails 1 llm-score -m ./model --lines /dev/null
    says "model_type 'llama4' (a mixture of experts): expected 'llama'"
    config '"model_type": "gemma3", "text_config": {}, "vision_config": {}'
    fails 1 llm-score -m ./model --lines /dev/null
    says "model_type 'gemma3' (a model of more than texts): expected 'llama'"
    for none in null 0 1; do
        config "\"model_type\": \"mamba\", \"num_experts\": $none, \"text_config\": {\"num_experts\": $none}"
        fails 1 llm-score -m ./model --lines /dev/null
        says "model_type 'mamba': expected 'llama'"
    done
}

@test "a model that is not read as GGUF either is not sent there for being quantized" {
    config '"model_type": "gpt_oss", "num_local_experts": 32, "quantization_config": {"quant_method": "mxfp4"}'
    echo '{"bits": 4}' > model/quantize_config.json
    rm model/model.safetensors
    fails 1 llm-score -m ./model --lines /dev/null
    says "model_type 'gpt_oss' (a mixture of experts): expected 'llama'"
    config '"model_type": "deepseek_v3", "n_routed_experts": 256, "quantization_config": {"quant_method": "fp8"}'
    fails 1 llm-score -m ./model --lines /dev/null
    says "model_type 'deepseek_v3' (a mixture of experts): expected 'llama'"
}

@test "a folder of whole weights is read, with other files and keys of these names in it" {
    printf 'The Cat sat\t red\n' > line
    rm -rf model
    cp -r "$BATS_TEST_DIRNAME/../fixtures/tiny/llama" model
    llm-score -m ./model --lines line > want
    cat > model/quantize_config.json << END
{"per_channel": true, "reduce_range": true,
 "per_model_config": {"model": {"op_types": ["Gather", "MatMul"], "weight_type": "QInt8"}}}
END
    echo 'bits: 4' > model/quant_config.json
    : > model/tokenizer.model
    sed 's/^ *{/{"quantization_config": null, "num_experts": null,/;q' model/config.json > first
    { cat first; sed 1d model/config.json; } > config.json
    mv config.json model
    grep -q quantization_config model/config.json
    llm-score -m ./model --lines line | cmp - want
}

@test "a folder with another kind of vocabulary alone says how to get tokenizer.json" {
    for name in tokenizer.model spiece.model spm.model sentencepiece.bpe.model tekken.json; do
        rm -rf model
        cp -r "$BATS_TEST_DIRNAME/../fixtures/tiny/llama" model
        rm -f model/tokenizer.json model/vocab.json
        : > "model/$name"
        fails 1 llm-score -m ./model --lines /dev/null
        if [ $name = tekken.json ]; then
            says "$name: is not read: expected tokenizer.json beside it"
        else
            says "$name: is not read without tokenizer.json, which AutoTokenizer of transformers, with sentencepiece and protobuf, makes of it (save_pretrained)"
        fi
    done
}
