# llm-generate: texts for users and lines, the same whoever is written beside, wrong input.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    export OPT=$BATS_TEST_DIRNAME/../fixtures/opt
    data-import -q ml-100k | data-split -q > data.mr
    cand-sample -q -n 4 --for test,valid data.mr > cand.mr
    small_vectors cand.mr
    project-train -q -t recall --steps 3 -b 6 --cands 4 --prealign 4 --valid-users 0 --history 2 \
        in.mr > proj.mr
    printf 'A film:\nAnother film that is\nHeat, Alien,\nToy\nFargo and Seven\n' > prompts
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

@test "llm-generate: a line for each user, id and text" {
    llm-generate -q --max-tokens 8 proj.mr > out
    stream-show --name user.id --head 1000 data.mr > ids
    cut -f 1 out | cmp - ids
    [ "$(awk -F '\t' 'NF != 2' out | wc -l)" = 0 ]
    llm-generate -q --max-tokens 8 --users 7 proj.mr > some
    [ "$(wc -l < some)" = 7 ]
    grep -Fxf some out | cmp - some
}

@test "llm-generate: neither threads nor the others nor a rerun change a text" {
    for options in '' '--temperature 0.8 --top-p 0.9' '--weights stored' '--precision bf16' \
        '--items no -t genre' '--for next -t genre' '--for valid'; do
        llm-generate -q $options --users 9 --max-tokens 12 --batch 1 proj.mr > one
        llm-generate -q $options --users 9 --max-tokens 12 --threads 2 proj.mr | cmp - one
        llm-generate -q $options --users 9 --max-tokens 12 --batch 4 --threads 3 proj.mr |
            cmp - one
    done
}

@test "llm-generate --lines: the same beside others, at any number of threads" {
    for model in SmolLM2.gguf "$OPT/before" "$OPT/after"; do
        for options in '' '--temperature 1.5 --seed 3' '--precision bf16'; do
            llm-generate -q -m "$model" --lines --max-tokens 20 $options --batch 1 \
                prompts > one
            llm-generate -q -m "$model" --lines --max-tokens 20 $options --threads 2 \
                < prompts | cmp - one
            [ "$(wc -l < one)" = 5 ]
        done
    done
}

@test "llm-generate --lines: --seed draws, greedy does not ask for it" {
    llm-generate -q --lines prompts > a
    llm-generate -q --lines --seed 5 prompts | cmp - a
    sed 's/$/\r/' prompts | llm-generate -q --lines | cmp - a
    llm-generate -q --lines --temperature 1 prompts > b
    llm-generate -q --lines --temperature 1 --seed 5 prompts > c
    not cmp -s a b
    not cmp -s b c
    llm-generate -q --lines --temperature 1 --top-p 0.000001 prompts | cmp - a
}

@test "llm-generate --lines: a shorter text is the beginning of a longer one" {
    llm-generate -q --lines --max-tokens 5 prompts > short
    llm-generate -q --lines --max-tokens 15 prompts > long
    paste -d '\n' short long | while read -r s && read -r l; do
        [[ $l == "${s%$'\xef\xbf\xbd'}"* ]] || { echo "$s / $l"; false; }
    done
}

@test "llm-generate --stop: the text ends before it" {
    text=$(printf 'A film:\n' | llm-generate -q --lines --max-tokens 30)
    [ ${#text} -gt 8 ]
    stop=${text:4:2}
    case $stop in *[\\\|]*) skip "the random model says a bar or a backslash there" ;; esac
    for list in "$stop" "never said|$stop" "$stop|never"; do
        got=$(printf 'A film:\n' | llm-generate -q --lines --max-tokens 30 --stop "$list")
        [ "$got" = "${text%%"$stop"*}" ] || { echo "$text / $stop / $got"; false; }
    done
    fails 2 llm-generate --lines --stop 'a||b' prompts
    says "--stop: 'a||b' has an empty text"
    fails 2 llm-generate --lines --stop '\x' prompts
    says "'\\x' is no byte of two digits"
}

@test "llm-generate: end-of-sequence ends a text" {
    # Drawn from nearly equal tokens, it comes by chance.
    for i in $(seq 40); do echo "Line $i"; done > many
    llm-generate --lines --temperature 100 --max-tokens 200 many 2> log > out
    [ "$(wc -l < out)" = 40 ]
    tokens=$(sed -n 's/.*written: \([0-9]*\) tokens.*/\1/p' log)
    [ "$tokens" -gt 40 ]
    [ "$tokens" -lt 8000 ]
}

@test "llm-generate --lines: escapes in and out" {
    printf 'A film:\\n\n' | llm-generate -q --lines --max-tokens 9 > a
    printf 'A film:\n' | llm-generate -q --lines --max-tokens 9 > b
    not cmp -s a b
    [ "$(wc -l < a)" = 1 ]
    for i in $(seq 30); do echo "$i"; done |
        llm-generate -q --lines --temperature 2 --max-tokens 60 > out
    [ "$(wc -l < out)" = 30 ]
    iconv -f utf-8 -t utf-8 out | cmp - out
    grep -qF '\n' out
}

@test "llm-generate: soft tokens change the text, and none needs none" {
    llm-generate -q --max-tokens 30 --users 9 -t genre proj.mr > soft
    llm-generate -q --max-tokens 30 --users 9 -t genre --user no --items no proj.mr > plain
    not cmp -s soft plain
    llm-generate -q --max-tokens 30 --users 9 -t genre --history 2 cand.mr | cmp - plain
    llm-generate -q --max-tokens 30 --users 9 -t genre --user random --items random \
        proj.mr > random
    not cmp -s soft random
}

@test "llm-generate --as: the stream, with the same texts" {
    llm-generate -q --max-tokens 9 --users 5 proj.mr > words
    llm-generate -q --max-tokens 9 --users 5 --as said proj.mr > said.mr
    stream-check -q said.mr
    stream-show said.mr > shown
    grep -qE '^gen.said.user +<i4 +\[5\] .*split=test' shown
    grep -qE '^gen.said.text +text +\[5\]' shown
    stream-convert -q -n gen.said.text -o said.txt < said.mr
    cut -f 2 words | head -1 > first
    head -1 said.txt | cut -c 1-3 > a
    cut -c 1-3 first | cmp - a
    llm-generate -q --max-tokens 9 --users 5 --as said --only proj.mr | stream-show |
        grep -qv inter.user
}

@test "llm-generate: speed is said, not under -q" {
    llm-generate --lines prompts 2> log > out
    grep -qE '^llm-generate: prompts: [0-9]+ tokens, [0-9]+ tokens/s; written: [0-9]+ tokens, [0-9.]+ tokens/s$' log
    llm-generate -q --lines prompts 2> log | cmp - out
    [ ! -s log ]
}

@test "llm-generate: the oldest history has no room, which is said" {
    printf 'history: {title}\ntext: Seen: {history}\\n\n' > long
    llm-generate -m "$OPT/before" -t long --history 100 --max-tokens 20 --users 30 data.mr \
        2> log > out
    [ "$(wc -l < out)" = 30 ]
    grep -qE "the model's context had no room for [1-9][0-9]* of the history's items" log
    fails 1 llm-generate -m "$OPT/before" -t long --max-tokens 300 data.mr
    says "the model's context has 256"
}

@test "llm-generate --lines: a text ends with the context" {
    printf '%s\n' "$(printf 'a %.0s' {1..120})" > long
    llm-generate -m "$OPT/before" --lines --max-tokens 4000 long 2> log > out
    [ "$(wc -l < out)" = 1 ]
    tokens=$(sed -n 's/.*written: \([0-9]*\) tokens.*/\1/p' log)
    [ "$tokens" -gt 0 ]
    [ "$tokens" -lt 256 ]
    printf '%s\n' "$(printf 'word %.0s' {1..300})" > long
    fails 1 llm-generate -m "$OPT/before" --lines long
    says "long: line 1: "
    says "the model's context has 256"
}

@test "llm-generate: what is missing or wrong" {
    fails 1 llm-generate data.mr
    says "no 'cand.test.user' in the input: run cand-sample first, or choose another one"
    fails 1 llm-generate text.mr
    says data-import
    fails 1 llm-generate --for next --users 100 -t genre data.mr
    says "--users 100: there are only 60"
    cp "$MILLRACE_PATH/SmolLM2.gguf" other.gguf
    fails 1 llm-generate -m ./other.gguf proj.mr
    says "trained for SmolLM2.gguf, not for other.gguf"
    fails 2 llm-generate --lines --as x prompts
    fails 2 llm-generate --max-tokens 0 prompts
    fails 2 llm-generate --top-p 0 prompts
    fails 1 llm-generate --lines nowhere
    says nowhere
    printf 'a\0b\n' > nul
    fails 1 llm-generate --lines nul
    says "nul: line 1: a NUL in the line"
    printf 'fine\nno \\x\n' > wrong
    fails 1 llm-generate --lines wrong
    says "wrong: line 2: '\\x' is no byte of two digits"
    : > empty
    fails 1 llm-generate --lines empty
    says "empty: empty"
}

@test "llm-generate: full disk, closed pipe, cut input" {
    run bash -c 'llm-generate -q proj.mr > /dev/full'
    [ "$status" = 1 ]
    says "No space left"
    run bash -c 'yes a | llm-generate -q --lines --max-tokens 2 | head -1; echo "${PIPESTATUS[1]}"'
    [ "${lines[-1]}" = 141 ]
    head -c 20000 proj.mr > cut.mr
    run bash -c 'llm-generate -q cut.mr 2> log'
    [ "$status" = 1 ]
    [ -z "$output" ]
}

# As project-train by default: its template guess trains no token of the user.
@test "llm-generate: a template's [user] goes where no such token was trained" {
    project-train -q --steps 2 -b 6 --cands 4 --valid-users 0 --history 2 -m SmolLM2.gguf in.mr > guess.mr
    llm-generate --max-tokens 9 --users 5 -t genre guess.mr 2> log > without
    grep -q "no token of the user, so that the template's \[user\] is left out" log
    llm-generate -q --max-tokens 9 --users 5 -t genre --user no guess.mr | cmp - without
}
