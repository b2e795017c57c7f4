# data-import: what the files say, and a line for everything that is wrong in them.

load common

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR"
    tiny=$BATS_TEST_DIRNAME/../fixtures/tiny
    mkdir shop
}

# Lines of the interaction and the item file; "|" stands for a tab.
inter() {
    printf '%s\n' "$@" | tr '|' '\t' > shop/shop.inter
}

item() {
    printf '%s\n' "$@" | tr '|' '\t' > shop/shop.item
}

# A column of the imported stream in one line.
column() {
    stream-show --name "$1" --head 100000 | tr '\n' ' '
}

good() {
    inter 'user_id:token|item_id:token|rating:float|timestamp:float' \
        'b|y|5|20' 'a|x|3|7' 'b|x|4|10' 'a|z|1|7' 'b|z|2|20'
    item 'item_id:token|movie_title:token_seq|class:token_seq' \
        'x|Ex|red' 'w|Double|green' 'y|Why|' 'z|Zed|blue red'
}

# fails WITH_TEXT DATA_IMPORT_ARGUMENTS...
fails() {
    local text=$1

    shift
    run data-import "$@"
    echo "$output"
    [ "$status" = 1 ]
    [ "${lines[${#lines[@]} - 1]}" = "data-import: $text" ]
}

@test "numbers by first appearance, rows by user and time, ties by the file" {
    good
    data-import -q shop > out
    [ "$(column user.id < out)" = "b a " ]
    [ "$(column item.id < out)" = "y x z " ]
    [ "$(column inter.user < out)" = "0 0 0 1 1 " ]
    [ "$(column inter.item < out)" = "1 0 2 1 2 " ]
    [ "$(column inter.time < out)" = "10 20 20 7 7 " ]
    [ "$(column inter.rating < out)" = "4 5 2 3 1 " ]
    [ "$(stream-show --name item.title --head 9 < out)" = $'Why\nEx\nZed' ]
    [ "$(stream-show --name item.class --head 9 < out)" = $'\nred\nblue red' ]
}

@test "counts, and items that nobody has, are said" {
    good
    run --separate-stderr data-import shop
    [ "${stderr_lines[0]}" = "data-import: 5 interactions, 2 users, 3 items" ]
    [ "${stderr_lines[1]}" = "data-import: 1 items without interactions dropped (--keep-items keeps them)" ]
    data-import -q --keep-items shop > out
    [ "$(column item.id < out)" = "y x z w " ]
}

@test "a name, a folder and a file are the same data" {
    MILLRACE_PATH=/nowhere:$tiny data-import -q ml-100k > a
    data-import -q "$tiny/ml-100k/" > b
    data-import -q "$tiny/ml-100k/ml-100k.inter" > c
    for f in a b c; do
        stream-show --name inter.item --head 2000 $f > $f.items
        stream-show --name item.title --head 2000 $f >> $f.items
    done
    [ "$(wc -l < a.items)" = 1280 ]
    cmp a.items b.items
    cmp a.items c.items
}

@test "a folder of another name, if it has one such file" {
    good
    mv shop other
    data-import other 2> said > /dev/null
    grep -q '5 interactions' said
}

@test "--items-with, --items-without: items by their words, counted" {
    good
    run --separate-stderr data-import --items-with 'class~red|green' shop
    [ "${stderr_lines[0]}" = "data-import: before: 5 interactions, 2 users, 3 items" ]
    [ "${stderr_lines[1]}" = "data-import: after --items-with: 4 interactions, 2 users, 2 items" ]
    [ "${stderr_lines[2]}" = "data-import: 2 items of other words or without interactions dropped" ]
    data-import -q --items-with 'class~red|green' shop > out
    [ "$(column item.id < out)" = "x z " ]
    [ "$(column inter.item < out)" = "0 1 0 1 " ]
    data-import --items-with 'class~red' --items-without 'class~blue' shop 2> said > out
    [ "$(column item.id < out)" = "x " ]
    grep -qx 'data-import: after --items-without: 2 interactions, 2 users, 1 items' said
    # the title's column by either name; what has no text, lacks the word
    data-import -q --items-with 'title~Why|Zed' shop > out
    [ "$(column item.id < out)" = "y z " ]
    data-import -q --items-with 'movie_title~Why|Zed' shop > again
    stream-diff out again
    data-import -q --items-without 'class~red' shop > out
    [ "$(column item.id < out)" = "y " ]
}

@test "--items-with: a word is whole, hyphens and all" {
    good
    item 'item_id:token|movie_title:token_seq|class:token_seq' \
        'x|Ex|Sci-Fi' 'y|Why|Sci' 'z|Zed|(Film-Noir,Sci) reds'
    data-import -q --items-with 'class~Sci' shop > out
    [ "$(column item.id < out)" = "y z " ]
    data-import -q --items-with 'class~Sci-Fi|reds' shop > out
    [ "$(column item.id < out)" = "x z " ]
    fails "--items-with: 'class~red': no item has 'red' in its class" --items-with 'class~red' shop
}

@test "--items-with and k-core: the core of what was selected" {
    MILLRACE_PATH=$tiny data-import -k 3 --items-with 'class~Comedy|Romance' ml-100k 2> said > out
    grep -q '^data-import: after --items-with: ' said
    stream-show --name item.class --head 100 out | sort -u > classes
    [ "$(tr '\n' ' ' < classes)" = "Comedy Romance " ]
    paste -d ' ' <(stream-show --name inter.item --head 2000 out) | sort | uniq -c |
        awk '$1 < 3 { bad = 1 } END { exit bad }'
}

@test "two domains share no item" {
    good
    data-import -q --items-with 'class~red' --items-without 'class~blue' shop > one
    data-import -q --items-with 'class~blue' --items-without 'class~red' shop > two 2> said || true
    [ "$(cat said)" = "data-import: --items-with and --items-without leave no interactions" ]
    [ "$(column item.id < one)" = "x " ]
}

@test "wrong: rules that select nothing or cannot be" {
    good
    fails "--items-with: 'red' is not COLUMN~WORD|WORD..." --items-with red shop
    fails "--items-with: 'class~' is not COLUMN~WORD|WORD..." --items-with class~ shop
    fails "--items-with: 'class~red||blue': a word is empty" --items-with 'class~red||blue' shop
    fails "--items-with: 'genre~red': the item file has no column 'genre'; it has movie_title, class" \
        --items-with genre~red shop
    fails "--items-with: 'clas~red': the item file has no column 'clas'; it has movie_title, class: did you mean class?" \
        --items-with clas~red shop
    fails "--items-without: 'class~pink': no item has 'pink' in its class" \
        --items-without 'class~pink' shop
    rm shop/shop.item
    fails "--items-with: 'class~red': the data set has no item file with texts" \
        --items-with class~red shop
    run data-import --keep-items --items-with class~red shop
    [ "$status" = 2 ]
    [ "${lines[0]}" = "data-import: --keep-items would bring back what --items-with and --items-without drop" ]
}

@test "--min-rating drops the rows, not only the counts" {
    good
    run --separate-stderr data-import --min-rating 3 shop
    [ "${stderr_lines[0]}" = "data-import: before: 5 interactions, 2 users, 3 items" ]
    [ "${stderr_lines[1]}" = "data-import: after --min-rating: 3 interactions, 2 users, 2 items" ]
    data-import -q --min-rating 3 shop > out
    [ "$(column inter.rating < out)" = "4 5 3 " ]
    [ "$(column item.id < out)" = "y x " ]
}

# Users d and e have 1 interaction; without them items 4 and 3 have 1; without those
# user c has 1: three rounds.
@test "--k-core goes on until nothing more falls" {
    inter 'user_id:token|item_id:token' 'a|1' 'a|2' 'b|1' 'b|2' 'c|2' 'c|4' 'd|4' 'b|3' 'e|3'
    run --separate-stderr data-import --k-core 2 shop
    [ "${stderr_lines[2]}" = "data-import: --k-core 2: 3 rounds until nothing more was dropped" ]
    [ "${stderr_lines[3]}" = "data-import: after --k-core: 4 interactions, 2 users, 2 items" ]
    data-import -q --k-core 2 shop > out
    [ "$(column user.id < out)" = "a b " ]
    [ "$(column item.id < out)" = "1 2 " ]
}

@test "without times, ratings and item file" {
    inter 'user_id:token|item_id:token' 'a|x' 'b|x' 'a|y'
    data-import shop > out 2> said
    grep -qx 'data-import: no column of times: interactions count as made in the file'"'"'s order' said
    grep -qx 'data-import: no item file: items have no titles and no texts' said
    [ "$(column inter.time < out)" = "0 2 1 " ]
    not grep -qE 'inter.rating|item.title' <(stream-show out)
}

@test "an item that the item file lacks has empty texts, and is said" {
    good
    item 'item_id:token|name:token_seq' 'x|Ex'
    data-import shop > out 2> said
    grep -qx 'data-import: 2 items are not in the item file: their texts are empty' said
    [ "$(column item.title < out)" = " Ex  " ]
}

@test "--title chooses the column, and reserved names change" {
    good
    item 'item_id:token|title:token_seq|label:token_seq|text:token' 'x|A|B|C' 'y|D|E|F' 'z|G|H|I'
    data-import -q --title label shop > out
    [ "$(column item.title < out)" = "E B H " ]
    [ "$(column item.title_column < out)" = "D A G " ]
    [ "$(column item.text_column < out)" = "F C I " ]
    fails "shop/shop.item:1: no column 'none', which --title asks for; it has item_id, title, label, text" \
        --title none shop
    fails "shop/shop.item:1: no column 'lable', which --title asks for; it has item_id, title, label, text: did you mean label?" \
        --title lable shop
    fails "shop/shop.item:1: column 'item_id' holds the ids, but --title asks for it" --title item_id shop
}

@test "times keep their fractions, and the order goes by them" {
    inter 'user_id:token|item_id:token|timestamp:float' \
        'a|last|100.9' 'a|second|100.1' 'a|third|100.5000' 'a|first|99.0'
    data-import shop > out 2> said
    [ "$(column item.id < out)" = "last second third first " ]
    [ "$(column inter.item < out)" = "3 1 2 0 " ]
    [ "$(column inter.time < out)" = "99000 100100 100500 100900 " ]
    stream-show out | grep '^inter.time' | grep -q 'unit=ms$'
    grep -qx 'data-import: times have fractions: inter.time counts ms' said
    inter 'user_id:token|item_id:token|timestamp:float' 'a|x|1.000001' 'a|y|1.0000001' 'a|z|1'
    [ "$(data-import -q shop | column inter.time)" = "1000000000 1000000100 1000001000 " ]
    inter 'user_id:token|item_id:token|timestamp:float' 'a|x|2.0' 'a|y|1'
    data-import -q shop > out
    [ "$(column inter.time < out)" = "1 2 " ]
    [ -z "$(stream-show out | grep unit=)" ]
}

@test "more digits than 64 bits hold order all the same" {
    inter 'user_id:token|item_id:token|timestamp:float' \
        'a|c|5000000000.0000000003' 'a|a|5000000000.0000000001' 'a|b|5000000000.0000000002'
    data-import shop > out 2> said
    [ "$(column inter.item < out)" = "1 2 0 " ]
    [ "$(column inter.time < out)" = "5000000000000000000 5000000000000000000 5000000000000000000 " ]
    grep -q 'holds times to the ns alone' said
}

@test "times that look like milliseconds are said; dates with zones and fractions" {
    inter 'user_id:token|item_id:token|timestamp:float' 'a|x|1588687728923' 'a|y|1588687728922'
    data-import shop > out 2> said
    grep -qx 'data-import: the column of times looks like ms, not seconds: taken as such (--time-unit)' said
    [ "$(column inter.time < out)" = "1588687728922 1588687728923 " ]
    inter 'user_id:token|item_id:token|timestamp:token' 'a|x|2020-01-01T00:00:00.25+01:00' \
        'a|y|2019-12-31 22:59:59Z' 'a|z|1577833200' 'a|w|2019-12-31'
    data-import -q shop > out
    [ "$(column inter.time < out)" = "1577750400000 1577833199000 1577833200000 1577833200250 " ]
}

@test "the split by time goes by fractions" {
    inter 'user_id:token|item_id:token|timestamp:float' 'a|x|1.4' 'a|y|1.1' 'a|z|1.2' 'b|x|1.3'
    data-import -q shop | data-split -q --by time --valid-share 0.25 --test-share 0.25 > out
    [ "$(column inter.split < out)" = "0 0 2 1 " ]
    data-import -q shop | data-split 2> said > out
    not grep -q 'at the same' said
    data-import -q shop | data-add -q --user c --history x -- - | stream-show | grep '^inter.time' | grep -q unit=ms
}

@test "a threshold keeps the ratings that are equal to it, and no lower ones" {
    for t in 0.7 0.9 1.4 1.8 2.3 2.8 3.3 3.7 3.9 4.2 4.4 4.7 4.9; do
        inter 'user_id:token|item_id:token|rating:float' "a|x|$t" 'a|y|9' "a|z|${t}0000001" "a|w|$(echo "$t" | awk '{ print $1 - .00000001 }' OFMT=%.9g)"
        [ "$(data-import -q --min-rating "$t" shop | column item.id)" = "x y z " ]
    done
}

@test "an item twice in the item file: the first counts, and is said" {
    good
    item 'item_id:token|title:token' 'x|1' 'y|2' 'x|3' 'z|4'
    data-import shop > out 2> said
    [ "$(column item.title < out)" = "2 1 4 " ]
    grep -qx 'data-import: 1 records of the item file name an item again: its first record counts' said
}

@test "no column is lost where two would get one name" {
    good
    item 'item_id:token|id:token|id_column:token|title:token|name:token' 'x|1|2|3|4'
    data-import -q --title name shop > out
    [ "$(stream-show --name item.id_column --head 2 < out | sed -n 2p)" = 2 ]
    [ "$(stream-show --name item.id_column2 --head 2 < out | sed -n 2p)" = 1 ]
    [ "$(stream-show --name item.title_column --head 2 < out | sed -n 2p)" = 3 ]
    [ "$(stream-show --name item.title --head 2 < out | sed -n 2p)" = 4 ]
}

@test "a repeated interaction is kept and said" {
    inter 'user_id:token|item_id:token' 'a|x' 'b|x' 'a|y' 'a|x'
    data-import shop > /dev/null 2> said
    grep -qx 'data-import: 1 interactions repeat an earlier one of the same user and item' said
}

@test "csv with quotes, a byte order mark and carriage returns" {
    printf '\xef\xbb\xbfuserId,movieId,rating,timestamp\r\n1,"a,b",4.5,12.9\r\n2,"say ""so""",1e0,-3\r\n\r\n' > shop/ratings.csv
    printf 'movieId,title\n"a,b","two\nlines"\n' > shop/movies.csv
    data-import -q shop > out
    [ "$(stream-show --name item.id --head 9 < out)" = $'a,b\nsay "so"' ]
    [ "$(stream-show --name item.title --head 1 < out)" = 'two\nlines' ]
    [ "$(column inter.time < out)" = "12900 -3000 " ]
    [ "$(column inter.rating < out)" = "4.5 1 " ]
}

@test "tsv, and a format that the name does not tell" {
    printf 'user\titem\na\tx\n' > plain
    fails "./plain: its name ends neither in .inter nor in .csv or .tsv: say --format" ./plain
    data-import -q --format tsv ./plain > out
    [ "$(column item.id < out)" = "x " ]
}

@test "the item file may be elsewhere" {
    good
    mv shop/shop.item elsewhere
    data-import -q --items elsewhere shop > out
    [ "$(column item.title < out)" = "Why Ex Zed " ]
    fails "none: No such file or directory" --items none shop
}

@test "wrong: no such data, no interactions" {
    MILLRACE_PATH=/nowhere fails "none: not here and not in /nowhere (MILLRACE_PATH): run \`make fetch\`, or give a path" none
    ln -s /nowhere/else lost
    MILLRACE_PATH=$PWD fails "lost: a link in $PWD (MILLRACE_PATH) to what is not there" lost
    fails "./none: No such file or directory" ./none
    fails "shop: no interactions in this folder, expected one file like shop.inter (recbole), shop.inter.csv or ratings.csv (csv), the same with .tsv, one such file for each split (train.csv, test.csv), MovieLens's, or, beside metadata as .jsonl or .json, reviews like it (amazon) or ratings_X.csv (amazon-ratings)" shop
    : > shop/shop.inter
    fails "shop/shop.inter: the file is empty" shop
    inter 'user_id:token|item_id:token'
    fails "shop/shop.inter: no interactions after the header" shop
}

@test "wrong: the header" {
    inter 'user:token|rating:float' 'a|1'
    fails "shop/shop.inter:1: no column of items, expected one named item_id (--item names another)" shop
    inter 'item_id:token|rating:float' 'a|1'
    fails "shop/shop.inter:1: no column of users, expected one named user_id (--user names another)" shop
    inter 'user_id|item_id:token' 'a|1'
    fails "shop/shop.inter:1: column 1 is 'user_id', expected NAME:TYPE" shop
    inter 'user_id:token|user_id:token' 'a|1'
    fails "shop/shop.inter:1: two columns are named 'user_id'" shop
    good
    item 'title:token' 'a'
    fails "shop/shop.item:1: no column of items, expected one named item_id" shop
    printf 'item,a\001b\nx,y\n' > shop/i.csv
    printf 'user,item\nx,y\n' > shop/c.csv
    fails "shop/i.csv:1: column 2 has a name that no text in a stream can have" --items shop/i.csv shop/c.csv
    printf 'user,,item\na,b,c\n' > shop/c.csv
    fails "shop/c.csv:1: column 2 has no name" shop/c.csv
}

@test "wrong: fields, numbers, ids" {
    head='user_id:token|item_id:token|rating:float|timestamp:float'
    inter "$head" 'a|x|1|1' 'a|x|1'
    fails "shop/shop.inter:3: 3 fields, expected 4 as in the header" shop
    inter "$head" 'a|x|1|1' '' '' 'a'
    fails "shop/shop.inter:5: 1 field, expected 4 as in the header" shop
    inter "$head" 'a|x|4x|1'
    fails "shop/shop.inter:2: rating is '4x', expected a number" shop
    for bad in nan inf 0x1 '' ' 3'; do
        inter "$head" "a|x|$bad|1"
        fails "shop/shop.inter:2: rating is '$bad', expected a number" shop
    done
    inter "$head" 'a|x|4|soon'
    for bad in soon 1e300 2020-02-30 '2020-01-01T25:00' '' ' 3' 9223372036854775807; do
        inter "$head" "a|x|4|$bad"
        fails "shop/shop.inter:2: timestamp is '$bad', expected a time: a number of at most 64 bits, or a date such as 2020-01-31 12:30:00" shop
    done
    for bad in 1e300 -3.5e38; do
        inter "$head" "a|x|$bad|1"
        fails "shop/shop.inter:2: rating is '$bad', expected a number within 32-bit floats (3.40282e+38)" shop
    done
    inter "$head" 'a||4|1'
    fails "shop/shop.inter:2: item_id is empty" shop
}

@test "wrong: the item file" {
    good
    item 'item_id:token|title:token' 'x|1' 'y'
    fails "shop/shop.item:3: 1 field, expected 2 as in the header" shop
    printf 'item_id:token\ttitle:token\nx\tcaf\xe9\n' > shop/shop.item
    fails "shop/shop.item:2: byte 6 (0xe9) is not valid UTF-8 text" shop
    printf 'item_id:token\ttitle:token\nx\ta\0b\n' > shop/shop.item
    fails "shop/shop.item:2: byte 4 (0x00) is not valid UTF-8 text" shop
    { printf 'item_id:token\ttitle:token\nx\t'; head -c 65001 /dev/zero | tr '\0' a; echo; } > shop/shop.item
    fails "shop/shop.item:2: title has 65001 bytes, expected at most 65000" shop
    printf 'userId,movieId\n1,"a\n' > shop/q.csv
    fails "shop/q.csv:2: a quote is opened and not closed" shop/q.csv
    printf 'userId,movieId\n1,"a"b\n' > shop/q.csv
    fails "shop/q.csv:2: field 2 goes on after its closing quote" shop/q.csv
}

@test "wrong: filters that cannot be" {
    good
    fails "--min-rating and --k-core leave no interactions" --min-rating 6 shop
    fails "--min-rating and --k-core leave no interactions" -k 9 shop
    inter 'user_id:token|item_id:token' 'a|x'
    fails "--min-rating: the interactions have no column of ratings" --min-rating 3 shop
    run data-import
    [ "$status" = 2 ]
    [ "${lines[0]}" = "data-import: expected one data set, found 0" ]
}

@test "a full disk" {
    good
    run bash -c 'data-import -q shop > /dev/full'
    [ "$status" = 1 ]
    [ "$output" = "data-import: <stdout>: No space left on device" ]
}

@test "the real files, where they are fetched" {
    fetched=$BATS_TEST_DIRNAME/../../samples/fetched
    [ -d "$fetched/ml-100k" ] || skip "not fetched"
    run --separate-stderr data-import "$fetched/ml-100k"
    [ "${stderr_lines[0]}" = "data-import: 100000 interactions, 943 users, 1682 items" ]
}

@test "the item file's ids are in the column that is named as the interactions'" {
    printf 'user,item,time\na,x,1\na,y,2\n' > shop/interactions.csv
    printf 'item,title,item_id\nx,X,1\ny,Y,2\n' > shop/items.csv
    [ "$(data-import -q shop | column item.title)" = "X Y " ]
    sed -i '1s/.*/Item,title,item_id/' shop/items.csv
    [ "$(data-import -q shop | column item.title)" = "X Y " ]
    sed -i '1s/.*/sku,title,item_id/' shop/items.csv
    fails "shop/items.csv: its column item_id has none of the 2 items in the interactions' column item" shop
    sed -i '1s/.*/item_id,title,sku/' shop/items.csv
    [ "$(data-import -q shop | column item.title)" = "X Y " ]
    printf 'item,title\n' > shop/items.csv
    fails "shop/items.csv: its column item has none of the 2 items in the interactions' column item" --keep-items shop
}

@test "wrong: times of two units, or dates among milliseconds" {
    local head='user_id:token|item_id:token|timestamp:token'

    inter "$head" 'a|x|1580000000' '' 'a|y|1580000000000' 'a|z|1580000001'
    fails "shop/shop.inter:4: timestamp is '1580000000000', which looks like ms, but line 2 has s" shop
    inter "$head" 'a|x|0' 'a|x|1580000000000' 'a|y|2020-01-31 12:30:00' 'a|z|1580000000001'
    fails "shop/shop.inter:4: timestamp is '2020-01-31 12:30:00', which looks like a date, but line 3 has ms" shop
    inter "$head" 'a|x|1970-01-01' 'a|x|1580000000000000'
    fails "shop/shop.inter:3: timestamp is '1580000000000000', which looks like us, but line 2 has a date" shop
    # what is near 0 tells nothing, and dates may be far
    inter "$head" 'a|x|0' 'a|y|-5' 'a|z|1580000000000'
    data-import shop 2>&1 > /dev/null | grep 'looks like ms, not seconds'
    inter "$head" 'a|x|9999-12-31' 'a|y|9998-12-31' 'a|z|1580000000'
    [ "$(data-import -q shop | column inter.time)" = "1580000000 253370678400 253402214400 " ]
}

@test "--time-unit says what all times count, however large" {
    inter 'user_id:token|item_id:token|timestamp:token' 'a|x|5' 'a|y|90000000000' 'a|z|1580000000000'
    fails "shop/shop.inter:4: timestamp is '1580000000000', which looks like ms, but line 3 has s" shop
    data-import --time-unit ms shop > out 2> err
    [ "$(column inter.time < out)" = "5 90000000000 1580000000000 " ]
    stream-show out | grep '^inter.time' | grep -q 'unit=ms$'
    not grep looks err
    [ -z "$(data-import -q --time-unit s shop | stream-show | grep unit=)" ]
    inter 'user_id:token|item_id:token|timestamp:token' 'a|x|5' 'a|y|1970-01-02'
    [ "$(data-import -q --time-unit s shop | column inter.time)" = "5 86400 " ]
    fails "shop/shop.inter:3: timestamp is '1970-01-02', a date, expected a number of us (--time-unit)" --time-unit us shop
}

@test "a layout's own columns named by the first line: no interaction" {
    printf 'user item\n1 2\n1 3\n' > pairs.txt
    data-import pairs.txt > out 2> err
    grep -q 'pairs.txt: the first line names the columns: passed over' err
    [ "$(column user.id < out)" = "1 " ]
    printf '1 2\n1 3\n' > pairs.txt
    data-import pairs.txt 2>&1 > out | not grep 'passed over'
    [ "$(column item.id < out)" = "2 3 " ]
    printf 'user item\n' > pairs.txt
    fails 'pairs.txt: no interactions after the header' pairs.txt
}

@test "wrong: a byte that is none of --encoding, with its line" {
    printf 'user,item\na,x\na,\xe9\na,y\n' > shop.csv
    fails "shop.csv:3: byte 0xe9 is none of the encoding" --encoding ascii shop.csv
}

@test "the folder one is in has its own name, here, above or with a slash" {
    mkdir -p here/below
    printf 'user_id:token\titem_id:token\nu\tx\n' > here/here.inter
    printf 'user_id:token\titem_id:token\nu\ty\n' > here/other.inter
    data-import -q here > want
    (cd here && data-import -q . > ../got && data-import -q ./. | cmp - ../got)
    cmp want got
    (cd here/below && data-import -q .. | cmp - ../../got && data-import -q ../../here/ | cmp - ../../got)
    rm here/*.inter
    run bash -c 'cd here && data-import .'
    [[ "$output" = "data-import: .: no interactions in this folder, expected one file like here.inter "* ]]
}

@test "- is standard input even where a folder has that name" {
    mkdir ./-
    printf 'user,item\na,folder\n' > ./-/ratings.csv
    printf 'user,item\na,stdin\n' | data-import -q - > out
    rm -r ./-
    [ "$(column item.id < out)" = "stdin " ]
}

# one NAME ITEM: a table of one interaction in the folder many.
one() {
    mkdir -p many
    printf 'user,item\na,%s\n' "$2" > "many/$1"
}

@test "a folder with several files that may be it: refused within a format, else said" {
    one interactions.csv i
    one ratings.csv r
    fails "many: both interactions.csv and ratings.csv may be the interactions: name one of them, with -f csv" many
    fails "many: both interactions.csv and ratings.csv may be the interactions: name one of them, with -f csv" -f csv many
    rm many/interactions.csv
    gzip -c many/ratings.csv > many/ratings.csv.gz
    fails "many: both ratings.csv and ratings.csv.gz may be the interactions: name one of them, with -f csv" many
    rm many/ratings.csv.gz
    printf 'user_id:token\titem_id:token\nu\tx\n' > many/x.inter
    data-import many > out 2> said
    [ "$(column item.id < out)" = "x " ]
    [ "$(head -n 1 said)" = "data-import: many: the interactions are taken to be x.inter (recbole), not ratings.csv (csv)" ]
    [ "$(data-import -q -f csv many | column item.id)" = "r " ]
    # the file of the folder's name goes first
    cp many/x.inter many/many.inter
    data-import many 2>&1 > out | grep -qxF "data-import: many: the interactions are taken to be many.inter (recbole), not x.inter (recbole), ratings.csv (csv)"
    rm many/*.inter
    data-import many 2> said > out
    not grep -q 'taken to be' said
}

@test "several files that may be the item file: refused, or said where the interactions are named" {
    local both="both items.csv and movies.csv may be the item file: name"

    one interactions.csv i
    printf 'item,title\ni,I\n' | tee many/items.csv > many/movies.csv
    fails "many: $both the interactions and one of them, with -f csv and --items" many
    data-import many/interactions.csv 2> said > out
    [ "$(grep -c "no item file: many: $both one of them, with --items" said)" = 1 ]
    [ "$(data-import -q --items many/items.csv many | column item.title)" = "I " ]
    mv many/interactions.csv many/shop.inter.csv
    printf 'item,title\ni,of the shop\n' > many/shop.item.csv
    [ "$(data-import -q many | column item.title)" = "of the shop " ]
}

@test "wrong: a file that is missing from a folder is no model; its packed twin is named" {
    good
    fails "shop/other_5.json: No such file or directory" shop/other_5.json
    fails "shop/shop.intre: No such file or directory: did you mean shop/shop.inter?" shop/shop.intre
    fails "./shop/shop.intre: No such file or directory: did you mean ./shop/shop.inter?" ./shop/shop.intre
    gzip shop/shop.inter
    fails "shop/shop.inter: No such file or directory: did you mean shop/shop.inter.gz?" shop/shop.inter
    HF_HUB_CACHE=/none fails "own/shop.inter: No such file or directory here, and not in Hugging Face's cache (/none)" own/shop.inter
}
