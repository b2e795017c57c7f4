# data-synth: the planted structure is there.

load common

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR"
}

rows() {
    stream-show --name "$1" --head 1000000 "${2:-out}"
}

@test "every size is as asked for" {
    run --separate-stderr data-synth --users 100 --items 60 --per-user 5..9 --clusters 6
    data-synth -q --users 100 --items 60 --per-user 5..9 --clusters 6 > out
    n=$(rows inter.user | wc -l)
    [ "$stderr" = "data-synth: $n interactions, 100 users, 60 items" ]
    [ "$(rows item.id | sort -u | wc -l)" = 60 ]
    [ "$(rows item.title | sort -u | wc -l)" = 60 ]
    [ "$(rows user.id | sort -u | wc -l)" = 100 ]
    [ "$(rows inter.user | uniq -c | awk '{ print $1 }' | sort -nu | tr '\n' ' ')" = "5 6 7 8 9 " ]
    [ "$(rows item.cluster | sort | uniq -c | awk '{ print $1 }' | sort -u)" = 10 ]
}

@test "no user has an item twice, times ascend" {
    data-synth -q --users 50 --items 20 --per-user 20 --clusters 3 > out
    paste <(rows inter.user) <(rows inter.item) | sort -u > pairs
    [ "$(wc -l < pairs)" = 1000 ]
    data-split -q out > /dev/null # which checks the order
}

# Share of interactions in the cluster of the one before.
stays() {
    paste <(rows inter.user) <(rows inter.item) |
        awk 'NR == FNR { cluster[NR - 1] = $1; next }
             $1 == user { n++; same += cluster[$2] == last }
             { user = $1; last = cluster[$2] }
             END { print int(100 * same / n) }' <(rows item.cluster) -
}

@test "users stay in their clusters, the more so with --follow" {
    data-synth -q --users 300 --follow 0 > out
    loose=$(stays)
    data-synth -q --users 300 --follow 0.9 > out
    tight=$(stays)
    echo "$loose $tight"
    [ "$loose" -gt 40 ]
    [ "$loose" -lt 75 ]
    [ "$tight" -gt 85 ]
}

# Share of the most frequent tenth of the items.
head_share() {
    rows inter.item | sort | uniq -c | sort -rn |
        awk '{ n += $1; if (NR <= 50) top += $1 } END { print int(100 * top / n) }'
}

@test "--skew makes some items popular" {
    data-synth -q --follow 0 --skew 0 > out
    flat=$(head_share)
    data-synth -q --follow 0 --skew 1.2 > out
    steep=$(head_share)
    echo "$flat $steep"
    [ "$flat" -lt 20 ]
    [ "$steep" -gt 30 ]
}

@test "the same seed gives the same bytes, another one others" {
    data-synth -q --users 50 > a
    data-synth -q --users 50 > b
    data-synth -q --users 50 --seed 2 > c
    cmp a b
    not cmp -s a c
}

@test "more than one chunk is a whole stream" {
    data-synth -q --users 6000 --items 3000 --per-user 50 | stream-check
}

@test "a full disk, a reader that leaves" {
    run bash -c 'data-synth -q > /dev/full'
    [ "$status" = 1 ]
    [ "$output" = "data-synth: <stdout>: No space left on device" ]
    run bash -c 'set -o pipefail; data-synth -q --users 100000 | head -c 10 > /dev/null'
    [ "$status" = 141 ]
}

@test "wrong: sizes that do not fit" {
    for bad in '--clusters 501' '--per-user 501'; do
        run data-synth $bad
        [ "$status" = 2 ]
        [ "${lines[0]}" = "data-synth: $bad is more than --items 500" ]
    done
    run data-synth file
    [ "$status" = 2 ]
    [ "${lines[0]}" = "data-synth: it reads no file, found 'file'" ]
}
