# What is derived stands on a numbering of users and items.  Every tensor that is made of one
# export of a data set is put beside another export of the same data in another order: who
# reads it must stop and name the filter to run again.  What there is to put is taken from the
# streams, and who reads it from the filters' own --reads.

load common

# export SEED: 30 users with 6 of 12 items each, in an order of its own.
export_in_order() {
    mkdir -p "$1"
    awk -v seed="$1" 'BEGIN { srand(seed)
        for (u = 0; u < 30; u++)
            for (t = 0; t < 6; t++)
                printf "%s\tu%d,i%d,%d\n", rand(), u, (u * 5 + t * 7 + int(u / 12)) % 12, t
        }' | sort | cut -f2 | sed '1i user,item,time' > "$1/interactions.csv"
    awk 'BEGIN { print "item,title,class"
        for (i = 0; i < 12; i++) printf "i%d,Film number %d,%s\n", i, i, i % 2 ? "Drama" : "Comedy" }' \
        > "$1/items.csv"
}

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    for d in 1 2; do
        export_in_order $d
        data-import -q $d | data-split -q > $d.mr
    done
    cf-train -q --dim 4 --maxlen 4 --epochs 1 1.mr | cf-embed -q | sbert-encode -q -m MiniLM |
        align-train -q --dim 3 --epochs 1 | label-count -q |
        cand-sample -q -n 4 --for test,valid | cf-score -q | cf-score -q --by pop > all.mr
    cand-sample -q --only --top 3 all.mr | cat all.mr - |
        project-train -q --steps 1 -b 2 --prealign 1 --valid-users 0 > first.mr
    cand-sample -q --only --by all 1.mr | cat all.mr - | cf-score -q --only > ranks.mr
    cf-train -q --only --model ncf --dim 4 --epochs 1 1.mr > ncf.mr
    cf-train -q --only --model mf --dim 4 --epochs 1 1.mr > mf.mr
    cat 2.mr > second.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

derived() {
    stream-show --tsv "$1" | awk -F '\t' 'NR > 1 && $5 ~ /=[0-9]+:[0-9a-f]+/ { print $1 }'
}

filters=(data-split cf-train 'cf-embed' 'cand-sample' 'cand-sample --top 3' 'label-count'
    'align-train' 'align-train --targets last' 'cf-score' 'cf-score --by joint'
    'cf-score --by joint-text' 'score-fuse --of cf,pop' 'metrics' 'align-embed'
    'llm-score -m SmolLM2.gguf' 'llm-generate -m SmolLM2.gguf'
    'llm-retrieve -m SmolLM2.gguf -t open'
    'project-train -m SmolLM2.gguf' 'recommend' 'recommend --history i3 --'
    'sbert-encode -m MiniLM' 'cf-fuse' 'plot metrics --term' 'plot joint --term'
    'cand-sample --top 3 --by joint-text' 'data-add --user u1 --history i3 --')

@test "every derived tensor beside another export: who reads it stops" {
    for name in $(derived first.mr); do
        case $name in inter.user | inter.item | item.title | item.class) continue ;; esac
        stream-cat --pick "$name" first.mr > one.mr
        for filter in "${filters[@]}"; do
            kept "$name" $filter || continue
            run bash -c "$filter second.mr one.mr 2>&1 > /dev/null"
            [ "$status" = 1 ] || { echo "$filter takes $name"; false; }
            [[ $output == *"'$name' stands on "*": run "*" again"* ]] ||
                { echo "$filter, $name: $output"; false; }
            echo "$filter $name" >> tried
        done
    done
    [ "$(wc -l < tried)" -gt 40 ] || { cat tried; false; }
}

@test "every filter that reads what stands on a numbering is tried, and its page says so" {
    for source in "$BATS_TEST_DIRNAME"/../../bin/*.c; do
        filter=$(basename "$source" .c)
        if [[ " ${filters[*]%% *} " = *" $filter "* ]]; then
            grep -q '^The message names the filter to run again; see NUMBERING in$' "${source%.c}.1" ||
                { echo "$filter.1"; false; }
            continue
        fi
        for name in $(derived first.mr); do
            not kept "$name" "$filter" 2> no-reads || { echo "$filter reads $name"; false; }
        done
    done
}

@test "interactions, titles, ranks and the weights of other models" {
    for name in inter.user inter.item; do
        stream-cat --pick $name 1.mr > one.mr
        fails 1 cf-train --epochs 1 second.mr one.mr
        says "'$name' stands on "
    done
    stream-cat --pick item.title 1.mr > one.mr
    fails 1 sbert-encode -m MiniLM second.mr one.mr
    says "'item.title' stands on item.id 12:"
    fails 1 metrics second.mr ranks.mr
    says "stands on item.id 12:"
    for w in ncf mf; do
        fails 1 cf-embed second.mr $w.mr
        says "run cf-train again"
    done
}

@test "another split: vectors before held-out items, and of interactions" {
    data-split -q --hold 2 1.mr > other.mr
    cf-embed -q --only 1.mr <(stream-cat --pick 'cf.*' first.mr) > cf.mr
    for name in user.cf.test user.cf.valid user.cf.train inter.cf; do
        stream-cat --pick $name cf.mr > one.mr
        filter=align-train
        [ $name != user.cf.test ] || filter=cf-score
        fails 1 $filter other.mr one.mr
        says "'$name' stands on inter.split 180:"
        says "run cf-embed again"
    done
}

@test "other titles: vectors of the old ones" {
    cp -r 1 renamed
    sed -i 's/Film number 3/Another film/' renamed/items.csv
    data-import -q renamed | data-split -q > renamed.mr
    stream-cat --pick item.text first.mr > text.mr
    fails 1 align-embed renamed.mr text.mr
    says "'item.text' stands on item.title 12:"
    says "run sbert-encode again"
}

@test "what data-add appends changes no number; parts and picks keep what they stand on" {
    printf 'id\ttitle\nnew\tA new film\n' > films.tsv
    data-add -q --items films.tsv first.mr > longer.mr
    cf-embed -q longer.mr | sbert-encode -q -m MiniLM | align-embed -q > /dev/null
    metrics -q --no-chance longer.mr > m
    metrics -q --no-chance first.mr | diff m -
    stream-cat --pick item.text first.mr | stream-show --tsv | grep -q 'item.id=12:'
    stream-cat --pick item.title,item.class --rows 64 1.mr | sbert-encode -q -m MiniLM --fragment |
        stream-cat --fragment | cmp - <(sbert-encode -q --only -m MiniLM 1.mr)
}

@test "without the ids, tensors are compared with each other" {
    cf-train -q --dim 4 --maxlen 4 --epochs 1 2.mr | cf-embed -q --only > other.mr
    stream-cat --pick item.cf other.mr > one.mr
    stream-cat --pick 'cand.*,user.cf.*' first.mr > rest.mr
    fails 1 cf-score rest.mr one.mr
    says "but others in the input on 12:"
}

@test "tensors without attributes are taken" {
    unnumbered <(stream-cat --pick 'item.cf,user.cf.*' first.mr) > plain.mr
    cand-sample -q -n 4 second.mr plain.mr | cf-score -q | stream-check -q
}
