# What every filter answers where data lacks something: items without text, items that
# training has not seen, users without a history.
#
# Users z and y have done nothing before the test split; items late and i9 are in no
# training interaction, never in none at all; i6 has no title, late and i9 no record.

load common

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny
    mkdir e
    {
        echo user,item,time
        n=0
        for u in a b c d e f; do
            n=$((n + 1))
            for t in 1 2 3 4; do echo "$u,i$(((n * t + t) % 7)),$t"; done
        done
        printf 'z,late,90\na,late,91\ny,i1,92\nb,i9,80\n'
    } > e/interactions.csv
    {
        echo item,title,description
        for i in 0 1 2 3 4 5; do echo "i$i,Film $i,words $i"; done
        printf 'never,Never seen,\ni6,,\n'
    } > e/items.csv
    data-import -q --keep-items e > imported.mr
    data-split -q --by time imported.mr > data.mr
    cf-train -q --only --dim 4 --maxlen 4 --blocks 1 --epochs 2 data.mr > weights.mr
    cf-embed -q --only data.mr weights.mr > cf.mr
    sbert-encode -q --only -m MiniLM data.mr > text.mr
    align-train -q --only --dim 4 --epochs 2 data.mr cf.mr text.mr > align.mr
    cand-sample -q -n 20 --only data.mr > cand.mr
    cat data.mr cf.mr align.mr cand.mr > all.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

rows() {
    stream-show --name "$2" --from "${3:-0}" --head "${4:-1000}" "$1"
}

# What it says on stderr.
words() {
    run --separate-stderr bash -c '"$@" > /dev/null' words "$@"
}

item() {
    echo $(($(rows data.mr item.id | grep -nx "$1" | cut -d: -f1) - 1))
}

# "nan" or "number" for each user, by id.
of_users() {
    paste <(rows "$1" user.id) <(rows "$1" "$2" | awk '{ print /nan/ ? "nan" : "number" }') |
        sort | tr '\t\n' '= '
}

@test "data-import: items that are not in the item file have empty texts, and it is said" {
    words data-import --keep-items e
    [ "$status" = 0 ]
    grep -qx 'data-import: 2 items are not in the item file: their texts are empty' <<< "$stderr"
    [ -z "$(rows imported.mr item.title "$(item late)" 1)" ]
    [ "$(rows imported.mr item.title "$(item never)" 1)" = 'Never seen' ]
}

@test "sbert-encode: all items without text have the vector of the empty one, and it is said" {
    words sbert-encode -m MiniLM data.mr
    [ "$stderr" = "sbert-encode: 3 of 10 items have no text: theirs is the vector of the empty one" ]
    for i in late i9 i6; do rows text.mr item.text "$(item $i)" 1; done | sort -u > vectors
    [ "$(wc -l < vectors)" = 1 ]
    echo | sbert-encode -q --lines -m MiniLM | stream-show --name text --head 1 | tr '\t' '\n' > a
    tr '\t' '\n' < vectors | paste - a | awk '{ d = $1 - $2; if (d > 1e-5 || d < -1e-5) exit 1 }'
}

@test "without an item file, what needs words says that there are none" {
    printf 'user\titem\nann\tcup\nann\tpot\nann\ttin\n' > plain.tsv
    data-import -q plain.tsv | data-split -q > plain.mr
    words data-import plain.tsv
    grep -qx 'data-import: no item file: items have no titles and no texts' <<< "$stderr"
    for filter in "sbert-encode -m MiniLM" "llm-score -m SmolLM2.gguf"; do
        words $filter plain.mr
        [ "$status" = 1 ]
        [ "$stderr" = "${filter%% *}: no 'item.title' in the input: run data-import first" ]
    done
}

@test "cf-train, cf-embed: unseen items have vectors, users without a past have none" {
    [ "$(rows cf.mr item.cf | grep -c nan)" = 0 ]
    cat data.mr cf.mr > both.mr
    [ "$(of_users both.mr user.cf.train)" = 'a=number b=number c=number d=number e=number f=number y=nan z=nan ' ]
    [ "$(of_users both.mr user.cf.test)" = 'a=number b=nan c=nan d=nan e=nan f=nan y=nan z=nan ' ]
    [[ "$(of_users both.mr user.cf.next)" = *'y=number z=number ' ]]
    cf-train -q --only --model pop data.mr | stream-show --name cf.pop --head 20 > counts
    for i in late i9 never; do [ "$(sed -n $(($(item $i) + 1))p counts)" = 0 ]; done
}

@test "cand-sample: unseen items are drawn uniformly, never by popularity" {
    rows cand.mr cand.test.item | tr '\t' '\n' | grep -qx "$(item never)"
    cand-sample -q -n 20 --by pop data.mr > pop.mr
    for i in never i9; do
        not grep -qx "$(item $i)" <(rows pop.mr cand.test.item | tr '\t' '\n')
    done
}

@test "cf-score: no vector is no score; unseen items count 0 by popularity; metrics says it" {
    cf-score -q all.mr | cf-score -q --by pop > scored.mr
    rows scored.mr score.test.cf | awk '{ print /[0-9]/ ? "number" : "nan" }' |
        diff - <(printf 'number\nnan\nnan\n')
    paste <(rows cand.mr cand.test.item | tr '\t' '\n') \
        <(rows scored.mr score.test.pop | tr '\t' '\n') > pairs
    for i in never late i9; do
        [ "$(awk -v i="$(item $i)" '$1 == i { print $2 }' pairs | sort -u)" = 0 ]
    done
    metrics scored.mr | grep -qx 'note: cf: 2 of 3 users have no score and count as 0'
}

@test "project-train, llm-score: users without vectors and items without titles are scored" {
    project-train -q --only -m SmolLM2.gguf --history 2 --cands 3 --steps 2 --batch 2 \
        --valid-users 1 --prealign 2 all.mr > proj.mr
    words llm-score -m SmolLM2.gguf all.mr proj.mr
    [ "$status" = 0 ]
    grep -qx 'llm-score: 3 of 10 items have no title: their words are all the same' <<< "$stderr"
    llm-score -q --only -m SmolLM2.gguf all.mr proj.mr > llm.mr
    paste <(rows cand.mr cand.test.item | tr '\t' '\n') \
        <(rows llm.mr score.test.llm | tr '\t' '\n') |
        awk '($1 >= 0) != ($2 != "nan") { bad = 1 } END { exit bad }'
    # by words alone the same for all that have none
    llm-score -q --only -m SmolLM2.gguf --user no --items no data.mr cand.mr > plain.mr
    paste <(rows cand.mr cand.test.item 1 1 | tr '\t' '\n') \
        <(rows plain.mr score.test.llm 1 1 | tr '\t' '\n') |
        awk -v a="$(item i9)" -v b="$(item i6)" '$1 == a || $1 == b { print $2 }' |
        sort -u | wc -l | grep -qx 1
}

@test "a user without any history: popular items, words without the user's sentences" {
    data-add -q --user ann all.mr weights.mr | cf-embed -q > ann.mr
    words cand-sample --top 3 --by cf --ids ann ann.mr
    grep -qx 'cand-sample: next: 1 users have no vector: the most popular items instead' <<< "$stderr"
    project-train -q --only -m SmolLM2.gguf --history 2 --cands 3 --steps 2 --batch 2 \
        --valid-users 1 --prealign 2 all.mr > proj.mr
    cand-sample -q --top 3 --by cf --ids ann ann.mr | cf-score -q > top.mr
    llm-score -q -m SmolLM2.gguf top.mr proj.mr | recommend -q --format tsv > out
    [ "$(wc -l < out)" = 4 ]
    sed 1d out | awk -F '\t' '$1 != "ann" || $5 != "" || $6 == "" || $7 != "" { bad = 1 } END { exit bad }'
}

@test "ids and group names with a tab or a newline keep the rows of TSV whole" {
    cd "$BATS_TEST_TMPDIR"
    mkdir odd
    printf 'user,item,time\n"a\tb",x,1\n"a\tb",y,2\n"a\tb",z,3\n"c\nd",x,1\n"c\nd",y,2\n"c\nd",w,3\n' > odd/interactions.csv
    printf 'item,title\nx,X\ny,Y\nz,Z\nw,W\n' > odd/items.csv
    data-import -q odd | data-split -q > odd.mr
    cand-sample -q -n 1 odd.mr | cf-score -q --by pop > odd.scores
    metrics -q --format per-user -k 1 odd.scores > users.tsv
    [ "$(cut -f2 users.tsv | sort -u)" = $'a\\tb\nc\\nd\nuser' ]
    [ "$(awk -F'\t' '{ print NF }' users.tsv | sort -u | wc -l)" = 1 ]
    printf 'g\th\nk\n' > g.txt
    stream-convert -q --lines user.g g.txt | cat odd.scores - | metrics -q --format tsv -k 1 --group user.g > groups.tsv
    grep -qF 'g\th' groups.tsv
    [ "$(awk -F'\t' '{ print NF }' groups.tsv | sort -u | wc -l)" = 1 ]
}

@test "a byte order mark and Windows' line ends are no part of a text's lines" {
    cd "$BATS_TEST_TMPDIR"
    printf '\xef\xbb\xbfHeat\r\nFargo\r\n' > marked.txt
    printf 'Heat\nFargo\n' > plain.txt
    cmp <(stream-convert -q --lines item.title marked.txt) <(stream-convert -q --lines item.title plain.txt)
    printf '\xff\xfeH\0\n\0' > wide.txt
    run stream-convert -q --lines item.title wide.txt
    [ "$status" = 1 ]
    [[ "$output" == *UTF-16* ]]
}

@test "a name with a control character beyond ASCII is refused, and never reaches a terminal" {
    cd "$BATS_TEST_TMPDIR"
    printf 'x\n' > x.txt
    run --separate-stderr stream-convert -q --lines $'a\xc2\x9b31mb' x.txt
    [ "$status" != 0 ]
    not grep -q $'\xc2\x9b' <<< "$stderr"
    run --separate-stderr stream-show $'no\xe2\x80\xaesuch'
    [ "$status" != 0 ]
    not grep -q $'\xe2\x80\xae' <<< "$stderr"
}

@test "a byte order mark and Windows' line ends in candidates and TREC files" {
    cd "$BATS_TEST_TMPDIR"
    marked() { printf '\xef\xbb\xbf'; sed 's/$/\r/' "$1"; }
    mkdir d
    printf 'user,item,time\na,x,1\na,y,2\na,z,3\nc,x,1\nc,y,2\nc,w,3\n' > d/interactions.csv
    printf 'item,title\nx,X\ny,Y\nz,Z\nw,W\n' > d/items.csv
    data-import -q d | data-split -q > d.mr
    printf 'a\tz\tw\nc\tw\tz\n' > pairs
    marked pairs > pairs.windows
    cmp <(cand-sample -q --from pairs --only d.mr | stream-show --name cand.test.item --head 9) \
        <(cand-sample -q --from pairs.windows --only d.mr | stream-show --name cand.test.item --head 9)
    printf 'a 0 z 1\nc 0 w 1\n' > q
    printf 'a Q0 z 1 2.0 x\na Q0 w 2 1.0 x\nc Q0 w 1 2.0 x\n' > r
    mkdir windows
    marked q > windows/q
    marked r > windows/r
    cmp <(metrics -q --format tsv --qrels q r) <(metrics -q --format tsv --qrels windows/q windows/r)
}
