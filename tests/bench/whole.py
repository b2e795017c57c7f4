"""What is measured as a whole, and not by the unit: starting, streams through pipes, reading
ratings, loading a language model, the demo."""
import json
import os
import random
import shutil
import sys
import time

from harness import LLM, ROOT, o, ours, peer_command, run, threaded, work


def start_up():
    """--help of every program: the best of 20, since this is about the program."""
    times = []
    for source in sorted(os.listdir(os.path.join(ROOT, "bin"))):
        if source.endswith(".c"):
            got = [run(ours(source[:-2], "--help")) for _ in range(20)]
            if all(got):
                times.append((min(g[0] for g in got), source[:-2]))
    print(f"\nstarting and --help, slowest of {len(times)} programs (target 10 ms): "
          + ", ".join(f"{n} {1000 * t:.1f} ms" for t, n in sorted(times)[:-4:-1]))


def piped(command):
    """A shell's command into a pipe; None also where only the command failed."""
    return run(["bash", "-c", f"set -o pipefail; {command} | cat > /dev/null"])


def streams():
    """One gigabyte of float32 through stream-cat."""
    size = 1 << (26 if o.quick else 30)
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({size // 1024}, 256), }}"
    header = header.ljust(117) + "\n"
    with open(work("big.npy"), "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
        for i in range(size >> 20):
            f.write(bytes([i % 251]) * (1 << 20))
    got = run(ours("stream-convert", work("big.npy")), stdout=work("big.mr"))
    times = [run(ours("stream-cat", work("big.mr"))) for _ in range(o.rounds + 1)]
    cat = f"{ours('stream-cat')[0]} '{work('big.mr')}'"
    into_pipe = [piped(cat) for _ in range(o.rounds + 1)]
    if got and all(times) and all(into_pipe):
        print(f"stream-cat (target 2 GB/s): {1e-9 * size / min(t for t, _ in times):.1f} GB/s, "
              f"into a pipe {1e-9 * size / min(t for t, _ in into_pipe):.1f} GB/s; peak "
              f"{max(m for _, m in times):.0f} MB for {size >> 20} MB")
    else:
        print("stream-cat: -")
    if got:
        hit(size)
    for name in ("big.npy", "big.mr"):
        if os.path.exists(work(name)):
            os.remove(work(name))


def ratings():
    """Five million ratings as a table, against pandas that reads the same file and no more;
    both with their start."""
    count, path = 200_000 if o.quick else 5_000_000, work("ratings.csv")
    r = random.Random(1)
    with open(path, "w") as f:
        f.write("userId,movieId,rating,timestamp\n")
        for i in range(count):
            f.write(f"{i // 150 + 1},{int(27000 * r.random() ** 3) + 1},{r.randint(1, 10) / 2},"
                    f"{r.randint(800000000, 1500000000)}\n")
    peer_code = f"import pandas; pandas.read_csv({path!r})"
    got = [(run(ours("data-import", path)), run([sys.executable, "-c", peer_code]))
           for _ in range(o.rounds + 1)]
    os.remove(path)
    for name, runs in zip(("data-import", "pandas.read_csv"), zip(*got)):
        print(f"{count:,} ratings, {name}: " + (
            f"{min(t for t, _ in runs):.2f} s, {max(m for _, m in runs):.0f} MB"
            if all(runs) else "-"))


def hit(size):
    """The same gigabyte from memo's cache against cat, both into a pipe."""
    os.environ["MILLRACE_CACHE"] = work("cache")
    time.sleep(3)  # a younger file's digest is not remembered
    memo = f"{ours('memo')[0]} {ours('stream-convert')[0]} '{work('big.npy')}'"
    cat = [piped(f"cat '{work('big.mr')}'") for _ in range(o.rounds + 1)]
    piped(memo)  # keeps it
    hits = [piped(memo) for _ in range(o.rounds + 1)]
    with open(work("stderr"), encoding="utf-8") as f:
        kept = "from the cache" in f.read()
    shutil.rmtree(work("cache"), ignore_errors=True)
    if kept and all(hits) and all(cat):
        from_cache, plain = (min(t for t, _ in got) for got in (hits, cat))
        print(f"memo, {size >> 20} MB from its cache into a pipe: {from_cache:.2f} s, "
              f"cat: {plain:.2f} s")
    else:
        print("memo: -")


def loading():
    """A language model from its file to the first log-likelihood: ours with the process's
    own start; the peers without theirs and without their imports, which take longer."""
    with open(work("one.tsv"), "w", encoding="utf-8") as f:
        f.write("The\t film\n")
    for weights, *more in (("stored",), ("stored", "--precision", "bf16"), ("expanded",),
                           ("expanded", "--precision", "bf16")):
        command = ours("llm-score", *threaded(""), "-m", LLM, "--weights", weights, *more,
                       "--lines")
        say_loading(" ".join(["llm-score --weights", weights, *more[1:]]),
                    [run(command, work("one.tsv")) for _ in range(o.rounds + 1)])
    for kind, name in (("llamacpp", "llama.cpp, mapped"), ("f32", "transformers f32"),
                       ("bf16", "transformers bf16")):
        say_loading(name, [timed_peer(f"load.py {kind}") for _ in range(o.rounds + 1)])


def timed_peer(script):
    """What a peer's script says that it took, and its peak memory."""
    got = run(peer_command(script, 1), stdout=work("answer"))
    if got is None:
        return None
    with open(work("answer"), encoding="utf-8") as f:
        return json.loads(f.read().strip().split("\n")[-1])["seconds"], got[1]


def say_loading(name, runs):
    print(f"loading {LLM}, {name}: " + (
        f"{1000 * min(t for t, _ in runs):.0f} ms, {max(m for _, m in runs):.0f} MB"
        if all(runs) else "-"))


def demo():
    """The whole demo, with an empty cache, from the data set's files to the table."""
    folder = work("demo")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    few = {"MILLRACE_USERS": "20", "MILLRACE_STEPS": "4"} if o.quick else {}
    command = ["env", f"MILLRACE_CACHE={folder}/cache", f"MILLRACE_WORK={folder}/work",
               f"OMP_NUM_THREADS={o.threads}", *(f"{k}={v}" for k, v in few.items()),
               os.path.join(ROOT, "pipelines/demo")]
    got = run(command, stdout=work("demo.txt"))
    shutil.rmtree(folder, ignore_errors=True)
    words = ", ".join(f"{k}={v}" for k, v in few.items())
    print("whole demo, cold start to table" + (f" ({words})" if words else "") + ": "
          + (f"{got[0]:.0f} s, {got[1]:.0f} MB at most in one of its processes" if got
             else "-"))
