# sbert-encode on the small random encoders of tests/fixtures/bert.py.

load common

bats_require_minimum_version 1.5.0

setup() {
    export LC_ALL=C.UTF-8
    fixtures=$BATS_TEST_DIRNAME/../fixtures
    export MILLRACE_PATH=$fixtures/tiny
    cd "$BATS_TEST_TMPDIR"
}

# A data set of three items: all columns, no year, nothing but an id.
items() {
    mkdir -p films
    printf 'user_id:token\titem_id:token\trating:float\ttimestamp:float\n' > films/films.inter
    printf 'u\t%s\t5\t%s\n' 1 10 2 11 3 12 >> films/films.inter
    {
        printf 'item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n'
        printf '1\tToy Story\t1995\tComedy\n2\tHeat\t\tAction\n3\t\t\t\n'
    } > films/films.item
    data-import -q films > data.mr
}

# The vectors of an array of lines, and of the items by a template.
of_lines() {
    printf '%s\n' "$@" | sbert-encode -q -m MiniLM --lines |
        stream-show --name text --head "$#"
}

of_items() {
    sbert-encode -q -m MiniLM --template "$1" data.mr | stream-show --name item.text --head 3
}

# Copies the model, so that a test can spoil it.
model() {
    cp -r "$fixtures/${1:-tiny/MiniLM}" model
    chmod -R u+w model
}

# refused STATUS WORDS ARG...: one line (two for mistakes), nothing on stdout.
refused() {
    local want=$1 words=$2

    shift 2
    run --separate-stderr sbert-encode "$@" < /dev/null
    [ "$status" = "$want" ] || { echo "status $status: $stderr"; false; }
    [ -z "$output" ]
    [[ "$stderr" = "sbert-encode: "*"$words"* ]] || { echo "$stderr"; false; }
    [ "${#stderr_lines[@]}" = "$want" ]
}

@test "every column of text by default, title first, empty ones left out" {
    items
    [ "$(of_items '{*}')" = "$(of_lines 'Toy Story, 1995, Comedy' 'Heat, Action' '')" ]
}

@test "a slot without a value leaves no gap" {
    items
    [ "$(of_items '{title} ({release_year}), {class}')" = \
        "$(of_lines 'Toy Story (1995), Comedy' 'Heat, Action' '')" ]
    [ "$(of_items '"{title}, {class}"')" = \
        "$(of_lines '"Toy Story, Comedy"' '"Heat, Action"' '')" ]
    [ "$(of_items 'Film: {title}, of {release_year}; {{x}}')" = \
        "$(of_lines 'Film: Toy Story, of 1995; {x}' 'Film: Heat; {x}' '')" ]
    [ "$(of_items '{id}: {title}')" = "$(of_lines '1: Toy Story' '2: Heat' '3')" ]
}

@test "a column that the stream does not have is said and drops nothing else" {
    items
    run --separate-stderr bash -c 'sbert-encode -m MiniLM --only \
        --template "{title}, {description}" data.mr | stream-show --name item.text --head 3'
    [ "$stderr" = "sbert-encode: --template: the input lacks {description}, so texts are made \
without it; it has {id} {title} {release_year} {class}
sbert-encode: 1 of 3 items have no text: theirs is the vector of the empty one" ]
    [ "$output" = "$(of_items '{title}')" ]
}

@test "other tensors pass through, --only leaves them out" {
    items
    sbert-encode -m MiniLM data.mr > all.mr
    sbert-encode -m MiniLM --only < data.mr > only.mr
    stream-check -q all.mr only.mr
    [ "$(stream-show --tsv all.mr | grep -c '^item\.')" = 5 ]
    [ "$(stream-show --tsv only.mr | grep -cE '^(item|inter|user)\.')" = 1 ]
    stream-show all.mr | grep -qE "^history: sbert-encode .*--model MiniLM"
}

@test "encoding again replaces the vectors" {
    items
    sbert-encode -m MiniLM data.mr | sbert-encode -m MiniLM --template '{class}' > two.mr
    [ "$(stream-show --tsv two.mr | grep -c '^item\.text')" = 1 ]
    [ "$(stream-show --name item.text --head 3 two.mr)" = "$(of_items '{class}')" ]
}

@test "lines: an empty line is an empty text, a last line needs no newline" {
    printf 'toy\n\nstory' | sbert-encode -m MiniLM --lines > t.mr
    [ "$(stream-show --name text --head 9 t.mr)" = "$(of_lines toy '' story)" ]
    printf 'toy\n' > a
    printf '\nstory\n' > b
    sbert-encode -m MiniLM --lines a b | cmp - t.mr
}

@test "the number of threads changes no byte" {
    for i in $(seq 200); do
        echo "film $i $(seq -s ' ' $((i % 40)))"
    done > lines
    for precision in f32 bf16; do
        sbert-encode -q -m MiniLM --lines --threads 1 --precision $precision lines > one.mr
        sbert-encode -q -m MiniLM --lines --threads 2 --precision $precision lines > two.mr
        cmp one.mr two.mr
        sbert-encode -q -m MiniLM --lines --precision $precision lines | cmp - two.mr
    done
}

@test "texts over the limit are counted and said" {
    printf '%s\n' story "$(yes story | head -70 | tr '\n' ' ')" > lines
    run --separate-stderr bash -c 'sbert-encode -m MiniLM --lines lines > t.mr'
    [ "$stderr" = "sbert-encode: 1 of 2 texts are longer than 64 tokens: their ends are \
left out" ]
    run --separate-stderr bash -c 'sbert-encode -m MiniLM --lines --max-length 3 lines |
        stream-show --name text --head 2'
    [[ "$stderr" = *"1 of 2 texts are longer than 3 tokens"* ]]
    # of one length, but at two places of a product: equal but for rounding
    paste -sd '\t' <<< "${lines[0]}"$'\n'"${lines[1]}" | awk '{
        for (i = 1; i <= NF / 2; i++) {
            d = $i - $(i + NF / 2)
            if (d > 1e-5 || d < -1e-5) exit 1
        }
    }'
}

@test "DistilBERT and MPNet folders by path" {
    for m in distilbert mpnet cls; do
        echo toy | sbert-encode -m "$fixtures/bert/$m" --lines | stream-check -q
    done
}

@test "MPNet counts positions from 2, whatever config.json says of padding" {
    cp -r "$fixtures/bert/mpnet" model
    chmod -R u+w model
    sed -i 's/"pad_token_id": *1/"pad_token_id": 0/' model/config.json
    grep -q '"pad_token_id": 0' model/config.json
    echo toy | sbert-encode -m "$fixtures/bert/mpnet" --lines --only > one
    echo toy | sbert-encode -m ./model --lines --only > other
    cmp <(stream-show --name text --head 1 one) <(stream-show --name text --head 1 other)
}

@test "a folder without modules.json gets the mean" {
    model
    rm model/modules.json
    echo toy | sbert-encode -m ./model --lines > t.mr
    stream-check -q t.mr
    [ "$(stream-show --name text --head 1 t.mr)" != "$(of_lines toy)" ]
}

@test "mistakes on the command line" {
    refused 2 '-m: which sentence encoder?'
    refused 2 "--template: '{title' begins a slot without '}'" -m MiniLM --template 'a {title'
    refused 2 "--template: '}' without '{'" -m MiniLM --template 'title}'
    refused 2 "--template: there is no slot" -m MiniLM --template 'title'
    refused 2 "--template: '{}' is no slot" -m MiniLM --template '{}'
    refused 2 "--template: '{a/b}' is no slot: one is the name of a column, like {title}, or {*}" \
        -m MiniLM --template '{title} {a/b} x'
    refused 2 "--max-length" -m MiniLM --max-length 3x
}

@test "wrong input" {
    items
    refused 1 'no input' -m MiniLM
    refused 1 'no input' -m MiniLM --lines
    refused 1 "no 'item.title' in the input: run data-import first" -m MiniLM \
        "$fixtures/metrics/cand.mr"
    head -c -1 data.mr > cut.mr
    run --separate-stderr bash -c 'sbert-encode -m MiniLM cut.mr > out.mr'
    [ "$status" = 1 ]
    [[ "$stderr" = "sbert-encode: cut.mr: "* ]]
    printf 'toy\na\xffb\n' > bad
    refused 1 'bad: line 2: not valid UTF-8' -m MiniLM --lines bad
    refused 1 'none.txt: No such file' -m MiniLM --lines none.txt
}

@test "a template's slot that the stream lacks: those that it has, and the one that was meant" {
    items
    refused 1 "--template: the input lacks {titel}; it has {id} {title} {release_year} {class}: did you mean {title}?" \
        -m MiniLM --template '{titel}' data.mr
    refused 1 "--template: the input lacks {item.class}; it has" -m MiniLM --template '{item.class}' data.mr
    [[ "$stderr" = *": did you mean {class}?" ]]
    run bash -c 'sbert-encode -m MiniLM --template "{title} {releas_year}" data.mr 2>&1 > /dev/null'
    [[ "$output" = *"--template: the input lacks {releas_year}, so texts are made without it; it has"*": did you mean {release_year}?"* ]]
    stream-cat --drop 'item.*' data.mr > none.mr
    refused 1 "no 'item.title' in the input: run data-import first" -m MiniLM --template '{titel}' none.mr
}

@test "a full disk" {
    run --separate-stderr bash -c 'echo toy | sbert-encode -m MiniLM --lines > /dev/full'
    [ "$status" = 1 ]
    [ "$stderr" = 'sbert-encode: <stdout>: No space left on device' ]
}

@test "a model that is not there, or no folder" {
    refused 1 'NoSuch: not here and not in' -m NoSuch --lines
    refused 1 './none: No such file' -m ./none --lines
    echo x > file
    refused 1 'expected a model folder' -m ./file --lines
    mkdir empty
    refused 1 'config.json: No such file' -m ./empty --lines
}

@test "weights cut short, or with an absurd header" {
    model
    truncate -s -100 model/model.safetensors
    refused 1 'cut short?' -m ./model --lines
    truncate -s 100 model/model.safetensors
    refused 1 'model.safetensors: header of' -m ./model --lines
    printf '\377\377\377\377\377\377\377\177{}' > model/model.safetensors
    refused 1 'header of 9223372036854775807 bytes in a file of 10' -m ./model --lines
    : > model/model.safetensors
    refused 1 '0 bytes are no safetensors file' -m ./model --lines
    rm model/model.safetensors
    refused 1 'has neither model.safetensors nor' -m ./model --lines
}

@test "weights of another type, shape or name" {
    model bert/cls
    cp model/model.safetensors whole
    sed 's/"dtype":"F32"/"dtype":"I32"/g' whole > model/model.safetensors
    refused 1 'has dtype I32, expected F32' -m ./model --lines
    sed 's/query.weight/quern.weight/' whole > model/model.safetensors
    refused 1 "has no tensor 'bert.encoder.layer." -m ./model --lines
    cp whole model/model.safetensors
    sed -i 's/"intermediate_size": 80/"intermediate_size": 81/' model/config.json
    refused 1 "intermediate.dense.weight': expected [81, 32], found [80, 32]" \
        -m ./model --lines
    sed -i 's/"intermediate_size": 81/"intermediate_size": 65536/' model/config.json
    refused 1 'expected [65536, 32], found [80, 32]' -m ./model --lines
}

@test "another architecture or setting" {
    model
    cp -r model good
    with() { # FILE SED: a good model with one edit
        rm -r model
        cp -r good model
        sed -i "$2" "model/$1"
        not cmp -s "model/$1" "good/$1"
    }
    with config.json 's/"model_type": "bert"/"model_type": "t5"/'
    refused 1 'model_type "t5", expected bert, roberta, xlm-roberta' -m ./model --lines
    with config.json 's/"hidden_act": "gelu"/"hidden_act": "relu6"/'
    refused 1 'activation "relu6", expected gelu' -m ./model --lines
    with config.json 's/"num_attention_heads": 4/"num_attention_heads": 5/'
    refused 1 'width 32 is no multiple of 5 heads' -m ./model --lines
    with config.json 's/"hidden_size": 32/"hidden_size": "32"/'
    refused 1 '"hidden_size": expected a whole number, found a string' -m ./model --lines
    with config.json 's/"hidden_size"/"hidden"/'
    refused 1 'config.json: has no "hidden_size"' -m ./model --lines
    with config.json '$d'
    refused 1 'config.json: not JSON: line' -m ./model --lines
    with modules.json 's/models.Normalize/models.CNN/'
    refused 1 'module 2: module CNN, expected Dense' -m ./model --lines
    with 1_Pooling/config.json 's/"pooling_mode_mean_tokens": true/"x": 1/'
    refused 1 'expected a pooling mode, found none' -m ./model --lines
    with 1_Pooling/config.json 's/"word_embedding_dimension": 32/"word_embedding_dimension": 33/'
    refused 1 'the pooling is for vectors of 33' -m ./model --lines
    refused 1 'at most 96 tokens a text' -m ./good --lines --max-length 97
    refused 1 'at least 3 tokens a text' -m ./good --lines --max-length 2
}

@test "a tokenizer for any length, as transformers writes it" {
    echo 'toy story' | sbert-encode -q -m MiniLM --lines > want
    model
    sed -i 's/: 512/: 1000000000000000019884624838656/' model/tokenizer_config.json
    echo 'toy story' | sbert-encode -q -m ./model --lines > got
    cmp <(stream-show --name text --head 1 got) <(stream-show --name text --head 1 want)
}

@test "another tokenizer, or none" {
    model
    cp -r model good
    sed -i 's/"type":"WordPiece","unk/"type":"WordLevel","unk/' model/tokenizer.json
    refused 1 'model: expected type WordPiece, Unigram or BPE, found WordLevel' -m ./model --lines
    cp good/tokenizer.json model
    sed -i 's/"story":[0-9]*/"story":"x"/' model/tokenizer.json
    refused 1 "'story': expected a token number" -m ./model --lines
    cp good/tokenizer.json model
    sed -i 's/"story":[0-9]*/"story":9999/' model/tokenizer.json
    refused 1 'the tokenizer has 10000 tokens, but the model only' -m ./model --lines
    head -c 1000 good/tokenizer.json > model/tokenizer.json
    refused 1 'tokenizer.json: not JSON' -m ./model --lines
    rm model/tokenizer.json
    refused 1 'has no vocabulary (neither tokenizer.json nor vocab.txt, nor' -m ./model --lines
}

# with FILE SED: a good model with one edit, in ./model.
edited() {
    rm -rf model
    cp -r good model
    sed -i "$2" "model/$1"
    not cmp -s "model/$1" "good/$1"
}

take() {
    rm -rf good
    cp -r "$fixtures/encoders/$1" good
    chmod -R u+w good
}

@test "a prompt by its name stands before every text; the folder's default, and none" {
    model
    echo '{"prompts": {"query": "find a ", "plain": ""}, "default_prompt_name": null}' \
        > model/config_sentence_transformers.json
    vectors() { sbert-encode -q -m ./model --lines "$@" | stream-show --name text --head 2; }
    [ "$(printf 'toy\n\n' | vectors --prompt query)" = \
        "$(printf 'find a toy\nfind a \n' | vectors)" ]
    [ "$(echo toy | vectors --prompt plain)" = "$(echo toy | vectors)" ]
    sed -i 's/null/"query"/' model/config_sentence_transformers.json
    [ "$(echo toy | vectors)" = "$(echo 'find a toy' | vectors --prompt '')" ]
    refused 1 'has no prompt "passage", expected one of query, plain' -m ./model --lines \
        --prompt passage
    sed -i 's/"query"}/"gone"}/' model/config_sentence_transformers.json
    refused 1 'has no prompt "gone", expected one of' -m ./model --lines
    refused 1 'has no prompt "query", nor any other' -m MiniLM --lines --prompt query
}

@test "folders of 2019, RoBERTa, multilingual, ModernBERT, nomic and Qwen3 by path" {
    local m

    for m in 2019 2019-roberta roberta xlm-roberta modernbert nomic_bert qwen3; do
        echo toy | sbert-encode -m "$fixtures/encoders/$m" --lines | stream-check -q
    done
}

@test "what a configuration asks for and is not computed is refused by its key" {
    take nomic_bert
    edited config.json 's/"prenorm": false/"prenorm": true/'
    refused 1 '"prenorm" asks for what is not computed here' -m ./model --lines
    edited config.json 's/"swiglu"/"reglu"/'
    refused 1 'activation "reglu", expected gelu' -m ./model --lines
    edited config_sentence_transformers.json 's/"truncate_dim": 12/"truncate_dim": 17/'
    refused 1 '"truncate_dim" is 17, but vectors have 16 numbers' -m ./model --lines
    edited sentence_bert_config.json 's/{/{"transformer_task": "fill-mask",/'
    refused 1 '"transformer_task" is "fill-mask"' -m ./model --lines
    take modernbert
    edited config.json 's/"local_attention"/"layer_types": ["full_attention"], "local_attention"/'
    refused 1 '"layer_types": layer 1 is neither' -m ./model --lines
    edited config.json \
        's/"local_attention"/"rope_parameters": {"rope_type": "yarn"}, "local_attention"/'
    refused 1 '"rope_parameters" of type yarn' -m ./model --lines
    edited config.json 's/"local_attention"/"logit_scale": 3, "local_attention"/'
    refused 1 '"logit_scale" asks for what is not computed here' -m ./model --lines
    take roberta
    edited 2_Dense/config.json 's/activation.Tanh/activation.Mish/'
    refused 1 'activation_function "torch.nn.modules.activation.Mish", expected Tanh' \
        -m ./model --lines
    edited 2_Dense/config.json 's/"in_features": 48/"in_features": 47/'
    refused 1 "tensor 'linear.weight': expected [12, 47], found [12, 48]" -m ./model --lines
    edited 1_Pooling/config.json 's/"pooling_mode_max_tokens": true/"pooling_mode_max_tokens": false/'
    refused 1 '2_Dense: is for vectors of 48, but gets some of 32' -m ./model --lines
    edited 1_Pooling/config.json 's/"pooling_mode_mean_sqrt_len_tokens": false/"pooling_mode_median": true/'
    refused 1 '"pooling_mode_median" is not known here' -m ./model --lines
}

@test "Qwen3-Embedding: prompts, no head, and what would make it another model" {
    vectors() { sbert-encode -q -m "$@" --lines | stream-show --name text --head 2; }
    take qwen3
    printf 'toy\n\n' | vectors ./good > want
    printf 'toy\n\n' | vectors ./good --prompt document | cmp - want
    printf 'toy\n\n' | vectors ./good --prompt query > other
    not cmp -s want other
    edited config.json 's/"tie_word_embeddings": true/"tie_word_embeddings": false/'
    printf 'toy\n\n' | vectors ./model | cmp - want # larger ones come without a head
    edited config.json 's/"use_cache"/"is_causal": false, "use_cache"/'
    refused 1 'config.json: is_causal false is not supported' -m ./model --lines
    edited config.json 's/Qwen3ForCausalLM/Qwen3ForSequenceClassification/'
    refused 1 'a Qwen3ForSequenceClassification has no head for tokens' -m ./model --lines
    edited config.json 's/"model_type": "qwen3"/"model_type": "qwen2"/'
    refused 1 'model_type "qwen2", expected bert, roberta, xlm-roberta, camembert, distilbert' \
        -m ./model --lines
    refused 1 'at most 70 tokens a text' -m ./good --lines --max-length 71
}

@test "weights that nothing would read are named: layers, a module's bias" {
    take roberta
    edited config.json 's/"num_hidden_layers": 2/"num_hidden_layers": 1/'
    refused 1 "tensor 'encoder.layer.1." -m ./model --lines
    edited 2_Dense/config.json 's/"bias": true/"bias": false/'
    refused 1 "2_Dense: tensor 'linear.bias' has no place in the module" -m ./model --lines
}

@test "a vocabulary that is cut is said, also under -q" {
    model encoders/2019
    run --separate-stderr bash -c 'echo toy | sbert-encode -q -m ./model --lines | stream-check -q'
    [ "$status" = 0 ]
    [ -z "$stderr" ]
    head -50 "$fixtures/encoders/2019/0_BERT/vocab.txt" > model/0_BERT/vocab.txt
    run --separate-stderr bash -c 'echo toy | sbert-encode -q -m ./model --lines | stream-check -q'
    [ "$status" = 0 ]
    [[ $stderr = *"/0_BERT: the tokenizer has 50 tokens, but the model has rows for 196"* ]]
}

@test "an adapter that is not merged is refused, wherever the encoder's weights lie" {
    model encoders/2019
    echo '{"peft_type": "LORA"}' > model/0_BERT/adapter_config.json
    refused 1 'model/0_BERT: has adapter_config.json, a LoRA adapter beside the model' \
        -m ./model --lines
    rm -rf model
    for of in encoders/qwen3 tiny/MiniLM; do
        model "$of"
        echo '{"peft_type": "LORA"}' > model/adapter_config.json
        refused 1 'has adapter_config.json, a LoRA adapter beside the model' -m ./model --lines
        rm model/model.safetensors
        refused 1 'a LoRA adapter' -m ./model --lines
        rm model/config.json
        refused 1 'a LoRA adapter, not a model: merge it into its model first' \
            -m ./model --lines
        rm -rf model
    done
}

@test "a model without model_type that no other file names" {
    cp -r "$fixtures/encoders/2019" good
    chmod -R u+w good
    edited modules.json 's/models.BERT/models.Transformer/'
    echo toy | sbert-encode -q -m ./model --lines | stream-check -q
    mv model/0_BERT/vocab.txt model/0_BERT/words.txt
    refused 1 'model_type "", expected bert, roberta' -m ./model --lines
}

@test "parts of tokenizers that are not read are refused by their names" {
    take xlm-roberta
    edited tokenizer.json 's/"type": *"WhitespaceSplit"/"type":"Whitespace"/'
    refused 1 'pre_tokenizer: of type Whitespace, which is not read here' -m ./model --lines
    edited tokenizer.json 's/"type": *"Precompiled"/"type":"Nmt"/'
    refused 1 'normalizer: of type Nmt, which is not read here' -m ./model --lines
    edited tokenizer.json 's/"precompiled_charsmap": *"..../"precompiled_charsmap":"____/'
    refused 1 'normalizer: the map of characters is not base64' -m ./model --lines
    edited tokenizer.json 's/"prepend_scheme": *"always"/"prepend_scheme":"first"/'
    refused 1 'the prepend_scheme "first" behind a normalizer' -m ./model --lines
    edited tokenizer.json 's/"unk_id": *3/"unk_id": 3000/'
    refused 1 'unk_id' -m ./model --lines
    rm model/tokenizer.json
    : > model/sentencepiece.bpe.model
    refused 1 'sentencepiece.bpe.model: is not read without tokenizer.json' -m ./model --lines
    mv model/sentencepiece.bpe.model model/tokenizer.model
    refused 1 'tokenizer.model: is not read without tokenizer.json' -m ./model --lines
    take roberta
    edited tokenizer.json '/"pre_tokenizer"/,/}/s/"ByteLevel"/"CharDelimiterSplit"/'
    refused 1 'CharDelimiterSplit' -m ./model --lines
}

@test "an encoder of quantized weights is refused by their method" {
    take roberta
    edited config.json 's/^{/{"quantization_config": {"quant_method": "bitsandbytes"},/'
    refused 1 'weights quantized by bitsandbytes are not read here: take' -m ./model --lines
    [[ $stderr != *GGUF* ]]
    edited config.json 's/^{/{"quantization_config": false,/'
    echo '{"per_channel": false, "reduce_range": false}' > model/quantize_config.json
    echo toy | sbert-encode -q -m ./model --lines | stream-check -q
    take qwen3
    edited config.json 's/^{/{"quantization_config": {"quant_method": "gptq"},/'
    refused 1 'weights quantized by gptq are not read here: take' -m ./model --lines
    [[ $stderr != *GGUF* ]]
}
