# llm-convert: files that hold the same model, in every type; random ones; wrong input.

load common

setup() {
    cd "$BATS_TEST_TMPDIR"
    fixtures=$BATS_TEST_DIRNAME/../fixtures
    export MILLRACE_PATH=$fixtures/tiny OMP_NUM_THREADS=2
    texts=$fixtures/convert/lines.tsv
}

fails() {
    local want=$1
    shift
    run bash -c '"$@" 2>&1 > /dev/null' fails "$@"
    [ "$status" = "$want" ] || { echo "status $status: $output"; false; }
    [ -z "$(ls -A | grep -E 'gguf|tmp')" ] || { ls; false; }
}

score() {
    llm-score -m "$1" --lines "${2:-$texts}"
}

# Are all numbers of two files within $3?
near() {
    paste <(tr '\t' '\n' < "$1") <(tr '\t' '\n' < "$2") |
        awk -v most="$3" '{ d = $1 - $2; if (!(d <= most && -d <= most)) { bad = 1; print } }
            END { exit bad || NR == 0 }'
}

# A model of the shape of $1.json: $2 layers, width $3.
config() {
    cat > "$1.json" << END
{ "model_type": "opt", "activation_function": "relu", "do_layer_norm_before": true,
  "ffn_dim": $((4 * $3)), "hidden_size": $3, "max_position_embeddings": 64,
  "num_attention_heads": 4, "num_hidden_layers": $2, "vocab_size": 300,
  "word_embed_proj_dim": $3 }
END
}

@test "llm-convert: a Llama's f32 file says what the folder says" {
    llm-convert -q -t f32 -o a.gguf llama
    score llama > folder
    score a.gguf > file
    cmp folder file
}

# In float both: sums of 48 products in another order, 2 layers.
@test "llm-convert: llama.cpp reads from it what we do" {
    llm-convert -q -t f32 -o a.gguf llama
    score a.gguf > file
    near file "$fixtures/convert/llamacpp.tsv" 2e-5
}

@test "llm-convert: OPT of both kinds, and the same from the quantised file as from memory" {
    for kind in before after; do
        llm-convert -q -t f32 -o $kind.gguf "$fixtures/opt/$kind"
        score "$fixtures/opt/$kind" > folder
        score $kind.gguf > file
        cmp folder file
        llm-convert -q -t q8_0 -o $kind-8.gguf "$fixtures/opt/$kind"
        score $kind-8.gguf > expanded
        llm-score -m $kind-8.gguf --weights stored --lines "$texts" > stored
        near expanded stored 1e-4
    done
}

@test "llm-convert: what a type has it keeps, and copies from then on" {
    mkdir one two
    for t in f32 f16 bf16 q8_0 q4_0 q4_1; do
        llm-convert -q -t $t -o one/SmolLM2.gguf SmolLM2.gguf
        llm-convert -q -t $t -o two/SmolLM2.gguf one/SmolLM2.gguf
        cmp one/SmolLM2.gguf two/SmolLM2.gguf
    done
    llm-convert -q -t f32 -o whole.gguf SmolLM2.gguf
    score SmolLM2.gguf > source
    score whole.gguf > file
    cmp source file
}

@test "llm-convert: the same bytes at 1 and 2 threads, the tokenizer's too" {
    llm-convert -q -t q4_0 --threads 1 -o a.gguf SmolLM2.gguf
    llm-convert -q -t q4_0 --threads 2 -o b.gguf SmolLM2.gguf
    mv b.gguf SmolLM2.gguf
    llm-convert -q -t q4_0 --tokenizer SmolLM2.gguf -o b.gguf "$fixtures/tiny/SmolLM2.gguf"
    cmp a.gguf b.gguf
}

@test "llm-convert: rows that are no multiple of 32 become f16, said with the sizes" {
    run llm-convert -t q8_0 -o a.gguf llama
    [ "$status" = 0 ]
    says 'GB to write'
    says 'of disk free'
    says "matrices become f16: their rows are no whole number of q8_0's blocks"
}

@test "llm-convert: random weights by seed, with a placeholder or a tokenizer" {
    config small 2 32
    run llm-convert -t q4_0 --random small.json -o a.gguf
    says 'a placeholder with a token for each byte'
    llm-convert -q -t q4_0 --random small.json --threads 1 -o b.gguf
    cmp a.gguf b.gguf
    llm-convert -q -t q4_0 --random small.json --seed 2 -o c.gguf
    not cmp -s a.gguf c.gguf
    [ "$(score a.gguf | wc -l)" = 2 ]
    score a.gguf > expanded
    llm-score -m a.gguf --weights stored --lines "$texts" > stored
    near expanded stored 1e-4
    llm-convert -q -t f16 a.gguf -o again.gguf
    grep -qaF millrace.random_weights again.gguf
    llm-convert -q -t f16 SmolLM2.gguf -o real.gguf
    not grep -qaF millrace.random_weights real.gguf
    rm *.gguf
    fails 1 llm-convert --random small.json --tokenizer SmolLM2.gguf -o d.gguf
    says 'the tokenizer has 600 tokens, the model 300'
}

@test "llm-convert: mistakes" {
    fails 2 llm-convert SmolLM2.gguf
    says 'no file to write'
    fails 2 llm-convert -o a.gguf
    says 'expected one model, found 0'
    fails 2 llm-convert -o a.gguf llama SmolLM2.gguf
    says 'found 2'
    fails 2 llm-convert -o a.gguf --random x.json llama
    says '--random takes no model'
    fails 2 llm-convert -t q9_k -o a.gguf llama
    says q9_k
}

@test "llm-convert: wrong input leaves nothing" {
    fails 1 llm-convert -o a.gguf nothing
    says nothing
    head -c 100000 "$fixtures/tiny/SmolLM2.gguf" > cut.bin
    fails 1 llm-convert -o a.gguf ./cut.bin
    says 'cut short'
    fails 1 llm-convert -o a.gguf "$fixtures/tiny/MiniLM"
    says "expected 'llama', "
    echo '{ "model_type": "opt" }' > x.json
    fails 1 llm-convert -o a.gguf --random x.json
    says 'x.json'
    fails 1 llm-convert -o no/a.gguf llama
    says 'no/a.gguf'
}

@test "llm-convert: a disk without room, before and while it writes" {
    config huge 900 16384
    run bash -c 'trap "" XFSZ; ulimit -f 10000; llm-convert -t f32 --random huge.json -o a.gguf'
    [ "$status" = 1 ]
    says 'GB are needed, the disk has'
    [ -z "$(ls -A | grep gguf)" ]
    run bash -c 'trap "" XFSZ; ulimit -f 100; llm-convert -t f32 -o a.gguf llama'
    [ "$status" = 1 ]
    says 'File too large'
    [ -z "$(ls -A | grep gguf)" ]
}

@test "llm-convert: K types where rows allow" {
    config wide 1 256
    for type in q4_k q5_k q6_k; do
        llm-convert -q -t $type --random wide.json -o $type.gguf
        llm-score -m $type.gguf --lines "$texts" > /dev/null
    done
    [ "$(stat -c %s q4_k.gguf)" -lt "$(stat -c %s q5_k.gguf)" ]
    run llm-convert -t q6_k -o a.gguf llama
    says 'matrices become q8_0 or f16'
}
