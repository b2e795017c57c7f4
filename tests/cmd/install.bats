# make install and make uninstall, below a folder of the test's.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    unset MAKEFLAGS MFLAGS MAKELEVEL
    there=$BATS_TEST_TMPDIR/stage/opt/mill
}

install_there() {
    make -s "$1" MODE="${MODE:-release}" DESTDIR="$BATS_TEST_TMPDIR/stage" PREFIX=/opt/mill
}

@test "every program and its man page, and nothing else" {
    install_there install
    [ "$(ls "$there/bin")" = "$(basename -s .c bin/*.c)" ]
    [ "$(ls "$there/share/man/man1")" = "$(basename -a bin/*.1)" ]
    [ "$(ls "$there")" = "$(printf 'bin\nshare')" ]
}

@test "an installed program runs away from the source tree" {
    install_there install
    cd /
    run env -i "$there/bin/stream-check" --version
    [ "$status" = 0 ]
    [[ "$output" = "stream-check (millrace) "* ]]
}

@test "uninstall removes what install put there and leaves the rest" {
    install_there install
    touch "$there/bin/other" "$there/share/man/man1/other.1"
    install_there uninstall
    [ "$(find "$there" -type f | sort)" = \
        "$(printf '%s\n' "$there/bin/other" "$there/share/man/man1/other.1")" ]
}

@test "a folder that cannot be written fails" {
    touch "$BATS_TEST_TMPDIR/stage"
    run install_there install
    [ "$status" != 0 ]
}
