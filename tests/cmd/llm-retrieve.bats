# llm-retrieve: the best titles of the whole catalogue, against scoring every title; titles that
# begin alike, are equal or empty; a catalogue of one; wrong input.

bats_require_minimum_version 1.5.0
load common

# Two sums of the same float log-likelihoods, which the model computes in packs of other rows.
SCORE_TOL=2e-4

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny OMP_NUM_THREADS=1
    export OPT=$BATS_TEST_DIRNAME/../fixtures/opt/after
    data-import -q ml-100k | data-split -q > data.mr
    small_vectors data.mr
    project-train -q -t open --loss both --cands 20 --steps 3 -b 6 --valid-users 0 --history 2 \
        in.mr > proj.mr
    local user item
    for item in 1 2 3 4 5 6 7 8 9; do
        printf '%s\t%s\n' $item "$(title $item)"
    done > titles.tsv
    sed -i '1i item\ttitle' titles.tsv
    for user in 1 2 3 4; do
        for item in 1 2 3 4 5 6 7 8 9; do
            (((item / 2 + user) % 2)) &&
                printf '%s\t%s\t%s\n' $user $item $((item * user % 7))
        done
    done > odd.tsv || true
    sed -i '1i user\titem\ttime' odd.tsv
    data-import -q --items titles.tsv odd.tsv | data-split -q > odd.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# Beginnings of one another (1 to 3), equal ones (4, 5), empty ones (6, 7), one by itself (8, 9).
title() {
    set -- "$1" Alien 'Alien 3' 'Alien 3 again' Heat Heat '' '' Fargo 'Toy Story'
    shift "$1"
    echo "$1"
}

# sparse STREAM: the user, item and score of each candidate, a line each.
sparse() {
    paste <(rows "$1" cand.test.user 0) <(rows "$1" cand.test.item 0) \
          <(rows "$1" score.test.llm 0) |
        awk '{ n = (NF - 1) / 2
               for (i = 2; i <= n + 1; i++) if ($i >= 0) print $1, $i, $(i + n) }'
}

# same_best ALL FOUND N: of each user, what was found has the scores of the N best of all
# candidates, in order, and each item its own.
same_best() {
    sparse "$1" | sort -k1,1n -k3,3gr | awk -v n="$3" 'seen[$1]++ < n' > best
    sparse "$2" > got
    [ -s got ]
    [ "$(wc -l < best)" = "$(wc -l < got)" ]
    paste -d ' ' best got | awk -v tol=$SCORE_TOL '
        function near(a, b) { return (a > b ? a - b : b - a) <= tol }
        $1 != $4 || !near($3, $6) { print; bad = 1 }
        END { exit bad }'
    sparse "$1" | awk -v tol=$SCORE_TOL '
        function near(a, b) { return (a > b ? a - b : b - a) <= tol }
        NR == FNR { score[$1, $2] = $3; next }
        !(($1, $2) in score) || !near(score[$1, $2], $3) || found[$1, $2]++ { print; bad = 1 }
        END { exit bad }' - got
}

# all_scored OPTION... STREAM: every item that a user has not had, in all.mr.
all_scored() {
    cand-sample -q -n 1000000 "${@: -1}" > every.mr 2> /dev/null
    llm-score -q "${@:1:$#-1}" every.mr > all.mr
}

@test "llm-retrieve: the best of scoring every title, and their scores" {
    for options in '' '--norm sum' '--history 3' '--norm sum --user random'; do
        all_scored --norm choice $options proj.mr
        llm-retrieve -q --top 10 --beam 0 $options proj.mr > found.mr
        same_best all.mr found.mr 10
    done
}

@test "llm-retrieve: the same without projections, and with another family of models" {
    for model in SmolLM2.gguf "$OPT"; do
        for norm in choice sum; do
            all_scored -m "$model" -t open --norm $norm --history 2 data.mr
            llm-retrieve -q -m "$model" --top 7 --beam 0 --norm $norm --history 2 data.mr > found.mr
            same_best all.mr found.mr 7
        done
    done
}

@test "llm-retrieve: all titles, where --top asks for them" {
    all_scored --norm sum proj.mr
    words llm-retrieve --top 5000 --beam 0 --norm sum proj.mr
    [[ $stderr == *"rows of 80, not 5000: the catalogue has no more items"* ]]
    llm-retrieve -q --top 5000 --beam 0 --norm sum proj.mr > found.mr
    same_best all.mr found.mr 80
    [ "$(sparse found.mr | wc -l)" = "$(sparse all.mr | wc -l)" ]
}

@test "llm-retrieve --beam: wide enough it is exact, and says so; narrow it finds titles still" {
    llm-retrieve --top 10 --beam 0 proj.mr 2> exact.txt > exact.mr
    grep -q 'exactly the best ones for 60 of 60 users' exact.txt
    llm-retrieve --top 10 --beam 100000 proj.mr 2> wide.txt > wide.mr
    grep -q 'exactly the best ones for 60 of 60 users' wide.txt
    cmp <(sparse wide.mr) <(sparse exact.mr)
    # as many users as it says have the exact titles, and it does not say so of none
    llm-retrieve --top 10 --beam 6 proj.mr 2> some.txt > some.mr
    said=$(sed -nE 's/.*ones for ([0-9]+) of 60 users$/\1/p' some.txt)
    right=$(paste -d : <(rows exact.mr cand.test.item 0) <(rows some.mr cand.test.item 0) |
            awk -F : '$1 == $2 { n++ } END { print n + 0 }')
    [ "$said" -gt 0 ]
    [ "$said" -le "$right" ]
    [ "$said" -lt 60 ]
    llm-retrieve --norm sum --top 10 --beam 2 proj.mr 2> narrow.txt > narrow.mr
    grep -qE 'exactly the best ones for [0-9] of 60 users' narrow.txt
    [ "$(sparse narrow.mr | awk '{ print $1 }' | sort -u | wc -l)" = 60 ]
    grep -qE '^llm-retrieve: 80 titles; a user takes [1-9][0-9]* tokens in [0-9.]+ rounds and [0-9.]+ s; every title takes [1-9][0-9]* tokens' narrow.txt
}

@test "llm-retrieve: a user's own items are not among them, the truth may be missed" {
    llm-retrieve -q --top 30 proj.mr > found.mr
    paste <(rows data.mr inter.user 0 100000) <(rows data.mr inter.item 0 100000) \
          <(rows data.mr inter.split 0 100000) > had
    sparse found.mr | awk 'NR == FNR { split_of[$1, $2] = $3; next }
        ($1, $2) in split_of { if (split_of[$1, $2] == 2) truths++; else bad = 1 }
        END { exit bad || truths == 0 || truths == 60 }' had -
    llm-retrieve -q --top 30 --for next proj.mr > next.mr
    paste <(rows next.mr cand.next.user 0) <(rows next.mr cand.next.item 0) |
        awk 'NR == FNR { split_of[$1, $2] = 1; next }
             { for (i = 2; i <= NF; i++) if (($1, $i) in split_of) exit 1 }' had -
    recommend -q --user 3 -n 5 next.mr | grep -q .
}

@test "llm-retrieve: the same bytes at any number of threads, for the user alone and among others" {
    llm-retrieve -q --only --threads 1 --top 5 proj.mr > one.mr
    llm-retrieve -q --only --threads 3 --top 5 proj.mr | cmp - one.mr
    llm-retrieve -q --users 6 --threads 2 --top 5 proj.mr > some.mr
    [ "$(rows some.mr cand.test.user 0 | wc -l)" = 6 ]
    [ "$(comm -13 <(sparse one.mr | sort) <(sparse some.mr | sort) | wc -l)" = 0 ]
}

@test "llm-retrieve: titles that begin alike, equal and empty ones" {
    for norm in choice sum; do
        for model in SmolLM2.gguf "$OPT"; do
            all_scored -m "$model" -t open --norm $norm odd.mr
            llm-retrieve -q -m "$model" --top 9 --beam 0 --norm $norm odd.mr > found.mr
            same_best all.mr found.mr 9
            [ "$(sparse found.mr | wc -l)" = "$(sparse all.mr | wc -l)" ]
        done
    done
    # one title, one score
    heat=$(rows odd.mr item.title 0 | awk '$0 == "Heat" { printf "%d ", NR - 1 }')
    sparse found.mr | awk -v heat="$heat" '
        BEGIN { split(heat, item, " ") }
        $2 == item[1] || $2 == item[2] { n[$1]++; at[$1, n[$1]] = $3 }
        END { for (u in n) if (n[u] == 2) { both++; bad = bad || at[u, 1] != at[u, 2] }
              exit bad || !both }'
    words llm-retrieve --top 3 odd.mr
    [[ $stderr == *"2 of 9 items have no title"* ]]
}

@test "llm-retrieve: a catalogue of one item, and a user who has had everything" {
    printf 'user\titem\ttime\n1\t1\t1\n' > alone.tsv
    printf 'item\ttitle\n1\tAlien\n' > alien.tsv
    data-import -q --items alien.tsv alone.tsv | data-split -q 2> /dev/null > one.mr
    llm-retrieve -q --for next --top 3 one.mr > none.mr
    [ "$(rows none.mr cand.next.item 0)" = -1 ]
    [ "$(rows none.mr score.next.llm 0)" = nan ]
    # an item that nobody has had
    printf 'id\ttitle\nz\tHeat\n' > new.tsv
    data-add -q --items new.tsv one.mr > two.mr
    for norm in choice sum; do
        llm-retrieve -q --for next --top 3 --norm $norm two.mr > found.mr
        [ "$(rows found.mr cand.next.item 0)" = "$(printf '1\t-1')" ]
    done
    llm-retrieve -q --for next --top 3 two.mr > found.mr
    [ "$(rows found.mr score.next.llm 0)" = "$(printf '0\tnan')" ]
}

@test "llm-retrieve: wrong input" {
    fails 1 llm-retrieve -t recall data.mr
    says "the template lists candidates, and a search over all titles has none"
    project-train -q --steps 1 -b 4 --cands 4 --prealign 0 --valid-users 0 in.mr > recall.mr
    fails 1 llm-retrieve recall.mr
    says "train with a template that does not (project-train -t open)"
    fails 1 llm-retrieve --users 61 data.mr
    says "--users 61: there are only 60 in the test split"
    fails 2 llm-retrieve --norm byte data.mr
    fails 2 llm-retrieve --top 0 data.mr
    fails 1 llm-retrieve one.mr
    says "no user has an interaction in the test split"
    printf 'text: A title:\n' > bare
    fails 1 llm-retrieve -t bare data.mr
    says "needs 'answer:'"
    printf 'answer: {title}\ntext: [user]\n' > empty
    fails 1 llm-retrieve -t empty data.mr
    says "the prompt is empty"
}

@test "llm-retrieve: a title that the context has no room for is named" {
    long=$(printf 'word%d ' {1..400})
    awk -F '\t' -v OFS='\t' -v long="$long" '$1 == 8 { $2 = long } 1' titles.tsv > long.tsv
    data-import -q --items long.tsv odd.tsv | data-split -q > long.mr
    fails 1 llm-retrieve --top 3 --max-title 0 long.mr
    says "the model's context has 1024; the longest title, of "
    says "is that of item '8': 'word1 word2"
    says "--max-title cuts titles"
    llm-retrieve -q --top 3 --max-title 20 long.mr | rows - cand.test.item 0 | grep -q .
}

@test "project-train -t open: learns titles without a list; llm-score scores by it" {
    project-train -t open --loss title --cands 4 --steps 40 -b 20 --lr 3e-2 --prealign 0 \
        --valid-users 20 --valid-every 40 in.mr > open.mr 2> log
    awk '/validation/ { sub(/.*title /, ""); loss[++n] = $1 }
         END { exit !(n == 2 && loss[2] < loss[1] - .3) }' log
    cand-sample -q -n 5 open.mr | llm-score -q | metrics | grep -q llm
    project-train -q -t open --items no --loss select --steps 2 -b 6 --valid-users 0 \
        in.mr > bare.mr
    llm-retrieve -q --top 3 bare.mr | rows - cand.test.item 0 > bare
    [ "$(wc -l < bare)" = 60 ]
}
