# Titles that are too long for a prompt, and words that are too long to be names.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    mkdir films
    {
        echo user,item,time
        for u in 1 2 3 4 5 6; do
            for t in 1 2 3 4; do echo "u$u,i$(((u + t) % 7)),$t"; done
        done
    } > films/interactions.csv
    {
        echo item,title
        for i in 0 1 2 3 4; do echo "i$i,Film $i of many"; done
        echo "i5,$(printf 'x%.0s' {1..5000})"
        echo "i6,Long $(printf 'word %.0s' {1..2000})"
    } > films/items.csv
    data-import -q films | data-split -q > data.mr
    cf-train -q --dim 4 --epochs 1 data.mr | cf-embed -q | sbert-encode -q -m MiniLM |
        align-train -q --dim 3 --epochs 1 | cand-sample -q -n 3 > in.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

train() {
    project-train --steps 2 -b 2 --cands 5 --prealign 0 --valid-users 0 "$@" in.mr
}

@test "a title that leaves no room is named, and what cuts it" {
    for filter in 'train --max-title 0' 'llm-score --max-title 0 in.mr' \
        'llm-generate --max-title 0 --max-tokens 2 in.mr'; do
        run $filter
        [ "$status" = 1 ]
        says "the model's context has 1024; the longest title, of "
        [[ $output == *"is that of item 'i5': 'xxxxxx"*"...'; --max-title cuts titles"* ]] ||
            [[ $output == *"is that of item 'i6': 'Long word"*"...'; --max-title cuts titles"* ]] ||
            { echo "$filter: $output"; false; }
    done
}

@test "--max-title auto cuts the few titles that would stop the run" {
    train 2> said > auto.mr
    grep -q "2 of 7 titles have more than 128 tokens and are cut (--max-title)" said
    llm-score auto.mr 2> said > scored.mr
    grep -q "2 of 7 titles have more than 128 tokens and are cut (--max-title)" said
    fails 1 llm-score --max-title 0 in.mr # which has no -n and no --cands
    says "fewer candidates (cand-sample -n, project-train --cands) need less"
}

@test "--max-title cuts at a word, says so, and scoring takes it from the training" {
    train --max-title 24 > cut.mr 2> said
    grep -q "^project-train: 2 of 7 titles have more than 24 tokens and are cut (--max-title); by that 0 have become" said
    llm-score cut.mr 2> said > scored.mr
    grep -q "^llm-score: 2 of 7 titles have more than 24 tokens and are cut" said
    llm-score -q --max-title 24 cut.mr | cmp - scored.mr
    fails 1 llm-score --max-title 0 cut.mr
    says "--max-title cuts titles"
    llm-generate -q --max-tokens 2 cut.mr > words
    [ "$(wc -l < words)" = 6 ]
    train -q --max-title 6 > /dev/null 2>&1
    train --max-title 1 2>&1 > /dev/null | grep -q "7 of 7 titles have more than 1 tokens"
}

@test "--max-title auto: 16 where most titles are longer, and not where few are" {
    mkdir -p goods
    cp films/interactions.csv goods
    { echo item,title
      for i in 0 1 2 3 4 5 6; do echo "i$i,$i $(printf 'word %.0s' {1..40})"; done; } > goods/items.csv
    data-import -q goods | data-split -q > data.mr
    cf-train -q --dim 4 --epochs 1 data.mr | cf-embed -q | sbert-encode -q -m MiniLM |
        align-train -q --dim 3 --epochs 1 | cand-sample -q -n 3 > goods.mr
    long() { project-train --steps 2 -b 2 --cands 5 --prealign 0 --valid-users 0 "$@" goods.mr; }
    long > auto.mr 2> said
    grep -q "^project-train: 7 of 7 titles have more than 16 tokens and are cut (--max-title)" said
    long -q --max-title 16 | unnumbered - > sixteen.mr
    unnumbered auto.mr | cmp - sixteen.mr
    llm-score auto.mr 2>&1 > /dev/null | grep -q '7 of 7 titles have more than 16 tokens'
    not grep -q 'are cut' <(long --max-title 0 2>&1 > /dev/null)
    not grep -q 'are cut' <(long --preset paper 2>&1 > /dev/null)
    for wrong in some 1.5 -1; do
        fails 2 project-train --max-title=$wrong in.mr
        says "--max-title: '$wrong' is neither auto nor a whole number from 0 to 1000000"
    done
}

@test "titles that are short enough change nothing" {
    sed -i 's/^\(i[56],\).*/\1Short/' films/items.csv
    data-import -q films | data-split -q > data.mr
    cf-train -q --dim 4 --epochs 1 data.mr | cf-embed -q | sbert-encode -q -m MiniLM |
        align-train -q --dim 3 --epochs 1 | cand-sample -q -n 3 > in.mr
    train -q > whole.mr
    train -q --max-title 900 > roomy.mr
    cmp <(unnumbered <(stream-cat --pick 'proj.*' whole.mr)) <(unnumbered <(stream-cat --pick 'proj.*' roomy.mr))
    cmp <(llm-score -q whole.mr | rows - score.test.llm 0) \
        <(llm-score -q roomy.mr | rows - score.test.llm 0)
}

@test "an unknown word of 54 kB, and thousands of them, end at once" {
    long=$(head -c 54000 /dev/zero | tr '\0' a)
    { cat films/items.csv; echo "i7,b$long"; } > items.csv
    cp -r films more
    cp items.csv more
    data-import -q more | data-split -q | cf-train -q --dim 4 --epochs 1 > more.mr
    SECONDS=0
    fails 1 recommend --history "$long" -- more.mr
    says "no item has the id or title 'aaaa"
    fails 1 recommend --history $(seq 100 13000) -- more.mr
    says "'109'; what follows was not looked at"
    fails 1 recommend --user "$(seq -s, 100 13000)" more.mr
    [ $SECONDS -lt 20 ]
}
