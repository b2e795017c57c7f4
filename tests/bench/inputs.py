"""What the rows of the bench read: prompts with titles to score, prompts to go on from,
titles."""
import random

import peer
from harness import o, work


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


def write_titles():
    with open(work("titles.txt"), "w", encoding="utf-8") as f:
        f.writelines(t + "\n" for t in peer.titles(o.data)[1])


def head(source, target, count):
    """The first count lines of source, from its beginning again where it has fewer."""
    with open(work(source), encoding="utf-8") as f:
        lines = f.readlines()
    with open(work(target), "w", encoding="utf-8") as out:
        out.writelines(lines[i % len(lines)] for i in range(count))
