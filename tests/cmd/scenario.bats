# pipelines/scenario on the tiny stand-ins: every scenario once, again from the cache, and
# what it says where data cannot carry it.
# Not under sanitizers: the pipelines run the programs of bin/

load common

setup_file() {
    pipelines_file
    export MILLRACE_CACHE=$BATS_FILE_TMPDIR/cache
    for name in $(basename -s .sh "$TOP"/pipelines/scenarios/*.sh); do
        scenario $name $(small) $(options $name) --folder $name > $name.out 2> $name.err
    done
}

setup() {
    pipelines_test
}

small() {
    echo --steps 2 --precision f32
}

# What the tiny data needs besides.
options() {
    case $1 in
    few-shot) echo --shots 10,all ;;
    warm-cold) echo --items 16 ;;
    cross-domain) echo --from 'class~Comedy|Horror' --to 'class~Romance|Sci-Fi' ;;
    esac
}

# A section without its seconds.
without_seconds() {
    sed 's/^\(| [a-z0-9-]* |\) [0-9.]* |$/\1 |/' "$1"
}

# The rows with other items' texts beside a row.
controls() {
    echo "$1-shuffled-1 $1-shuffled-2 $1-shuffled-3"
}

# holds FILE ROW...: the rows of the first table after chance, in order.
holds() {
    [ "$(sed -n 's/^| \([a-z0-9@+-]*\) | [.0-9]* [.0-9]*–.*/\1/p' "$1" | paste -sd ' ')" = "${*:2}" ] ||
        { cat "$1"; false; }
}

@test "ablations: a row for each part, on the same users" {
    cmp ablations.out ablations/ablations.md
    local stages1='no-match no-item-recon no-text-recon no-recon no-rec
        targets-last targets-all'
    # shellcheck disable=SC2086 # words
    holds ablations.out a-llmrec $(controls a-llmrec) $stages1 no-user no-items no-stage1 \
        random-items random-users text cf e $(controls e) $(printf 'e-%s ' $stages1) \
        q $(controls q) $(printf 'q-%s ' $stages1)
    grep -q '^ml-100k: 1200 interactions, 60 users, 80 items[.]$' ablations.out
    grep -q '^data, by `data-split --by leave-one-out .*: 1080 training, 60 validation, 60 test' ablations.out
    grep -q '^test: 60 users, 20 uniform candidates; ' ablations.out
    grep -q '2 steps of stage 2 each' ablations.out
    [ "$(grep -cE '^\| (no|targets|random|text|cf).* \| [.01][0-9.e-]* \| 60 \|$' ablations.out)" = 14 ]
    [ "$(grep -cE '^\| (cf-weights|align.*|proj.*) \| [0-9.]+ \|$' ablations.out)" = 28 ]
}

@test "ablations: each option made another model" {
    for name in align proj; do
        for file in ablations/$name-*@1.mr; do
            stream-convert --prefix $name. -o one.safetensors "$file"
            cksum < one.safetensors
        done
    done | sort | uniq -d > twice
    [ ! -s twice ]
    for row in a-llmrec e q; do # all three shuffles: their mean and spread
        said=$(sed -nE "s/^- .*: $row [.0-9]+; 3 shuffles ([.0-9]+), deviation .*/\1/p" ablations.out)
        sed -n "s/^| $row-shuffled-[123] | \([.0-9]*\) [.0-9]*–.*/\1/p" ablations.out |
            awk -v said="$said" '{ sum += $1; n++ }
                END { d = sum / 3 - said; exit n != 3 || said == "" || d < -.001 || d > .001 }'
    done
    stream-show ablations/align-no-recon@1.mr | grep -q -- '--alpha 0 --beta 0'
    stream-show ablations/proj-random-items@1.mr | grep -q -- '--items random '
}

@test "genre: accuracy of the favourite, chance to oracle, and texts of some users" {
    holds genre.out pop a-llmrec no-user no-items random text oracle
    grep -q '^genre: 60 users, 5 genre candidates; ' genre.out
    grep -qE '^\| oracle \| 1.0000 1.0000–1.0000 \| 1.0000 ' genre.out
    [ "$(grep -cE '^\| [0-9]+ \| [A-Z][A-Za-z-]+ [0-9]+, .*\|.*\|$' genre.out)" = 5 ]
    # The first user's line, from the counts that the rows are judged by.
    user=$(cut -f 1 genre/said-text.mr | head -1)
    number=$(stream-show --name user.id --head 1000 genre/data.mr | grep -nxF "$user" | cut -d : -f 1)
    row=$(stream-show --name cand.genre.user --head 1000 genre/genre.mr |
        grep -nxF $((number - 1)) | cut -d : -f 1)
    most=$(stream-show --name rel.genre --head "$row" genre/genre.mr | tail -1 |
        tr -s ' \t' '\n' | sort -n | tail -1)
    grep -qE "^\| $user \| [A-Z][A-Za-z'-]* $most[,| ]" genre.out
    mkdir -p bare
    cp -r "$MILLRACE_PATH/ml-100k" bare/
    cut -f 1-3 "$MILLRACE_PATH/ml-100k/ml-100k.item" > bare/ml-100k/ml-100k.item
    run --separate-stderr scenario genre --data bare/ml-100k --folder genre-bare
    [ "$status" = 1 ]
    [[ $stderr = *"no text column item.class, whose labels could be asked for (--column)"* ]]
}

@test "a finding is the number of metrics and the sign of its direction" {
    metrics -q -k 1,10 --format tsv --compare a-llmrec@1,cf@1 ablations/data.mr ablations/cand.mr \
        ablations/score-a-llmrec@1.mr ablations/score-cf@1.mr |
        awk -F '\t' '$3 == "cf@1" && $4 ~ /^hr@1\// { printf "%.3f", -$5 }' > want
    grep -qF "minus cf -$(sed 's/^0//' want) [" ablations.out
    grep -q 'more than its CF model, .6237 and .6154. Here .*: the other way round.$' ablations.out
}

@test "warm-cold: groups with their n, and items that no training has seen" {
    holds warm-cold.out cf joint joint-text parts e q auto a-llmrec \
        cf-new joint-new joint-text-new parts-new e-new q-new auto-new a-llmrec-new \
        text-history-new text-nearest-new text-ridge-new text-new $(controls q-new) \
        $(controls parts-new)
    grep -q '^test: 59 users, 20 unseen candidates' warm-cold.out
    grep -q '^- q of the item.s own text, .*: q-new [.0-9]*; 3 shuffles [.0-9]*, deviation [.0-9]*; chance 0.082[.]$' warm-cold.out
    not cmp -s warm-cold/align-new-shuffled-1@1.mr warm-cold/align-new-shuffled-2@1.mr
    for group in warm middle cold; do
        n=$(sed -n "s/^| q, $group (\([0-9]*\)).*/\1/p" warm-cold.out)
        [ "$n" -gt 0 ]
        grep -qE "^\| q, $group \| .* \| $n \|$" warm-cold.out
    done
    grep -q '^- q at least e on cold items. Here q minus e, cold .*, n = [0-9]*: ' warm-cold.out
    grep -q '16 of 80 items held out: ' warm-cold.out
    grep -q '^60 users with [0-9]* different .*; cand-new: 59 users with 1[0-6] different true items, 0[.]182 to 0[.]' warm-cold.err
    stream-show warm-cold/score-auto@1.mr | grep -q -- '--guess-by auto .*--joint auto --cold-share 0.35'
    stream-show warm-cold/score-a-llmrec-new@1.mr | grep -q -- '--guess-by fused .*--joint auto'
    not cmp -s warm-cold/sum-new@1.mr warm-cold/sum-new-1@1.mr
}

@test "cold-user: users who train nothing, cut where none is short" {
    holds cold-user.out cf joint joint-text parts a-llmrec text pop $(controls joint-text) \
        $(controls parts)
    # Stage 1 itself has had other texts: its vectors are others, and not other items'.
    for i in '' -shuffled-1 -shuffled-2; do
        stream-show --name item.joint_text --head 100 cold-user/align$i@1.mr | sort > sorted$i
    done
    [ -z "$(comm -12 sorted sorted-shuffled-1)" ]
    [ -z "$(comm -12 sorted-shuffled-1 sorted-shuffled-2)" ]
    [ "$(grep -cE '^- .*: (joint-text|parts) [.0-9]+; 3 shuffles ' cold-user.out)" = 2 ]
    for file in cold-user.out cold-user.err; do # those who are held out, not all 60
        grep -q '^20 users with 19 different true items, one seed: a difference in HR@1 of 0.313 to 0.321 is ' $file
    done
    grep -q '20 of 60 users held out, cut to their first 3 interactions' cold-user.out
    grep -q '^test: 20 users' cold-user.out
    stream-show cold-user/data.mr | grep -q -- '--by cold-users .*--truncate 20:3'
}

@test "cold-user: where some users have three interactions, these" {
    mkdir -p short
    cp "$MILLRACE_PATH/ml-100k/ml-100k.item" short/short.item
    awk -F '\t' 'NR == 1 || $1 > 5 || n[$1]++ < 3' "$MILLRACE_PATH/ml-100k/ml-100k.inter" > short/short.inter
    scenario cold-user $(small) --data ./short --folder short-users > short.out 2> short.err
    grep -q '5 users with exactly 3 interactions held out' short.out
    grep -q '^test: 5 users' short.out
}

@test "few-shot: a table for each K, all on the same users and candidates" {
    holds few-shot.out cf-10 joint-10 joint-text-10 parts-10 a-llmrec-10 \
        cf-all joint-all joint-text-all parts-all a-llmrec-all
    [ "$(grep -c '^test: 60 users' few-shot.out)" = 2 ]
    grep -q '10 of 60 users train, all are tested' few-shot.out
    not cmp few-shot/score-cf-all@1.mr ablations/score-cf@1.mr
    stream-convert --prefix score. -o one.npy few-shot/score-cf-all@1.mr
    stream-convert --prefix score. -o two.npy ablations/score-cf@1.mr
    cmp one.npy two.npy
}

@test "cross-domain: what is new has no interactions in training, only texts" {
    holds cross-domain.out cf q mix-q text-history text pop cf-own $(controls q)
    grep -q '^ml-100k: .*after --items-with: 438 interactions, 35 users, 32 items;' cross-domain.out
    grep -q '^Second domain: .*after --items-with: 518 interactions, 43 users, 32 items;' cross-domain.out
    for name in data data-b; do
        stream-show --name item.title --head 100 cross-domain/$name.mr
    done | sort > titles
    [ "$(wc -l < titles)" = 64 ]
    stream-show cross-domain/cf-b@1.mr | grep -qE '^item.cf +<f4 +\[32, 50\]'
    not grep -q '^item.joint ' <(stream-show cross-domain/joint-b@1.mr)
}

@test "cross-domain: two data sets" {
    mkdir -p titled
    cp "$MILLRACE_PATH/ml-100k/ml-100k.inter" titled/titled.inter
    sed 's/Clumsy/Careful/' "$MILLRACE_PATH/ml-100k/ml-100k.item" > titled/titled.item
    scenario cross-domain $(small) --other ./titled --folder pair > pair.out 2> pair.err
    grep -q '^test: 60 users' pair.out
    grep -q '^ml-100k: 1200 interactions, 60 users, 80 items[.]$' pair.out
}

@test "order: the same model on true and on shuffled histories" {
    holds order.out cf cf-shuffled a-llmrec a-llmrec-shuffled text text-shuffled pop
    grep -q '21 of 60 users have validation and test at the same second' order.out
    for row in cf a-llmrec text; do
        for name in $row $row-shuffled; do
            stream-convert --prefix score.test. -o $name.one.safetensors $(ls order/score-$name{,@1}.mr 2> /dev/null)
        done
        not cmp -s <(tail -c 4000 $row.one.safetensors) <(tail -c 4000 $row-shuffled.one.safetensors)
    done
    [ "$(grep -c '' <(ls order/*.seconds))" = 3 ]
}

@test "fuse: weights from validation, and fused beside its parts" {
    grep -q '^valid: 60 users' fuse.out
    holds fuse.out fused fused-two ranks logistic cf parts a-llmrec pop \
        fused fused-two ranks logistic cf parts a-llmrec pop
    grep -qE '^fused@1: fused by weights cf@1=[.0-9]+,parts@1=[.0-9]+,a-llmrec@1=[.0-9]+,pop=[.0-9]+$' fuse.out
    grep -q '^- fused at least the CF model. Here .*: \(cannot be told apart\|holds, it is more\|does not hold\|holds within .02\|less, but holds within .02\)[.]$' fuse.out
    grep -q '^60 users with 4[0-9] different true items, one seed: ' fuse.err
}

# judged VALUE LOW HIGH P: what becomes of "at least" within .02.
judged() {
    printf 'split\tscorer\tagainst\tmetric\tvalue\tlow\thigh\tusers\tunscored\tp\ntest\ta\tb\thr@1/20 uniform\t%s\t%s\t%s\t60\t\t%s\n' "$@" |
        awk -v second=b -v want=atleast -v says=it -v margin=.02 -f "$TOP/pipelines/scenario.awk" |
        sed 's/.*n = 60: //'
}

@test "at least: the interval excludes more than the margin, or nothing is said" {
    [ "$(judged -.003 -.037 .033 1)" = "cannot be told apart." ]
    [ "$(judged -.002 -.010 .005 .67)" = "holds within .02." ]
    [ "$(judged .001 -.020 .022 .9)" = "cannot be told apart." ]
    [ "$(judged -.008 -.014 -.002 .004)" = "less, but holds within .02." ]
    [ "$(judged -.030 -.050 -.010 .003)" = "does not hold." ]
    [ "$(judged .030 .010 .050 .003)" = "holds, it is more." ]
}

@test "backbones: every model by itself and with A-LLMRec" {
    models=$(cf-train --help | sed -n 's/.*--model NAME .*: \([a-z0-9|]*\)|pop .*/\1/p' | tr '|' ' ')
    grep -qw sasrec <<< "$models"
    holds backbones.out $(for m in $models; do echo $m $m+parts $m+llm; done)
    for m in $models; do
        grep -q "^- $m with more than without" backbones.out
        stream-show backbones/cf-$m-weights@1.mr | grep -q -- "cf-train .*--model $m "
    done
}

@test "a section has the command that makes it" {
    grep -qx '    pipelines/scenario cold-user --data ml-100k --encoder MiniLM --llm SmolLM2.gguf --seeds 1 --steps 2 --precision f32' cold-user.out
    grep -qx "    pipelines/scenario cross-domain .* --from 'class~Comedy|Horror' --to 'class~Romance|Sci-Fi' --mix .3" cross-domain.out
    words=$(sed -n 's,^    pipelines/scenario ,,p' few-shot.out)
    eval "scenario $words --folder by-words" > by-words.out 2> by-words.err
    diff few-shot.out by-words.out
}

@test "what scenarios share is computed once" {
    grep -q '^memo: cf-train: from the cache$' few-shot/log/cf-all-weights@1.log
    for log in fuse/log/proj order/log/proj; do
        grep -q '^memo: project-train: from the cache$' $log@1.log || { echo "$log"; false; }
    done
}

@test "again from the same folder: the same section" {
    for name in $(basename -s .sh "$TOP"/pipelines/scenarios/*.sh); do
        scenario $name $(small) $(options $name) --folder $name --resume > again.out 2> again.err
        cmp $name.out again.out
    done
}

@test "again from the cache: the same section, seconds too" {
    scenario few-shot $(small) --shots 10,all --folder again > again.out 2> again.err
    cmp few-shot.out again.out
}

@test "several seeds: each user's mean, and one more seed leaves what is there" {
    scenario few-shot $(small) --shots 10 --folder seeds > one.out 2> one.err
    touch -d 2020-01-01 seeds/score-cf-10@1.mr seeds/cand.mr
    scenario few-shot $(small) --shots 10 --folder seeds --seeds 1,2 --resume > two.out 2> two.err
    [ "$(stat -c %Y seeds/score-cf-10@1.mr seeds/cand.mr | sort -u)" = "$(date -d 2020-01-01 +%s)" ]
    grep -q '; means over seeds 1,2 of all trainings; ' two.out
    grep -q ', means over 2 seeds: a difference in HR@1 of 0.157 to ' two.out
    metrics -q -k 1,10 --format tsv --pool seeds/data.mr seeds/cand.mr \
        seeds/score-parts-10@[12].mr | awk -F '\t' '$2 == "parts-10" && $4 ~ /^hr@1\// { print $5 }' > want
    mean=$(awk '{ sub(/^0/, ""); printf "%.4f", $1 }' want | sed 's/^0//')
    grep -q "^| parts-10 | $mean " two.out
    run -1 scenario few-shot $(small) --shots 10 --folder seeds --seeds 2,3 --resume
    [[ $output = *"seeds/seeds: 1,2; --seeds 2,3 does not go on from it" ]]
}

@test "stopped in the middle and resumed: the same numbers" {
    MILLRACE_CACHE=$PWD/other scenario few-shot $(small) --shots 10,all --folder half > out 2>&1 3>&- &
    pid=$!
    for ((i = 0; i < 1200; i++)); do
        [ -e half/proj-10@1.mr ] && break
        sleep .05
    done
    kill -TERM $pid
    status=0
    wait $pid || status=$?
    [ "$status" = 143 ] || { echo "status $status"; cat out; ls half; false; }
    [ ! -e half/few-shot.md ]
    run scenario few-shot $(small) --shots 10,all --folder half
    [ "$status" = 1 ]
    [ "$output" = "scenario: few-shot: half holds a run: --resume goes on with it" ]
    run scenario few-shot $(small) --folder half --resume
    [ "$status" = 1 ]
    [[ "$output" = "scenario: few-shot: half/settings: not this command line's"* ]]
    scenario few-shot $(small) --shots 10,all --folder half --resume > out 2> half.err
    diff <(without_seconds out) <(without_seconds few-shot.out)
}

@test "--gather: sections on one page, in the paper's order" {
    run scenario --gather fuse few-shot warm-cold ablations
    [ "$status" = 0 ]
    [ "${lines[0]}" = "# What the scenarios found" ]
    [ "$(sed -n 's/^## \([a-z-]*\):.*/\1/p' <<< "$output" | paste -sd ' ')" = "ablations warm-cold few-shot fuse" ]
    grep -qFx "$(sed -n '/^| cf |/p' ablations.out | head -1)" <<< "$output"
    mkdir -p empty
    run scenario --gather empty
    [ "$status" = 1 ]
    [ "$output" = "scenario: --gather: there is no section in empty" ]
}

@test "--list names every scenario, --help begins with the script's head" {
    run scenario --list
    [ "$status" = 0 ]
    [ "$(cut -d ' ' -f 1 <<< "$output")" = "$(basename -s .sh "$TOP"/pipelines/scenarios/*.sh)" ]
    not grep -qE '^[a-z-]+ *$' <<< "$output"
    run scenario ablations --help
    [ "$status" = 0 ]
    [[ "$output" = "One claim of the paper"*"--resume"*"its last part."*"16 trainings"* ]]
}

@test "mistakes on the command line are status 2, two lines" {
    for line in '' 'nowhere' 'ablations --sedes 1' 'ablations --steps' 'ablations --steps 0' \
        'ablations --seeds x' 'ablations --users -1' 'ablations more' '--steps 3 ablations' \
        'ablations --shots 3' 'few-shot --shots 3,,4' 'backbones --models a,,b' \
        'few-shot --shots 0,all' 'few-shot --shots 4,all,4' 'order --precision f64' \
        'ablations --seeds 1,2,1' 'fuse --seeds 1,01' 'warm-cold --warm .8 --cold .8' 'warm-cold --warm .66' \
        'warm-cold --cold 2' 'cross-domain --mix .x' 'warm-cold --items -1' 'cold-user --truncate 3'; do
        run scenario $line
        [ "$status" = 2 ] || { echo "$line: $status $output"; false; }
        [ "${#lines[@]}" = 2 ]
        [[ "${lines[0]}" = "scenario: "* ]]
    done
    run scenario nowhere
    [[ "${lines[0]}" = "scenario: there is no scenario 'nowhere', only "*"ablations"* ]]
}

@test "data that cannot carry it: one line, status 1, no section" {
    mkdir -p bare
    cut -f 1,2,4 "$MILLRACE_PATH/ml-100k/ml-100k.inter" | sed '1s/.*/user\titem\ttime/' > bare/interactions.tsv
    run --separate-stderr scenario ablations $(small) --data ./bare --folder no-texts
    [ "$status" = 1 ]
    [ "$stderr" = "scenario: ablations: ./bare: no item has a title (item.title), and the LLM reads titles" ]
    run --separate-stderr scenario ablations $(small) --users 500 --folder many
    [ "$status" = 1 ]
    [[ "${stderr_lines[-1]}" = *"--users 500: only 60 users have an interaction in the test split (many/log/cand.log)" ]]
    [ ! -e no-texts/ablations.md ]
    [ ! -e many/ablations.md ]
    run --separate-stderr scenario few-shot $(small) --shots 61 --folder few
    [ "$status" = 1 ]
    [[ "$stderr" = "scenario: few-shot: data-split: --few-shot 61: only 60 users have "*" (few/log/data-61.log)" ]]
    run --separate-stderr scenario warm-cold $(small) --items 80 --folder all-cold
    [ "$status" = 1 ]
    [[ "$stderr" = "scenario: warm-cold: data-split: --items 80: only 80 items have interactions, and some must remain "* ]]
    run --separate-stderr scenario cold-user $(small) --truncate 61:3 --folder all-cut
    [ "$status" = 1 ]
    [[ "$stderr" = "scenario: cold-user: data-split: --truncate 61:3: only 60 users have 3 interactions or more "* ]]
    run --separate-stderr scenario cross-domain $(small) --folder no-domain
    [ "$status" = 1 ]
    [[ "$stderr" = "scenario: cross-domain: data-import: --items-with: "*"Action"* ]]
    run --separate-stderr scenario cross-domain $(small) --from 'class~Comedy' --to 'class~Comedy' --folder one-genre
    [ "$status" = 1 ]
    [[ "$stderr" = "scenario: cross-domain: data-import: --items-with and --items-without leave no interactions "* ]]
    run --separate-stderr scenario backbones $(small) --models nothing --folder nothing
    [ "$status" = 1 ]
    [[ "${stderr_lines[-1]}" = "scenario: backbones: cf-train: --model: 'nothing' is none of "* ]]
    run --separate-stderr scenario ablations $(small) --data ./nowhere --folder no-data
    [ "$status" = 1 ]
    [[ "$stderr" = *"data-import: "*"nowhere"* ]]
}

@test "the scripts pass shellcheck" {
    command -v shellcheck > /dev/null || skip "shellcheck is not installed"
    cd "$TOP"
    shellcheck -x -P pipelines pipelines/scenario pipelines/scenario-*.sh pipelines/scenarios/*.sh
}
