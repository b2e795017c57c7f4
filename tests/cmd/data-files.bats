# data-import: the files people have, packed or not, as they are downloaded.

load common

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR"
    made=$BATS_TEST_DIRNAME/../fixtures/data
    mkdir shop
}

# A column of the imported stream in one line.
column() {
    stream-show --name "$1" --head 100000 | tr '\n' ' '
}

# fails WITH_TEXT DATA_IMPORT_ARGUMENTS...
fails() {
    local text=$1

    shift
    run data-import -q "$@"
    echo "$output"
    [ "$status" = 1 ]
    [ "${lines[0]}" = "data-import: $text" ]
}

table() {
    printf 'user,item,rating,timestamp\n'
    for i in $(seq "${1:-2000}"); do echo "u$((i % 50)),i$((i * 7 % 90)),$((i % 5 + 1)),$((i * 3))"; done
}

@test "gzip, several members, and xz are expanded; a pipe is read" {
    table > shop/ratings.csv
    data-import -q shop/ratings.csv > plain.mr
    mkdir a b c d
    gzip < shop/ratings.csv > a/ratings.csv
    data-import -q a/ratings.csv | cmp - plain.mr
    { head -n 700 shop/ratings.csv | gzip; tail -n +701 shop/ratings.csv | gzip; head -c 100 /dev/zero; } > b/ratings.csv
    data-import -q b/ratings.csv | cmp - plain.mr
    if command -v xz; then
        xz < shop/ratings.csv > c/ratings.csv
        data-import -q c/ratings.csv | cmp - plain.mr
    fi
    if command -v zstd; then
        zstd < shop/ratings.csv > d/ratings.csv
        data-import -q d/ratings.csv | cmp - plain.mr
    fi
    data-import -q --format csv <(cat shop/ratings.csv) > piped.mr
    [ "$(column inter.time < piped.mr)" = "$(column inter.time < plain.mr)" ]
}

@test "lines of text are expanded too" {
    printf 'one\ntwo\n' | gzip > lines.txt
    stream-convert -q --lines t lines.txt > out
    [ "$(column t < out)" = "one two " ]
}

@test "wrong: packed files that are cut, damaged, followed by something, of other kinds" {
    table > t.csv
    gzip < t.csv > whole
    head -c 1000 whole > shop/a.csv
    fails "shop/a.csv:1: gzip: cut short" shop/a.csv || [[ "$output" = *": gzip: cut short" ]]
    { head -c 1000 whole; printf XXXXXXXX; tail -c +1009 whole; } > shop/a.csv
    run data-import -q shop/a.csv
    [ "$status" = 1 ]
    [[ "$output" = *": gzip: "* ]]
    { cat whole; echo more; } > shop/a.csv
    run data-import -q shop/a.csv
    [ "$status" = 1 ]
    [[ "$output" = *": gzip: something else follows the compressed data" ]]
    printf 'PK\003\004abc' > shop/a.csv
    fails "shop/a.csv: a zip archive: is not read: expand it first" shop/a.csv
    printf 'BZh91AY&SYxx' > shop/a.csv
    fails "shop/a.csv: bzip2: is not read: expand it first" shop/a.csv
    printf '\xff\xfea\0' > shop/a.csv
    fails "shop/a.csv: is UTF-16: --encoding utf-16 reads it" shop/a.csv
}

@test "wrong: tables that are no text are refused by what they are, with the recipe" {
    local first='make a CSV file of it first, with duckdb or pandas (OTHER FORMATS in data-import(1))'

    printf 'PAR1\x15\x04\x15\xf0binary' > log.parquet
    fails "log.parquet: a parquet file, which is not read: $first" log.parquet
    fails "log.parquet: a parquet file, which is not read: $first" -f csv log.parquet
    fails "-: a parquet file, which is not read: $first" - < log.parquet
    mv log.parquet shop
    fails "shop/log.parquet: a parquet file, which is not read: $first" shop
    printf 'PK\x03\x04\x14\x00\x06\x00rest' > sheet.xlsx
    fails "sheet.xlsx: an Excel file, which is not read: $first" sheet.xlsx
    fails "sheet.xlsx: a zip archive: is not read: expand it first" -f csv sheet.xlsx
    cp sheet.xlsx ml-1m.zip
    fails "ml-1m.zip: a zip archive, which is not read: unpack it first" ml-1m.zip
    table > log.csv
    printf 'SQLite format 3\0 and more' > items.csv
    fails "items.csv: an SQLite database, which is not read: $first" --items items.csv log.csv
}

@test "text that begins as another format's file does is text" {
    for first in ORCID PAR1 ARROW1; do
        printf '%s,item\nann,cup\nann,pot\n' $first > a.csv
        data-import -q --user $first a.csv > a.mr
        [ "$(stream-show --name user.id --head 2 a.mr)" = ann ]
    done
}

@test "wrong: a record that would fill memory" {
    { echo user,item; head -c 70000000 /dev/zero | tr '\0' a; } | gzip -1 > shop/a.csv
    fails "shop/a.csv:2: a record of more than 64 MiB" shop/a.csv
}

@test "wrong: a file that expands without end" {
    [ "${MODE:-}" != asan ] || skip "a GiB; other tests expand files under sanitizers"
    { printf u,i,; head -c 10000000 /dev/zero | tr '\0' a; echo; } | gzip -1 > record
    echo user,item,note | gzip -1 > shop/a.csv
    for _ in {1..110}; do cat record; done >> shop/a.csv
    run data-import -q shop/a.csv
    [ "$status" = 1 ]
    [[ "$output" = *": gzip: expands to more than 200 times its size (beyond 1 GiB): if that is right, expand it first" ]]
}

# same STREAM STREAM: all tensors and texts, but for the file's name
same() {
    run stream-diff -q "$1" "$2"
    echo "$output"
    [ "${lines[0]%%$'\t'*}" = inter.user ]
    [ -z "$(printf '%s\n' "${lines[@]}" | tail -n +2 | grep -v '\ssame$')" ]
}

# titles FOLDER-OR-FILE TITLES [OPTION...]: the import's titles, each with ";" behind it
titles() {
    local from=$made/$1 wanted=$2

    shift 2
    data-import -q "$@" "$from" > out
    [ "$(stream-show --name item.title --head 9 out | tr '\n' ';')" = "$wanted" ]
}

@test "MovieLens as published: the folder's name is enough" {
    for f in ml-100k ml-1m ml-10M100K ml-latest-small; do
        titles $f 'Misérables, Les (1998);L.A. Confidential (1997);Toy Story (1995);'
        [ "$(column item.year < out)" = "1998 1997 1995 " ]
        [ "$(column item.id < out)" = "242 302 1 " ]
        [ "$(column inter.item < out)" = "2 0 1 " ]
        [ "$(column inter.time < out)" = "881250940 881250949 891717742 " ]
    done
    titles ml-100k 'Misérables, Les (1998);L.A. Confidential (1997);Toy Story (1995);unknown;' --keep-items
    [ "$(stream-show --name item.genres --head 9 out | tr '\n' ';')" = "Comedy;Crime|Drama;Animation|Children's|Comedy;unknown;" ]
    [ "$(column item.year < out)" = "1998 1997 1995  " ]
    titles ml-1m 'Misérables, Les (1998);L.A. Confidential (1997);Toy Story (1995);No year;' --keep-items
    [ "$(stream-show --name item.genres --head 1 out)" = "Drama|Musical" ]
}

@test "Amazon's reviews and metadata of 2014, 2018 and 2023" {
    titles amazon-2014 ';Avalon "Organics";'
    [ "$(stream-show --name item.description --head 9 out | tail -n 1)" = "Soft & mild" ]
    [ "$(stream-show --name item.categories --head 9 out | tail -n 1)" = "Beauty, Hair Care, Health" ]
    [ "$(column item.price < out)" = " 8.99 " ]
    [ "$(column inter.time < out)" = "1391040000 1391040001 1397779200 " ]
    [ "$(column inter.rating < out)" = "1 4 5 " ]
    data-import "$made/amazon-2014" 2>&1 > /dev/null | grep -qx 'data-import: 1 items are not in the item file: their texts are empty'
    titles amazon-2018 'Aqua Velva;'
    [ "$(stream-show --name item.description --head 1 out)" = "Mild, Long 'lasting'" ]
    [ "$(column item.price < out)" = '$7.48 ' ]
    titles amazon-2023 'Scent;;'
    [ "$(column item.id < out)" = "B00PARENT1 B081TJ8YS3 " ]
    [ "$(column item.brand < out)" = "Herbivore  " ]
    [ "$(column item.description < out)" = "One, two  " ]
    [ "$(column inter.time < out)" = "1588615855070 1588687728923 " ]
    data-import -q --items "$made/amazon-2023/meta_All_Beauty.jsonl.gz" "$made/amazon-2023/All_Beauty.jsonl.gz" > two
    same two out
}

@test "Amazon's ratings without a header: which column is the item's is seen" {
    run --separate-stderr data-import "$made/amazon-ratings/ratings_Beauty.csv"
    [ "${stderr_lines[0]}" = "data-import: $made/amazon-ratings/ratings_Beauty.csv: no header: columns are taken as user, item, rating, timestamp" ]
    data-import -q "$made/amazon-ratings/ratings_Beauty.csv" > out
    [ "$(column user.id < out)" = "A39HTATAQ9V7YF A3JM6GV9MNOF9X " ]
    [ "$(column inter.rating < out)" = "5 3 " ]
    data-import -q "$made/amazon-ratings/All_Beauty.csv" > out
    [ "$(column user.id < out)" = "A1V6B6TNIC10QE A2DSUEZJXQZQ1O " ]
    [ "$(column item.id < out)" = "0143026860 014789302X " ]
}

@test "JSON lines: usual names, keys that options name, dotted ones" {
    titles yelp/review.json 'Abby;St Honore Pastries;' --items "$made/yelp/business.json"
    [ "$(column inter.item < out)" = "1 0 " ]
    [ "$(column inter.time < out)" = "1325604498 1531001351 " ]
    [ "$(stream-show --name item.state --head 2 out | tr '\n' ';')" = "CA;;" ]
    [ "$(stream-show --name item.categories --head 2 out | tr '\n' ';')" = ";Restaurants, Food;" ]
    data-import -q --user who.id --item what.sku --rating score.value --time at "$made/nested.jsonl" > out
    [ "$(column item.id < out)" = "7 8 " ]
    [ "$(column inter.rating < out)" = "4 3.25 " ]
    [ "$(column inter.time < out)" = "500 1500 " ]
}

@test "event logs: kinds are said, --only takes some" {
    run --separate-stderr data-import "$made/retailrocket"
    [ "${stderr_lines[0]}" = "data-import: column 'event' has several kinds of events (view 2, addtocart 1, transaction 1), all are taken: --only event=view takes one" ]
    data-import -q --only event=view "$made/retailrocket" > out
    [ "$(column item.id < out)" = "355908 7 " ]
    data-import -q --only 'event=addtocart|transaction' "$made/retailrocket" > out
    [ "$(column item.id < out)" = "248676 356475 " ]
    fails "$made/retailrocket/events.csv: no interactions that --only takes" --only event=buy "$made/retailrocket"
    fails "$made/retailrocket/events.csv:1: no column 'kind', which --only asks for; it has timestamp, visitorid, event, itemid, transactionid" --only kind=buy "$made/retailrocket"
    run data-import --only event "$made/retailrocket"
    [ "$status" = 2 ]
}

@test "tables as spreadsheets, pandas and people write them" {
    data-import -q "$made/excel.csv" > out
    [ "$(column inter.item < out)" = "1 0 " ]
    [ "$(column inter.rating < out)" = "1 4.5 " ]
    data-import "$made/excel.csv" 2>&1 > /dev/null | grep -q "the first line has no ',': the separator is taken to be ';'"
    data-import -q "$made/tabs.csv" | column item.id | grep -qx 'x '
    data-import -q "$made/spaces.csv" > out
    [ "$(stream-show --name item.id --head 9 out)" = $'x, y\nz' ]
    [ "$(column inter.rating < out)" = "4 2 " ]
    data-import -q "$made/pandas.csv" | column user.id | grep -qx 'a b '
    data-import -q --no-header --user 3 --item 2 --time 4 --rating 1 "$made/bare.csv" > out
    [ "$(column user.id < out)" = "a " ]
    [ "$(column inter.rating < out)" = "2 4 " ]
    fails "$made/bare.csv: no header: --user N --item N say which columns are which" --no-header "$made/bare.csv"
    fails "$made/bare.csv:1: no column '9', which --user asks for; it has 1, 2, 3, 4" --no-header --user 9 --item 1 "$made/bare.csv"
    data-import -q --encoding utf-16 "$made/utf16.csv" | column user.id | grep -qx 'ä '
    printf 'user,item\n\xe9,x\n' > l.csv
    data-import -q --encoding latin-1 l.csv | column user.id | grep -qx 'é '
    fails "no encoding 'nonsense' is known (iconv -l lists them)" --encoding nonsense l.csv
}

@test "SASRec's text, and standard input" {
    data-import -q "$made/sasrec" > out
    [ "$(column inter.item < out)" = "0 1 0 2 0 " ]
    data-import -q "$made/sasrec/sasrec.txt" > one
    same one out
    data-import -q - < "$made/excel.csv" > in.mr
    data-import -q "$made/excel.csv" > out
    same out in.mr
    data-import -q --format jsonl --user who.id --item what.sku - < "$made/nested.jsonl" | column item.id | grep -qx '7 8 '
    data-import -q "$made/packed.inter.xz" | column item.id | grep -qx 'x '
}

@test "--no-repeats: the first or the last of a user's interactions with an item" {
    printf 'user,item,time\na,x,3\na,y,2\na,x,1\nb,x,1\na,x,3\n' > r.csv
    data-import --no-repeats first r.csv > out 2> said
    [ "$(column inter.time < out)" = "1 2 1 " ]
    grep -qx 'data-import: --no-repeats first: 2 interactions dropped' said
    data-import -q --no-repeats last r.csv > out
    [ "$(column inter.time < out)" = "2 3 1 " ]
}

@test "wrong: JSON lines" {
    j=shop/a.jsonl
    printf '{"user":"a","item":"x"}\n{"user":"a",\n' > $j
    run data-import -q $j
    [ "$status" = 1 ]
    [[ "$output" = "data-import: $j:2: is no JSON: "* ]]
    printf '{"user":"a","item":"x"}\n[1]\n' > $j
    fails "$j:2: expected an object, {...}, in each line" $j
    printf '{"user":"a","item":"x"}\n{"user":["a"],"item":"x"}\n' > $j
    fails "$j:2: user is a list, expected one text or number" $j
    printf '{"who":"a","what":{"sku":["x","y"]}}\n' > $j
    fails "$j:1: what.sku is a list, expected one text or number" --user who --item what.sku $j
    printf '{"user":"a","user":"b","item":"x"}\n' > $j
    run data-import -q $j
    [ "$status" = 1 ]
    [[ "$output" = "data-import: $j:1: is no JSON: duplicate"* ]]
    printf '{"user":"a","item":"x"}\n{"user":"a"}\n' > $j
    fails "$j:2: item is empty" $j
    printf '{"user":"a","item":{"id":1}}\n' > $j
    fails "$j:1: no column of items, expected one named item_id (--item names another)" $j
    printf '{"user":"a","item":"x","rating":"good"}\n' > $j
    fails "$j:1: rating is 'good', expected a number" $j
    printf '{"user":"a\\u0000","item":"x"}\n' > $j
    run data-import -q $j
    [ "$status" = 1 ]
    [[ "$output" = "data-import: $j:1: is no JSON: "* ]]
    { printf '{"user":'; head -c 5000 /dev/zero | tr '\0' '['; } > $j
    run data-import -q $j
    [ "$status" = 1 ]
    [[ "$output" = "data-import: $j:1: is no JSON: "* ]]
    fails "$made/amazon-2014-dict/meta_Beauty.json:1: is a Python dictionary, not JSON (as Amazon's metadata of 2014 and Steam's files): data-import(1) says how to rewrite it" "$made/amazon-2014-dict"
    for line in "{u'user': u'a', u'item': u'x'}" "{u\"user\": u'a'}" "{\"us'er\": 'a'}" "{ 'user': 1}" \
        "  { u'user': 1}"; do
        echo "$line" > $j
        fails "$j:1: is a Python dictionary, not JSON (as Amazon's metadata of 2014 and Steam's files): data-import(1) says how to rewrite it" $j
    done
}

@test "Amazon's ratings alone, without a header or with one, beside its metadata" {
    mkdir alone
    printf '%s\n' A39HTATAQ9V7YF,0205616461,5.0,1369699200 A3JM6GV9MNOF9X,0558925278,3.0,1355443200 \
        > alone/ratings_Beauty.csv
    printf '%s\n' '{"asin":"0205616461","title":"It&#39;s good","brand":"B"}' '{"asin":"1","title":"never"}' |
        gzip > alone/meta_Beauty.json.gz
    data-import -q alone > out
    [ "$(stream-show --name item.title --head 1 out)" = "It's good" ]
    [ "$(stream-show --name user.id --head 2 out | tr '\n' ' ')" = "A39HTATAQ9V7YF A3JM6GV9MNOF9X " ]
    mv alone/meta_Beauty.json.gz alone/meta_All_Beauty.jsonl.gz
    { echo user_id,parent_asin,rating,timestamp; cat alone/ratings_Beauty.csv; } > alone/All_Beauty.csv
    rm alone/ratings_Beauty.csv
    data-import -q alone > named
    cmp <(stream-show --name item.title --head 2 out) <(stream-show --name item.title --head 2 named)
}

@test "JSON that breaks off is no Python for the quotes in its texts" {
    for line in "{\"it's\": \"u'a\", \"menu\": \"\\\"u'\", " "{user: 'a'}"; do
        echo "$line" > shop/a.jsonl
        run data-import -q shop/a.jsonl
        [ "$status" = 1 ]
        [[ "$output" = "data-import: shop/a.jsonl:1: is no JSON: "* ]]
    done
}

# amazon FOLDER RATINGS META: a folder with these two files of one interaction.
amazon() {
    mkdir -p "$1"
    echo A39HTATAQ9V7YF,0205616461,5.0,1369699200 > "$1/$2"
    echo '{"asin":"0205616461","title":"It is '"$3"'"}' > "$1/$3"
}

@test "which of several tables Amazon's ratings are" {
    amazon named ratings_Beauty.csv meta_Beauty.json
    echo a,b > named/other.csv
    echo a,b > named/Beauty.csv
    [ "$(data-import -q named | column item.title)" = 'It is meta_Beauty.json ' ]
    amazon same Beauty.csv meta_Beauty.json
    echo a,b > same/other.csv
    [ "$(data-import -q same | column item.title)" = 'It is meta_Beauty.json ' ]
    amazon two ratings_A.csv meta_A.json
    amazon two ratings_B.csv meta_B.json
    fails "two: both ratings_A.csv and ratings_B.csv may be the interactions: name one of them, with -f amazon-ratings" two
    [ "$(data-import -q -f amazon-ratings two/ratings_B.csv | column item.title)" = 'It is meta_B.json ' ]
    mv two/ratings_B.csv C.csv
    mv two/ratings_A.csv two/ratings_C.csv
    fails "two: both meta_A.json and meta_B.json may be the item file: name the interactions and one of them, with -f amazon-ratings and --items" two
    fails "two: both meta_A.json and meta_B.json may be the item file: name the interactions and one of them, with -f amazon-ratings and --items" -f amazon-ratings two
    run data-import -f amazon-ratings two/ratings_C.csv
    [ "$status" = 0 ]
    [[ "$output" = *"data-import: no item file: two: both meta_A.json and meta_B.json may be the item file: name one of them, with --items"* ]]
    for interactions in two/ratings_C.csv two; do
        run data-import -f amazon-ratings --items two/meta_A.json $interactions
        [ "$status" = 0 ]
        [[ "$output" != *"no item file"* ]]
    done
    mkdir logs
    for name in c b a; do echo '{"user":"a","item":"x"}' > logs/$name.jsonl; done
    fails "logs: both a.jsonl and b.jsonl may be the interactions: name one of them, with -f jsonl" logs
}

@test "wrong: a table beside the metadata of something else, metadata alone" {
    amazon other x.csv meta_y.json
    mkdir meta_y
    cp other/meta_y.json meta_y
    for folder in other meta_y; do
        run data-import -q $folder
        [ "$status" = 1 ]
        [[ "$output" = "data-import: $folder: no interactions in this folder, "*'ratings_X.csv (amazon-ratings)' ]]
    done
    [ "$(data-import -q -f amazon-ratings other | column item.title)" = 'It is meta_y.json ' ]
    amazon bare ratings_x.csv meta_x.json
    echo '{"title":"no id"}' > bare/meta_x.json
    fails 'bare/meta_x.json:1: item_id is empty: expected it under parent_asin or asin' bare
}

@test "wrong: MovieLens" {
    cp "$made"/ml-100k/u.* shop
    printf '1|x|||\n' >> shop/u.item
    fails "shop/u.item:5: 5 fields, expected 24" shop
    sed -i '$d; s/|0$/|2/' shop/u.item
    fails "shop/u.item:1: field 24 is '2', expected 0 or 1" shop
    printf '1\t2\t3\n' > shop/u.data
    fails "shop/u.data:1: 3 fields, expected 4" shop
}

@test "each user's rows are in the order of sort -s, whatever the file's" {
    local users times

    for users in 9 300; do # many rows of each user, and few
        for times in 150 70000 9000000000; do # within a byte, four, and more
            awk -v users=$users -v times=$times 'BEGIN {
                srand(7); print "user,item,time"; for (i = 0; i < 3000; i++)
                printf "u%d,i%d,%.0f\n", rand() * users, i, int(rand() * times) - int(times / 2)
            }' > r.csv
            data-import -q r.csv > out
            paste -d, <(stream-show --name inter.user --head 3000 out) \
                <(stream-show --name inter.time --head 3000 out) \
                <(stream-show --name inter.item --head 3000 out) > got
            tail -n +2 r.csv |
                awk -F, '!($1 in n) { n[$1] = c++ } { print n[$1] "," $3 "," NR - 1 }' |
                sort -s -t, -k1,1n -k2,2n > wanted
            cmp got wanted
        done
    done
}

@test "a table is read alike with lines of any length, quotes anywhere, and both line ends" {
    awk 'BEGIN { srand(5); print "user,item,note,time"; for (i = 0; i < 6000; i++) {
        n = rand() < .01 ? 20000 * rand() : 12 * rand(); note = ""
        while (length(note) < n) note = note substr("abcdefghij klmnop", 1 + 9 * rand(), 7)
        printf "u%d,i%d,%s,%d\n", rand() * 50, rand() * 90, note, i
        if (rand() < .02) print "" } }' > plain.csv
    data-import -q plain.csv > want
    awk -F, -v OFS=, 'NF == 4 { if (NR % 900 < 30) $3 = "\"" $3 "\"" } 1' plain.csv > some.csv
    sed 's/$/\r/' plain.csv > dos.csv
    tr , '\t' < plain.csv > tabs.tsv
    printf %s "$(cat plain.csv)" > open.csv # no newline at its end
    for f in some.csv dos.csv tabs.tsv open.csv; do
        data-import -q $f > got
        for name in inter.user inter.item inter.time user.id item.id; do
            cmp <(stream-show --name $name --head 6000 got) <(stream-show --name $name --head 6000 want)
        done
    done
    [ "$(stream-show --name inter.time --head 6000 want | wc -l)" = 6000 ]
}

@test "the man page's way of rewriting Amazon's metadata of 2014" {
    cp "$made"/amazon-2014-dict/*.json shop
    python3 -c "
import ast, json, sys
for line in sys.stdin:
    print(json.dumps(ast.literal_eval(line)))" < "$made/amazon-2014-dict/meta_Beauty.json" | gzip > shop/meta_Beauty.json.gz
    rm shop/meta_Beauty.json
    data-import -q shop | column item.title | grep -qx "It's "
}

@test "a data format that is a table is one row of layouts" {
    local root=$BATS_TEST_DIRNAME/../.. new=$BATS_TEST_TMPDIR/new libs

    [ -f "$root/.build/release/libmillrace.a" ] || skip "no release build"
    mkdir "$new"
    sed 's/^    { "sasrec", /    { "bars", \&delimited, NULL, { .separator = "|", .columns = pairs },\
      { 0 }, { "*.bars" }, { NULL } },\n&/' "$root/lib/data/layout.c" > "$new/layout.c"
    libs=$(make -s -C "$root" --no-print-directory --eval 'libs: ; @echo $(LDLIBS)' libs)
    ${CC:-cc} -std=c11 -D_GNU_SOURCE -DMILLRACE_VERSION='"0.1.0"' -fopenmp -I "$root/lib" \
        -o "$new/data-import" "$new/layout.c" "$root/bin/data-import.c" \
        "$root/.build/release/libmillrace.a" $libs
    "$new/data-import" --help | grep -q -- '--format NAME .*|jsonl|bars|sasrec '
    printf 'ann|cup\nann|pot\nben|cup\n' > "$new/shop.bars"
    [ "$("$new/data-import" -q "$new/shop.bars" | stream-show --name item.id --head 9 | paste -sd ' ')" = 'cup pot' ]
    [ "$("$new/data-import" -q --format bars - < "$new/shop.bars" |
        stream-show --name item.id --head 9 | paste -sd ' ')" = 'cup pot' ]
}

# records LINES...: the file fr.jsonl.
records() {
    printf '%s\n' "$@" > fr.jsonl
}

@test "JSON: a column of times or ratings that the first record lacks is not passed over" {
    local u='"user_id":"a","item_id"'

    records "{$u:\"late\",\"timestamp\":null}" "{$u:\"b\",\"timestamp\":200}" "{$u:\"c\",\"timestamp\":100}"
    fails "fr.jsonl:2: timestamp is there, but in no record before: expected it in each record or in none" fr.jsonl
    records "{$u:\"x\"}" "{$u:\"y\"}" "{$u:\"z\",\"Rating\":3}"
    fails "fr.jsonl:3: Rating is there, but in no record before: expected it in each record or in none" fr.jsonl
    records "{$u:\"x\",\"rating\":1}" "{$u:\"y\",\"rating\":null}"
    fails "fr.jsonl:2: rating is '', expected a number" fr.jsonl
    records "{$u:\"x\",\"date\":\"2020-01-01\"}" "{$u:\"y\",\"date\":\"2020-01-01\",\"timestamp\":5}"
    fails "fr.jsonl:2: both timestamp and date, of records before, may be the column of times: choose one with --time" fr.jsonl
    [ "$(data-import -q --time date fr.jsonl | column inter.time)" = "1577836800 1577836800 " ]
    # where no record has one, there is none
    records "{$u:\"x\",\"rating\":null,\"note\":1}" "{$u:\"y\",\"rating\":null,\"other\":2}"
    data-import fr.jsonl 2> said > out
    grep -q 'no column of times' said
    not grep -q inter.rating <(stream-show out)
    # nor do records count that --only does not take
    records '{"user_id":"a","item_id":"x","kind":"view"}' '{"user_id":"a","item_id":"x","kind":"rate","rating":4}'
    [ "$(data-import -q --only kind=rate fr.jsonl | column inter.rating)" = "4 " ]
}

@test "JSON: times and ratings within objects are not passed over" {
    records '{"user":"a","item":"x","timestamp":{"$date":"2020-01-01"}}'
    fails 'fr.jsonl:1: timestamp is an object, expected one text or number: --time timestamp.KEY takes the one under KEY' fr.jsonl
    [ "$(data-import -q --time 'timestamp.$date' fr.jsonl | column inter.time)" = "1577836800 " ]
    records '{"user":"a","item":"x"}' '{"user":"a","item":"y","stars":{"of":5}}'
    fails 'fr.jsonl:2: stars is an object, expected one text or number: --rating stars.KEY takes the one under KEY' fr.jsonl
    records '{"user":"a","item":"x"}' '{"user":{"id":"a"},"item":"x"}'
    fails "fr.jsonl:2: user is an object, expected one text or number" fr.jsonl
}

@test "JSON: kinds of events are said where the first record has none" {
    records '{"user":"a","item":"x"}' '{"user":"a","item":"y","event":"buy"}' '{"user":"a","item":"z","event":"view"}'
    data-import fr.jsonl 2>&1 > /dev/null | grep -F "column 'event' has several kinds of events ((none) 1, buy 1, view 1), all are taken: --only event=buy takes one"
}

@test "JSON: an item file's titles that begin with a later record, or are nowhere" {
    records '{"user_id":"a","item_id":"x"}' '{"user_id":"a","item_id":"y"}'
    printf '%s\n' '{"item_id":"x"}' '{"item_id":"y","title":"Y"}' > il.jsonl
    data-import --items il.jsonl fr.jsonl > out 2> said
    [ "$(column item.title < out)" = " Y " ]
    not grep -q 'column of titles' said
    not grep -q title_column said
    printf '%s\n' '{"item_id":"x","name":"n","title":null}' '{"item_id":"z","tail":1}' \
        '{"item_id":"y","name":"m","title":"Y"}' > il.jsonl
    [ "$(data-import -q --items il.jsonl fr.jsonl | column item.title)" = " Y " ]
    [ "$(data-import -q --items il.jsonl --title name fr.jsonl | column item.title)" = "n m " ]
    [ "$(data-import -q --items il.jsonl --title tail --keep-items fr.jsonl | column item.title)" = "  1 " ]
    fails "il.jsonl: no item has 'nmae', which --title asks for" --items il.jsonl --title nmae fr.jsonl
}

@test "JSON: --item's key is the interactions'; the item file may call it as usual" {
    mkdir js
    echo '{"user":"u","business":{"id":"p1"}}' > js/log.jsonl
    printf '%s\n' '{"business_id":"p1","title":"One"}' '{"business_id":"p2","title":"Two"}' > js/items.jsonl
    data-import -q --item business.id js > out
    [ "$(column item.title < out)" = "One " ]
    not grep -q "^item[.]business" <(stream-show out)
    echo '{"business":{"id":"p1"},"item_id":7,"title":"Its own"}' > js/items.jsonl
    [ "$(data-import -q --item business.id js | column item.title)" = "Its own " ]
    echo '{"title":"One"}' > js/items.jsonl
    fails "js/items.jsonl:1: no column of items, expected one named item_id" --item business.id js
}

@test "Amazon's files: options name keys beyond the format's own" {
    mkdir am
    printf '%s\n' '{"user_id":"u","parent_asin":"p","asin":"v","rating":4,"timestamp":1588687728923,"verified_purchase":true,"helpful_vote":3}' \
        '{"user_id":"w","parent_asin":"p","asin":"v","rating":2,"timestamp":1588687728924,"verified_purchase":false,"helpful_vote":1}' > am/B.jsonl
    echo '{"parent_asin":"p","title":"T","store":"S &amp; S"}' > am/meta_B.jsonl
    [ "$(data-import -q --only verified_purchase=true am | column user.id)" = "u " ]
    [ "$(data-import -q --rating helpful_vote am | column inter.rating)" = "3 1 " ]
    [ "$(data-import -q --title store am | column item.title)" = "S & S " ]
    fails "am/meta_B.jsonl: its column item_id has none of the 1 items in the interactions' column asin" --item asin am
    echo '{"parent_asin":"v","title":"V"}' > am/meta_B.jsonl
    [ "$(data-import -q --item asin am | column item.title)" = "V " ]
}

@test "an item file in JSON beside a table, by any of its names; names in large letters" {
    local name

    printf 'user,item\na,x\n' > orders.csv
    for name in products.json products.ndjson products.jsonl PRODUCTS.JSON products.json.gz; do
        echo '{"item":"x","title":"Ex, the first"}' > $name
        [[ $name != *.gz ]] || { gzip -c $name > packed; mv packed $name; }
        [ "$(data-import -q --items $name orders.csv | column item.title)" = "Ex, the first " ]
    done
    cp orders.csv ORDERS.CSV
    [ "$(data-import -q --items PRODUCTS.JSON ORDERS.CSV | column item.title)" = "Ex, the first " ]
    mkdir large
    mv ORDERS.CSV large/RATINGS.CSV
    [ "$(data-import -q large | column item.id)" = "x " ]
}

@test "JSON: a list or an object is no number and no time" {
    records '{"user":"a","item":"x","rating":5,"time":1}' '{"user":"a","item":"y","rating":[5],"time":1}'
    fails "fr.jsonl:2: rating is a list, expected one number" fr.jsonl
    records '{"user":"a","item":"x","time":[1]}'
    fails "fr.jsonl:1: time is a list, expected one time" fr.jsonl
    records '{"user":"a","item":"x","time":{"at":1}}'
    fails "fr.jsonl:1: time is an object, expected one time" --time time fr.jsonl
    [ "$(data-import -q --time time.at fr.jsonl | column inter.time)" = "1 " ]
}
