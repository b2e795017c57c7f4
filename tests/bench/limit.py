"""The machine's limit: GFLOP/s of OpenBLAS's sgemm on all threads, the best of its
kernel sets that this processor has."""
import ctypes
import os
import subprocess
import sys
import time

SIZE, TRIES = 3072, 4


def measure(threads):
    blas = ctypes.CDLL("libopenblas.so.0")
    blas.openblas_set_num_threads(threads)
    real = ctypes.c_float * (SIZE * SIZE)
    a, b, c = real(*([1.0] * SIZE)), real(*([1.0] * SIZE)), real()
    best = 1e9
    for _ in range(TRIES):
        start = time.perf_counter()
        blas.cblas_sgemm(101, 111, 112, SIZE, SIZE, SIZE, ctypes.c_float(1), a, SIZE, b,
                         SIZE, ctypes.c_float(0), c, SIZE)
        best = min(best, time.perf_counter() - start)
    return 2e-9 * SIZE ** 3 / best


def limit(threads):
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        kinds = ["", "HASWELL"] + (["SKYLAKEX"] if "avx512vl" in f.read() else [])
    best = 0
    for kind in kinds:
        env = dict(os.environ, OPENBLAS_NUM_THREADS=str(threads))
        if kind:
            env["OPENBLAS_CORETYPE"] = kind
        out = subprocess.run([sys.executable, __file__, str(threads)], env=env,
                             capture_output=True, text=True, check=True).stdout
        best = max(best, float(out))
    return best


if __name__ == "__main__":
    print(measure(int(sys.argv[1])))
