# Names of files and folders, and standard descriptors: every program, as in
# tests/faults/subjects, writes the same bytes in a folder whose name looks like a pattern,
# an option or several lines, and behaves with a descriptor closed.

load common

setup_file() {
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny LC_ALL=C.UTF-8
    cd "$BATS_FILE_TMPDIR"
    mkdir plain
    cp "$BATS_TEST_DIRNAME/../faults/subjects" plain
    . "$BATS_TEST_DIRNAME/../faults/inputs"
    (cd plain && inputs) 2> inputs.log || { cat inputs.log; return 1; }
}

setup() {
    export MILLRACE_PATH=$BATS_TEST_DIRNAME/../fixtures/tiny LC_ALL=C.UTF-8
    export MILLRACE_CACHE=$BATS_TEST_TMPDIR/cache
    cd "$BATS_FILE_TMPDIR"
    bad=0
}

# each_subject FUNCTION: calls it with label, input, files and words set.
each_subject() {
    local label input files command words
    while IFS='|' read -r label input files command; do
        read -r label <<< "$label"
        read -r input <<< "$input"
        read -r files <<< "$files"
        case $label in '#'* | *', hit') continue ;; esac
        # As inject.c cuts it: no shell looks at the words.
        command=${command//title\~1?2?3/title~1}
        read -ra words <<< "$command"
        "$1"
    done < plain/subjects
}

# start FOLDER WORD...: on the input, in that folder.
start() {
    if [ "$input" = - ]; then
        "${@:2}" < /dev/null
    else
        "${@:2}" < "$1/$input"
    fi
}

wrong() {
    echo "$label: $*"
    bad=1
}

# The command from the folder above: plain/, and $folder.
same_in_folder() {
    local word plain=() odd=() file name
    for word in "${words[@]}"; do
        if [[ -e plain/$word || " $files " = *" $word "* ]]; then
            plain+=("plain/$word") odd+=("$folder/$word")
        else
            plain+=("$word") odd+=("$word")
        fi
    done
    start plain "${plain[@]}" > want 2> want.err || wrong "plain: $(cat want.err)"
    start "$folder" "${odd[@]}" > got 2> got.err || wrong "status $?: $(cat got.err)"
    cmp want got || wrong other bytes
    for file in $files; do
        cmp "plain/$file" "$folder/$file" || wrong "$file"
        rm -f "plain/$file" "$folder/$file"
    done
}

@test "every program finds and writes its files in a folder of any name" {
    long=$(printf 'n%.0s' {1..255})
    folder="$BATS_FILE_TMPDIR/-x [a-z]* 'q\"?/"$'two\nlines'"/{scorer\\\$HOME/$long"
    mkdir -p "$folder" 'x a' # what a pattern would find
    cp -r plain/. "$folder"
    cp -rL "$MILLRACE_PATH" "$folder/models"
    export MILLRACE_PATH=$folder/models
    each_subject same_in_folder
    [ "$bad" = 0 ]
}

# sums: of every file but what the program is to write.
sums() {
    find plain -type f -exec cksum {} + | sort
    find "$BATS_TEST_TMPDIR" -name lock -size +0
}

# With descriptors $closed closed: no other status than 0 and 1, 1 where words or a stream
# were to be printed, and no file of ours is written to.
behaves() {
    local status=0 file
    [ "$input" != - ] || return 0
    (cd plain && case $closed in
        0) "${words[@]}" <&- > ../got 2> ../err ;;
        1) "${words[@]}" < "$input" >&- 2> ../err ;;
        2) "${words[@]}" < "$input" > ../got 2>&- ;;
        012) "${words[@]}" <&- >&- 2>&- ;;
    esac) || status=$?
    for file in $files; do rm -f "plain/$file"; done
    [ $status -le 1 ] || wrong "$closed closed: status $status: $(cat err)"
    case $closed in
    0) [ $status = 1 ] || [[ " ${words[*]} " = *.mr* ]] || wrong "stdin closed: status 0" ;;
    1) [ $status = 1 ] || [ -n "$files" ] || [[ $label = *check* ]] || wrong "stdout closed: status 0" ;;
    2) [ $status = 0 ] || wrong "stderr closed: status $status" ;;
    esac
}

@test "every program behaves with standard descriptors closed, and no file gets their words" {
    before=$(sums)
    for closed in 0 1 2 012; do
        each_subject behaves
        [ "$before" = "$(sums)" ] || wrong "a file was written to with $closed closed"
    done
    [ "$bad" = 0 ]
}

@test "an output that is an input, however it is spelled, is refused and stays" {
    cp plain/scored.mr s.mr
    ln s.mr hard
    ln -s s.mr soft
    for name in s.mr hard soft .//s.mr "$PWD/s.mr"; do
        fails 2 metrics -q --trec-run "$name" s.mr
        says 'is input and output'
        fails 2 metrics -q --trec-qrels "$name" s.mr
        fails 2 stream-convert -n score.test.cf -o "$name" s.mr
        fails 2 cf-train -q --checkpoint "$name" s.mr
        fails 2 memo metrics --trec-run "$name" s.mr
        fails 2 memo cf-train -q --checkpoint "$name" s.mr
        fails 1 bash -c 'metrics -q --trec-run "$0" < s.mr' "$name"
        fails 1 bash -c 'metrics s.mr >> "$0"' "$name"
        fails 1 bash -c 'stream-show s.mr 1<> "$0"' "$name"
        cmp s.mr plain/scored.mr
    done
    cp "$MILLRACE_PATH/SmolLM2.gguf" own.gguf
    MILLRACE_PATH=$PWD fails 2 llm-convert -o own.gguf own.gguf
    mkdir -p elsewhere
    cd elsewhere # the model is found, not named
    MILLRACE_PATH=$BATS_FILE_TMPDIR fails 1 llm-convert -q -o ../own.gguf own.gguf
    says 'is input and output'
    cmp ../own.gguf "$BATS_TEST_DIRNAME/../fixtures/tiny/SmolLM2.gguf"
    fails 2 metrics -q --trec-run a --trec-qrels ./a ../s.mr
    fails 1 metrics -q --trec-run '{scorer}' --trec-qrels ./cf ../s.mr
    says 'are the same file'
}

@test "- is no output's name" {
    fails 2 stream-convert -n item.title -o - plain/data.mr
    says '--output -: expected the name of a file'
    fails 2 metrics -q --trec-run - plain/scored.mr
    fails 2 cf-train -q --log - plain/data.mr
    fails 2 cf-train -q --checkpoint - plain/data.mr
    [ ! -e ./- ]
    metrics -q --trec-run ./- plain/scored.mr > table
    grep -q ' Q0 ' ./-
    rm ./-
}

@test "an output may be a pipe, and a file's name as long as any" {
    run bash -c 'metrics -q --trec-run /dev/stdout plain/scored.mr | head -1'
    [[ ${lines[0]} = *' Q0 '* ]]
    metrics -q --trec-run /dev/stdout plain/scored.mr > both
    grep -q ' Q0 ' both
    grep -q hr@1 both
    long=$(printf 'n%.0s' {1..255})
    metrics -q --trec-run "$long" plain/scored.mr > table
    grep -q ' Q0 ' "$long"
    [ -z "$(find . -maxdepth 1 -name '.millrace-*')" ]
}

@test "an empty name is no folder of the search path" {
    fails 2 data-import ''
    says 'an operand is empty'
    fails 2 stream-show ''
    fails 2 cf-train --checkpoint '' plain/data.mr
    fails 1 sbert-encode -m '' plain/data.mr
    says 'an empty name'
}

@test "away from the source tree, names are looked up in the user's data folder" {
    mkdir -p opt/bin
    cp "$(command -v data-import)" opt/bin
    unset MILLRACE_PATH XDG_DATA_HOME
    HOME=$PWD/home fails 1 opt/bin/data-import ml-100k
    says "not here and not in $PWD/home/.local/share/millrace:$PWD/opt/share/millrace (MILLRACE_PATH)"
    HOME=$PWD/home XDG_DATA_HOME=$PWD/data fails 1 opt/bin/data-import ml-100k
    says "not in $PWD/data/millrace:"
}

@test "a program that starts anew for its kernels keeps its words and its input" {
    export OMP_WAIT_POLICY=passive
    sbert-encode -q -m MiniLM --lines < plain/titles.txt > want
    env -u OMP_WAIT_POLICY -u OPENBLAS_CORETYPE sbert-encode -q -m MiniLM --lines \
        < plain/titles.txt | cmp - want
}

@test "runs, qrels and lists of ids come from pipes and from standard input too" {
    metrics -q --qrels plain/qrels.txt plain/run.txt | tail -n 1 > want
    metrics -q --qrels plain/qrels.txt <(cat plain/run.txt) | tail -n 1 | cmp - want
    metrics -q --qrels plain/qrels.txt - < plain/run.txt | tail -n 1 | cmp - want
    metrics -q --qrels - plain/run.txt < plain/qrels.txt | tail -n 1 | cmp - want
    echo u1 > ids
    for list in /dev/stdin - ids; do
        cand-sample -q --only --top 2 --by pop --ids-from $list plain/data.mr < <(cat ids) |
            stream-show --name cand.next.item --head 9 > "got.${list##*/}"
    done
    cmp got.stdin got.ids
    cmp got.- got.ids
    fails 2 metrics --qrels - - < plain/qrels.txt
    fails 2 cand-sample --top 2 --by pop --ids-from - < plain/data.mr
    says 'takes standard input'
    fails 2 memo cand-sample --top 2 --by pop --ids-from - plain/data.mr < ids
    says 'memo cannot know'
}

@test "where every file needs a name it is nobody's, and goes when the program ends" {
    shim=$BATS_TEST_DIRNAME/../../.build/${MODE:-release}/tests/faults/shim.so
    [ -e "$shim" ] || make -s -C "$BATS_TEST_DIRNAME/../.." MODE="${MODE:-release}" fault-programs
    export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0:exitcode=99}:verify_asan_link_order=0
    mkdir here
    cd here
    with() { FAULT=$1 LD_PRELOAD=$shim "${@:2}"; }
    with named stream-convert -q -n item.cf -o v.npy ../plain/cf.mr
    cmp v.npy ../plain/E.npy
    echo old > v.npy
    for k in 1 2 3 4; do
        with named,once=$k stream-convert -q -n item.cf -o v.npy ../plain/cf.mr || true
        [ "$(ls -A)" = v.npy ]
    done
    with named memo data-split -q ../plain/imported.mr | cmp - ../plain/data.mr
    [ -z "$(find "$MILLRACE_CACHE" -name '.millrace-*')" ]
    data-synth -q --users 2000 --items 100 --per-user 100 > ../big.mr
    for signal in TERM HUP; do # a byte at a time: there is time to end it
        FAULT=named,short=1 LD_PRELOAD=$shim \
            stream-convert -q -n inter.time -o new.npy ../big.mr 3>&- &
        for ((i = 0; i < 500; i++)); do
            [ -z "$(find . -name '.millrace-*')" ] || break
            sleep .02
        done
        [ -n "$(find . -name '.millrace-*')" ]
        kill -$signal $!
        status=0
        wait $! || status=$?
        [ $status -gt 128 ]
        [ "$(ls -A)" = v.npy ]
    done
}
