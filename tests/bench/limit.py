"""The machine's limits in GFLOP/s on all threads.  f32: OpenBLAS's sgemm, by the best of its
kernel sets that this processor has.  bf16: the better of PyTorch's product (oneDNN) and
ours, where the processor has the instructions."""
import ctypes
import os
import subprocess
import sys
import time

SIZE, TRIES = 3072, 4
OURS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "../../.build/release/tests/bench/large")


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


def measure_bf16(threads):
    import torch

    torch.set_num_threads(threads)
    a = torch.randn(SIZE, SIZE).bfloat16()
    b = torch.randn(SIZE, SIZE).bfloat16()
    best = 1e9
    for _ in range(TRIES):
        start = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - start)
    return 2e-9 * SIZE ** 3 / best


def limit_bf16(threads):
    """PyTorch's and ours, 0 for one that there is not; the higher one is the limit."""
    env = dict(os.environ, OMP_NUM_THREADS=str(threads))
    both = []
    for command in ([sys.executable, __file__, str(threads), "bf16"], [OURS, "limit"]):
        try:
            both.append(float(subprocess.run(command, env=env, capture_output=True, text=True,
                                             check=True).stdout))
        except (OSError, ValueError, subprocess.CalledProcessError):
            both.append(0)
    return both


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
    print((measure_bf16 if sys.argv[2:] == ["bf16"] else measure)(int(sys.argv[1])))
