# stream-show, -check, -cat and -convert on good and on bad streams.

load common

setup() {
    cd "$BATS_TEST_TMPDIR"
    printf 'Heat\nAmélie\nA "B"\tC\\D\n' > titles.txt
    stream-convert --lines item.title titles.txt > titles.mr
    # float32 [3, 2]: 1 0.5 -2 0 nan 3e38
    { printf '\x93NUMPY\x01\x00\x76\x00'
      printf '%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }"
      printf '\x00\x00\x80\x3f\x00\x00\x00\x3f\x00\x00\x00\xc0\x00\x00\x00\x00'
      printf '\x00\x00\xc0\x7f\x99\x76\x61\x7f'; } > item.cf.npy
    stream-convert item.cf.npy > cf.mr
    cat titles.mr cf.mr > both.mr
}

# Python with these two packages, or the test is skipped.
need_python() {
    for python in python3 /usr/bin/python3; do
        $python -c 'import msgpack, msgpack_numpy' 2> /dev/null && return
    done
    skip "python3-msgpack and python3-msgpack-numpy are not installed"
}

@test "show: names, types, shapes, sizes, history" {
    run stream-show both.mr
    [ "$status" = 0 ]
    [ "${lines[0]}" = "item.title  text  [3]        20 B" ]
    [ "${lines[1]}" = "item.cf     <f4   [3, 2]     24 B" ]
    [[ "${lines[2]}" = "history: stream-convert "*" --lines item.title --no-f4" ]]
    [[ "${lines[3]}" = "history: stream-convert "*" --no-f4" ]]
    [ "${#lines[@]}" = 4 ]
}

@test "show: --tsv and --name" {
    run stream-show --tsv -n 'item.c*,other' both.mr
    [ "${lines[0]}" = $'name\ttype\tshape\tbytes\tattrs' ]
    [ "${lines[1]}" = $'item.cf\t<f4\t[3, 2]\t24\t' ]
    [[ "${lines[2]}" = $'history\thead\t\t\tstream-convert '* ]]
}

@test "show: rows of numbers and of text" {
    [ "$(stream-show -n item.cf --head 9 both.mr)" = $'1\t0.5\n-2\t0\nnan\t2.996921e+38' ]
    [ "$(stream-show -n item.cf --head 1 --from 1 both.mr)" = $'-2\t0' ]
    [ "$(stream-show -n item.title --from 1 --head 2 < both.mr)" = 'Amélie
A "B"\tC\\D' ]
}

@test "show: --head of nothing" {
    run stream-show --head 3 both.mr
    [ "$status" = 2 ]
    run stream-show --head 3 -n item.none both.mr
    [ "$status" = 1 ]
    [ "$output" = "stream-show: --name: no 'item.none' in the input" ]
    run stream-show --head 3 -n 'item.c*' both.mr
    [ "$status" = 1 ]
    [ "$output" = "stream-show: --head: 'item.c*' is no name of one tensor or text" ]
}

@test "a pattern that matches nothing is said, with the name that is near" {
    run stream-show -n item.cf,item.tite both.mr
    [ "$status" = 1 ]
    [ "${lines[0]}" = "item.cf  <f4   [3, 2]     24 B" ]
    [[ "$output" = *"
stream-show: --name: no 'item.tite' in the input: did you mean item.title?" ]]
    stream-show --tsv -n item.tite both.mr 2> said # for programs an absent name is an answer
    [ ! -s said ]
    run stream-show --head 1 -n item.fc both.mr
    [ "$output" = "stream-show: --name: no 'item.fc' in the input: did you mean item.cf?" ]
    run stream-show --magic item.fc both.mr
    [ "$output" = "stream-show: --magic: no 'item.fc' in the input: did you mean item.cf?" ]
    for command in 'stream-cat --drop' 'stream-convert -o x.npy --name'; do
        run $command item.fc both.mr
        [ "$status" = 1 ]
        [ "$output" = "${command%% *}: --${command##*--}: no 'item.fc' in the input: did you mean item.cf?" ]
    done
    run stream-diff --name item.cf,item.tit both.mr both.mr
    [ "$status" = 1 ]
    [ "$output" = "stream-diff: --name: no 'item.tit' in the input: did you mean item.title?" ]
}

@test "show: --head stops reading once it has its rows" {
    run timeout 20 bash -c '(cat both.mr; yes) | stream-show -n item.title --head 1'
    [ "$status" = 0 ]
    [ "$output" = Heat ]
}

@test "check: says what is whole and what is not" {
    head -c 150 both.mr > cut.mr
    run stream-check both.mr cut.mr cf.mr
    [ "$status" = 1 ]
    [ "${lines[0]}" = "stream-check: both.mr: whole, 6 frames" ]
    [ "${lines[1]}" = "stream-check: cut.mr: cut short after 1 frames, in a frame" ]
    [ "${lines[2]}" = "stream-check: cf.mr: whole, 3 frames" ]
    run stream-check -q both.mr cf.mr
    [ "$status" = 0 ]
    [ -z "$output" ]
}

@test "check: no input, an empty file, no file, a folder, a foreign file" {
    run stream-check < /dev/null
    [ "$status" = 1 ]
    [ "$output" = "stream-check: no input" ]
    : > empty.mr
    run stream-check empty.mr
    [ "$output" = "stream-check: empty.mr: empty" ]
    run stream-check none.mr
    [ "$output" = "stream-check: none.mr: No such file or directory" ]
    run stream-check .
    [ "$output" = "stream-check: .: Is a directory" ]
    run stream-check titles.txt
    [ "$output" = "stream-check: titles.txt: frame 1: not a millrace stream" ]
    [ "$status" = 1 ]
}

@test "check: five bytes cannot ask for gigabytes" {
    printf '\xdd\x10\x00\x00\x00' > bomb
    run stream-check bomb
    [ "$status" = 1 ]
    printf '\x96\xd9\x08millrace\xdd\x10\x00\x00\x00' > bomb
    run stream-check bomb
    [ "$status" = 1 ]
    [ "$output" = "stream-check: bomb: frame 1: longer than 64 MiB" ]
}

@test "check: a byte changed" {
    at=$(LC_ALL=C grep -abo 'item\.cf' both.mr | tail -1 | cut -d: -f1)
    { head -c $((at + 5)) both.mr; printf 'X'; tail -c +$((at + 7)) both.mr; } > changed.mr
    run stream-check changed.mr
    [ "$status" = 1 ]
    [[ "$output" = *"its checksum is wrong: the stream was damaged on its way" ]]
}

@test "cat: joins, and passes frames through as they are" {
    stream-cat titles.mr cf.mr > joined.mr
    stream-check -q joined.mr
    [ "$(stream-show -n item.cf joined.mr | head -1)" = "item.cf  <f4   [3, 2]     24 B" ]
    stream-cat - cf.mr < titles.mr | cmp - joined.mr
    cat titles.mr cf.mr | stream-cat | cmp - joined.mr
}

@test "cat: picks and drops; a pattern that matches nothing is an error" {
    [ "$(stream-cat --pick item.cf both.mr | stream-show --tsv | cut -f1 | head -2)" = \
        $'name\nitem.cf' ]
    [ "$(stream-cat --drop 'item.c*' both.mr | stream-show --tsv | cut -f1 | head -2)" = \
        $'name\nitem.title' ]
    run bash -c 'stream-cat --pick item.fc both.mr | stream-check'
    [[ "$output" = *"stream-cat: --pick: no 'item.fc' in the input"* ]]
    [[ "$output" = *"stream-check: no input" ]] # small: nothing was written yet
}

@test "cat: the later one counts" {
    printf 'one\n' > titles.txt
    stream-convert --lines item.title titles.txt | stream-cat titles.mr - > later.mr
    [ "$(stream-show -n item.title --tsv later.mr | sed -n 2p | cut -f3)" = "[1]" ]
}

@test "cat: a damaged input ends the output without its end" {
    run bash -c 'head -c 400 both.mr | stream-cat 2> /dev/null | stream-check'
    [ "$status" = 1 ]
    [[ "$output" = "stream-check: <stdin>: cut short after"* ]] ||
        [ "$output" = "stream-check: no input" ]
}

@test "the limit of a file's size: a line, not a death without words" {
    run bash -c 'ulimit -f 1; data-synth -q --users 30 --items 20 --clusters 4 --per-user 9 > limited.mr'
    [ "$status" = 1 ]
    [ "$output" = "data-synth: <stdout>: File too large" ]
}

@test "cat: a full disk" {
    run bash -c 'stream-cat both.mr > /dev/full'
    [ "$status" = 1 ]
    [ "$output" = "stream-cat: <stdout>: No space left on device" ]
    run bash -c 'stream-show both.mr > /dev/full'
    [ "$status" = 1 ]
    [ "$output" = "stream-show: <stdout>: No space left on device" ]
    run bash -c 'stream-convert item.cf.npy > /dev/full'
    [ "$status" = 1 ]
    run stream-convert -o /dev/full/x.npy cf.mr
    [ "$status" = 1 ]
}

@test "cat: a closed pipe ends it quietly" {
    yes 'a line of text that is repeated' | head -300000 > long.txt
    stream-convert --lines t long.txt > long.mr
    run bash -c 'stream-cat long.mr | head -c 1; echo " ${PIPESTATUS[0]}"'
    [[ "$output" = *" 141" ]]
    run bash -c 'trap "" PIPE; stream-cat long.mr | head -c 0; exit ${PIPESTATUS[0]}'
    [ "$status" = 1 ]
    [ "$output" = "stream-cat: <stdout>: Broken pipe" ]
}

@test "cat: refuses a terminal, its own output, and standard input twice" {
    command -v script > /dev/null || skip "no script(1)"
    run script -qec 'stream-cat both.mr' /dev/null < /dev/null
    [ "$status" = 1 ]
    [[ "$output" = "stream-cat: refusing to write tensors to a terminal"* ]]
    run bash -c 'stream-cat both.mr >> both.mr'
    [ "$status" = 1 ]
    [ "$output" = "stream-cat: both.mr: is input and output" ]
    run bash -c 'stream-cat - - < both.mr > out.mr'
    [ "$status" = 2 ]
}

@test "cat: constant memory" {
    [ "${MODE:-}" = asan ] && skip "sanitizers reserve terabytes"
    yes 'a line of text that is repeated' | head -1500000 > long.txt
    stream-convert --lines t long.txt > long.mr
    [ "$(stat -c %s long.mr)" -gt 40000000 ]
    # code and libraries included; the stream would not fit twice
    run bash -c 'ulimit -d 30000; stream-cat long.mr long.mr | stream-check'
    [ "$status" = 0 ]
}

@test "convert: .npy there and back" {
    stream-convert -o back.npy cf.mr
    cmp back.npy item.cf.npy
    stream-convert -o folder both.mr
    cmp folder/item.cf.npy item.cf.npy
    cmp folder/item.title.txt titles.txt
    [ "$(ls folder | wc -l)" = 2 ]
}

@test "convert: --prefix is put before names and taken off" {
    stream-convert --prefix a. item.cf.npy > a.mr
    [ "$(stream-show --tsv a.mr | sed -n 2p | cut -f1)" = a.item.cf ]
    stream-cat a.mr titles.mr | stream-convert --prefix a. -o folder
    [ "$(ls folder)" = item.cf.npy ]
    stream-convert -n x item.cf.npy | stream-show -n x --head 1
}

@test "convert: .safetensors there and back" {
    stream-convert --prefix w. item.cf.npy > w.mr
    stream-convert --prefix w. -o w.safetensors w.mr
    stream-convert --prefix w. w.safetensors > back.mr
    stream-convert -o back.npy back.mr
    cmp back.npy item.cf.npy
    run stream-convert -o both.safetensors both.mr
    [ "$status" = 0 ]
    [ "$output" = "stream-convert: 'item.title' is text: not written to both.safetensors" ]
}

@test "convert: every type of numpy's" {
    need_python
    $python -c '
import numpy as np
a = np.array([[-3, 0, 5], [7, 120, 1]])
for t in "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 b1".split():
    np.save(t, np.abs(a).astype(t) if t[0] == "u" else a.astype(t))
np.save("version2", a)
np.save("single", np.float32(1.5))
np.save("fortran", np.asfortranarray(a))
np.save("big", a.astype(">f4"))
np.save("u8", a.astype("u8"))
'
    for t in f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 b1; do
        stream-convert -q $t.npy | stream-convert -o back.npy
        $python -c '
import numpy as np, sys
a, b = np.load(sys.argv[1]), np.load("back.npy")
assert a.shape == b.shape and (a == b).all(), sys.argv[1]
' $t.npy
    done
    [ "$(stream-convert single.npy | stream-show -n single --head 1)" = 1.5 ]
    run bash -c 'stream-convert fortran.npy | cat > /dev/null; exit ${PIPESTATUS[0]}'
    [ "$status" = 1 ]
    [[ "$output" = *"fortran.npy: is in column order"* ]]
    run bash -c 'stream-convert big.npy > /dev/null'
    [[ "$output" = *"big.npy: type '>f4', expected little-endian numbers"* ]]
    run bash -c 'stream-convert u8.npy > /dev/null'
    [[ "$output" = *"u8.npy: 'u8': type u8 is none that a stream can hold" ]]
}

@test "convert: a .npy that is cut short, too long, or says absurd things" {
    npy() {
        printf '\x93NUMPY\x01\x00\x76\x00%-117s\n%s' "$1" "$2" > bad.npy
        run bash -c 'stream-convert bad.npy > bad.mr'
        [ "$status" = 1 ]
        [ "${#lines[@]}" = 1 ]
        [[ "$output" = "stream-convert: bad.npy: "* ]]
    }
    head -c 140 item.cf.npy > bad.npy
    run bash -c 'stream-convert bad.npy > bad.mr'
    [ "$status" = 1 ]
    [[ "$output" = *"its shape has 6 elements of 4 bytes, the file 12 bytes" ]]
    npy "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }" 12345
    npy "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }" 1
    npy "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }" 1
    npy "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }" 1
    npy "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }" 1234
    npy "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }" 12345678
    npy "{'descr': '<f4', 'fortran_order': False, 'shape': (1" 1234
    npy "{'descr': '<f4'" 1234
    npy "" ""
    printf '\x93NUMPY\x01\x00\xff\xff' > bad.npy
    run stream-convert -o x.npy bad.npy
    [ "$status" = 1 ]
}

@test "convert: texts that are none" {
    printf 'good\n\xff\xfe\n' > bad.txt
    run bash -c 'stream-convert bad.txt > bad.mr'
    [ "$status" = 1 ]
    [ "$output" = "stream-convert: 'bad': row 1 is no UTF-8 text of at most 65000 bytes without NUL" ]
    head -c 70000 /dev/zero | tr '\0' a > bad.txt
    run bash -c 'stream-convert bad.txt > bad.mr'
    [ "$status" = 1 ]
    printf 'one\n\nlast, without line end' > odd.txt
    [ "$(stream-convert odd.txt | stream-show -n odd --head 9)" = $'one\n\nlast, without line end' ]
}

@test "convert: mistakes" {
    run stream-convert
    [ "$status" = 2 ]
    run stream-convert both.mr
    [ "$status" = 2 ]
    [[ "${lines[0]}" = *"-o takes a stream apart" ]]
    run stream-convert -o x.npy both.mr
    [ "$status" = 1 ]
    [ "$output" = "stream-convert: x.npy: holds one, the input has 2: choose with --name" ]
    run stream-convert -n item.title -o x.npy both.mr
    [ "$output" = "stream-convert: x.npy: 'item.title' is text" ]
    run stream-convert -n none -o x.npy both.mr
    [ "$output" = "stream-convert: --name: no 'none' in the input" ]
    stream-convert --prefix ../ item.cf.npy > evil.mr
    run stream-convert -o folder evil.mr
    [ "$status" = 1 ]
    [ ! -e item.cf.npy.npy ]
    head -c 300 both.mr > cut.mr
    run stream-convert -o nothing.safetensors cut.mr
    [ "$status" = 1 ]
    [ ! -e nothing.safetensors ]
}

# The words of FORMAT.md: its first block of Python.
format_reader() {
    awk '/^```python/ { on = 1; next } on && /^```/ { exit } on' \
        "$BATS_TEST_DIRNAME/../../lib/stream/FORMAT.md"
}

@test "Python reads a stream with msgpack and msgpack_numpy alone" {
    need_python
    format_reader > read.py
    [ "$($python read.py < both.mr)" = $'item.title 3\nitem.cf (3, 2)' ]
    cat >> read.py <<'END'
found = read(open("both.mr", "rb"))
assert found["item.title"] == ["Heat", "Amélie", 'A "B"\tC\\D'], found
a, b = found["item.cf"], numpy.load("item.cf.npy")
assert a.dtype == b.dtype and a.tobytes() == b.tobytes()
END
    $python read.py < both.mr
}

@test "Python reads a tensor of many chunks" {
    need_python
    format_reader > read.py
    $python -c 'import numpy; numpy.save("big", numpy.arange(3000000.0, dtype="f4").reshape(-1, 50))'
    stream-convert big.npy > big.mr
    cat >> read.py <<'END'
assert (read(open("big.mr", "rb"))["big"] == numpy.load("big.npy")).all()
END
    $python read.py < big.mr
}

@test "a fragment by parallel --pipe holds whole frames" {
    command -v parallel > /dev/null || skip "no parallel"
    yes 'a line of text that is repeated' | head -20000 > long.txt
    stream-convert --lines t long.txt > long.mr
    parallel --will-cite --pipe --recend '' --recstart $'\x96\xd9\x08millrace' --block 100k -k cat \
        < long.mr | cmp - long.mr
}

# Rows in several chunks, alone and with a companion of other width.
make_long() {
    yes 'a line of text that is repeated' | head -5000 | nl > long.txt
    stream-convert --lines t long.txt > t.mr
    data-synth --users 3000 --items 400 > synth.mr
    cat t.mr synth.mr titles.mr | stream-cat > whole.mr
}

@test "cat: --fragment puts parts together, to the same bytes" {
    make_long
    parallel --will-cite --pipe --recend '' --recstart $'\x96\xd9\x08millrace' \
        --block 30k -k 'cat > part.{#}; echo part.{#}' < whole.mr > names
    [ "$(wc -l < names)" -gt 5 ]
    stream-cat --fragment $(cat names) > together.mr
    stream-check -q together.mr
    cmp whole.mr together.mr
}

@test "cat: --fragment finds parts that are missing, repeated or moved" {
    make_long
    parallel --will-cite --pipe --recend '' --recstart $'\x96\xd9\x08millrace' \
        --block 30k -k 'cat > part.{#}; echo part.{#}' < t.mr > names
    names=($(cat names))
    [ "${#names[@]}" -gt 3 ]
    stream-cat --fragment "${names[@]}" > /dev/null
    run bash -c "stream-cat --fragment ${names[*]:0:2} ${names[*]:3} > out.mr"
    [ "$status" = 1 ]
    [[ "$output" = "stream-cat: 't' has rows from "*", expected row "* ]]
    run bash -c "stream-cat --fragment ${names[*]:0:2} ${names[1]} ${names[*]:2} > out.mr"
    [ "$status" = 1 ]
    run bash -c "stream-cat --fragment ${names[0]} ${names[2]} ${names[1]} ${names[*]:3} > out.mr"
    [ "$status" = 1 ]
    run bash -c "stream-cat --fragment ${names[*]:0:3} > out.mr"
    [ "$status" = 1 ]
    [[ "$output" = "stream-cat: 't' has "*" of 5000 rows" ]]
}

@test "diff: the same, within a tolerance, and not" {
    cat cf.mr titles.mr | stream-cat > turned.mr
    run stream-diff both.mr turned.mr
    [ "$status" = 0 ]
    [ "$output" = $'item.title\tsame\nitem.cf\tsame' ]
    # The second element of item.cf, 0.5, becomes 0.5625; root mean square over
    # 1 0.5 -2 0 3e38 is 1.34e38, over the first two rows alone 1.1456.
    { printf '\x93NUMPY\x01\x00\x76\x00'
      printf '%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }"
      printf '\x00\x00\x80\x3f\x00\x00\x00\x3f\x00\x00\x00\xc0\x00\x00\x00\x00'; } > a.npy
    { head -c 128 a.npy
      printf '\x00\x00\x80\x3f\x00\x00\x10\x3f\x00\x00\x00\xc0\x00\x00\x00\x00'; } > b.npy
    stream-convert -n x a.npy > a.mr
    stream-convert -n x b.npy > b.mr
    run stream-diff a.mr b.mr
    [ "$status" = 1 ]
    [ "$output" = $'x\tdiffers by 0.055 of its root mean square, at row 0' ]
    stream-diff -t 0.06 a.mr - < b.mr
    run stream-diff -t 0.05 a.mr b.mr
    [ "$status" = 1 ]
    run stream-diff a.mr both.mr
    [ "$status" = 1 ]
    [ "${lines[0]}" = $'x\tonly in a.mr' ]
    [ "${lines[1]}" = $'item.title\tonly in both.mr' ]
    run stream-diff -n item.cf -t 9 a.mr both.mr
    [ "$status" = 1 ]
    run stream-diff both.mr
    [ "$status" = 2 ]
}

@test "diff: texts, shapes, types, NaN, infinity" {
    printf 'Heat\nAmelie\n' > titles.txt
    stream-convert --lines item.title titles.txt > t.mr
    run stream-diff titles.mr t.mr
    [ "$output" = $'item.title\tdiffers from row 1' ]
    head -2 titles.txt | stream-convert --lines item.cf - > text.mr
    run stream-diff cf.mr text.mr
    [ "$output" = $'item.cf\tother types' ]
    [ "$(stream-diff cf.mr cf.mr)" = $'item.cf\tsame' ]
    head -c 144 item.cf.npy > i.npy
    printf '\x00\x00\x80\x7f\x99\x76\x61\x7f' >> i.npy # NaN becomes infinity
    stream-convert -n item.cf i.npy > i.mr
    run stream-diff -t 1e9 cf.mr i.mr
    [ "$status" = 1 ]
    [ "$output" = $'item.cf\tdiffers by inf of its root mean square, at row 2' ]
}

# A .npy of float64 numbers, each as eight bytes in hexadecimal.
npy_f8() {
    printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "{'descr': '<f8', 'fortran_order': False, 'shape': ($#,), }"
    printf '%b' "$(sed 's/../\\x&/g' <<< "$(printf '%s' "$@")")"
}

@test "stream-convert: a finite number does not become infinite, an infinite one stays" {
    cd "$BATS_TEST_TMPDIR"
    npy_f8 000000000000f03f 000000000000f07f > inf.npy
    stream-convert -q inf.npy > inf.mr
    [ "$(stream-show --name inf --head 9 inf.mr)" = $'1\ninf' ]
    npy_f8 000000000000f03f 9c7500883ce4377e > large.npy
    run stream-convert -q large.npy
    [ "$status" = 1 ]
    [[ "$output" = *"large.npy: 'large': element 1 is 1e+300, beyond the range of 32-bit floats (3.40282e+38)" ]]
}

@test "stream-shuffle: every row is there once, at another place, names together" {
    cd "$BATS_TEST_TMPDIR"
    data-synth -q --users 30 --items 40 > rows.mr
    stream-shuffle -q --name item.id,item.title rows.mr > one.mr
    paste <(stream-show --name item.id --head 99 rows.mr) \
        <(stream-show --name item.title --head 99 rows.mr) > before
    paste <(stream-show --name item.id --head 99 one.mr) \
        <(stream-show --name item.title --head 99 one.mr) > after
    not cmp -s before after
    cmp <(sort before) <(sort after)
    [ "$(paste -d '|' before after | awk -F '|' '$1 == $2' | wc -l)" -lt 10 ]
    cmp one.mr <(stream-shuffle -q --name item.id,item.title rows.mr)
    not cmp -s one.mr <(stream-shuffle -q --seed 2 --name item.id,item.title rows.mr)
    stream-diff --name 'inter.*' rows.mr one.mr
}

@test "stream-shuffle: vectors move whole; what is not there or not as long is refused" {
    cd "$BATS_TEST_TMPDIR"
    data-synth -q --users 30 --items 40 | data-split -q | cf-train -q -e 1 --no-hits |
        cf-embed -q > rows.mr
    stream-shuffle -q --only --name item.cf rows.mr > one.mr
    cmp <(stream-show --name item.cf --head 99 rows.mr | sort) \
        <(stream-show --name item.cf --head 99 one.mr | sort)
    not stream-diff --name item.cf rows.mr one.mr
    run stream-shuffle --name item.id,item.titel rows.mr
    [ "$status" = 1 ]
    [[ "$output" = *"--name: no 'item.titel' in the input: did you mean item.title?" ]]
    run stream-shuffle --name item.text rows.mr
    [ "$status" = 1 ]
    [[ "$output" = *"no 'item.text' in the input"* ]]
    run stream-shuffle --name item.id,user.id rows.mr
    [ "$status" = 1 ]
    [[ "$output" = *"'user.id' has 30 rows, the first of --name has 40"* ]]
    run stream-shuffle rows.mr
    [ "$status" = 2 ]
}

@test "stream-convert: two files with a tensor of one name" {
    printf 'a\nb\n' > one.txt
    printf 'c\nd\n' > two.txt
    for program in "--lines item.title one.txt two.txt" "-n v item.cf.npy item.cf.npy"; do
        run stream-convert $program
        [ "$status" = 1 ]
        [[ "$output" == *": its '"*"' is in "*" too, and one would be lost: --prefix or -n gives it another name" ]]
    done
    mkdir epochs
    cp "$BATS_TEST_DIRNAME/../fixtures/torch_files/tiny_sasrec_1_mlp.pt" epochs/tiny_sasrec_1_mlp.pt
    cp epochs/tiny_sasrec_1_mlp.pt epochs/tiny_sasrec_10_mlp.pt
    run stream-convert epochs/*_mlp.pt
    [ "$status" = 1 ]
    [[ "$output" == *"epochs/tiny_sasrec_1_mlp.pt: its '"*"' is in epochs/tiny_sasrec_10_mlp.pt too"* ]]
}
