# samples/python/millrace.py: what it reads, what it writes, and what it refuses.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export PYTHONDONTWRITEBYTECODE=1
    export PYTHONPATH=$BATS_TEST_DIRNAME/../../samples/python
    export tiny=$BATS_TEST_DIRNAME/../fixtures/tiny
    data-import -q "$tiny/ml-100k" | data-split -q > data.mr
    cf-train -q --dim 8 --maxlen 10 --epochs 1 data.mr | cf-embed -q > cf.mr
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    for python in python3 /usr/bin/python3; do
        $python -c 'import msgpack, numpy' 2> /dev/null && return
    done
    skip "python3-msgpack and python3-numpy are not installed"
}

@test "XXH3: lengths of every kind, as the library computes them" {
    # the sums of frames whose lengths differ by a byte each: text of 0 to 1100 bytes
    $python - << 'P'
import millrace
millrace.write("lengths.mr", {"t%d" % n: ["x" * n] for n in range(1100)})
assert millrace.xxh3(b"").hex() == "2d06800538d394c2"       # from xxhash's own test vectors
assert millrace.xxh3(b"\0").hex() == "c44bdff4074eecdb"
P
    stream-check lengths.mr
    # ends over 1, 2, 3, ... sums: 8, 16, 24, ... bytes
    $python - << 'P'
import millrace
with open("ends.mr", "wb") as f:
    for n in range(0, 60, 3):
        out = millrace.Writer(f)
        out.head("p")
        for i in range(n):
            out.put({"a.%d" % i: ["x"]})
        out.close()
P
    stream-check ends.mr
}

@test "reading: every tensor and text as stream-convert gives them" {
    rm -rf files
    mkdir files
    stream-convert -q -o files cf.mr
    $python - << 'P'
import millrace, numpy, os
s = millrace.read("cf.mr")
assert set(s) == set(millrace.names("cf.mr")), s.keys()
arrays = [f[:-4] for f in os.listdir("files") if f.endswith(".npy")]
texts = [f[:-4] for f in os.listdir("files") if f.endswith(".txt")]
assert len(arrays) > 8 and len(texts) > 2 and set(arrays + texts) == set(s)
for name in arrays:
    want = numpy.load("files/%s.npy" % name)
    assert s[name].dtype == want.dtype and s[name].tobytes() == want.tobytes(), name
for name in texts:
    assert s[name] == open("files/%s.txt" % name).read().split("\n")[:-1], name
assert set(millrace.read("cf.mr", "item.*")) == {n for n in s if n.startswith("item.")}
assert [h[0] for h in millrace.history("cf.mr")] == [
    "data-import", "data-split", "cf-train", "cf-embed"]
P
}

@test "writing: the bytes that stream-convert writes, in chunks too" {
    $python - << 'P'
import millrace, numpy
r = numpy.random.default_rng(1)
for t in "f4", "f2", "i1", "i4", "i8", "u1":
    numpy.save("%s.npy" % t, r.integers(0, 100, (70000, 3, 2)).astype(t))
numpy.save("wide.npy", r.random((300, 5000)))
numpy.save("none.npy", numpy.zeros((0, 7), "f4"))
P
    for t in f4 f2 i1 i4 i8 u1 wide none; do
        stream-convert -q $t.npy > theirs.mr
        $python - $t << 'P'
import millrace, numpy, sys
name = sys.argv[1]
program, version, options = millrace.history("theirs.mr")[0]
with open("ours.mr", "wb") as f:
    millrace.write(f, {name: numpy.load(name + ".npy")}, program, version, options=options)
P
        stream-check -q ours.mr
        cmp ours.mr theirs.mr
    done
    seq 3000 | sed 's/7/ä☃/' > lines.txt
    stream-convert -q lines.txt > theirs.mr
    $python - << 'P'
import millrace
program, version, options = millrace.history("theirs.mr")[0]
millrace.write("ours.mr", {"lines": open("lines.txt").read().split("\n")[:-1]}, program, version,
               options=options)
P
    cmp ours.mr theirs.mr
}

@test "a stage passes on every byte, and adds" {
    cat > stage.py << 'P'
import millrace
stage = millrace.Stage("half", version="2", seed=7, share=.5)
s = stage.read("item.cf", replace=["user.cf.*"])
stage.write({"item.cf": s["item.cf"] / 2}, {"item.cf": {"from": "cf"}})
stage.close()
P
    $python stage.py < cf.mr > half.mr
    stream-check -q half.mr
    [ -z "$(stream-show --name 'user.cf.*' half.mr | grep -v history)" ]
    stream-show half.mr | grep -q '^history: half 2 --share 0.5 --seed 7$'
    stream-show half.mr | grep -q '^item.cf .* from=cf$'
    stream-cat --pick 'inter.*,item.id' cf.mr > a.mr
    stream-cat --pick 'inter.*,item.id' half.mr | $python -c '
import millrace, sys
whole = [f.raw for f in millrace.frames("a.mr") if f.kind != "head"]
here = [f.raw for f in millrace.frames("-") if f.kind != "head"]
assert whole[:-1] == here[:-1]'
}

@test "what a stage adds stands on the ids of its input, and beside others is refused" {
    cat > stage.py << 'P'
import millrace, numpy
stage = millrace.Stage("mine")
s = stage.read("item.id", "user.id")
n, m = len(s["item.id"]), len(s["user.id"])
stage.write({"item.cf": numpy.ones((n, 2), "f4"), "more.text": numpy.ones((n + 1, 2), "f4"),
             "user.cf.test": numpy.ones((m, 2), "f4"), "other.cf": numpy.ones((n, 2), "f4")})
stage.close()
P
    $python stage.py < data.mr > mine.mr
    cand-sample -q -n 5 mine.mr | cf-score -q | stream-check -q
    $python -c '
import millrace
attrs = {f.name: f.attrs for f in millrace.frames("mine.mr")}
theirs = {f.name: f.attrs for f in millrace.frames("cf.mr")}
for name, key in ("item.cf", "item.id"), ("user.cf.test", "user.id"):
    assert attrs[name][key] == theirs[name][key]
assert not {"item.id", "user.id"} & ({*attrs["more.text"]} | {*attrs["other.cf"]})'
    stream-cat --pick 'item.cf,user.cf.*' mine.mr > only.mr
    data-import -q --min-rating 4 "$tiny/ml-100k" | data-split -q > less.mr
    cat less.mr only.mr | cand-sample -q -n 5 > with.mr
    run cf-score -q with.mr
    [ "$status" = 1 ]
    [[ "$output" = *"'item.cf' stands on item.id"* ]]
}

@test "tensors put together are cut at the same rows" {
    $python - << 'P'
import millrace, numpy
with open("group.mr", "wb") as f:
    out = millrace.Writer(f)
    out.head("p")
    out.put({"x.a": numpy.zeros((5000, 100), "f4"), "x.b": ["t"] * 5000, "x.c": range(5000)})
    out.close()
found = [(f.name, f.attrs["first"]) for f in millrace.frames("group.mr") if f.kind in ("tensor", "text")]
assert found == [(n, i * 1024) for i in range(5) for n in ("x.a", "x.b", "x.c")], found
P
    stream-check -q group.mr
}

@test "wrong streams are refused, each with what is wrong" {
    refuses() {
        run $python -c 'import millrace, sys
try: millrace.read(sys.argv[1])
except millrace.StreamError as e: print(e)' "$1"
        [ "$status" = 0 ]
        says "$2"
    }
    head -c -20 cf.mr > cut.mr
    refuses cut.mr 'cut.mr: cut short after'
    : > empty.mr
    refuses empty.mr 'empty.mr: no input'
    $python -c 'import millrace, sys
for f in list(millrace.frames("cf.mr"))[:-1]: sys.stdout.buffer.write(f.raw)' > noend.mr
    refuses noend.mr 'no end'
    $python -c '
b = bytearray(open("cf.mr", "rb").read()); b[len(b) // 2] ^= 1; open("bit.mr", "wb").write(b)'
    refuses bit.mr 'frame '
    echo 'no stream' > text.mr
    refuses text.mr 'text.mr: frame 1: no '
    $python -c 'import millrace, sys
f = list(millrace.frames("cf.mr")); sys.stdout.buffer.write(b"".join(x.raw for x in f[:3] + f[4:]))' > lost.mr
    refuses lost.mr 'lost.mr: frame '
    echo 'import millrace; millrace.Stage("mine").read()' > stage.py
    run bash -c "$python stage.py < cut.mr > out.mr"
    [ "$status" = 1 ]
    [ "${#lines[@]}" = 1 ]
    says 'mine: <stdin>: cut short after'
    not stream-check -q out.mr 2> /dev/null
}

@test "what no stream can hold is refused, and nothing is left" {
    rm -f wrong.mr
    run $python - << 'P'
import millrace, numpy
for values in 1j * numpy.ones(3), 5.0, ["a\0b"], numpy.ones(3, "u4"), ["a", 3]:
    try:
        millrace.write("wrong.mr", {"x": values})
    except millrace.StreamError as e:
        print(e)
P
    echo "$output"
    [ "$status" = 0 ]
    [ "$(grep -c "^wrong.mr: 'x': " <<< "$output")" = 5 ]
    [ ! -e wrong.mr ]
    [ -z "$(find . -name 'tmp*')" ]
}

@test "data-split(1): a split of one's own is a column of the stage that it shows" {
    sed -n '/^import millrace, numpy/,/^stage.close/p' "$BATS_TEST_DIRNAME/../../bin/data-split.1" > own.py
    data-import -q "$tiny/ml-100k" | $python own.py > own.mr
    stream-check own.mr
    paste <(rows own.mr inter.time 0) <(rows own.mr inter.split 0) |
        awk '($2 == 2) != ($1 > 888000000) { bad = 1 } $2 == 2 { some = 1 } END { exit bad || !some }'
    cand-sample -q -n 5 own.mr > cand.mr
    cf-score -q --by pop cand.mr | metrics -q > table
    grep -q '^pop ' table
}

@test "floats of 16 bits are read wherever those of 32 bits are, with the same result" {
    export MILLRACE_PATH=$tiny OMP_NUM_THREADS=1
    sbert-encode -q -m MiniLM cf.mr | align-train -q --dim 6 --epochs 1 --batch 8 |
        cand-sample -q -n 5 | cf-score -q |
        project-train -q -t recall --steps 1 -b 2 --prealign 1 --valid-users 0 > whole.mr
    $python - << 'P'
import millrace
floats = [n for n, (t, _) in millrace.names("whole.mr").items() if t == "<f4"]
attrs = {f.name: {k: v for k, v in f.attrs.items() if k == "candidates"}
         for f in millrace.frames("whole.mr") if f.name in floats}
for type, file in ("<f2", "half.mr"), ("<f4", "full.mr"):
    with open(file, "wb") as out:
        stage = millrace.Stage("rounded", input="whole.mr", output=out)
        s = stage.read(*floats, replace=floats)
        stage.write({n: s[n].astype("<f2").astype(type) for n in floats}, attrs)
        stage.close()
P
    stream-show half.mr > shown
    [ "$(grep -c '<f2' shown)" -gt 20 ]
    not grep -q '<f4' shown
    for filter in 'cf-embed --only' 'cf-score --only' 'cf-score --only --by joint' \
        'cf-score --only --by text-ridge' 'cand-sample --only --top 3' 'align-embed --only' \
        'align-train --only --dim 4 --epochs 1' 'llm-score --only' 'metrics --tsv' \
        'project-train --only --steps 1 -b 2 --prealign 1 --valid-users 2'; do
        $filter -q full.mr > full
        $filter -q half.mr > half
        cmp full half || { echo "$filter"; false; }
    done
}

@test "a stream that is cut anywhere, or of wrong frames, gives one line" {
    cat > small.py << 'P'
import io, millrace, msgpack
out = io.BytesIO()
millrace.write(out, {"item.cf": [[1., 2.], [3., 4.]], "item.id": ["a", "b"]})
whole = out.getvalue()
for n in range(len(whole)):
    try:
        millrace.read(io.BytesIO(whole[:n]))
    except millrace.StreamError as e:
        assert ("no input" if n == 0 else "cut short after") in str(e), (n, e)
    else:
        raise SystemExit(f"{n} of {len(whole)} bytes were read")
# frames with a right sum and something else wrong
def frame(*items):
    body = millrace.MAGIC + b"".join(map(msgpack.packb, items))
    return body + b"\xc4\x08" + millrace.xxh3(body)
head = frame("head", "p", {"format": 1}, None)
def tensor(first=0, rows=1, shape=[1], type="<f4", data=b"1234", name="x", **attrs):
    return frame("tensor", name, {"first": first, "rows": rows, **attrs},
                 {b"nd": True, b"type": type, b"kind": b"", b"shape": shape, b"data": data})
for said, wrong in {
        "begins with a head, found a tensor": tensor(),
        "a kind that this program does not know": head + frame("row", "x", {}, None),
        "tensor with a bad name": head + tensor(name="a\nb"),
        "rows 0 to 1 of 0": head + tensor(rows=0),
        "rows from None of": head + tensor(first=None),
        "no array of type": head + tensor(type="<c8", data=b"12345678"),
        "shape is []": head + tensor(shape=[]),
        "shape is [-1]": head + tensor(shape=[-1]),
        "cannot reshape": head + tensor(shape=[1, 2]),
        "goes on at row 1, expected 0": head + tensor(first=1, rows=2),
        "starts anew after 1 of 2 rows": head + tensor(rows=2) + tensor(rows=2),
        "changes its type": head + tensor(rows=2) + tensor(first=1, rows=2, a="b"),
        "no list of UTF-8 texts": head + frame("text", "t", {"first": 0, "rows": 1}, ["a\0"]),
        "without format version": frame("head", "p", {}, None),
        "format version 2": frame("head", "p", {"format": 2}, None),
        "attrs are no map": frame("head", "p", None, None),
        "no frame of millrace": b"no stream at all",
        "says 2 frames, found 1": head + frame("end", "", {"frames": 2}, None)}.items():
    try:
        millrace.read(io.BytesIO(wrong))
        print("read:", said)
    except millrace.StreamError as e:
        if said not in str(e):
            print(f"no '{said}' in: {e}")
P
    run $python small.py
    [[ "$status:$output" = 0: ]] || { echo "$output"; false; }
}

@test "what filters would refuse later is refused before it is written" {
    cat > wrong.py << 'P'
import millrace, numpy, sys
stage = millrace.Stage("mine")
s = stage.read("item.id", "user.id", "inter.user")
n, m, k = len(s["item.id"]), len(s["user.id"]), len(s["inter.user"])
one = numpy.ones((n, 3), "f4")
def but(value, *rows):
    copy = one.copy()
    copy[rows] = value
    return copy
exec("stage.write(" + sys.argv[1] + ")")
stage.close()
P
    wrong() {
        run bash -c '"$1" wrong.py "$2" < data.mr 2>&1 > out.mr' wrong "$python" "$1"
        [ "$status" = 1 ] || { echo "$1: status $status: $output"; return 1; }
        [ "$output" = "mine: $2" ] || { echo "$1: $output"; return 1; }
        not stream-check -q out.mr 2> /dev/null
    }
    n=$(rows data.mr item.id 0 | wc -l)
    m=$(rows data.mr user.id 0 | wc -l)
    wrong '{"item.cf": one[:-1]}' "'item.cf': $((n - 1)) rows, expected $n, one for each of 'item.id'"
    wrong '{"item.mine": one[1:, 0]}' "'item.mine': $((n - 1)) rows, expected $n, one for each of 'item.id'"
    wrong '{"user.cf.test": numpy.ones((m + 1, 3))}' "'user.cf.test': $((m + 1)) rows, expected $m, one for each of 'user.id'"
    wrong '{"item.cf": one, "user.cf.test": numpy.ones((m, 2))}' "'user.cf.test': 2 columns, expected 3 as 'item.cf' has"
    wrong '{"item.cf": one[:, 0]}' "'item.cf': shape [$n], expected 2 dimensions"
    wrong '{"item.cf": one.astype("i4")}' "'item.cf': type <i4, expected <f4"
    wrong '{"item.cf": s["item.id"]}' "'item.cf': type text, expected <f4"
    wrong '{"item.cf": but(numpy.inf, 4)}' "'item.cf': row 4 is not finite, expected finite numbers, or a row all NaN for none"
    wrong '{"item.cf": but(numpy.nan, 4, 1)}' "'item.cf': row 4 is not finite, expected finite numbers, or a row all NaN for none"
    wrong '{"item.text": but(numpy.nan, 2)}' "'item.text': row 2 is not finite, expected finite numbers"
    wrong '{"item.x": one.astype("f8") * 1e39}' "'item.x': row 0 has 1e+39, beyond the range of 32-bit floats (3.40282e+38)"
    wrong '{"inter.split": numpy.zeros(k)}' "'inter.split': type <f4, expected |u1"
    wrong '{"inter.split": numpy.full(k, 5, "u1")}' "'inter.split': row 0 is 5, expected 0 to 4"
    wrong '{"a\nb": one}' "'a\\nb': no name, expected UTF-8 of 1 to 255 bytes without control characters"
    wrong '{5: one}' "5: no name, expected UTF-8 of 1 to 255 bytes without control characters"
    wrong '{"x": numpy.ones((1,) * 9)}' "'x': 9 dimensions, expected at most 8"
    wrong '{"x": one}, {"x": {"first": "1"}}' "'x': attribute 'first' is '1', expected texts, and no 'first' or 'rows'"
    # and what is right passes
    $python wrong.py '{"item.cf": but(numpy.nan, 4), "user.cf.test": numpy.ones((m, 3)), "score.test.x": one, "more": one}' < data.mr > out.mr
    stream-check -q out.mr
    run $python -c 'import millrace; millrace.write("wrong.mr", {"item.cf": [[1.]], "item.id": ["a", "b"]})'
    [ "${lines[${#lines[@]} - 1]}" = "millrace.StreamError: wrong.mr: 'item.cf': 1 rows, expected 2, one for each of 'item.id'" ]
    [ ! -e wrong.mr ]
    echo 'import millrace; millrace.Stage("mine", input="nowhere.mr").read()' > stage.py
    run $python stage.py
    [ "$status" = 1 ]
    [ "$output" = "mine: nowhere.mr: No such file or directory" ]
}

@test "vectors that were trained on test items are told, once, and others are not" {
    cat > svd.py << 'P'
import millrace, numpy, sys
stage = millrace.Stage("svd")
s = stage.read("inter.*", "user.id", "item.id")
seen = numpy.zeros((len(s["user.id"]), len(s["item.id"])), "f4")
known = s["inter.split"] <= int(sys.argv[1])
seen[s["inter.user"][known], s["inter.item"][known]] = 1
u, d, v = numpy.linalg.svd(seen, full_matrices=False)
k = int(sys.argv[2])
stage.write({"item.cf": v[:k].T} | {"user.cf." + when: u[:, :k] * d[:k] for when in ("train", "valid", "test")})
stage.close()
P
    awk 'BEGIN { print "user,item"
                 for (u = 0; u < 150; u++)
                     for (i = 0; i < 12; i++)
                         print u "," (u * 37 + i * (17 + u % 29)) % 211 }' > random.csv
    data-import -q random.csv | data-split -q > synth.mr
    for k in 4 60; do
        $python svd.py 0 $k < synth.mr | cand-sample -q --for valid,test -n 5 > honest.mr
        cf-score honest.mr 2> said > /dev/null
        not grep 'seem to have been trained' said
    done
    $python svd.py 2 60 < synth.mr | cand-sample -q --for valid,test -n 5 > all.mr
    cf-score -q all.mr 2> said > scored.mr
    [ "$(grep -cE "^cf-score: 'item.cf' and 'user.cf.\*' seem to have been trained on test items: of 150 users hr@10 in the whole catalogue is [0-9.]+ for test items, [0-9.]+ for last training items; " said)" = 1 ]
    [ "$(wc -l < said)" = 1 ]
    stream-check -q scored.mr
    # without the interactions, and in parts, nothing is looked at
    stream-cat -d 'inter.*' all.mr | cf-score -q 2> said > /dev/null
    cf-score -q --part 1/2 all.mr 2>> said > /dev/null
    [ ! -s said ]
}
