# Data sets that say themselves what is for training, validation and test: data-import
# takes that from a column or from a file for each part.

load common

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR"
    tiny=$BATS_TEST_DIRNAME/../fixtures/tiny
}

# part WORD LINES...: a file of RecBole's with times; "|" stands for a tab.
part() {
    mkdir -p shop
    printf '%s\n' 'user_id:token|item_id:token|timestamp:float' "${@:2}" | tr '|' '\t' \
        > "shop/shop.$1.inter"
}

three() {
    part train 'a|x|1' 'a|y|2' 'b|x|5'
    part valid 'a|z|3' 'b|y|6'
    part test 'a|w|4' 'b|z|7'
}

# column NAME FILE: a column of the stream in one line.
column() {
    rows "$2" "$1" 0 | paste -sd ' '
}

refuses() {
    run --separate-stderr data-import "${@:2}"
    [ "$status" = 1 ]
    [ "${stderr_lines[${#stderr_lines[@]} - 1]}" = "data-import: $1" ] || { echo "$stderr"; false; }
}

@test "RecBole's benchmark files: three of one data set, with its item file" {
    three
    printf 'item_id:token\ttitle:token_seq\nx\tEx\nw\tDouble\n' > shop/shop.item
    data-import shop > in 2> said
    grep -qx 'data-import: 3 training, 2 validation, 2 test interactions' said
    [ "$(column inter.split in)" = '0 0 1 2 0 1 2' ]
    [ "$(column inter.time in)" = '1 2 3 4 5 6 7' ]
    [ "$(column item.title in)" = 'Ex   Double' ]
    stream-show in | grep -q '^inter.split .* by=files$'
    [ "$(data-import --reads -q shop | grep -c '^file.*inter$')" = 3 ]
    gzip shop/shop.test.inter
    data-import -q shop | stream-diff in -
    data-import -q -f recbole shop | stream-diff in -
}

@test "the files of the parts give what data-split gives of the whole" {
    mkdir whole parts
    printf 'user_id:token\titem_id:token\trating:float\ttimestamp:float\n' |
        tee parts/parts.{train,valid,test}.inter > /dev/null
    data-import -q "$tiny/ml-100k" | data-split -q > whole.mr
    paste <(rows whole.mr inter.user 0) <(rows whole.mr inter.item 0) \
        <(rows whole.mr inter.rating 0) <(rows whole.mr inter.time 0) \
        <(rows whole.mr inter.split 0) | awk -F '\t' 'BEGIN { split("train valid test", word, " ") }
            { print $1 "\t" $2 "\t" $3 "\t" $4 > "parts/parts." word[$5 + 1] ".inter" }' 
    for word in train valid test; do
        sed -i '1i user_id:token\titem_id:token\trating:float\ttimestamp:float' parts/parts.$word.inter
    done
    data-import -q parts > parts.mr
    for name in inter.user inter.time inter.rating inter.split; do
        diff <(rows whole.mr $name 0) <(rows parts.mr $name 0)
    done
    cf-train -q --dim 4 --maxlen 5 --epochs 1 parts.mr | cf-embed -q |
        cand-sample -q -n 5 | cf-score -q | metrics -q | grep -q '^cf '
}

@test "tables with train, valid and test in their names" {
    mkdir t
    printf 'user,item\na,x\nb,y\n' > t/train.csv
    printf 'user,item\na,z\n' > t/Validation.csv
    printf 'user,item\nb,x\n' > t/test.csv
    printf 'item,title\nx,Ex\n' > t/items.csv
    data-import -q t > in 2> said
    [ "$(column inter.split in)" = '0 1 0 2' ]
    [ "$(column item.title in)" = 'Ex  ' ]
    rm t/Validation.csv
    data-import -q t > in
    [ "$(column inter.split in)" = '0 0 2' ]
    mkdir u
    for word in train dev test; do tr , '\t' < t/train.csv > "u/shop.$word.tsv"; done
    data-import -q u > in
    [ "$(column inter.split in)" = '0 1 2 0 1 2' ]
}

@test "--split: a column with the words, in letters of either case" {
    printf 'user,item,part\na,x,Train\na,y,TEST\na,z,dev\nb,x,train\nb,y,valid\nb,z,validation\nc,x,val\n' > log.csv
    data-import --split part log.csv > in 2> said
    [ "$(column inter.split in)" = '0 2 1 0 1 1 1' ]
    grep -qx 'data-import: 2 training, 4 validation, 1 test interactions' said
    stream-show in | grep -q '^inter.split .* by=column$'
    data-import -q --split 3 log.csv > by-number
    [ "$(column inter.split by-number)" = '0 2 1 0 1 1 1' ]
    sed 1d log.csv | data-import -q --no-header --user 1 --item 2 --split 3 - > bare
    [ "$(column inter.split bare)" = '0 2 1 0 1 1 1' ]
    printf '%s\n' '{"user":"a","item":"x","part":"train"}' '{"user":"a","item":"y","part":"test"}' > log.jsonl
    data-import -q --split part log.jsonl > in
    [ "$(column inter.split in)" = '0 2' ]
}

@test "at one time training comes first, then validation, then test" {
    printf 'user,item,time,part\na,v,5,test\na,w,5,valid\na,x,5,train\na,y,4,test\na,z,4,train\n' > log.csv
    data-import -q --split part log.csv > in
    [ "$(column inter.split in)" = '0 2 0 1 2' ]
    # filters drop rows with their parts
    data-import -q --split part --only part=test log.csv > in 2> said
    [ "$(column inter.split in)" = '2 2' ]
    grep -qx 'data-import: no interaction is for training' said
}

@test "what filters make of it is said" {
    printf 'user,item,time,part\na,x,1,test\na,y,2,train\nb,x,1,train\nb,y,2,test\nb,z,3,test\nc,x,1,test\n' > log.csv
    data-import --split part log.csv 2> said > /dev/null
    grep -q '^data-import: 1 of 3 tested users have several test items: ' said
    grep -q '^data-import: 1 of 3 tested users have training items after their first test item: ' said
    grep -qx 'data-import: 1 of 3 tested users have no training item' said
}

@test "data-split replaces a data set's own split with a warning, another with a word" {
    three
    data-import -q shop | data-split -q > in 2> said
    [ "$(cat said)" = "data-split: the data set's own split (by files) is replaced: leave data-split out to keep it" ]
    data-split --by time in 2> said > /dev/null
    grep -qx "data-split: the input's split (by leave-one-out) is replaced" said
    data-split -q --by time in 2> said > /dev/null
    [ ! -s said ]
}

@test "a column of splits, or files beside, that are not taken are said" {
    printf 'user,item,split\na,x,train\n' > log.csv
    data-import log.csv 2>&1 > /dev/null |
        grep -qx "data-import: column 'split' is not taken as splits: --split split takes it"
    three
    data-import shop/shop.train.inter 2> said > in
    grep -q '^data-import: the files of other splits beside shop/shop.train.inter are not read' said
    [ -z "$(stream-show in | grep inter.split)" ]
    cp shop/shop.train.inter shop/shop.inter
    data-import shop 2> said > in
    grep -q "^data-import: shop: shop.inter is read, and not the splits' files beside it" said
    [ -z "$(stream-show in | grep inter.split)" ]
}

@test "wrong: a word that is none, a column that is not there, files that differ" {
    printf 'user,item,part\na,x,train\n\na,y,holdout\n' > log.csv
    refuses "log.csv:4: part is 'holdout', expected train, valid (validation, val, dev) or test" \
        --split part log.csv
    printf 'user,item,part\na,x,\n' > log.csv
    refuses "log.csv:2: part is '', expected train, valid (validation, val, dev) or test" \
        --split part log.csv
    refuses "log.csv:1: no column 'parts', which --split asks for; it has user, item, part: did you mean part?" --split parts log.csv
    printf '%s\n' '{"user":"a","item":"x","part":"train"}' '{"user":"a","item":"y"}' > log.jsonl
    refuses "log.jsonl:2: part is '', expected train, valid (validation, val, dev) or test" \
        --split part log.jsonl
    three
    refuses "shop/shop.train.inter: its file is of one split, but --split asks for a column of splits" \
        --split part shop
    part test 'a|w|x'
    refuses "shop/shop.test.inter:2: timestamp is 'x', expected a time: a number of at most 64 bits, or a date such as 2020-01-31 12:30:00" shop
    part train 'a|x|1588687728'
    part test 'a|w|1588687728923'
    refuses "shop/shop.test.inter:2: timestamp is '1588687728923', which looks like ms, but shop/shop.train.inter:2 has s" shop
    printf 'user_id:token\titem_id:token\na\tw\n' > shop/shop.test.inter
    refuses "shop/shop.test.inter: has no column of times, expected one as in shop/shop.train.inter" shop
    three
    printf 'user_id:token\titem_id:token\ttimestamp:float\trating:float\na\tw\t1\t1\n' > shop/shop.test.inter
    refuses "shop/shop.test.inter: has a column of ratings, expected none as in shop/shop.train.inter" shop
    three
    cp shop/shop.valid.inter shop/shop.dev.inter
    refuses "shop: both shop.dev.inter and shop.valid.inter may be the interactions of one split" shop
    mkdir two
    for name in a b; do for word in train test; do cp shop/shop.train.inter two/$name.$word.inter; done; done
    refuses "two: has the files of 2 data sets, of 'a' and others: put those of one into a folder" two
    mv two a
    data-import -q a > /dev/null
}
