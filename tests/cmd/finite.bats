# Numbers that are not finite.  One is put into every tensor of floats in turn, and every
# filter that reads that name is run: it must stop and name the tensor, or write what it
# writes without it, where it keeps what it then does not need.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    make -s -C "$BATS_TEST_DIRNAME/../.." MODE="${MODE:-release}" fault-programs
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    export PATH=$BATS_TEST_DIRNAME/../../.build/${MODE:-release}/tests/faults:$PATH
    data-synth -q --users 12 --items 14 --per-user 6 | data-split -q > data.mr
    cf-train -q --dim 4 --maxlen 4 --epochs 1 data.mr | cf-embed -q |
        sbert-encode -q -m MiniLM | align-train -q --dim 3 --epochs 1 |
        label-count -q --column item.genre |
        cand-sample -q -n 4 --for test,valid | cf-score -q | cf-score -q --by pop > all.mr
    cand-sample -q --only --top 3 all.mr | cat all.mr - | cf-score -q --as next |
        project-train -q -t recall --steps 1 -b 2 --prealign 1 --valid-users 0 > whole.mr
    cf-train -q --only --model ncf --dim 4 --epochs 1 data.mr | cat data.mr - |
        cf-embed -q | cand-sample -q -n 4 | cf-score -q > ncf.mr
    cf-train -q --model mf --dim 4 --epochs 1 data.mr > mf.mr
    cf-train -q --model pop data.mr > pop.mr
    cf-train -q --model gru4rec --dim 4 --hidden 4 --maxlen 4 --epochs 1 data.mr > gru4rec.mr
    cf-train -q --model nextitnet --dim 4 --dilations 1 --maxlen 4 --epochs 1 data.mr \
        > nextitnet.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

filters=('cf-embed --only' 'cand-sample --only --top 3' 'align-train --only --dim 3 --epochs 1'
    'align-train --only --dim 3 --epochs 1 --targets last' 'align-embed --only'
    'cf-score --only' 'cf-score --only --by joint' 'cf-score --only --by joint-text'
    'score-fuse --only --of cf,pop' 'metrics --tsv --no-chance' 'llm-score --only'
    'llm-score --only --joint text' 'llm-score --only --texts genre' 'llm-generate -q --max-tokens 2'
    'llm-retrieve --only -t open'
    'project-train --only --steps 1 -b 2 --prealign 1 --valid-users 2' 'recommend --tsv')

# try STREAM FILTER NAME: with NAME spoilt.  What the filter writes otherwise is computed
# once a stream.
try() {
    local plain="plain $2 $1"
    run bash -c "$2 $1 spoilt.mr 2>&1 > out"
    if [ "$status" = 1 ] && [[ $output == *"'$3' row "*" is not finite"* ]]; then
        echo "$2 $3" >> stopped
    else
        [ "$status" = 0 ] || { echo "$2, $3: $output"; return 1; }
        [ -e "$plain" ] || bash -c "$2 $1" > "$plain" 2> /dev/null
        cmp out "$plain" || { echo "$2 takes $3"; return 1; }
        echo "$2 $3" >> unused
    fi
}

every_float() {
    stream-show --tsv "$1" | awk -F '\t' '$2 == "<f4" && $1 !~ /^inter.rating$/ { print $1 }'
}

spoil() {
    local stream=$1 name filter value
    shift
    for name in $(every_float "$stream"); do
        case $name in score.*) value=inf ;; *) value=nan ;; esac
        poison "$name" $value < "$stream" > spoilt.mr
        for filter in "$@"; do
            kept "$name" $filter || continue
            try "$stream" "$filter" "$name" || return 1
        done
    done
}

@test "every tensor of the whole chain" {
    : > stopped; : > unused
    spoil whole.mr "${filters[@]}"
    [ "$(wc -l < stopped)" -gt 100 ] || { cat stopped; false; }
    # each of these has a reader that stops
    for name in $(every_float whole.mr); do
        grep -qF " $name" stopped || { echo "nobody stops at $name"; cat unused; false; }
    done
}

@test "weights of other CF models" {
    : > stopped; : > unused
    for m in ncf mf pop gru4rec nextitnet; do
        readers=('cf-embed --only')
        case $m in
        ncf) readers+=('cf-score --only') ;;
        gru4rec | nextitnet) readers+=('recommend --history i1 i2 --tsv') ;;
        esac
        spoil $m.mr "${readers[@]}"
        for name in $(every_float $m.mr | grep '^cf\.'); do
            grep -qF " $name" stopped || { echo "$m: nobody stops at $name"; false; }
        done
    done
}

@test "finite numbers whose products are not: no score is written" {
    for name in user.cf.test item.cf; do
        poison $name 3e38 < whole.mr > large-$name.mr
    done
    fails 1 cf-score whole.mr large-user.cf.test.mr large-item.cf.mr
    says "are so large that their score may be no finite number"
    for of in user item; do
        poison proj.$of.gain 3e38 < whole.mr > gain.mr
        poison proj.$of.3.bias 3e38 < whole.mr > bias.mr
        cat gain.mr bias.mr > w.mr
        fails 1 llm-score whole.mr w.mr
        says "is no finite number: the model overflows"
        [ $of = item ] || fails 1 llm-retrieve -t open whole.mr w.mr
        says "is no finite number: the model overflows"
        fails 1 llm-generate --max-tokens 2 whole.mr w.mr
        says "the model's output is not finite"
    done
}
