# Every example of the man pages and of --help is run as it stands, with tiny stand-ins,
# each in a folder that has the files that examples speak of.
# Not under sanitizers: other tests run these programs under them

# Too long for a test: two million interactions.
long='data-synth'

setup_file() {
    export MILLRACE_PATH=$BATS_FILE_TMPDIR/stand-ins
    "$BATS_TEST_DIRNAME/../stand-ins" "$MILLRACE_PATH"
    export MILLRACE_CACHE=$BATS_FILE_TMPDIR/cache
    mkdir "$BATS_FILE_TMPDIR/files"
    cd "$BATS_FILE_TMPDIR/files"
    exec 2> ../setup.log
    data-import ml-100k | data-split > data.mr
    cf-train -q --only --epochs 20 --log sasrec.tsv data.mr > weights.mr
    cp sasrec.tsv gru4rec.tsv
    cf-embed --only data.mr weights.mr > cf.mr
    cp cf.mr theirs.mr
    sbert-encode --only -m MiniLM data.mr > text.mr
    align-train -q --only --epochs 5 data.mr cf.mr text.mr > align.mr
    cand-sample --only data.mr > cand.mr
    cat data.mr cf.mr align.mr cand.mr | cf-score > in.mr
    cf-score --by pop in.mr > scores.mr
    metrics -q --trec-run cf.run --trec-qrels qrels in.mr > table
    project-train -q --only --steps 1 --prealign 1 in.mr > proj.mr
    project-train -q --only -t open --loss select --steps 1 --prealign 1 data.mr cf.mr \
        align.mr > open.mr
    llm-score --only --user no --items no data.mr cand.mr > llm.mr
    stream-convert --prefix cf. -o sasrec.safetensors weights.mr
    cp "$BATS_TEST_DIRNAME"/../fixtures/torch_files/tiny_*.pt .
    cp "$BATS_TEST_DIRNAME"/../fixtures/torch_files/SASRec*.pth SASRec.pth
    echo 'Toy Story' | sbert-encode --lines -m MiniLM > new-texts.mr
    printf 'Toy Story\nHeat\n' | tee titles.txt > new.txt
    printf 'id\ttitle\n2001\tThe Robot Bookkeeper\n' > films.tsv
    printf 'user,item,part\nann,1,train\nann,2,test\nben,2,train\n' > orders.csv
    mkdir benchmark
    for part in train valid test; do
        printf 'user_id:token\titem_id:token\nann\t1\n' > benchmark/own.$part.inter
    done
    printf 'item,label\n1,Cup\n2,Pot\n' > products.csv
}

# Lines that end in |, && or \ and the next one are one.
joined() {
    sed -e ':more' -e '/\([|\\]\|&&\)$/{N' -e 's/\\*\n */ /' -e 'b more' -e '}'
}

# The examples of a man page, one on each line, continued lines joined.
of_page() {
    sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$1" |
        awk '/^\.Dl / { print substr($0, 5) }
             /^\.Bd/ { inside = 1; next }
             /^\.Ed/ { inside = 0 }
             inside' |
        sed -e 's/\\e/\\/g; s/\\-/-/g; s/\\(aq/'"'"'/g; s/\\&//g' |
        joined
}

of_help() {
    "$1" --help | sed '1,/^example:/d' |
        joined
}

# Runs each line of stdin in a folder of its own, where the tables that lines before it
# wrote are; pictures need gnuplot.
run_lines() {
    local n=0 line

    rm -rf written
    mkdir written
    while read -r line; do
        n=$((n + 1))
        [[ $line != "plot "*.@(png|svg) ]] || command -v gnuplot > /dev/null || continue
        rm -rf here
        cp -r "$BATS_FILE_TMPDIR/files" here
        cp -r written/. here
        (cd here && timeout 100 bash -euo pipefail -c "$line" > out 2> err < /dev/null) ||
            { echo "$line"; cat here/err; return 1; }
        ! [[ $line =~ \>\ ([a-z]+\.tsv)$ ]] || cp "here/${BASH_REMATCH[1]}" written
    done
    [ $n -gt 0 ]
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    pages=$(cd "$BATS_TEST_DIRNAME/../../bin" && echo "$PWD"/*.1)
}

@test "examples of man pages" {
    for page in $pages; do
        [[ $page = */$long.1 ]] || of_page "$page" | run_lines
    done
}

@test "examples of --help" {
    for page in $pages; do
        name=$(basename "$page" .1)
        [ "$name" = $long ] || of_help "$name" | run_lines
    done
}
