# data-split: who is trained and judged on what.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR"
    tiny=$BATS_TEST_DIRNAME/../fixtures/tiny
}

# Lines "user item time", imported.
import() {
    { echo 'user_id item_id timestamp'; printf '%s\n' "$@"; } | tr ' ' '\t' > rows.tsv
    data-import -q rows.tsv > in
}

splits() {
    stream-show --name inter.split --head 100000 "$@" | tr -d '\n'
}

@test "the last is test, the one before validation; two are not enough" {
    import 'a x 3' 'a y 1' 'a z 2' 'a w 4' 'b x 1' 'b y 2' 'c x 5' 'c y 6' 'c z 7'
    run --separate-stderr data-split in
    [ "${stderr_lines[0]}" = "data-split: 5 training, 2 validation, 2 test interactions" ]
    [ "${stderr_lines[1]}" = "data-split: 1 of 3 users train only" ]
    [ "${#stderr_lines[@]}" = 2 ]
    data-split -q in > out
    [ "$(splits out)" = 001200012 ]
}

@test "ties go by the file's order, and are said" {
    import 'a x 1' 'a y 2' 'a z 2' 'b x 1' 'b y 2' 'b z 3'
    run --separate-stderr data-split in
    [ "${stderr_lines[1]}" = "data-split: 1 of 2 users have validation and test at the same second: their order is the file's" ]
}

@test "--hold: so many of each user's last" {
    import 'a x 1' 'a y 2' 'a z 3' 'a w 4' 'b x 1' 'b y 2' 'b z 3'
    data-split -q --hold 2 in > out
    [ "$(splits out)" = 0122000 ]
    MILLRACE_PATH=$tiny data-import -q ml-100k > in
    data-split -q --by cold-items --items 20 --hold 2 in > out
    paste <(stream-show --name inter.user --head 2000 in) \
        <(stream-show --name inter.split --head 2000 out) |
        awk '{ n[$1] += $2 == 2 } END { for (u in n) if (n[u] > most) most = n[u]
                                        exit most != 2 }'
    run data-split --hold 2 --by time
    [ "$status" = 2 ]
    [ "${lines[0]}" = "data-split: --hold needs --by leave-one-out or cold-items" ]
}

@test "by time: the last of all, a second stays together" {
    import 'a x 1' 'a y 2' 'a z 9' 'b x 3' 'b y 4' 'b z 5' 'b w 9' 'c x 6' 'c y 7' 'c z 8'
    data-split -q --by time --valid-share .2 --test-share .2 in > out
    [ "$(splits out)" = 0020002011 ]
    # the tenth of the rows falls into the second 9, which goes with the part before
    data-split -q --by time --valid-share 0 --test-share .1 in 2> /dev/null > out
    [ "$(splits out)" = 0000000000 ]
}

@test "a part without interactions is said, also under -q" {
    import 'a x 1' 'b x 2'
    run --separate-stderr data-split -q in
    [ "$status" = 0 ]
    [ "$stderr" = "data-split: no interaction is for test" ]
}

@test "a second split replaces the first" {
    import 'a x 1' 'a y 2' 'a z 3'
    data-split -q in | data-split -q --by time --valid-share 0 --test-share .34 > out
    [ "$(stream-show out | grep -c inter.split)" = 1 ]
    [ "$(splits out)" = 002 ]
}

@test "--only writes the split, which counts beside the data" {
    import 'a x 1' 'a y 2' 'a z 3'
    data-split -q --only in > out
    [ "$(stream-show out | grep -vc '^history')" = 1 ]
    [ "$(splits in out)" = 012 ]
}

@test "the same bytes again" {
    MILLRACE_PATH=$tiny data-import -q ml-100k > in
    data-split -q in > a
    data-split -q in > b
    cmp a b
}

@test "cold items: held out everywhere, one target a user, counted" {
    MILLRACE_PATH=$tiny data-import -q ml-100k > in
    data-split --by cold-items --items 10 in 2> said > out
    grep -qE '^data-split: 10 of 80 items held out: [0-9]+ users are tested on one, [0-9]+ other interactions with them are unused$' said
    paste <(stream-show --name inter.user --head 100000 in) \
        <(stream-show --name inter.item --head 100000 in) \
        <(stream-show --name inter.split --head 100000 out) |
        awk '{ if ($3 >= 2) cold[$2] = 1; else known[$2] = 1; tests[$1] += $3 == 2 }
             END { for (i in cold) { n++; if (i in known) bad = 1 }
                   for (u in tests) if (tests[u] > 1) bad = 1
                   exit bad || n != 10 }'
    data-split -q --by cold-items --items 10 --seed 2 in > other
    [ "$(splits out)" != "$(splits other)" ]
    data-split -q --by cold-items --items 10 in | cmp - out
    data-split -q --by cold-items in | stream-show | grep -q 'inter.split .*by=cold-items'
}

@test "cold users: those of one length, known by what comes before" {
    import 'a x 1' 'a y 2' 'a z 3' 'a w 4' 'b x 1' 'b y 2' 'b z 3' 'c x 1' 'c y 2'
    data-split --by cold-users in 2> said > out
    [ "$(splits out)" = 000133200 ]
    [ "$(sed -n 1p said)" = "data-split: 1 users with exactly 3 interactions held out" ]
    [ "$(sed -n 3p said)" = "data-split: 2 history only, 0 unused" ]
    data-split -q --by cold-users --length 4 in 2> said > out
    [ "$(splits out)" = 333200100 ]
    data-split --by cold-users --truncate 2:3 in 2> said > out
    [ "$(splits out)" = 332433200 ]
    [ "$(sed -n 1p said)" = "data-split: 2 of 2 users held out, cut to their first 3 interactions: 1 are unused" ]
    run --separate-stderr data-split --by cold-users --length 5 in
    [ "$status" = 1 ]
    [ "$stderr" = "data-split: no user has exactly 5 interactions: --truncate USERS:5 cuts some to that" ]
    run --separate-stderr data-split --by cold-users --truncate 3:3 in
    [ "$status" = 1 ]
    [ "$stderr" = "data-split: --truncate 3:3: only 2 users have 3 interactions or more" ]
}

@test "few-shot: so many train, all are tested, fewer are part of more" {
    MILLRACE_PATH=$tiny data-import -q ml-100k > in
    data-split -q in > all
    data-split --few-shot 9 in 2> said > out
    [ "$(sed -n 1p said)" = "data-split: 9 of 60 users train, all are tested" ]
    data-split -q --few-shot 20 in > more
    data-split -q --few-shot 60 in > sixty
    [ "$(splits all)" = "$(splits sixty)" ]
    paste <(stream-show --name inter.user --head 100000 in) \
        <(stream-show --name inter.split --head 100000 all) \
        <(stream-show --name inter.split --head 100000 out) \
        <(stream-show --name inter.split --head 100000 more) |
        awk '{ if ($3 == 0) few[$1] = 1; if ($4 == 0) more[$1] = 1
               if (($2 == 2) != ($3 == 2) || ($3 != 3 && $3 != $2)) bad = 1 }
             END { for (u in few) { n++; if (!(u in more)) bad = 1 }
                   for (u in more) m++
                   exit bad || n != 9 || m != 20 }'
    run --separate-stderr data-split --few-shot 61 in
    [ "$status" = 1 ]
    [ "$stderr" = "data-split: --few-shot 61: only 60 users have training, validation and test interactions" ]
}

# What a user who is held out did may change nothing that is trained.
@test "held-out users are not trained on, but represented and scored" {
    rows=('a x 1' 'a y 2' 'a z 3' 'a w 4' 'b y 1' 'b w 2' 'b z 3' 'b x 4')
    import "${rows[@]}" 'c x 1' 'c y 2' 'c w 3'
    data-split -q --by cold-users in > one
    import "${rows[@]}" 'c z 1' 'c x 2' 'c w 3'
    data-split -q --by cold-users in > two
    for part in one two; do
        cf-train -q --only --dim 4 --maxlen 4 --batch 2 -e 3 --valid-every 1 $part > $part.cf
        cf-embed -q $part $part.cf > $part.e
        stream-convert -q -n user.cf.test -o $part.npy $part.e
        stream-convert -q -n user.cf.train -o $part.train.npy $part.e
    done
    stream-diff one.cf two.cf
    if cmp -s one.npy two.npy; then false; fi
    cmp one.train.npy two.train.npy
    cand-sample one.e -n 2 2> said > scored
    grep -q '^cand-sample: test: 1 users' said
    cf-score -q scored | metrics -k 1 > table 2>&1
    grep -q '^cf ' table
}

@test "wrong: options of another way to split" {
    for mistake in '--truncate 3:3/--truncate needs --by cold-users' \
        '--items 3/--items needs --by cold-items' \
        '--by time --few-shot 3/--few-shot needs --by leave-one-out' \
        "--by cold-users --truncate 3/--truncate: '3' is not USERS:LENGTH, such as 100:3" \
        "--by cold-users --truncate 3:x/--truncate: 'x' in 'x' is not a whole number from 2 to 1000000"; do
        run data-split ${mistake%%/*}
        [ "$status" = 2 ]
        [ "${lines[0]}" = "data-split: ${mistake#*/}" ]
    done
}

@test "wrong: more items than there are, or none that anyone has after another" {
    import 'a x 1' 'a y 2' 'b x 1' 'b y 2'
    run --separate-stderr data-split --by cold-items --items 2 in
    [ "$status" = 1 ]
    [ "$stderr" = "data-split: --items 2: only 2 items have interactions, and some must remain" ]
    run --separate-stderr data-split --by cold-items in
    [ "$stderr" = "data-split: --items 0: a tenth of 2 items is none" ]
    import 'a x 1' 'b y 2'
    run --separate-stderr data-split --by cold-items --items 1 in
    [ "$status" = 1 ]
    [ "$stderr" = "data-split: --items 1: no user has one of the items after another item" ]
}

@test "wrong: missing tensors, no input, cut input" {
    run data-split < /dev/null
    [ "$status" = 1 ]
    [[ "$output" = "data-split: "*"no input" ]]
    import 'a x 1' 'a y 2' 'a z 3'
    data-split -q --only in > split
    run --separate-stderr data-split split
    [ "$status" = 1 ]
    [ "$stderr" = "data-split: no 'user.id' in the input: run data-import first" ]
    head -c 400 in > cut
    run --separate-stderr data-split cut
    [ "$status" = 1 ]
    [[ "$stderr" = "data-split: cut: "* ]]
}

@test "wrong: shares that leave nothing" {
    run data-split --by time --valid-share .5 --test-share .5
    [ "$status" = 2 ]
    [ "${lines[0]}" = "data-split: --valid-share and --test-share leave nothing for training" ]
}

@test "the real files, where they are fetched" {
    fetched=$BATS_TEST_DIRNAME/../../samples/fetched
    [ -d "$fetched/ml-100k" ] || skip "not fetched"
    data-import -q "$fetched/ml-100k" | data-split > /dev/null 2> said
    [ "$(sed -n 1p said)" = "data-split: 98114 training, 943 validation, 943 test interactions" ]
    grep -q '^data-split: 415 of 943 users have validation and test at the same second' said
}
