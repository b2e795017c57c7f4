# data-import: the files people have, packed or not, as they are downloaded.

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
    [ "$status" = 1 ] && [[ "$output" = *": gzip: "* ]]
    { cat whole; echo more; } > shop/a.csv
    run data-import -q shop/a.csv
    [ "$status" = 1 ] && [[ "$output" = *": gzip: something else follows the compressed data" ]]
    printf 'PK\003\004abc' > shop/a.csv
    fails "shop/a.csv: a zip archive: is not read: expand it first" shop/a.csv
    printf 'BZh91AY&SYxx' > shop/a.csv
    fails "shop/a.csv: bzip2: is not read: expand it first" shop/a.csv
    printf '\xff\xfea\0' > shop/a.csv
    fails "shop/a.csv: is UTF-16: --encoding utf-16 reads it" shop/a.csv
}

@test "wrong: a record that would fill memory, and a file that expands without end" {
    { echo user,item; head -c 70000000 /dev/zero | tr '\0' a; } | gzip -1 > shop/a.csv
    fails "shop/a.csv:2: a record of more than 64 MiB" shop/a.csv
    { echo user,item; yes '' | head -c 1100000000; } | gzip -1 > shop/a.csv
    run data-import -q shop/a.csv
    [ "$status" = 1 ]
    [[ "$output" = *": gzip: expands to more than 200 times its size (beyond 1 GiB): if that is right, expand it first" ]]
}
