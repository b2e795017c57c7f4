# What holds for every source file and every program: layers, man pages, --help.
# Not under sanitizers: nothing here runs to an end but --help

load common

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
}

programs() {
    basename -s .c bin/*.c
}

# Folders of lib/ in their order, from the first column of lib/README.md's table:
# "| [util](util)/ | ...".
floors() {
    sed -nE 's/^\| \[([a-z]+)\]\(\1\/?\)\/? .*/\1/p' lib/README.md
}

@test "no test has a command that cannot fail it: a bare !, or what stands before &&" {
    not grep -nE '^ +! [^|&]*$|^    \[.*\] && (\[|cmp|grep)' tests/cmd/*.bats
}

# Each includes only itself and what is left of it.
@test "a folder of lib includes only folders before it" {
    local seen= folder allowed bad=

    [ "$(floors | sort)" = "$(basename -a lib/*/ | sort)" ]
    for folder in $(floors); do
        seen="$seen|$folder"
        allowed="^[^:]*:[0-9]*:#include \"(${seen#|})/"
        bad+=$(grep -rnE '^#include "' "lib/$folder" --include='*.[ch]' |
            grep -vE "$allowed" || true)
    done
    echo "$bad"
    [ -z "$bad" ]
}

@test "the table of lib's folders names the others that each includes" {
    for folder in $(floors); do
        echo "$folder: listed, included"
        diff <(sed -nE "s/^\| \[$folder\].*\|([a-z ]*)\|$/\1/p" lib/README.md |
            tr -s ' ' '\n' | grep .) \
            <(grep -hoE '^#include "[a-z]+/' "lib/$folder"/*.[ch] | grep -oE '[a-z]+/' |
                tr -d / | grep -vxE "util|$folder" | sort -u)
    done
}

@test "lib calls downward only: no higher folder, no circle of files" {
    [ -d .build/release/lib ] || skip "no release build"
    run tests/calls $(floors)
    echo "$output"
    [ "$status" = 0 ]
    [ -z "$output" ]
}

@test "no folder of lib has over 50 files or a sixth of the lines" {
    local all folder

    all=$(cat lib/*/*.[ch] | wc -l)
    for folder in lib/*/; do
        echo "$folder: $(ls "$folder"*.[ch] | wc -l) files, $(cat "$folder"*.[ch] | wc -l) of $all lines"
        [ "$(ls "$folder"*.[ch] | wc -l)" -le 50 ]
        [ $((6 * $(cat "$folder"*.[ch] | wc -l))) -le "$all" ]
    done
}

# What scripts of tests/fixtures have written is as it was written.
@test "no line of C is longer than 90 columns, no file than 400 lines" {
    local bad

    bad=$(find lib bin tests -path tests/fixtures -prune -o -name '*.[ch]' -print0 |
        xargs -0 awk 'FNR == 1 { files++ }
            length($0) > 90 { print FILENAME ":" FNR ": " length($0) " columns" }
            FNR == 401 && FILENAME !~ /^tests/ { print FILENAME ": over 400 lines" }
            END { if (files < 500) print files " files" }')
    echo "$bad"
    [ -z "$bad" ]
}

# Names of files in documents and comments go stale without a word when files move.
@test "files that lib/*/README.md and lib/README.md name are there" {
    local bad= page name

    for page in lib/README.md lib/*/README.md; do
        for name in $(grep -oE '`[a-z0-9_/-]+\.([ch]|bats|md)`' "$page" | tr -d '`'); do
            [ -e "lib/$name" ] || [ -e "$name" ] || [ -e "$(dirname "$page")/$name" ] ||
                bad+="$page: $name; "
        done
    done
    echo "$bad"
    [ -z "$bad" ]
}

# Recipes: "`NAME.[ch]`" is two files; "`CF_KINDS` in `cf/cf_kind.h`" stands there; and a
# struct, an enum or a table that a page names is somewhere.
@test "what the recipes of lib/README.md and lib/*/README.md name is there" {
    local bad= page name word file found=0

    for page in lib/README.md lib/*/README.md; do
        for name in $(grep -oE '`[a-z0-9_/]+\.\[ch\]`' "$page" | tr -d '`'); do
            for file in "${name%.*}.c" "${name%.*}.h"; do
                [ -e "lib/$file" ] || [ -e "$(dirname "$page")/$file" ] || bad+="$page: $file; "
            done
            found=$((found + 1))
        done
        while read -r word file; do
            [ -n "$word" ] || continue
            [ -e "$file" ] || file=lib/$file
            grep -qw "$word" "$file" || bad+="$page: no $word in $file; "
            found=$((found + 1))
        done <<< "$(grep -oE '`[A-Z_]{4,}` in `[a-z0-9_/-]+\.[ch]`' "$page" | tr -d '`' |
            sed 's/ in / /')"
        for word in $(grep -oE '`(struct|enum) [a-z0-9_]+`' "$page" | tr -d '`' | sed 's/.* //'); do
            grep -rqE "^(typedef )?(static )?(const )?(struct|enum) $word \{" lib || bad+="$page: $word; "
            found=$((found + 1))
        done
        for word in $(grep -oE '`[A-Z][A-Z_]{3,}`' "$page" | tr -d '`'); do
            grep -rqE "^#define $word\b" lib bin || bad+="$page: $word; "
            found=$((found + 1))
        done
    done
    echo "$found: $bad"
    [ -z "$bad" ]
    [ $found -gt 15 ]
}

# "see metrics/metric.h", "(prealign.h)": a header of lib/ that a comment names.
@test "headers that comments name are there" {
    local bad= name

    for name in $(grep -hE '^ +\*|/\*' lib/*/*.[ch] bin/*.c | sed 's/.*\/\*//' |
        grep -owE '[a-z0-9_/]+\.h' | sort -u); do
        compgen -G "lib/$name" > /dev/null || compgen -G "lib/*/$name" > /dev/null ||
            [ -e "$name" ] || bad+="$name "
    done
    echo "$bad"
    [ -z "$bad" ]
}

@test "programs include no programs" {
    not grep -nE '^#include "(bin|\.\.)' bin/*.c lib/*/*.[ch]
}

@test "nothing of a man page is wider than a window of 80 columns, which would wrap it" {
    command -v mandoc > /dev/null || skip "no mandoc"
    for page in bin/*.1; do
        mandoc -T ascii -O width=78 "$page" | col -b |
            awk -v page="$page" 'length > 78 { print page ": " $0; bad = 1 } END { exit bad }'
    done
}

@test "every program has a man page, without warnings" {
    for p in $(programs); do
        [ -f "bin/$p.1" ] || { echo "no bin/$p.1"; false; }
    done
    if command -v mandoc > /dev/null; then
        mandoc -T lint -W warning bin/*.1
    else
        for page in bin/*.1; do
            [ -z "$(groff -ww -mdoc -z "$page" 2>&1)" ] || { echo "$page"; false; }
        done
    fi
}

# groff breaks a column list that is wider than the page into words under each other.
@test "no line of a man page begins behind its thirtieth column" {
    command -v groff > /dev/null || skip "no groff"
    for page in bin/*.1 .package/*.7; do
        not grep -qE '^ {30}' <<< "$(groff -mdoc -Tascii "$page" 2> /dev/null)" ||
            { echo "$page"; false; }
    done
}

@test "every option is in its man page" {
    local bad=

    for p in $(programs); do
        [ -f "bin/$p.1" ] || continue
        for o in $("$p" --help | sed -nE 's/^  .{3} --([a-z0-9-]+).*/\1/p'); do
            sed 's/\\-/-/g' "bin/$p.1" | grep -qE -- "Fl -$o( |$)" || bad+="$p --$o; "
        done
    done
    echo "$bad"
    [ -z "$bad" ]
}

@test "--help prints usage and an example, status 0, nothing on stderr" {
    for p in $(programs); do
        out=$("$p" --help 2>&1 > "$BATS_TEST_TMPDIR/help") || { echo "$p"; false; }
        [ -z "$out" ] || { echo "$p: $out"; false; }
        grep -q "^usage: $p " "$BATS_TEST_TMPDIR/help" || { echo "$p: usage"; false; }
        sed -n '/^example:/,$p' "$BATS_TEST_TMPDIR/help" | grep -q "$p" ||
            { echo "$p: its example does not use it"; false; }
    done
}

@test "--version says the name" {
    for p in $(programs); do
        "$p" --version | grep -qE "^$p \(millrace\) [0-9]+\.[0-9]+\.[0-9]+$" ||
            { echo "$p"; false; }
    done
}

@test "an unknown option is a mistake of two lines, status 2" {
    for p in $(programs); do
        run "$p" --no-such-option
        [ "$status" = 2 ] || { echo "$p: status $status"; false; }
        [ "${#lines[@]}" = 2 ] || { echo "$p: $output"; false; }
        [ "${lines[0]}" = "$p: there is no option --no-such-option" ]
        [[ "${lines[1]}" = "usage: $p "*"(--help for more)" ]]
    done
}

@test "--help to a full disk fails" {
    run bash -c 'stream-check --help > /dev/full'
    [ "$status" = 1 ]
}
