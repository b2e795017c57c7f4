# data-add: new items and new users, how they are named, what the filters after it make
# of them.

bats_require_minimum_version 1.5.0
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_FILE_TMPDIR/stand-ins
    "$BATS_TEST_DIRNAME/../stand-ins" "$MILLRACE_PATH"
    data-import -q ml-100k | data-split -q > data.mr
    cf-train -q --only --dim 8 --maxlen 10 --batch 20 --epochs 2 data.mr > weights.mr
    cf-embed -q --only data.mr weights.mr > cf.mr
    sbert-encode -q -m MiniLM --only data.mr > text.mr
    align-train -q --only --dim 6 --epochs 2 data.mr cf.mr text.mr > align.mr
    cat data.mr weights.mr cf.mr text.mr align.mr > trained.mr
    printf 'id\ttitle\tclass\nnew1\tThe Robot Bookkeeper\tComedy\nnew2\tMud\t\n' > films.tsv
    data-add -q --items films.tsv trained.mr > longer.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

item() {
    echo $(($(stream-show --name item.id --head 1000 data.mr | grep -nx "$1" | cut -d: -f1) - 1))
}

# What it says, and that it fails with 1.
says() {
    local want=$1
    shift
    words data-add -q "$@" data.mr
    [ "$status" = 1 ]
    diff <(echo "$want") <(echo "$stderr")
}

# A tensor as NaN or not, a line a row.
nan_rows() {
    stream-show --name "$2" --head 10000 "$1" | awk '{ print /nan/ ? "nan" : "number" }'
}

@test "a user's history by title, by id, and but for case: behind the others" {
    words data-add --history "Toy Story" 3 "fArGo" -- data.mr
    [ "$stderr" = "data-add: user 'new' added with 3 interactions; cf-embed makes the users' vectors again" ]
    data-add -q --history "Toy Story" 3 "fArGo" -- data.mr > added.mr
    stream-check -q added.mr
    rows added.mr inter.user 1200 | diff - <(printf '60\n60\n60\n')
    rows added.mr inter.item 1200 | diff - <(item 1; item 3; item 2)
    rows added.mr inter.split 1200 | diff - <(printf '0\n0\n0\n')
    rows added.mr inter.rating 1200 1 | grep -q nan
    rows added.mr inter.time 1200 | sort -u |
        diff - <(stream-show --name inter.time --head 2000 data.mr | sort -n | tail -1)
    for name in user item time rating split; do
        cmp <(rows data.mr inter.$name 0) <(rows added.mr inter.$name 0 1200)
    done
    [ "$(rows added.mr user.id 59)" = "$(rows data.mr user.id 59)"$'\nnew' ]
    cmp <(rows data.mr inter.user 0) <(rows added.mr inter.user 0 1200)
    stream-show added.mr | grep -q '^inter.user .* data=ml-100k'
    stream-show added.mr | grep -q '^inter.split .* by=leave-one-out'
    stream-show added.mr | grep -q "^history: data-add .* --user new --history '\"Toy Story\" \"3\" \"fArGo\"'"
}

@test "a new item twice in its file: the first counts, and is said" {
    printf 'id\ttitle\nx\tone\nx\ttwo\nz\tthree\n' > a.tsv
    data-add --items a.tsv data.mr > out 2> said
    grep -qx 'data-add: 1 records of a.tsv name an item again: its first record counts' said
    grep -q '^data-add: 2 new items' said
    [ "$(stream-show --name item.title --head 100000 < out | tail -n 2 | tr '\n' ' ')" = "one three " ]
}

@test "several users, one after the other; one without a history" {
    data-add -q --user ann --history Fargo -- data.mr | data-add -q --user ben > two.mr
    rows two.mr user.id 60 | diff - <(printf 'ann\nben\n')
    rows two.mr inter.user 1200 | diff - <(echo 60)
    cat two.mr weights.mr | cf-embed -q --no-inter > v.mr
    nan_rows v.mr user.cf.next | tail -2 | diff - <(printf 'number\nnan\n')
}

@test "the same weights represent the new user, and all others as before" {
    data-add -q --history "Toy Story" Fargo -- trained.mr > added.mr
    not grep -qE '^(user.cf|inter.cf)' <(stream-show added.mr)
    cf-embed -q --only added.mr > v.mr
    cmp <(rows cf.mr user.cf.next 0) <(rows v.mr user.cf.next 0 60)
    [ "$(nan_rows v.mr user.cf.next | sed -n 61p)" = number ]
    stream-show --name item.cf v.mr | grep -o 'weights=[0-9a-f]*' > a
    stream-show --name item.cf cf.mr | grep -o 'weights=[0-9a-f]*' | diff a -
}

@test "new items: texts of the file's columns, known and nothing else changed" {
    words data-add --items films.tsv data.mr
    [ "$stderr" = "data-add: 2 new items; they have no vectors before cf-embed, sbert-encode and align-embed" ]
    rows longer.mr item.id 80 | diff - <(printf 'new1\nnew2\n')
    rows longer.mr item.title 80 | diff - <(printf 'The Robot Bookkeeper\nMud\n')
    rows longer.mr item.class 80 | diff - <(printf 'Comedy\n\n')
    rows longer.mr item.release_year 80 | diff - <(printf '\n\n')
    cmp <(rows data.mr item.title 0) <(rows longer.mr item.title 0 80)
    stream-show longer.mr | grep -q '^item.id .* known=80'
    printf 'id\nnew3\n' > more.tsv
    data-add -q --items more.tsv longer.mr | stream-show | grep -q '^item.id .*\[83\].* known=80'
    not grep -qE '^item.(cf|text|joint)' <(stream-show longer.mr)
}

@test "CSV with quotes, and RecBole's types" {
    printf 'movie_title,item_id\n"Mud, the ""film""",x1\n' > f.csv
    data-add -q --items f.csv data.mr > out.mr
    [ "$(rows out.mr item.title 80)" = 'Mud, the "film"' ]
    printf 'item_id:token\tmovie_title:token_seq\nx1\tMud\n' > f.item
    data-add -q --items f.item data.mr > out.mr
    [ "$(rows out.mr item.title 80)" = Mud ]
}

@test "a new item has no CF vector, its own q, and q in the place of e" {
    cf-embed -q longer.mr | sbert-encode -q -m MiniLM | align-embed > new.mr
    nan_rows new.mr item.cf | tail -3 | diff - <(printf 'number\nnan\nnan\n')
    cmp <(rows cf.mr item.cf 0) <(rows new.mr item.cf 0 80)
    cmp <(rows align.mr item.joint 0) <(rows new.mr item.joint 0 80)
    cmp <(rows new.mr item.joint 80) <(rows new.mr item.joint_text 80)
    [ "$(nan_rows new.mr item.joint | sort -u)" = number ]
    stream-show new.mr | grep -qE '^item.joint .*\[82, 6\].* known=80'
}

@test "the LLM ranks a new item among known ones, by projections that never saw it" {
    project-train -q --only -m SmolLM2.gguf --history 2 --cands 3 --steps 2 --batch 2 \
        --valid-users 2 --prealign 2 data.mr cf.mr align.mr > proj.mr
    cf-embed -q longer.mr | sbert-encode -q -m MiniLM | align-embed |
        cand-sample -q --top 3 --ids 5,7 --with new1 new2 | cf-score -q > cand.mr
    llm-score -q -m SmolLM2.gguf cand.mr proj.mr > llm.mr
    rows llm.mr cand.next.item 0 | cut -f 4,5 | sort -u | diff - <(printf '80\t81\n')
    rows llm.mr score.next.cf 0 | cut -f 4,5 | sort -u | diff - <(printf 'nan\tnan\n')
    rows llm.mr score.next.llm 0 > scores
    not grep -q nan scores
    llm-score -q --only -m SmolLM2.gguf --joint auto cand.mr proj.mr | stream-show --name score.next.llm --head 9 > auto
    not grep -q nan auto
    # another stage 1 is still refused
    align-train -q --only --dim 6 --epochs 3 data.mr cf.mr text.mr > other.mr
    data-add -q --items films.tsv data.mr weights.mr other.mr | cf-embed -q | sbert-encode -q -m MiniLM |
        align-embed | cand-sample -q --top 3 --ids 5 > stale.mr
    words llm-score -q -m SmolLM2.gguf stale.mr proj.mr
    [ "$status" = 1 ]
    [[ "$stderr" = "llm-score: the projections were trained on item vectors "*": run project-train again" ]]
}

@test "without texts there is nothing to stand in for a new item" {
    cf-embed -q longer.mr > half.mr
    words align-embed half.mr
    [ "$status" = 1 ]
    [ "$stderr" = "align-embed: 'item.cf' has no vectors of its last 2 items, and no 'item.text' stands in: run sbert-encode first: ... | sbert-encode -m MiniLM | align-embed ..." ]
}

@test "align-train: no vectors to train on, unless the CF model is trained again" {
    cf-embed -q longer.mr | sbert-encode -q -m MiniLM > half.mr
    words align-train -q --dim 6 --epochs 1 half.mr
    [ "$status" = 1 ]
    [ "$stderr" = "align-train: 'item.cf' has no vectors of its last 2 items: train the CF model again, or map them by trained towers with align-embed" ]
    data-add -q --items films.tsv data.mr | cf-train -q --dim 8 --maxlen 10 --epochs 1 | cf-embed -q |
        sbert-encode -q -m MiniLM | align-train -q --dim 6 --epochs 1 | stream-show | grep -q '^item.joint .*\[82, 6\]'
}

@test "sbert-encode: new items begin blocks of their own, in parts as well" {
    sbert-encode -q -m MiniLM --only longer.mr > whole.mr
    cmp <(rows text.mr item.text 0) <(rows whole.mr item.text 0 80)
    for i in 1 2; do sbert-encode -q -m MiniLM --part $i/2 longer.mr; done | stream-cat --fragment --pick item.text |
        stream-diff - <(stream-cat --pick item.text whole.mr)
}

@test "a new user who has had a new item: the CF model goes by the others" {
    data-add -q --history Fargo new1 -- longer.mr | cf-embed -q --no-inter > with.mr
    data-add -q --history Fargo -- longer.mr | cf-embed -q --no-inter > without.mr
    data-add -q --history new1 new2 -- longer.mr | cf-embed -q --no-inter > only.mr
    cmp <(rows with.mr user.cf.next 60) <(rows without.mr user.cf.next 60)
    [ "$(nan_rows only.mr user.cf.next | tail -1)" = nan ]
}

@test "added before training, an item is like any other" {
    data-add -q --items films.tsv data.mr | cf-train -q --dim 4 --maxlen 4 --epochs 1 > t.mr
    cf-embed -q t.mr > v.mr
    [ "$(nan_rows v.mr item.cf | sort -u)" = number ]
}

@test "weights of other data are still refused" {
    data-synth -q --users 9 --items 12 --per-user 5 | data-split -q > synth.mr
    words cf-embed -q synth.mr weights.mr
    [ "$status" = 1 ]
    [[ "$stderr" = *"'cf.item_emb.weight' stands on item.id 80:"*", but the input's is 12:"*": run cf-train again" ]]
    unnumbered weights.mr > plain.mr
    words cf-embed -q synth.mr plain.mr
    [ "$status" = 1 ]
    [[ "$stderr" = *"has 80 items, expected the "*" of 'item.id': was it trained on other data?" ]]
}

@test "unknown names: all at once, each with near misses" {
    says "data-add: --history: no item has the id or title 'Toy Stroy': near it 'Toy Story' (id 1)
data-add: --history: no item has the id or title 'zzzzzz'
data-add: --history: no item has the id or title 'FARG': near it 'Fargo' (id 2)" \
        --history 'Toy Stroy' Fargo zzzzzz FARG --
    says "data-add: --history: no item has the id or title 'data.mr', but it is a file: put -- before files" \
        --history Fargo data.mr --
    says "data-add: --history: no item has the id or title ''" --history '' --
}

@test "The Godfather is near Godfather, The" {
    printf 'id\ttitle\nn1\tGodfather, The\n' > g.tsv
    data-add -q --items g.tsv data.mr > g.mr
    words data-add --history "the godfather" -- g.mr
    [ "$stderr" = "data-add: --history: no item has the id or title 'the godfather': near it 'Godfather, The' (id n1)" ]
}

@test "titles of several items, ids that are titles" {
    printf 'id\ttitle\na\tTwin\nb\tTwin\nc\tTWIN\nd\ta\n' > twins.tsv
    data-add -q --items twins.tsv data.mr > twins.mr
    words data-add --history Twin -- twins.mr
    [ "$stderr" = "data-add: --history: 2 items have the title 'Twin', with the ids a, b: give one of these" ]
    words data-add --history twin -- twins.mr
    [ "$stderr" = "data-add: --history: 3 items have the title 'twin', with the ids a, b, c: give one of these" ]
    words data-add --history a -- twins.mr
    [ "$stderr" = "data-add: --history: 'a' is the id of 'Twin' and the title of item d: give id:a or id:d" ]
    data-add -q --history id:a id:d TWIN -- twins.mr > out.mr
    rows out.mr inter.item 1200 | diff - <(printf '80\n83\n82\n')
}

@test "without titles, ids name items" {
    printf 'user\titem\tt\nann\tcup\t1\nann\tpot\t2\n' > plain.tsv
    data-import -q plain.tsv > plain.mr
    data-add -q --history pot -- plain.mr > out.mr
    rows out.mr inter.item 2 | diff - <(echo 1)
    words data-add --history pots -- plain.mr
    [ "$stderr" = "data-add: --history: no item has the id or title 'pots': near it 'pot'" ]
    not grep -qE '^inter.(split|rating)' <(stream-show out.mr)
}

@test "wrong item files" {
    printf 'id\tname of it\nx\ty\n' > a.tsv
    says "data-add: a.tsv:1: column 'name of it': the input has no 'item.name of it'" --items a.tsv
    printf 'id\ttitel\nx\ty\n' > a.tsv
    says "data-add: a.tsv:1: column 'titel': the input has no 'item.titel': did you mean title?" --items a.tsv
    printf 'title\ny\n' > a.tsv
    says "data-add: a.tsv:1: no column of ids, expected one named id or item_id" --items a.tsv
    printf 'id\titem_id\nx\ty\n' > a.tsv
    says "data-add: a.tsv:1: columns 'id' and 'item_id' are both item.id" --items a.tsv
    printf 'id\ttitle\nx\ty\n7\tz\n' > a.tsv
    says "data-add: a.tsv:3: item '7' is there already" --items a.tsv
    printf 'id\ttitle\n\ty\n' > a.tsv
    says "data-add: a.tsv:2: id is empty" --items a.tsv
    printf 'id\ttitle\n' > a.tsv
    says "data-add: a.tsv: no items after the header" --items a.tsv
    says "data-add: none.tsv: No such file or directory" --items none.tsv
    says "data-add: --user: there is a user '7' already" --user 7
}

@test "mistakes on the command line" {
    words data-add data.mr
    [ "$status" = 2 ]
    [ "${stderr_lines[0]}" = "data-add: nothing to add: neither --items nor --user nor --history" ]
    words data-add --user '' data.mr
    [ "$status" = 2 ]
    [ "${stderr_lines[0]}" = "data-add: --user: the id is empty" ]
    words data-add --history
    [ "${stderr_lines[0]}" = "data-add: --history needs a value" ]
}

@test "memo tells users apart by their histories" {
    export MILLRACE_CACHE=$BATS_TEST_TMPDIR/cache
    memo data-add -q --history Fargo "Toy Story" -- data.mr > a.mr
    memo data-add -q --history "Toy Story" Fargo -- data.mr > b.mr
    memo data-add -q --history Fargo "Toy Story" -- data.mr | cmp - a.mr
    data-add -q --history "Toy Story" Fargo -- data.mr | cmp - b.mr
    memo --explain data-add -q --history Fargo "Toy Story" -- data.mr 2>&1 | head -3
}
