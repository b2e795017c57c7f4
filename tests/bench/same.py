"""What shows that ours and the peers did the same work: rows that went through the model,
log-likelihoods, written texts, vectors."""
import os
import re

from harness import ENCODER, o, ours, peer_command, run, threaded, work

# Ours trains on its own lists, so that titles differ a little in length; a trie has the
# common beginnings of the titles once, which the peers compute for each.
MOST_APART = {"stage 2": .05, "scoring": .15, "writing": 0}


def rows_said():
    """What the last run of ours said on stderr that went through the model, or None."""
    with open(work("stderr"), encoding="utf-8", errors="replace") as f:
        said = re.findall(r"(\d+) rows through the language model|written: (\d+) tokens",
                          f.read())
    return int("".join(said[-1])) if said else None


def as_much(row, mine, theirs):
    """Whether so many rows through our model and the peer's are the same work."""
    most = next((share for what, share in MOST_APART.items() if row.startswith(what)), 1)
    if o.quick:
        most *= 3  # of one unit
    return abs(mine - theirs) <= most * theirs


def log_likelihoods(row):
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


def words(row):
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


def our_vectors(*more):
    """Of all titles, (titles, width); None where a program failed."""
    import numpy as np

    command = ours("sbert-encode", *threaded(""), "-m", ENCODER, "--lines", *more)
    made = run(command, work("titles.txt"), work("titles.mr"))
    path = work("ours.npy")
    if made and run(ours("stream-convert", "-o", path, "-n", "text", work("titles.mr"))):
        return np.load(path)
    return None


def least_cosine(a, b):
    """Of the same title's vectors in a and b, (titles, width) each."""
    import numpy as np

    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return ((a * b).sum(1) / norms).min()


def vectors(row):
    """The least cosine of a title's vector with the one by sentence-transformers in f32,
    for ours and for each peer of the row; in bf16 also that of ours with ours in f32."""
    import numpy as np

    reference = work("vectors-sentence.npy")
    if not os.path.exists(reference) and run(peer_command("encode.py sentence", 1)) is None:
        return
    right, mine = np.load(reference), our_vectors(*row.more)
    if mine is not None:
        print(f"  least cosine of {len(mine)} titles with sentence-transformers in f32: "
              f"ours ({row.what}) {least_cosine(mine, right):.6f}")
    plain = our_vectors() if row.bf16 else None
    if mine is not None and plain is not None:
        print(f"  least cosine of {len(mine)} titles with ours in f32: ours ({row.what}) "
              f"{least_cosine(mine, plain):.6f}")
    for name, answer in row.answers.items():
        theirs = np.load(work(answer["vectors"]))
        print(f"  least cosine of {len(theirs)} titles with sentence-transformers in f32: "
              f"{name} {least_cosine(theirs, right):.6f}")
