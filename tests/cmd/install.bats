# make install and make uninstall, below a folder of the test's.
# Not under sanitizers: what is installed, other tests run under them

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    unset MAKEFLAGS MFLAGS MAKELEVEL XDG_DATA_HOME MILLRACE_PATH
    there=$BATS_TEST_TMPDIR/stage/opt/mill
    export HOME=$BATS_TEST_TMPDIR/home
    mkdir "$HOME"
}

install_there() {
    make -s "$@" MODE="${MODE:-release}" DESTDIR="$BATS_TEST_TMPDIR/stage" PREFIX=/opt/mill
}

programs() {
    basename -s .c bin/*.c
}

@test "programs, man pages, completion, pipelines and documents, each where it is looked for" {
    install_there install
    [ "$(ls "$there/bin")" = "$({ programs; printf 'millrace-demo\nmillrace-fetch\n'; } | sort)" ]
    [ "$(ls "$there/share/man/man1")" = "$({ programs; printf 'millrace-demo\nmillrace-fetch\n'; } |
        sort | sed 's/$/.1/')" ]
    grep -q millrace-fetch "$there/share/man/man1/millrace-fetch.1"
    [ "$(cd "$there/share/man" && ls man5/* man7/*)" = \
        "$(printf 'man5/millrace-stream.5\nman7/millrace.7')" ]
    [ "$(ls "$there/share/bash-completion/completions")" = "$(programs)" ]
    [ "$(ls "$there/share/fish/vendor_completions.d")" = "$(programs | sed 's/$/.fish/')" ]
    [ "$(ls "$there/share/zsh/site-functions")" = "$(programs | sed 's/^/_/')" ]
    [ "$(ls "$there")" = "$(printf 'bin\nshare')" ]
    diff README.md "$there/share/doc/millrace/README.md"
    diff lib/stream/FORMAT.md "$there/share/doc/millrace/lib/stream/FORMAT.md"
}

@test "programs are stripped" {
    install_there install
    for p in $(programs); do
        [ "$(nm "$there/bin/$p" 2>&1 | grep -c 'no symbols')" = 1 ] || { echo "$p"; false; }
    done
}

@test "an installed program runs away from the source tree" {
    install_there install
    cd /
    run env -i "$there/bin/stream-check" --version
    [ "$status" = 0 ]
    [[ "$output" = "stream-check (millrace) "* ]]
}

@test "an installed program looks in the user's data folder, and names millrace-fetch" {
    install_there install
    cd /
    run "$there/bin/data-import" ml-100k
    [ "$status" = 1 ]
    [ "$output" = "data-import: ml-100k: not here and not in $HOME/.local/share/millrace:$there/share/millrace (MILLRACE_PATH): run millrace-fetch, or give a path" ]
    XDG_DATA_HOME=$HOME/data run "$there/bin/data-import" ml-100k
    [[ "$output" = *"not in $HOME/data/millrace:"* ]]
    "$BATS_TEST_DIRNAME/../stand-ins" "$HOME/.local/share/millrace"
    "$there/bin/data-import" ml-100k | "$there/bin/stream-check"
}

@test "millrace-fetch fetches there, and nothing into the installation" {
    install_there install
    mkdir "$HOME/none"
    PATH=$HOME/none:/usr/bin:/bin PIP_NO_INDEX=1 PIP_FIND_LINKS= run "$there/bin/millrace-fetch"
    [ "$status" = 1 ]
    [[ "$output" = *"into $HOME/.local/share/millrace/wheels/"* ]]
    [ -d "$HOME/.local/share/millrace" ]
    [ ! -e "$there/share/millrace/samples/fetched" ]
}

# Runs the demo of an installation on stand-ins, in a folder of its own.
demo_there() {
    mkdir -p "$HOME/work"
    cd "$HOME/work"
    "$BATS_TEST_DIRNAME/../stand-ins" "$HOME/.local/share/millrace"
    PATH=/usr/bin:/bin MILLRACE_USERS=20 MILLRACE_STEPS=2 "$there/bin/millrace-demo"
    grep '^a-llmrec ' millrace-demo/table.txt
    "$1" -q millrace-demo/scores.mr
}

@test "installed pipelines run from anywhere" {
    install_there install
    demo_there "$there/bin/stream-check"
}

@test "PREFIXED=yes: other names, pages that say them, and everything works" {
    install_there install PREFIXED=yes
    [ "$(ls "$there/bin" | grep -v '^millrace-')" = "" ]
    [ "$(ls "$there/lib/millrace")" = "$(programs)" ]
    [ "$(sed -n 's/^\.Nm //p' "$there/share/man/man1/millrace-memo.1" | head -1)" = millrace-memo ]
    grep -q '^\.It Xr millrace-cf-train 1' "$there/share/man/man7/millrace.7"
    grep -q 'complete -F _millrace_millrace_cf_train millrace-cf-train' \
        "$there/share/bash-completion/completions/millrace-cf-train"
    demo_there "$there/bin/millrace-stream-check"
}

@test "a prefixed program writes the same stream" {
    install_there install PREFIXED=yes
    data=$BATS_TEST_DIRNAME/../fixtures/tiny/ml-100k
    cmp <("$there/bin/millrace-data-import" "$data") <("$there/lib/millrace/data-import" "$data")
}

@test "uninstall removes what install put there and leaves the rest" {
    install_there install
    touch "$there/bin/other" "$there/share/man/man1/other.1"
    mkdir "$there/share/millrace/python/__pycache__"
    touch "$there/share/millrace/python/__pycache__/millrace.pyc"
    install_there uninstall
    [ "$(find "$there" ! -type d | sort)" = \
        "$(printf '%s\n' "$there/bin/other" "$there/share/man/man1/other.1")" ]
    [ ! -e "$there/share/millrace" ]
    [ ! -e "$there/share/doc/millrace" ]
    run install_there uninstall
    [ "$status" != 0 ]
    [[ "$output" = *"names what is installed"* ]]
}

@test "a folder that cannot be written fails in one line, with nothing in it" {
    touch "$BATS_TEST_TMPDIR/stage"
    run install_there install
    [ "$status" != 0 ]
    [[ "${lines[0]}" = "install: "*" cannot be written" ]]
}

@test "the pages of section 5 and 7 are without warnings, and name every filter" {
    .package/system-page 1.2.3 > "$BATS_TEST_TMPDIR/millrace.7"
    .package/stream-page < lib/stream/FORMAT.md > "$BATS_TEST_TMPDIR/millrace-stream.5"
    cd "$BATS_TEST_TMPDIR"
    if command -v mandoc > /dev/null; then
        mandoc -T lint -W warning millrace.7 millrace-stream.5
        [ "$(mandoc -T utf8 millrace.7 | col -b | wc -L)" -le 78 ]
    fi
    for p in $(cd "$BATS_TEST_DIRNAME/../../bin" && basename -s .c ./*.c); do
        grep -qx "\.It Xr $p 1" millrace.7 || { echo "$p"; false; }
    done
    grep -q '^\.Sh CHANGES' millrace.7
    [ "$(grep -c '^\.IP [0-9]*\. 4' millrace-stream.5)" = \
        "$(grep -cE '^[0-9]+\. ' "$BATS_TEST_DIRNAME/../../lib/stream/FORMAT.md")" ]
}

@test "CHANGES of millrace(7) begin with the Makefile's version" {
    version=$(sed -n 's/^VERSION = //p' Makefile)
    [ "$(sed -n '/^\.Sh CHANGES/,$s/^\.It Sy \([0-9.]*\)$/\1/p' .package/millrace.7 | head -1)" = "$version" ]
}

@test "every library that is linked has its licence in samples/README.md" {
    libraries=$(sed -n 's/^LDLIBS *= //p' Makefile | grep -oE -- '-l[a-z0-9-]+' | sed 's/^-l//')
    [ "$(wc -w <<< "$libraries")" -ge 8 ]
    for l in $libraries msgpackc msgpack-c mpi; do
        grep -qE "^\| .*\`$l\`.* \| linked" samples/README.md || { echo "$l"; false; }
    done
    tail -5 README.md | grep -q 'AS IS'
}
