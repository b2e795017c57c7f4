"""Streams of millrace in Python: read them, write them, be a filter between two others.

    import millrace

    s = millrace.read("cf.mr")              # arrays and lists of str, by name
    s["item.cf"].shape
    millrace.names("cf.mr")                 # what is in it: {"item.cf": ("<f4", (1682, 50))}
    millrace.write("mine.mr", {"item.cf": vectors}, program="mine")

    stage = millrace.Stage("mine", dim=16)  # standard input to standard output
    s = stage.read("inter.*", "item.id")    # all passes on, these are kept
    stage.write({"item.cf": vectors})
    stage.close()

One file, numpy and msgpack; the format is lib/stream/FORMAT.md.  A file is a path, "-"
for standard input or output, or something opened in binary.  What is read is checked as
the filters check it, to its end.  What is written under a name that filters read must be
what they expect: its type, its dimensions, a row for each id, and no infinite numbers.
What is wrong raises StreamError; a stage ends with it as a line, and status 1.
"""
import contextlib
import fnmatch
import os
import signal
import struct
import sys
import tempfile
import unicodedata

import msgpack
import numpy as np

FORMAT = 1
CHUNK_BYTES = 1 << 20  # rows travel in chunks of about this size
FRAME_BYTES = 64 << 20  # the largest frame
TEXT_BYTES = 1024  # that a row of text counts as
MAGIC = b"\x96\xd9\x08millrace"
TYPES = ("<f4", "<f2", "|i1", "<i4", "<i8", "|u1")
KINDS = ("head", "tensor", "text", "end")
DIMENSIONS, NAME_BYTES, ROW_BYTES = 8, 255, 65000  # at most: of a tensor, a name, a text
TURNS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # of text
READ_BYTES = 1 << 22


class StreamError(Exception):
    """What is wrong with a stream: the file, the frame, and both sides of it."""


class Frame:
    """kind ("head", "tensor", "text", "end"), name, attrs (a dict), payload (an array of
    the frame's rows, a list of str, or None), and raw, its bytes."""

    def __init__(self, kind, name, attrs, payload, raw):
        self.kind, self.name, self.attrs = kind, name, attrs
        self.payload, self.raw = payload, raw

    def __repr__(self):
        return f"<{self.kind} {self.name!r} {self.attrs}>"


# --- XXH3-64 with seed 0, from its specification (Yann Collet, xxHash's documentation)

_SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
    "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
    "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")
_P32 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
_P64 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
        0x27D4EB2F165667C5)
_MASK = (1 << 64) - 1
_STRIPES = 16  # of 64 bytes in a block: (len(_SECRET) - 64) / 8


def _u64(data, at):
    return struct.unpack_from("<Q", data, at)[0]


def _fold(a, b):
    product = a * b
    return (product & _MASK) ^ (product >> 64)


def _avalanche(h):
    h ^= h >> 37
    h = h * 0x165667919E3779F9 & _MASK
    return h ^ h >> 32


def _avalanche_64(h):
    h = (h ^ h >> 33) * _P64[1] & _MASK
    h = (h ^ h >> 29) * _P64[2] & _MASK
    return h ^ h >> 32


def _mix(data, at, secret):
    return _fold(_u64(data, at) ^ _u64(_SECRET, secret),
                 _u64(data, at + 8) ^ _u64(_SECRET, secret + 8))


def _rotate(h, n):
    return (h << n | h >> (64 - n)) & _MASK


def _hash_16(data):
    n = len(data)
    if n > 8:
        low = _u64(data, 0) ^ _u64(_SECRET, 24) ^ _u64(_SECRET, 32)
        high = _u64(data, n - 8) ^ _u64(_SECRET, 40) ^ _u64(_SECRET, 48)
        swapped = int.from_bytes(low.to_bytes(8, "little"), "big")
        return _avalanche((n + swapped + high + _fold(low, high)) & _MASK)
    if n >= 4:
        first, last = struct.unpack("<I", data[:4])[0], struct.unpack("<I", data[-4:])[0]
        h = (last + (first << 32)) ^ _u64(_SECRET, 8) ^ _u64(_SECRET, 16)
        h ^= _rotate(h, 49) ^ _rotate(h, 24)
        h = h * 0x9FB21C651E98DF25 & _MASK
        h ^= (h >> 35) + n
        h = h * 0x9FB21C651E98DF25 & _MASK
        return h ^ h >> 28
    if n > 0:
        word = data[0] << 16 | data[n >> 1] << 24 | data[n - 1] | n << 8
        flip = struct.unpack_from("<II", _SECRET)
        return _avalanche_64(word ^ flip[0] ^ flip[1])
    return _avalanche_64(_u64(_SECRET, 56) ^ _u64(_SECRET, 64))


def _hash_240(data):
    n = len(data)
    h = n * _P64[0]
    if n <= 128:
        for i in range((n - 1) // 32, -1, -1):
            h += _mix(data, 16 * i, 32 * i) + _mix(data, n - 16 * i - 16, 32 * i + 16)
        return _avalanche(h & _MASK)
    for i in range(8):
        h += _mix(data, 16 * i, 16 * i)
    h = _avalanche(h & _MASK)
    for i in range(8, n // 16):
        h += _mix(data, 16 * i, 16 * (i - 8) + 3)
    return _avalanche((h + _mix(data, n - 16, 136 - 17)) & _MASK)


def _secret_words(at):
    return np.frombuffer(_SECRET, "<u8", 8, at)


_WINDOWS = np.stack([_secret_words(8 * i) for i in range(_STRIPES)])


def _stripes(words, secret):
    """What stripes, (..., stripes, 8) words, add to the eight accumulators."""
    keyed = words ^ secret
    added = (keyed & np.uint64(0xFFFFFFFF)) * (keyed >> np.uint64(32))
    return (added + words[..., [1, 0, 3, 2, 5, 4, 7, 6]]).sum(axis=-2, dtype=np.uint64)


def _hash_long(data):
    n = len(data)
    accumulators = np.array([_P32[2], *_P64[:4], _P32[1], _P64[4], _P32[0]], np.uint64)
    blocks = (n - 1) // (64 * _STRIPES)
    words = np.frombuffer(data, "<u8", 8 * _STRIPES * blocks).reshape(blocks, _STRIPES, 8)
    last_secret, shift, prime = _secret_words(128), np.uint64(47), np.uint64(_P32[0])
    for added in _stripes(words, _WINDOWS):
        accumulators += added
        accumulators ^= accumulators >> shift
        accumulators ^= last_secret
        accumulators *= prime
    at = 64 * _STRIPES * blocks
    rest = (n - 1 - at) // 64
    words = np.frombuffer(data, "<u8", 8 * rest, at).reshape(rest, 8)
    accumulators += _stripes(words, _WINDOWS[:rest])
    accumulators += _stripes(np.frombuffer(data[-64:], "<u8").reshape(1, 8), _secret_words(121))
    a = [int(x) for x in accumulators]
    h = n * _P64[0]
    for i in range(4):
        h += _fold(a[2 * i] ^ _u64(_SECRET, 11 + 16 * i),
                   a[2 * i + 1] ^ _u64(_SECRET, 19 + 16 * i))
    return _avalanche(h & _MASK)


def xxh3(data):
    """XXH3-64 of bytes, seed 0, as eight bytes, the most significant first."""
    n = len(data)
    h = _hash_16(data) if n <= 16 else _hash_240(data) if n <= 240 else _hash_long(data)
    return h.to_bytes(8, "big")


# --- reading

@contextlib.contextmanager
def _opened(file):
    """Something to read from, and what to call it."""
    if file == "-":
        yield sys.stdin.buffer, "<stdin>"
    elif isinstance(file, (str, os.PathLike)):
        with open(file, "rb") as f:
            yield f, os.fspath(file)
    else:
        yield file, getattr(file, "name", "<stream>")


def _pieces(file, where):
    """The frames of a stream as unpacked lists, each with its bytes."""
    unpacker = msgpack.Unpacker(raw=False, strict_map_key=False,
                                max_buffer_size=2 * FRAME_BYTES)
    kept, begin, number = bytearray(), 0, 0  # bytes from begin on, not yet part of a frame
    while True:
        more = file.read(READ_BYTES)
        if not more:
            break
        kept += more
        while True:
            try:
                unpacker.feed(more)
                more = b""
                item = unpacker.unpack()
            except msgpack.OutOfData:
                break
            except Exception as e:
                raise StreamError(f"{where}: frame {number + 1}: no msgpack: {e}") from None
            size = unpacker.tell() - begin
            yield item, bytes(kept[:size])
            del kept[:size]
            begin, number = begin + size, number + 1
    if kept:
        raise StreamError(f"{where}: cut short after {number} frames, in a frame")


def _is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(value, most=ROW_BYTES):
    """A str of at most that many bytes of UTF-8 without NUL."""
    try:
        return isinstance(value, str) and "\0" not in value and len(value.encode()) <= most
    except UnicodeEncodeError:
        return False


def _is_name(value):
    return _is_text(value, NAME_BYTES) and value != "" and not any(
        unicodedata.category(c) in ("Cc", "Zl", "Zp") or c in TURNS for c in value)


def _check_name(name):
    if not _is_name(name):
        raise StreamError(f"{name!r}: no name, expected UTF-8 of 1 to {NAME_BYTES} bytes "
                          "without control characters")


def _array(payload):
    """What msgpack-numpy has packed."""
    if not isinstance(payload, dict) or payload.get(b"type") not in TYPES:
        raise ValueError(f"payload is no array of type {' '.join(TYPES)}")
    shape = payload.get(b"shape")
    if not isinstance(shape, list) or not 1 <= len(shape) <= DIMENSIONS or \
            not all(map(_is_count, shape)):
        raise ValueError(f"shape is {shape}, expected 1 to {DIMENSIONS} counts")
    data = np.frombuffer(payload[b"data"], np.dtype(payload[b"type"]))
    return data.reshape(shape)


def _rows(attrs, payload):
    """Checks where the rows of a frame are."""
    first, rows = attrs.get("first"), attrs.get("rows")
    if not _is_count(first) or not _is_count(rows):
        raise ValueError(f"rows from {first} of {rows}, expected counts")
    if first + len(payload) > rows or (len(payload) == 0 and rows > 0):
        raise ValueError(f"rows {first} to {first + len(payload)} of {rows}")


def _frame(kind, name, attrs, payload, raw):
    """A frame of these, checked by itself; ValueError says what is wrong."""
    if kind not in KINDS:
        raise ValueError(f"of a kind that this program does not know, {kind!r}")
    if name != "" if kind == "end" else not _is_name(name):
        raise ValueError(f"a {kind} with a bad name")
    if not isinstance(attrs, dict) or not all(isinstance(k, str) for k in attrs):
        raise ValueError("attrs are no map of texts")
    if kind == "head" and not _is_count(attrs.get("format")):
        raise ValueError("a head without format version")
    if kind == "head" and attrs["format"] > FORMAT:
        raise ValueError(f"format version {attrs['format']}, this program reads up to "
                         f"{FORMAT}: use a newer one")
    if kind == "end" and not _is_count(attrs.get("frames")):
        raise ValueError("an end without count")
    if kind == "tensor":
        payload = _array(payload)
    if kind == "text" and not (isinstance(payload, list) and all(map(_is_text, payload))):
        raise ValueError(f"payload is no list of UTF-8 texts of at most {ROW_BYTES} bytes "
                         "without NUL")
    if kind in ("tensor", "text"):
        _rows(attrs, payload)
    return Frame(kind, name, attrs, payload, raw)


class _Order:
    """What frames must follow each other, from one end to the next."""

    def __init__(self):
        self.count, self.sums, self.begun = 0, b"", False
        self.series = {}  # of each name what its chunks share, its next row and its rows

    def take(self, frame):
        if not self.begun and frame.kind != "head":
            raise ValueError(f"a stream begins with a head, found a {frame.kind}")
        if frame.kind in ("tensor", "text"):
            self._follow(frame)
        if frame.kind == "end":
            self._end(frame)
            return
        self.begun = True
        self.count, self.sums = self.count + 1, self.sums + frame.raw[-8:]

    def _follow(self, frame):
        first, rows = frame.attrs["first"], frame.attrs["rows"]
        shape = frame.payload.shape[1:] if frame.kind == "tensor" else ()
        like = (frame.kind, getattr(frame.payload, "dtype", None), shape,
                {k: v for k, v in frame.attrs.items() if k != "first"})
        was, next_row, had = self.series.get(frame.name, (None, 0, 0))
        if first == 0 and next_row < had:
            raise ValueError(f"'{frame.name}' starts anew after {next_row} of {had} rows")
        if first != 0 and first != next_row:
            raise ValueError(f"'{frame.name}' goes on at row {first}, expected {next_row}")
        if first != 0 and like != was:
            raise ValueError(f"'{frame.name}' changes its type, shape or attrs at row {first}")
        self.series[frame.name] = like, first + len(frame.payload), rows

    def _end(self, frame):
        if self.count == 0:
            raise ValueError("an end that ends nothing: frames are missing or moved")
        if frame.attrs["frames"] != self.count or frame.attrs.get("sums") != xxh3(self.sums):
            raise ValueError(f"the end says {frame.attrs['frames']} frames, found "
                             f"{self.count}: frames are missing or moved")
        for name, (_, next_row, rows) in self.series.items():
            if next_row < rows:
                raise ValueError(f"'{name}' has {next_row} of {rows} rows")
        self.count, self.sums, self.begun = 0, b"", False


def frames(file):
    """Every frame of a stream in order, ends included, each checked with what came before
    it; the last frame must be an end."""
    with _opened(file) as (opened, where):
        order, number = _Order(), 0
        for number, (item, raw) in enumerate(_pieces(opened, where), 1):
            here = f"{where}: frame {number}"
            if not raw.startswith(MAGIC) or len(item) != 6 or len(raw) > FRAME_BYTES:
                raise StreamError(f"{here}: no frame of millrace")
            _, kind, name, attrs, payload, sum_ = item
            if xxh3(raw[:-10]) != sum_:
                raise StreamError(f"{here}: '{name}' is damaged (checksum differs)")
            try:
                frame = _frame(kind, name, attrs, payload, raw)
                order.take(frame)
            except (KeyError, TypeError, ValueError) as e:
                raise StreamError(f"{here}: '{name}': {e}") from None
            yield frame
        if number == 0:
            raise StreamError(f"{where}: no input")
        if order.begun:
            raise StreamError(f"{where}: cut short after {number} frames: no end")


def _matches(name, patterns):
    return not patterns or any(fnmatch.fnmatchcase(name, p) for p in patterns)


def _collect(found, frame):
    if frame.attrs["first"] == 0:
        found[frame.name] = []
    found[frame.name].append(frame.payload)


def _joined(found):
    return {name: np.concatenate(parts) if isinstance(parts[0], np.ndarray)
            else [text for part in parts for text in part] for name, parts in found.items()}


def read(file, *patterns):
    """A stream's tensors as arrays and its texts as lists of str, by name; with patterns
    such as "item.*" only what matches one."""
    found = {}
    for frame in frames(file):
        if frame.kind in ("tensor", "text") and _matches(frame.name, patterns):
            _collect(found, frame)
    return _joined(found)


def names(file):
    """What a stream holds: {name: (type, shape)}, a text's type being "text"."""
    found = {}
    for frame in frames(file):
        if frame.kind == "tensor":
            array = frame.payload
            found[frame.name] = array.dtype.str, (frame.attrs["rows"], *array.shape[1:])
        elif frame.kind == "text":
            found[frame.name] = "text", (frame.attrs["rows"],)
    return found


def history(file):
    """The programs that made a stream, in order: (name, version, options)."""
    return [(f.name, f.attrs.get("version", ""), f.attrs.get("options", {}))
            for f in frames(file) if f.kind == "head"]


# --- writing

# What the filters expect under these names, the first that fits: the type ("<f2" is as good
# as "<f4"), the dimensions (0: any), and what may be NaN: nothing, whole rows, any number.
_EXPECTED = tuple(line.split() for line in """
    item.id text 1 -
    user.id text 1 -
    item.title text 1 -
    inter.user <i4 1 -
    inter.item <i4 1 -
    inter.time <i8 1 -
    inter.rating <f4 1 numbers
    inter.split |u1 1 -
    inter.cf <f4 2 rows
    user.cf.* <f4 2 rows
    item.cf <f4 2 rows
    item.joint <f4 2 rows
    item.joint_text <f4 2 nothing
    item.text <f4 2 nothing
    item.fused <f4 2 -
    cand.*.user <i4 1 -
    cand.*.item <i4 2 -
    score.* <f4 2 numbers
    rel.* <f4 2 nothing
    cf.* <f4 0 nothing
    align.* <f4 0 nothing
    proj.* <f4 0 nothing""".split("\n")[1:])
SPLITS = 5  # values of inter.split


def _narrow(name, array):
    """64-bit floats as 32-bit ones; what is finite stays so."""
    with np.errstate(over="ignore"):
        narrow = array.astype("<f4")
    beyond = np.isfinite(array) & ~np.isfinite(narrow)
    if beyond.any():
        at = np.unravel_index(beyond.argmax(), array.shape)
        raise StreamError(f"'{name}': row {at[0] if at else 0} has {array[at]:g}, beyond the "
                          f"range of 32-bit floats ({np.finfo('f4').max:g})")
    return narrow


def _check_numbers(name, array, lacks):
    """That no number is infinite, and none is missing but what may be."""
    bad = ~np.isfinite(array.reshape(len(array), -1))
    nan = np.isnan(array.reshape(len(array), -1))
    if lacks == "numbers":
        bad &= ~nan
    elif lacks == "rows":
        bad &= ~nan.all(axis=1, keepdims=True)
    if bad.any():
        also = {"numbers": ", or NaN for none", "rows": ", or a row all NaN for none"}
        raise StreamError(f"'{name}': row {bad.any(axis=1).argmax()} is not finite, expected "
                          f"finite numbers{also.get(lacks, '')}")


def _check_expected(name, values):
    """That filters will take what has this name."""
    for pattern, kind, dims, lacks in _EXPECTED:
        if fnmatch.fnmatchcase(name, pattern):
            break
    else:
        return
    found = "text" if isinstance(values, list) else values.dtype.str
    if found != kind and (found, kind) != ("<f2", "<f4") and not (kind == "text" and
                                                               len(values) == 0):
        raise StreamError(f"'{name}': type {found}, expected {kind}")
    if found == "text":
        return
    if int(dims) not in (0, values.ndim):
        raise StreamError(f"'{name}': shape {list(values.shape)}, expected {dims} "
                          f"dimension{'s' if dims != '1' else ''}")
    if lacks != "-" and values.size:
        _check_numbers(name, values, lacks)
    if name == "inter.split" and values.size and values.max() >= SPLITS:
        row = int((values >= SPLITS).argmax())
        raise StreamError(f"'{name}': row {row} is {values[row]}, expected 0 to {SPLITS - 1}")


class _Together:
    """What tensors of one stream must agree on: a row for each id, and one width of the CF
    model's vectors."""
    CF = "item.cf", "user.cf.*", "inter.cf"

    def __init__(self):
        self.rows = {}  # of item.id, user.id and inter.user
        self.width = None  # the CF vectors' name and width

    def note(self, name, rows):
        if name in ("item.id", "user.id", "inter.user"):
            self.rows[name] = rows

    def check(self, tensors):
        for name, values in tensors.items():
            self.note(name, len(values))
        for name, values in tensors.items():
            of = {"item": "item.id", "user": "user.id", "inter": "inter.user"}.get(
                name.partition(".")[0])
            if len(values) != self.rows.get(of, len(values)):
                raise StreamError(f"'{name}': {len(values)} rows, expected {self.rows[of]}, "
                                  f"one for each of '{of}'")
            if _matches(name, self.CF):
                first, width = self.width = self.width or (name, values.shape[1])
                if values.shape[1] != width:
                    raise StreamError(f"'{name}': {values.shape[1]} columns, expected {width} "
                                      f"as '{first}' has")


def _check_attrs(name, attrs):
    for key, value in attrs.items():
        if not _is_name(key) or not _is_text(value) or key in ("first", "rows"):
            raise StreamError(f"'{name}': attribute {key!r} is {value!r}, expected texts, "
                              "and no 'first' or 'rows'")


def _rows_of(name, values):
    """An array in a type that streams have, or a list of str."""
    _check_name(name)
    if isinstance(values, (list, tuple)) and all(isinstance(v, str) for v in values):
        for i, text in enumerate(values):
            if not _is_text(text):
                raise StreamError(f"'{name}': row {i} is no text of at most {ROW_BYTES} bytes "
                                  "of UTF-8 without NUL")
        values = list(values)
        _check_expected(name, values)
        return values
    array = np.asarray(values)
    if array.dtype == np.float64:
        array = _narrow(name, array)
    elif array.dtype == bool:
        array = array.astype("|u1")
    if array.dtype.newbyteorder("<").str not in TYPES:
        raise StreamError(f"'{name}': type {array.dtype}, expected one of {' '.join(TYPES)}")
    if not 1 <= array.ndim <= DIMENSIONS:
        raise StreamError(f"'{name}': a single number, expected rows" if array.ndim == 0 else
                          f"'{name}': {array.ndim} dimensions, expected at most {DIMENSIONS}")
    array = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    _check_expected(name, array)
    return array


def _chunk_rows(values):
    row = TEXT_BYTES if isinstance(values, list) else values.itemsize * int(
        np.prod(values.shape[1:], dtype=np.int64))
    return max(1, CHUNK_BYTES // max(1, row))


class Writer:
    """Writes frames to something opened in binary; close() writes the end."""

    def __init__(self, file):
        self.file, self.count, self.sums = file, 0, b""
        self.together = _Together()
        self.packer = msgpack.Packer(use_bin_type=True)

    def raw(self, frame):
        """A frame as it is."""
        self.count += 1
        self.sums += frame.raw[-8:]
        self.file.write(frame.raw)

    def _frame(self, kind, name, attrs, payload):
        pack = self.packer.pack
        body = b"".join((MAGIC, pack(kind), pack(name), pack(attrs), pack(payload)))
        sum_ = xxh3(body)
        if len(body) + 10 > FRAME_BYTES:
            raise StreamError(f"'{name}': a row takes {len(body)} bytes, at most "
                              f"{FRAME_BYTES} can be written")
        self.file.write(body + b"\xc4\x08" + sum_)
        if kind != "end":
            self.count += 1
            self.sums += sum_

    def head(self, program, version="0", seed=None, options=None):
        """Who made what follows, with which options."""
        _check_name(program)
        attrs = {"format": FORMAT, "version": str(version)}
        if seed is not None:
            attrs["seed"] = str(seed)
        attrs["options"] = {k: str(v) for k, v in (options or {}).items()}
        self._frame("head", program, attrs, None)

    def put(self, tensors, attrs=None):
        """Tensors and texts that share rows, by name, cut at the same rows.  attrs: a dict
        of str for each that has some, by name."""
        attrs = attrs or {}
        tensors = self._ready(tensors, attrs)
        rows = {len(values) for values in tensors.values()}
        if len(rows) != 1:
            raise StreamError(f"{', '.join(tensors)}: rows {sorted(rows)}, expected as many")
        self._put(tensors, attrs)

    def _ready(self, tensors, attrs):
        """The tensors as they are written, all of them checked."""
        tensors = {name: _rows_of(name, values) for name, values in tensors.items()}
        self.together.check(tensors)
        for name in tensors:
            _check_attrs(name, attrs.get(name, {}))
        return tensors

    def _put(self, tensors, attrs):
        rows = len(next(iter(tensors.values())))
        step = min(map(_chunk_rows, tensors.values()))
        for first in range(0, max(rows, 1), step):
            for name, values in tensors.items():
                part = values[first:first + step]
                self._frame("text" if isinstance(part, list) else "tensor", name,
                            {"first": first, "rows": rows, **attrs.get(name, {})},
                            part if isinstance(part, list) else {
                                b"nd": True, b"type": part.dtype.str, b"kind": b"",
                                b"shape": list(part.shape), b"data": part.tobytes()})

    def close(self):
        self._frame("end", "", {"frames": self.count, "sums": xxh3(self.sums)}, None)
        self.file.flush()


def write(file, tensors, program="python", version="0", seed=None, options=None, attrs=None):
    """A whole stream of arrays and lists of str, by name.  Numbers of 64 bits become 32-bit
    ones where they are floats.  A path's file appears only once it is whole and right."""
    if file == "-":
        file = sys.stdout.buffer
    if isinstance(file, (str, os.PathLike)):
        path = os.path.realpath(file)
        with tempfile.NamedTemporaryFile(dir=os.path.dirname(path), delete=False) as part:
            try:
                write(part, tensors, program, version, seed, options, attrs)
                os.chmod(part.name, 0o666 & ~_umask())
                os.replace(part.name, path)
            except BaseException as e:
                os.unlink(part.name)
                if isinstance(e, StreamError):
                    raise StreamError(f"{os.fspath(file)}: {e}") from None
                raise
        return
    out = Writer(file)
    out.head(program, version, seed, options)
    for name in ("item.id", "user.id", "inter.user"):
        if name in tensors:
            out.together.note(name, len(tensors[name]))
    for name, values in tensors.items():
        out.put({name: values}, attrs)
    out.close()


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


class Stage:
    """A filter: what comes in on standard input passes on to standard output as it is, and
    write() adds to it.  Options that change the result are for the history.  Wrong input
    ends the program with a line and status 1."""

    def __init__(self, program, version="0", seed=None, input="-", output=None, **options):
        self.input = input
        self.out = Writer(sys.stdout.buffer if output is None else output)
        self.ids = {}  # rows and digest of item.id and user.id, as what came in has them
        self.head = program, version, seed, options
        if output is None:
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as other filters end

    def read(self, *patterns, replace=()):
        """Reads all; what matches a pattern is returned as by read().  What matches one of
        replace does not pass on."""
        found = {}
        try:
            for frame in frames(self.input):
                rows = frame.kind in ("tensor", "text")
                if rows:
                    self.out.together.note(frame.name, frame.attrs["rows"])
                    self.ids |= {k: frame.attrs[k] for k in ("item.id", "user.id")
                                 if k in frame.attrs}
                if rows and patterns and _matches(frame.name, patterns):
                    _collect(found, frame)
                if frame.kind != "end" and not (rows and replace and
                                                _matches(frame.name, replace)):
                    self.out.raw(frame)
        except (StreamError, OSError) as e:
            self._stop(e)
        self.out.head(*self.head)
        return _joined(found)

    def _stop(self, e):
        words = f"{e.filename}: {e.strerror}" if isinstance(e, OSError) and e.filename else e
        sys.exit(f"{self.head[0]}: {words}")

    def write(self, tensors, attrs=None):
        """Adds arrays and lists of str, by name.  A row for each item or user says by which
        ids they are numbered, where what came in says so; later filters compare it."""
        try:
            self._write(tensors, attrs or {})
        except StreamError as e:
            self._stop(e)

    def _write(self, tensors, attrs):
        for name, values in self.out._ready(tensors, attrs).items():
            ids = name.partition(".")[0] + ".id"
            given = attrs.get(name, {})
            if self.ids.get(ids, "").split(":")[0] == str(len(values)) and ids != name:
                given = {ids: self.ids[ids], **given}
            self.out._put({name: values}, {name: given})

    def close(self):
        """The end, without which what was written passes for cut short."""
        self.out.close()
