# Lines that are written and read: every table of rows that a filter prints comes back to the
# same texts whatever is in them, and whatever is read by lines may come from Windows.

load common

# Ids and titles of all kinds of characters that break rows or rule terminals.
odd=($'tab\there' $'new\nline' 'back\slash' 'not\nnew' $'carriage\rreturn' $'end\r' ' space '
    $'next\xc2\x85line' $'turn\xe2\x80\xaearound' $'del\x7f' $'esc\x1b[2J' 'quote"d' 'end\'
    $'sep\xe2\x80\xa8arator' "it's" '\x41' 'a,b')

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    mkdir d
    quoted() { printf '"%s"' "${1//\"/\"\"}"; }
    n=${#odd[@]}
    {
        echo user,item,time
        for u in "${!odd[@]}"; do
            for t in 0 1 2 3 4; do
                quoted "u${odd[u]}"
                printf ,
                quoted "i${odd[(u + t * (1 + u % 3)) % n]}"
                printf ',%d\n' $t
            done
        done
    } > d/interactions.csv
    {
        echo item,title,class
        for i in "${!odd[@]}"; do
            quoted "i${odd[i]}"
            printf ,
            quoted "t${odd[i]}"
            printf ,
            quoted "c${odd[i]}"
            echo
        done
    } > d/items.csv
    data-import -q d | data-split -q > data.mr
    cf-train -q --dim 4 --maxlen 4 --epochs 1 data.mr | cf-embed -q |
        cand-sample -q -n 3 | cf-score -q > scored.mr
    cand-sample -q --only --top 2 scored.mr | cat scored.mr - | cf-score -q > next.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# column NUMBER: that column of tab-separated rows under a header, as texts once more.
column() {
    sed 1d | cut -f "$1" | stream-convert -q --lines column --escaped - > column.mr
    stream-show --name column --head 100000 column.mr
}

# texts NAME: those of the data, in the same writing.
texts() {
    stream-show --name "$1" --head 100000 data.mr
}

@test "the data holds the odd texts, each once" {
    for name in user.id item.id item.title item.class; do
        [ "$(texts $name | wc -l)" = ${#odd[@]} ]
        [ "$(texts $name | sort -u | wc -l)" = ${#odd[@]} ]
    done
    for name in user.id item.id; do # to the byte: they have no attributes
        texts $name | stream-convert -q --lines $name --escaped - > back.mr
        stream-diff --name $name data.mr back.mr
    done
}

@test "every table of rows: the same number of fields, and the texts come back" {
    n=${#odd[@]}
    while IFS='|' read -r command number name; do
        eval "$command" > out.tsv
        [ "$(awk -F '\t' '{ print NF }' out.tsv | sort -u | wc -l)" = 1 ] ||
            { echo "$command: rows of different lengths"; false; }
        ! LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f]' out.tsv || [[ $command = *metrics* || $command = *generate* ]]
        column "$number" < out.tsv | grep . | sort -u > found
        texts "$name" | sort -u > known
        [ -z "$(comm -23 found known)" ] || { echo "$command: $(comm -23 found known)"; false; }
        [ "$(wc -l < found)" -ge 2 ] || { echo "$command"; cat found; false; }
        case $name in user.id) [ "$(wc -l < found)" = "$n" ] || { echo "$command: some lost"; false; } ;; esac
    done << 'END'
metrics -q --format per-user -k 1 scored.mr|2|user.id
recommend -q --format tsv next.mr|1|user.id
recommend -q --format tsv next.mr|3|item.id
recommend -q --format tsv next.mr|4|item.title
recommend -q --format tsv --why 2 next.mr|6|item.id
metrics -q --format tsv -k 1 --no-chance --group item.class scored.mr|11|item.class
END
}

@test "ids that were printed are found again: lists, words, candidate files, texts" {
    recommend -q --format tsv next.mr | sed 1d | cut -f1 | uniq > ids
    [ "$(wc -l < ids)" = ${#odd[@]} ]
    cand-sample -q --top 2 --only --ids-from ids scored.mr > top.mr
    [ "$(rows top.mr cand.next.user 0 | wc -l)" = ${#odd[@]} ]
    texts user.id | cand-sample -q --top 2 --only --ids-from - scored.mr > piped.mr
    stream-diff top.mr piped.mr
    # with the truth: the item of each user's last interaction
    paste <(texts user.id) <(rows data.mr inter.split 0 | paste - <(rows data.mr inter.item 0) <(rows data.mr inter.user 0) |
        awk '$1 == 2 { print $2 }' | while read -r i; do rows data.mr item.id "$i" 1; done) > pairs
    cand-sample -q --from pairs --only data.mr > given.mr
    [ "$(rows given.mr cand.test.user 0 | wc -l)" = ${#odd[@]} ]
    while IFS= read -r id; do
        recommend -q --user "$id" --format tsv next.mr | sed 1d | cut -f1 | sort -u | cmp - <(echo "$id") ||
            { echo "$id"; false; }
    done < <(grep -v , ids)
    llm-generate -q --no-user --no-items --max-tokens 1 -t genre data.mr | sed '1i x' > words
    column 1 < words | sort | cmp - <(texts user.id | sort)
}

@test "a run and judgements of TREC: ids that its rows cannot hold are refused" {
    fails 1 metrics --trec-run run.txt scored.mr
    says "u"
    [ ! -e run.txt ]
}

# windows FILE: as an editor there saves it.
windows() {
    printf '\xef\xbb\xbf'
    sed 's/$/\r/' "$1"
}

@test "whatever is read by lines may begin with a mark and end in CR LF" {
    printf 'ua,b\nuit'"'"'s\n' > ids
    printf 'candidate: {title}\nhistory: {title}\nseparator: \\n\ntext: {candidates}\nanswer: {title}\n' > prompt
    printf 'id\ttitle\nnew\tA film\n' > new.tsv
    printf 'What is it?\ta\tb\n' > choices
    printf 'What is it?\n' > questions
    printf 'Heat\nFargo\n' > lines
    printf 'user,item,time\na,x,1\na,y,2\nb,x,1\nb,y,2\n' > interactions.csv
    while IFS='|' read -r file command; do
        eval "$command" > plain
        cp "$file" kept
        windows kept > "$file"
        eval "$command" > from-there
        cp kept "$file"
        cmp plain from-there || { echo "$command"; false; }
        [ -s plain ]
    done << 'END'
ids|cand-sample -q --top 2 --only --ids-from ids scored.mr
ids|cand-sample -q --top 2 --only --ids-from - scored.mr < ids
prompt|llm-score -q --no-user --no-items -t ./prompt --only scored.mr | stream-show --name score.test.llm --head 50
new.tsv|data-add -q --items new.tsv data.mr
choices|llm-score -q --lines choices
questions|llm-generate -q --lines --max-tokens 2 questions
lines|stream-convert -q --lines a lines
lines|sbert-encode -q -m MiniLM --lines lines
interactions.csv|data-import -q --no-items . 2> /dev/null || data-import -q .
END
}
