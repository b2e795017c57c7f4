# What the programs print for shells that complete their words, as those shells read it;
# and what is said of words that are nearly right.

setup() {
    cd "$BATS_TEST_TMPDIR"
}

programs() {
    basename -s .c "$BATS_TEST_DIRNAME"/../../bin/*.c
}

# What bash offers for the last of these words.
offered() {
    bash -c '
        source <("$1" --completion bash)
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        "$(complete -p "$1" | sed "s/.*-F \([^ ]*\) .*/\1/")"
        printf "%s\n" "${COMPREPLY[@]}"' _ "$@" | sort
}

@test "bash: every program offers every option of its --help" {
    local options bad=

    for p in $(programs); do
        options=$("$p" --help | grep -oE '^  .{3} --[a-z0-9-]+' | grep -oE -- '--.*' | sort)
        [ "$(comm -13 <(offered "$p" --) <(echo "$options"))" = "" ] || bad+="$p "
    done
    echo "$bad"
    [ -z "$bad" ]
}

@test "bash: the words of an option, behind a space and behind =" {
    [ "$(offered cand-sample --by jo)" = "$(printf 'joint\njoint-text')" ]
    [ "$(offered cand-sample --by = cf)" = cf ]
    [ "$(offered cand-sample --by =)" = "$(cand-sample --help |
        sed -n 's/^ *--by .*: \([a-z|-]*\) .*/\1/p' | tr '|' '\n' | sort)" ]
    [ "$(offered cf-train --preset pub)" = published ]
}

@test "bash: names of tensors come from the streams of the line, or beside it" {
    data-synth --users 60 --items 200 > data.mr
    [ "$(offered stream-show data.mr --name item.ti)" = item.title ]
    [ "$(offered stream-show --name item.ti)" = item.title ]
    [ "$(offered stream-cat data.mr --pick inter.user,item.ti)" = inter.user,item.title ]
    [ "$(offered stream-cat data.mr -p nothing)" = "" ]
}

@test "bash: the first operand's words, with options before them, and then files" {
    touch mine.mr
    [ "$(offered plot '')" = "$(printf 'calibration\ncurves\njoint\nmetrics\nranks')" ]
    [ "$(offered plot --width 60 cu)" = curves ]
    [ "$(offered plot metrics m)" = mine.mr ]
}

@test "bash: files elsewhere, with spaces too" {
    touch 'a b.mr' other
    [ "$(offered metrics a)" = 'a b.mr' ]
    [ "$(offered llm-score -m o)" = other ]
}

@test "zsh reads them, and offers the words of an option" {
    command -v zsh > /dev/null || skip "no zsh"
    for p in $(programs); do
        "$p" --completion zsh > "_$p"
        zsh -n "_$p" || { echo "$p"; false; }
    done
    cat > drive.zsh << 'END'
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "fpath=($PWD \$fpath); autoload -Uz compinit; compinit -u -D; PS1=; print REA''DY"
zpty -r z seen '*READY*'
zpty -w -n z $'cand-sample --by unif\t'
zpty -r z seen '*--by uniform*' && print found
zpty -w -n z $'\C-uplot --width 60 cal\t'
zpty -r z seen '*60 calibration*' && print kind
zpty -d z
END
    run timeout 60 zsh -f drive.zsh
    echo "$output"
    [[ "$output" = *found*kind* ]]
}

@test "fish reads them, and offers options and their words" {
    command -v fish > /dev/null || skip "no fish"
    export HOME=$BATS_TEST_TMPDIR
    for p in $(programs); do
        "$p" --completion fish > "$p.fish"
        fish --no-execute "$p.fish" || { echo "$p"; false; }
    done
    run fish -c 'source cand-sample.fish; complete -C "cand-sample --by joint"'
    output=$(cut -f 1 <<< "$output")
    [ "$output" = "$(printf 'joint\njoint-text')" ]
    run fish -c 'source plot.fish; complete -C "plot c"'
    [ "$output" = "$(printf 'calibration\ncurves')" ]
    run fish -c 'source cf-train.fish; complete -C "cf-train --dropo"'
    [[ "$output" = --dropout* ]]
}

@test "an unknown shell is a mistake" {
    run cf-train --completion tcsh
    [ "$status" = 2 ]
    [[ "$output" = "cf-train: --completion: 'tcsh' is none of bash, zsh, fish"* ]]
    run cf-train --completion
    [ "$status" = 2 ]
}

@test "-h is --help" {
    for p in $(programs); do
        [ "$("$p" -h)" = "$("$p" --help)" ] || { echo "$p"; false; }
    done
}

@test "near misses are named" {
    run cf-train --dropot .1
    [ "$status" = 2 ]
    [ "${lines[0]}" = "cf-train: there is no option --dropot: did you mean --dropout?" ]
    run cand-sample --by unifrom
    [[ "${lines[0]}" = *": did you mean uniform?" ]]
    run cf-train --preset publishd
    [[ "${lines[0]}" = *"there is no preset 'publishd': did you mean published?" ]]
    mkdir models
    touch models/MiniLM
    MILLRACE_PATH=$PWD/models run sbert-encode -m MiniML
    [ "$status" = 1 ]
    [[ "$output" = *": did you mean MiniLM?" ]]
    touch models/SmolLM2.gguf
    MILLRACE_PATH=$PWD/models run sbert-encode -m minilm
    [[ "$output" = *": did you mean MiniLM?" ]]
    MILLRACE_PATH=$PWD/models run llm-score -m SmolLM2 --lines
    [[ "$output" = *": did you mean SmolLM2.gguf?" ]]
    run cf-train --model gru
    [[ "${lines[0]}" = *": did you mean gru4rec?" ]]
    run memo cf-trian
    [ "$status" = 1 ]
    [ "${lines[0]}" = "memo: cf-trian: no such program: did you mean cf-train?" ]
}
