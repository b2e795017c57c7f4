"""The best 100 of a large catalogue for each user: cand-sample --top, which reads every item,
beside faiss's exact and approximate search of the same vectors.

    tests/bench/top.py [--users N] [--items N] [--queries N] [--threads N]

makes data with data-synth, trains an epoch, and prints for each way what building costs
(with --threads), what a user costs (with one), and the share of the exact 100 that is
found.  Needs numpy and faiss-cpu (1.15.1 was measured), and GB of memory at full size.
"""
import argparse
import os
import subprocess
import tempfile
import time

import faiss
import numpy as np

TOP = 100
BIN = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "bin"))


def shell(command, **names):
    start = time.time()
    subprocess.run(["bash", "-euo", "pipefail", "-c", command], check=True,
                   env=os.environ | {"PATH": BIN + ":" + os.environ["PATH"]} |
                   {name: str(value) for name, value in names.items()})
    return time.time() - start


def ours(o):
    """Makes item.npy and user.npy; the seconds of loading, and of o.queries users beside."""
    shell("data-synth --users $U --items $I --per-user 20 --clusters 1000 | data-split -q > d.mr;"
          "cf-train --preset large --epochs 1 --threads $T -q d.mr > w.mr;"
          "cf-embed -q --no-inter --only --threads $T d.mr w.mr > e.mr;"
          "stream-convert -q -o item.npy -n item.cf e.mr;"
          "stream-convert -q -o user.npy -n user.cf.test e.mr", U=o.users, I=o.items, T=o.threads)
    top = f"cand-sample --top {TOP} --by cf --users $Q --threads 1 -q --only d.mr e.mr > /dev/null"
    start = min(shell(top, Q=1) for _ in range(2))
    return start, min(shell(top, Q=o.queries) for _ in range(2)) - start


def say(name, built, seconds, queries, recall):
    print(f"{name:34} built in {built:7.2f} s  {1e3 * seconds / queries:8.3f} ms a user  "
          f"recall@{TOP} {recall:.3f}", flush=True)


def indexes(items, threads):
    """Names and built indexes, each with the settings of its search."""
    width = items.shape[1]
    flat = faiss.IndexFlatIP(width)
    lists = faiss.IndexIVFFlat(faiss.IndexFlatIP(width), width, min(4096, len(items) // 40),
                               faiss.METRIC_INNER_PRODUCT)
    lists.cp.max_points_per_centroid = 64
    graph = faiss.IndexHNSWFlat(width, 16, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = 100
    for name, index, settings in (
            ("flat", flat, [None]),
            (f"IVF{lists.nlist},Flat nprobe=", lists, [16, 64, 256]),
            ("HNSW16 efSearch=", graph, [100, 400, 1600])):
        faiss.omp_set_num_threads(threads)
        start = time.time()
        if not index.is_trained:
            index.train(items)
        index.add(items)
        built = time.time() - start
        faiss.omp_set_num_threads(1)
        for setting in settings:
            if index is lists:
                index.nprobe = setting
            elif index is graph:
                index.hnsw.efSearch = setting
            yield "faiss " + name + str(setting or ""), built, index


def compare(o):
    load, seconds = ours(o)
    say("cand-sample --top, exact", load, seconds, o.queries, 1)
    items, users = (np.load(name + ".npy").astype("f4") for name in ("item", "user"))
    users = users[np.isfinite(users).all(1)]
    users = users[np.random.default_rng(1).choice(len(users), o.queries, replace=False)]
    exact = None
    for name, built, index in indexes(np.nan_to_num(items), o.threads):
        start = time.time()
        found = index.search(users, TOP)[1]
        seconds = time.time() - start
        exact = exact or [set(row) for row in found]
        recall = np.mean([len(best & set(row)) / TOP for best, row in zip(exact, found)])
        say(name, built, seconds, o.queries, recall)


def main():
    parser = argparse.ArgumentParser()
    for name, value in (("users", 200000), ("items", 1000000), ("queries", 2000), ("threads", 2)):
        parser.add_argument("--" + name, type=int, default=value)
    o = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        compare(o)


if __name__ == "__main__":
    main()
