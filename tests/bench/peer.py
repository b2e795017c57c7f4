"""What the peers' scripts share: options, ml-100k, the clock, one line of JSON."""
import argparse
import json
import os
import time


def options():
    p = argparse.ArgumentParser()
    p.add_argument("--count", type=int, required=True, help="units to time")
    p.add_argument("--threads", type=int, required=True)
    p.add_argument("--data", required=True, help="folder with ml-100k, MiniLM, ...")
    p.add_argument("--work", required=True, help="folder for what is made on the way")
    o = p.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(o.threads)
    return o


def titles(folder):
    """Titles as data-import gives them, item by item of the file."""
    with open(os.path.join(folder, "ml-100k", "ml-100k.item"), encoding="utf-8") as f:
        head = f.readline().rstrip("\n").split("\t")
        column = [h.split(":")[0] for h in head].index("movie_title")
        ids, out = [], []
        for line in f:
            cells = line.rstrip("\n").split("\t")
            ids.append(cells[0])
            out.append(cells[column])
    return ids, out


def histories(folder):
    """Each user's items by time, ties by the file's order: lists of dense numbers."""
    users = {}
    number = {item: i for i, item in enumerate(titles(folder)[0])}
    with open(os.path.join(folder, "ml-100k", "ml-100k.inter"), encoding="utf-8") as f:
        next(f)
        for line in f:
            user, item, _, when = line.split("\t")
            users.setdefault(user, []).append((float(when), number[item]))
    return [[i for _, i in sorted(v, key=lambda x: x[0])] for v in users.values()]


def clock(step, count, warm=1):
    """Seconds of one step: the mean of `count` after `warm` that do not count."""
    for i in range(warm):
        step(i)
    start = time.perf_counter()
    for i in range(count):
        step(warm + i)
    return (time.perf_counter() - start) / count


def answer(seconds, **more):
    print(json.dumps({"seconds": seconds, **more}))
