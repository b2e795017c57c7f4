"""Runs ours and the peers in turn on the same work and prints what each took.

Ours are the programs as they are: the time of one unit is the difference between the best
run with many units and the best with few, divided by the difference in units, so that
starting, reading and loading do not count.  The peers are Python scripts that load first,
run a few units that do not count, and then time themselves.  Ours and the peers alternate
for --rounds rounds and the best of each counts, because other work on the machine only
ever makes things slower.
"""
import json
import os
import sys

import inputs
import limit
import same
import whole
from harness import ENCODER, LLM, o, ours, peer_command, run, threaded, work

BF16, TITLES = ("--precision", "bf16"), 1682

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


class Row:
    """what: one unit in words, which end with the precision of our products where it is
    bf16; few, many: our runs as functions of their units; peers: (name, target ratio or
    None, script and words, units to time); check: of same.py; more: what check gives our
    program."""

    unlike = []  # rows that are not the same work

    def __init__(self, what, few, many, command, peers, check=None, more=()):
        self.what, self.few, self.many, self.command = what, few, many, command
        self.peers, self.bf16 = peers, what.endswith("bf16")
        self.check, self.more = check, more
        self.seconds, self.through = {}, {}  # units -> of the best run; rows of the model
        self.memory, self.answers = 0, {}

    def run_ours(self):
        for units in (self.few, self.many):
            result = run(*self.command(units))
            if result is None:
                return
            self.seconds[units] = min(result[0], self.seconds.get(units, result[0]))
            self.through[units] = same.rows_said()
            self.memory = max(self.memory, result[1])

    def a_unit(self, of):
        """What one unit adds to what a run has: seconds, rows; None where unknown."""
        few, many = of.get(self.few), of.get(self.many)
        if few is None or many is None:
            return None
        return (many - few) / (self.many - self.few)

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

    def share(self, best, mine, limit_here):
        """Our products, by the peer's where it counts them, of the limit: in words."""
        for answer in self.answers.values():
            if "gflop" in answer and best and limit_here:
                flop = answer["gflop"] * (mine / answer["tokens"] if mine else 1)
                return [f"{100 * flop / best / limit_here:.0f} % of the limit"]
        return []

    def rows(self, answer, mine):
        """Rows through both models, in words; and whether these are the same work."""
        if not answer or "tokens" not in answer or mine is None:
            return [], True
        padded = answer.get("padded", answer["tokens"])
        words = f"{mine:.0f} rows, peer {answer['tokens']:.0f}"
        if padded > answer["tokens"]:
            words += f", {padded:.0f} with padding"
        if same.as_much(self.what, mine, answer["tokens"]):
            return [words], True
        Row.unlike.append(self.what)
        return [words + ": NOT THE SAME WORK"], False

    def print(self, limits):
        best, mine = self.a_unit(self.seconds), self.a_unit(self.through)
        for name, target, _, _ in self.peers:
            answer = self.answers.get(name)
            rows, alike = self.rows(answer, mine)
            ratio = alike and answer and best and answer["seconds"] / best
            print_cells([self.what, name, milliseconds(best),
                         milliseconds(answer and answer["seconds"]),
                         f"{ratio:.2f}" if ratio else "-", f"{target:g}" if target else "",
                         f"{self.memory:.0f}" if best else "-",
                         f"{answer['memory']:.0f}" if answer else "-", *rows,
                         *self.share(best, mine, limits["bf16" if self.bf16 else "f32"])])
        if self.check and best:
            self.check(self)


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
    """Passes over the titles."""
    inputs.head("titles.txt", "some.txt", units * TITLES)
    return (ours("sbert-encode", *threaded(""), "-m", ENCODER, "--lines", *more),
            work("some.txt"))


def encoded_bf16(units):
    return encoded(units, *BF16)


def stage2_steps(units, *more):
    """20 listed and 10 watched titles, as the peer's."""
    return ours("project-train", *threaded(""), "--only", "-m", LLM, "--preset", "paper",
                "--loss", "title", "--history", "10",
                "--cands", "20", "--share", "1", "--prealign", "0", "--valid-users", "0",
                "--batch", "4", "--steps", str(units), *more, work("align.mr")), None


def stage2_steps_bf16(units):
    return stage2_steps(units, *BF16)


def scored(units, *more):
    inputs.head("lines.tsv", "some.tsv", units)
    return ours("llm-score", *threaded(""), "-m", LLM, *more, "--lines"), work("some.tsv")


def scored_bf16(units):
    return scored(units, *BF16)


def written(texts, *more):
    """Units are tokens, of each of so many texts."""
    def command(units):
        name = f"prompts{texts}.txt"
        inputs.head("prompts.txt", name, texts)
        return ours("llm-generate", *threaded(""), "-m", LLM, "--batch", str(texts), *more,
                    "--max-tokens", str(units), "--lines"), work(name)
    return command


def writing(what, texts, most, *more):
    """A token of each of so many texts, beside the peers'.  These write 40 and 100, so that
    their texts, and what attention reads, are no longer than ours."""
    return Row(what, 8, 16 if o.quick else most, written(texts, *more),
               [("transformers f32", None, f"generate.py {texts} f32", 40),
                ("transformers bf16", None, f"generate.py {texts} bf16", 40),
                ("llama.cpp, Q4_1", 1, f"generate_llamacpp.py {texts}", 100)], same.words)


def rows():
    """Scoring: ours times the users behind the first two, and so do the peers."""
    q = o.quick
    return [
        Row("SASRec step, 128 x 50", 70, 140 if q else 1400, cf_steps,
            [("PyTorch", 7, "sasrec.py", 40)]),
        Row("stage 1, an epoch", 5, 10 if q else 105,
            epochs_of("align-train", "text.mr", "--preset", "published", "--targets", "last"),
            [("PyTorch, x cached", 5, "align.py", 20)]),
        Row("MiniLM, 1,682 titles", 1, 2 if q else 3, encoded,
            [("onnxruntime", 1.3, "encode.py onnx", 2),
             ("sentence-transformers", None, "encode.py sentence", 2)], same.vectors),
        Row("MiniLM, 1,682 titles, in bf16", 1, 2 if q else 3, encoded_bf16,
            [("onnxruntime int8", 1.5, "encode.py onnx-int8", 2),
             ("sentence-transformers bf16", None, "encode.py sentence-bf16", 2)],
            same.vectors, BF16),
        Row("stage 2, a step of 4 users", 2, 3 if q else 10, stage2_steps,
            [("PyTorch f32", 2, "stage2.py f32", 8)]),
        Row("stage 2, the step in bf16", 2, 3 if q else 10, stage2_steps_bf16,
            [("PyTorch f32", None, "stage2.py f32", 8),
             ("PyTorch bf16", 3, "stage2.py bf16", 8)]),
        Row("scoring 20 candidates, one user", 2, 3 if q else 18, scored,
            [("transformers f32", 2.5, "score.py f32", 16),
             ("llama.cpp, Q4_1", 3, "score_llamacpp.py", 16)], same.log_likelihoods),
        Row("scoring 20 candidates, in bf16", 2, 3 if q else 18, scored_bf16,
            [("transformers f32", None, "score.py f32", 16),
             ("transformers bf16", 4, "score.py bf16", 16),
             ("llama.cpp, Q4_1", 6, "score_llamacpp.py", 16)], same.log_likelihoods),
        writing("writing, a token", 1, 136),
        writing("writing, a token, stored weights", 1, 136, "--weights", "stored"),
        writing("writing, a token, in bf16", 1, 136, *BF16),
        writing("writing, a token of 16, stored weights", 16, 136, "--weights", "stored"),
        writing("writing, a token of 16, in bf16", 16, 136, *BF16),
    ]


def compare(limits):
    print()
    print_cells(["one unit of work", "peer", "ours ms", "peer ms", "ratio", "target",
                 "our MB", "peer MB"])
    for row in rows():
        if o.only in row.what:
            row.measure()
            row.print(limits)
    print("share of the limit, of bf16 products in rows that end with bf16: the products of our "
          "rows, without attention, at our time")


def main():
    if o.quick:
        o.rounds = 1
    os.makedirs(o.work, exist_ok=True)
    os.environ["MILLRACE_PATH"] = o.data
    inputs.write_lines(20)
    inputs.write_prompts(16)
    inputs.write_titles()
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
    if Row.unlike:
        sys.exit(f"bench: not the same work: {', '.join(Row.unlike)}")


main()
