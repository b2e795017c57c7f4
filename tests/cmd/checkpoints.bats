# What others trained: files of torch.save as streams, as model folders, and refused.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    tiny=$BATS_TEST_DIRNAME/../fixtures/tiny
    data-import -q "$tiny/ml-100k" | data-split -q > data.mr
    stream-convert -q "$BATS_TEST_DIRNAME"/../fixtures/torch_files/*.pt*h > theirs.mr
    stream-convert -q "$BATS_TEST_DIRNAME"/../fixtures/torch_files/tiny_*.pt > modules.mr
    cf-embed --only data.mr theirs.mr > cf.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    fixtures=$BATS_TEST_DIRNAME/../fixtures
    files=$fixtures/torch_files
}

# Two tables of numbers: equal within 1e-5, ten times float's rounding in some hundred
# additions of numbers about 1.
same_numbers() {
    paste "$1" "$2" | awk -F '\t' '
        NF == 0 || NF % 2 { print "row " NR ": " NF " numbers"; exit bad = 1 }
        { for (i = 1; i <= NF / 2; i++) { d = $i - $(i + NF / 2)
              if (!(d < 1e-5 && d > -1e-5)) { print "row " NR ": " d; exit bad = 1 } } }
        END { exit bad || NR == 0 }'
}

@test "the published SASRec.pth: PyTorch's vectors, heads from its arguments" {
    stream-show -n user.cf.test --head 1000 cf.mr > ours.txt
    [ "$(wc -l < ours.txt)" = 60 ]
    same_numbers ours.txt "$files/user.cf.test.txt"
    stream-show --tsv theirs.mr | grep -qE $'^cf.pos_emb.weight\t.*heads=2'
    cf-embed --heads 1 --only data.mr theirs.mr | stream-show -n user.cf.test --head 1000 \
        > other.txt
    not same_numbers other.txt "$files/user.cf.test.txt"
}

@test "the published mlp.pt and mlp2.pt: PyTorch's joint vectors" {
    align-embed --only cf.mr modules.mr | stream-show -n item.joint --head 5 > ours.txt
    same_numbers ours.txt "$files/item.joint.txt"
}

@test "the published projections score candidates, with the published prompt" {
    cand-sample -q -n 4 --only data.mr > cand.mr
    align-embed -q --only cf.mr modules.mr > joint.mr
    score() {
        llm-score -q --only -m "$fixtures/tiny/llama" "$@" data.mr cf.mr joint.mr cand.mr \
            modules.mr | stream-show -n score.test.llm --head 3
    }
    score > found.txt
    [ "$(wc -l < found.txt)" = 3 ]
    not grep -q nan found.txt
    [ "$(score --template published --history 10)" = "$(cat found.txt)" ]
    [ "$(score --template recall)" != "$(cat found.txt)" ]
}

@test "they are known by name and tensors; --prefix says otherwise" {
    run stream-convert "$files/tiny_sasrec_1_mlp.pt" -n x
    [ "$status" = 2 ]
    run bash -c 'stream-convert "$1" > /dev/null' - "$files/tiny_sasrec_1_mlp.pt"
    [ "$output" = "stream-convert: $files/tiny_sasrec_1_mlp.pt: a checkpoint of the published code: align.item.*" ]
    cp "$files/every.pt" other_mlp.pt
    run bash -c 'stream-convert --f4 -q other_mlp.pt | stream-show --tsv'
    [[ "${lines[1]}" = float64* ]]
    run bash -c 'stream-convert --prefix align.text. "$1" | stream-show --tsv' - \
        "$files/tiny_sasrec_1_mlp.pt"
    [[ "${lines[1]}" = align.text.fc1.weight* ]]
}

@test "all three containers hold the same" {
    for f in every.pt every-4.pt every-legacy.pt; do
        stream-convert -q "$files/$f" | stream-convert -q -o "$f.safetensors"
    done
    cmp every.pt.safetensors every-4.pt.safetensors
    cmp every.pt.safetensors every-legacy.pt.safetensors
}

# A sentence-transformers folder whose weights are those files.
encoder_of() {
    rm -rf encoder
    cp -r "$fixtures/bert/distilbert" encoder
    rm encoder/model.safetensors
    for f; do
        cp "$files/encoder/$f" encoder
    done
}

@test "an encoder from pytorch_model.bin, and from its shards" {
    titles() {
        printf 'Heat (1995)\nAmelie\n' | sbert-encode -q --lines -m "$1"
    }
    titles "$fixtures/bert/distilbert" | stream-show -n text --head 2 > want.txt
    encoder_of pytorch_model.bin
    titles ./encoder | stream-show -n text --head 2 | cmp - want.txt
    encoder_of pytorch_model-0000{1,2}-of-00002.bin pytorch_model.bin.index.json
    titles ./encoder | stream-show -n text --head 2 | cmp - want.txt
}

@test "an encoder under a SentenceTransformer's own names, as the published sbert.pt" {
    encoder_of
    stream-convert --prefix 0.auto_model. "$fixtures/bert/distilbert/model.safetensors" |
        stream-convert -o encoder/model.safetensors
    printf 'Heat (1995)\nAmelie\n' | sbert-encode -q --lines -m ./encoder |
        stream-show -n text --head 2 > found.txt
    printf 'Heat (1995)\nAmelie\n' |
        sbert-encode -q --lines -m "$fixtures/bert/distilbert" |
        stream-show -n text --head 2 | cmp - found.txt
}

# sbert-encode on the encoder made last: one line with these words, status 1.
refused() {
    run sbert-encode -m ./encoder --lines <<< Heat
    [ "$status" = 1 ] || { echo "$output"; false; }
    [ "${#lines[@]}" = 1 ]
    [[ "$output" = "sbert-encode: ./encoder"*"$1"* ]] || { echo "$output"; false; }
}

@test "shards that are not as their index says" {
    encoder_of pytorch_model-00001-of-00002.bin pytorch_model.bin.index.json
    refused "is to be in pytorch_model-00002-of-00002.bin, which is not there"
    encoder_of pytorch_model-0000{1,2}-of-00002.bin pytorch_model.bin.index.json
    cp encoder/pytorch_model-0000{2,1}-of-00002.bin
    refused "' is not in pytorch_model-00001-of-00002.bin"
    encoder_of pytorch_model-0000{1,2}-of-00002.bin
    refused 'has neither model.safetensors nor pytorch_model.bin'
    encoder_of pytorch_model.bin
    truncate -s -1000 encoder/pytorch_model.bin
    refused 'pytorch_model.bin: has no end of a zip archive (cut short?)'
}

@test "a pickle that would run something is refused by what it names" {
    printf '\x80\x02cos\nsystem\nX\x0a\x00\x00\x00touch ran.\x85R.' > evil.pt
    run bash -c 'stream-convert evil.pt > evil.mr'
    [ "$status" = 1 ]
    [[ "$output" = "stream-convert: evil.pt: magic number: byte 2: refuses the global 'os.system'"* ]]
    [ ! -e ran. ]
    [ "$(ls ran* 2> /dev/null)" = "" ]
    encoder_of pytorch_model.bin
    # the same length, and its old checksum made "none", so that the archive stays whole
    sed -i 's/_rebuild_tensor_v2/_rebuild_tensor_vX/' encoder/pytorch_model.bin
    refused 'data.pkl: damaged: checksum '
    sum=$(sed -E 's/.*expected (..)(..)(..)(..)$/\\x\4\\x\3\\x\2\\x\1/' <<< "$output")
    LC_ALL=C sed -i "s/$sum/\\x0\\x0\\x0\\x0/g" encoder/pytorch_model.bin
    refused "refuses the global 'torch._utils._rebuild_tensor_vX'"
}

@test "no half stream of a refused file" {
    head -c 3000 "$files/every.pt" > cut.pt
    run bash -c 'stream-convert "$1" cut.pt | stream-check' - "$files/tiny_sasrec_1_mlp.pt"
    [ "$status" = 1 ]
    [[ "$output" = *"stream-convert: cut.pt: has no end of a zip archive (cut short?)"* ]]
}
