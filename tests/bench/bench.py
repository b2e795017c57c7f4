"""Runs ours and the peers in turn on the same work and prints what each took.

Ours are the programs as they are: the time of one unit is the difference between a run
with many units and one with few, divided by the difference in units, so that starting,
reading and loading do not count.  The peers are Python scripts that load first and then
time themselves.  Ours and the peers alternate for --rounds rounds and the best of each
counts, because other work on the machine only ever makes things slower.
"""
import json
import os
import random

import limit
import peer
import whole
from harness import ENCODER, LLM, o, ours, peer_command, run, threaded, work

# The main line, stage by stage: what the rows below read, and each stage's own cost.
STAGES = [
    ("data.mr", ["data-import", "ml-100k"]),
    ("split.mr", ["data-split", "data.mr"]),
    ("train.mr", ["cf-train", "--epochs", "20", "split.mr"]),
    ("cf.mr", ["cf-embed", "train.mr"]),
    ("text.mr", ["sbert-encode", "-m", ENCODER, "cf.mr"]),
    ("align.mr", ["align-train", "--epochs", "10", "text.mr"]),
    ("cand.mr", ["cand-sample", "-n", "19", "--users", "40", "align.mr"]),
    ("score.mr", ["cf-score", "cand.mr"]),
    ("project.mr", ["project-train", "-m", LLM, "--preset", "paper", "--steps", "4",
                    "--valid-users", "0", "--prealign", "0", "score.mr"]),
    ("llm.mr", ["llm-score", "-m", LLM, "project.mr"]),
    ("table.txt", ["metrics", "llm.mr"]),
]


def in_work(words):
    return [work(w) if w.endswith(".mr") else w for w in words]


def stages():
    if o.only and all(os.path.exists(work(output)) for output, _ in STAGES):
        return
    print(f"\n{'stage':<16}{'seconds':>9}{'peak MB':>9}{'output MB':>11}   as run")
    for output, (program, *more) in STAGES:
        got = run(ours(program, *in_work(more)), stdout=work(output + ".new"))
        if got is None:
            print(f"{program:<16}{'-':>9}")
            if os.path.exists(work(output)):
                os.remove(work(output))  # of another time: no stage behind may read it
            continue
        os.rename(work(output + ".new"), work(output))
        size = os.path.getsize(work(output)) / 2 ** 20
        print(f"{program:<16}{got[0]:9.2f}{got[1]:9.0f}{size:11.1f}   "
              + " ".join([program, *more]), flush=True)


def write_lines(count):
    """Prompts of ten watched and 20 listed titles, with the 20 to score: lines.tsv."""
    titles, users = peer.titles(o.data)[1], peer.histories(o.data)
    random.seed(1)
    with open(work("lines.tsv"), "w", encoding="utf-8") as f:
        for history in users[:count]:
            cands = random.sample(range(len(titles)), 20)
            prompt = ("The movies to choose from: " + "; ".join(titles[i] for i in cands)
                      + ". The movies that this user has watched: "
                      + "; ".join(titles[i] for i in history[-12:-2])
                      + ". The one movie of the list that this user will watch next:")
            f.write("\t".join([prompt] + [" " + titles[i] for i in cands]) + "\n")


def write_prompts(count):
    """Lists of watched titles and the beginning of a sentence: prompts.txt."""
    titles, users = peer.titles(o.data)[1], peer.histories(o.data)
    with open(work("prompts.txt"), "w", encoding="utf-8") as f:
        for history in users[:count]:
            f.write("The movies that this user has watched: "
                    + "; ".join(titles[i] for i in history[-12:-2])
                    + ". What these movies have in common is that\n")


def head(source, target, count):
    with open(work(source), encoding="utf-8") as i, open(work(target), "w",
                                                         encoding="utf-8") as out:
        out.writelines(line for n, line in enumerate(i) if n < count)


def write_titles():
    with open(work("titles.txt"), "w", encoding="utf-8") as f:
        f.writelines(t + "\n" for t in peer.titles(o.data)[1])


class Row:
    """what: one unit in words, which end with the precision of our products where it is
    bf16; few, many: our runs as functions of their units; peers: (name, target ratio or
    None, script and words, units to time)."""

    def __init__(self, what, few, many, command, peers):
        self.what, self.few, self.many, self.command = what, few, many, command
        self.peers, self.bf16 = peers, what.endswith("bf16")
        self.best, self.memory, self.answers = None, 0, {}

    def run_ours(self):
        got = []
        for units in (self.few, self.many):
            command, stdin = self.command(units)
            result = run(command, stdin)
            if result is None:
                return
            got.append(result)
        seconds = (got[1][0] - got[0][0]) / (self.many - self.few)
        self.best = min(seconds, self.best or seconds)
        self.memory = max(self.memory, got[1][1])

    def run_peer(self, name, script, units):
        out = work("answer")
        got = run(peer_command(script, units), stdout=out)
        if got is None:
            return
        with open(out, encoding="utf-8") as f:
            answer = json.loads(f.read().strip().split("\n")[-1])
        answer["memory"] = got[1]
        if name not in self.answers or answer["seconds"] < self.answers[name]["seconds"]:
            self.answers[name] = answer

    def measure(self):
        for _ in range(o.rounds):
            self.run_ours()
            for name, _, script, units in self.peers:
                self.run_peer(name, script, 1 if o.quick else units)

    def print(self, limits):
        limit_here = limits["bf16" if self.bf16 else "f32"]
        for name, target, _, _ in self.peers:
            answer = self.answers.get(name)
            cells = [self.what, name, milliseconds(self.best),
                     milliseconds(answer and answer["seconds"])]
            ratio = answer and self.best and answer["seconds"] / self.best
            cells += [f"{ratio:.2f}" if ratio else "-", f"{target:g}" if target else "",
                      f"{self.memory:.0f}" if self.best else "-",
                      f"{answer['memory']:.0f}" if answer else "-"]
            if answer and "tokens" in answer:
                cells.append(f"{answer['tokens']:.0f} tokens")
            flop = next((a["gflop"] for a in self.answers.values() if "gflop" in a), None)
            if answer and "cosine" in answer:
                cells.append(f"peer's cosine with f32 at least {answer['cosine']:.4f}")
            if flop and self.best and limit_here:
                cells.append(f"{100 * flop / self.best / limit_here:.0f} % of the limit")
            print_cells(cells)


def agree(row):
    """The same work gives the same numbers: log-likelihoods of the first prompt."""
    out = work("scores.txt")
    if run(*row.command(1), stdout=out) is None:
        return
    with open(out, encoding="utf-8") as f:
        mine = [float(x) for x in f.readline().split("\t")]
    for name, answer in row.answers.items():
        worst = max(abs(a - b) for a, b in zip(mine, answer["scores"], strict=True))
        print(f"  log-likelihoods of ours ({row.what}) and {name}: at most {worst:.2g} apart, "
              f"from {min(mine):.1f} to {max(mine):.1f}")


def same_words(row):
    """The same tokens: how far the first text agrees."""
    out = work("said.txt")
    command, stdin = row.command(40)
    if run(command, stdin, out) is None:
        return
    with open(out, encoding="utf-8") as f:
        mine = f.readline().rstrip("\n").replace("\\n", "\n")
    for name, answer in row.answers.items():
        theirs = answer["text"][:len(mine)]
        same = os.path.commonprefix([mine, theirs])
        print(f"  the first text of ours ({row.what}) and {name}: equal for {len(same)} of "
              f"{min(len(mine), len(theirs))} characters")


def milliseconds(seconds):
    return f"{1000 * seconds:.1f}" if seconds else "-"


def print_cells(cells):
    widths = [40, 24, 10, 10, 7, 7, 8, 8]
    line = "".join(f"{c:<{w}}" if i < 2 else f"{c:>{w}}"
                   for i, (c, w) in enumerate(zip(cells, widths)))
    print(line + "".join("   " + c for c in cells[len(widths):]), flush=True)


def epochs_of(program, source, *more):
    def command(units):
        return ours(program, *threaded(program), "--only", *more, "--epochs", str(units),
                    work(source)), None
    return command


def cf_steps(units):
    """floor(943 / 128) = 7 steps an epoch."""
    return epochs_of("cf-train", "split.mr", "--preset", "published")(units // 7)


def encoded(units, *more):
    """Passes over the titles: 0 is one title, so that loading is in both runs."""
    head("titles.txt", "few.txt", 1)
    return (ours("sbert-encode", *threaded(""), "-m", ENCODER, "--lines", *more),
            work("titles.txt" if units else "few.txt"))


def encoded_bf16(units):
    return encoded(units, "--precision", "bf16")


def stage2_steps(units, *more):
    return ours("project-train", *threaded(""), "--only", "-m", LLM, "--preset", "paper",
                "--loss", "title",
                "--cands", "20", "--share", "1", "--prealign", "0", "--valid-users", "0",
                "--batch", "4", "--steps", str(units), *more, work("align.mr")), None


def stage2_steps_bf16(units):
    return stage2_steps(units, "--precision", "bf16")


def scored(units, *more):
    head("lines.tsv", "some.tsv", units)
    return ours("llm-score", *threaded(""), "-m", LLM, *more, "--lines"), work("some.tsv")


def scored_bf16(units):
    return scored(units, "--precision", "bf16")


def written(texts, *more):
    """Units are tokens, of each of so many texts."""
    def command(units):
        name = f"prompts{texts}.txt"
        head("prompts.txt", name, texts)
        return ours("llm-generate", *threaded(""), "-m", LLM, "--batch", str(texts), *more,
                    "--max-tokens", str(units), "--lines"), work(name)
    return command


def writing(what, texts, most, *more):
    """A token of each of so many texts, beside the peers'."""
    return Row(what, 8, 16 if o.quick else most, written(texts, *more),
               [("transformers f32", None, f"generate.py {texts} f32", 40),
                ("transformers bf16", None, f"generate.py {texts} bf16", 40),
                ("llama.cpp, Q4_1", 1, f"generate_llamacpp.py {texts}", 100)])


def rows():
    q = o.quick
    return [
        Row("SASRec step, 128 x 50", 70, 140 if q else 1400, cf_steps,
            [("PyTorch", 7, "sasrec.py", 40)]),
        Row("stage 1, an epoch", 5, 10 if q else 105,
            epochs_of("align-train", "text.mr", "--preset", "published", "--targets", "last"),
            [("PyTorch, x cached", 5, "align.py", 20)]),
        Row("MiniLM, 1,682 titles", 0, 1, encoded,
            [("onnxruntime", 1.3, "encode.py onnx", 2),
             ("sentence-transformers", None, "encode.py sentence", 2)]),
        Row("MiniLM, 1,682 titles, in bf16", 0, 1, encoded_bf16,
            [("onnxruntime int8", 1.5, "encode.py onnx-int8", 2),
             ("sentence-transformers bf16", None, "encode.py sentence-bf16", 2)]),
        Row("stage 2, a step of 4 users", 2, 3 if q else 10, stage2_steps,
            [("PyTorch f32", 2, "stage2.py f32", 4)]),
        Row("stage 2, the step in bf16", 2, 3 if q else 10, stage2_steps_bf16,
            [("PyTorch f32", None, "stage2.py f32", 4),
             ("PyTorch bf16", 3, "stage2.py bf16", 4)]),
        Row("scoring 20 candidates, one user", 2, 3 if q else 18, scored,
            [("transformers f32", 2.5, "score.py f32", 6),
             ("llama.cpp, Q4_1", 3, "score_llamacpp.py", 6)]),
        Row("scoring 20 candidates, in bf16", 2, 3 if q else 18, scored_bf16,
            [("transformers f32", None, "score.py f32", 6),
             ("transformers bf16", 4, "score.py bf16", 6),
             ("llama.cpp, Q4_1", 6, "score_llamacpp.py", 6)]),
        writing("writing, a token", 1, 136),
        writing("writing, a token, stored weights", 1, 136, "--weights", "stored"),
        writing("writing, a token, in bf16", 1, 136, "--precision", "bf16"),
        writing("writing, a token of 16, stored weights", 16, 136, "--weights", "stored"),
        writing("writing, a token of 16, in bf16", 16, 136, "--precision", "bf16"),
    ]


def compare(limits):
    print()
    print_cells(["one unit of work", "peer", "ours ms", "peer ms", "ratio", "target",
                 "our MB", "peer MB"])
    for row in rows():
        if o.only in row.what:
            row.measure()
            row.print(limits)
            if row.command in (scored, scored_bf16):
                agree(row)
            if row.what.startswith("writing"):
                same_words(row)
    print("share of the limit, of bf16 products in rows that end with bf16: the products of the "
          "peer's tokens, without attention, at our time")


def main():
    if o.quick:
        o.rounds = 1
    os.makedirs(o.work, exist_ok=True)
    os.environ["MILLRACE_PATH"] = o.data
    write_lines(20)
    write_prompts(16)
    write_titles()
    with open("/proc/loadavg", encoding="ascii") as f:
        load = f.read().split()[0]
    theirs, mine = limit.limit_bf16(o.threads)
    limits = {"f32": limit.limit(o.threads), "bf16": max(theirs, mine)}
    print(f"{o.threads} threads, load {load} before; limit of this machine's products: "
          f"{limits['f32']:.0f} GFLOP/s (sgemm, {limit.SIZE} x {limit.SIZE}, OpenBLAS), in bf16 "
          f"{limits['bf16']:.0f} (PyTorch's {theirs:.0f}, ours {mine:.0f})")
    stages()
    compare(limits)
    for measure in (whole.start_up, whole.streams, whole.ratings, whole.loading, whole.demo):
        if not o.only or o.only in measure.__name__:
            measure()


main()
