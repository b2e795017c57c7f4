"""What the parts of the bench share: options, folders, running one process."""
import argparse
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LLM, ENCODER = "SmolLM2.gguf", "MiniLM"


def options():
    p = argparse.ArgumentParser(description="Runs ours and the peers in turn.")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--quick", action="store_true", help="few units, one round: does it run?")
    p.add_argument("--only", default="", help="rows whose name holds this, on the streams of the last run")
    p.add_argument("--work", default=os.path.join(ROOT, ".build", "bench"))
    p.add_argument("--data", default=os.environ.get("MILLRACE_PATH",
                                                     os.path.join(ROOT, "samples/fetched")))
    return p.parse_args()


def reason(status, said):
    """Why a process counts for nothing, in one line; None where it counts."""
    for line in said:
        if "no bfloat16 products" in line:
            return line
    if os.WIFSIGNALED(status):
        return f"ended by {signal.Signals(os.WTERMSIG(status)).name}"
    return (said[-1] or f"status {os.WEXITSTATUS(status)}") if status else None


def run(command, stdin=None, stdout=None):
    """Seconds and peak memory in MB of one process; None where it failed, or computed in
    f32 what was to be bf16."""
    with open(stdin or os.devnull, "rb") as i, open(stdout or os.devnull, "wb") as out, \
            open(work("stderr"), "wb") as err:
        start = time.perf_counter()
        try:
            child = subprocess.Popen(command, stdin=i, stdout=out, stderr=err)
        except FileNotFoundError:
            return None
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        seconds = time.perf_counter() - start
    with open(work("stderr"), encoding="utf-8", errors="replace") as e:
        said = e.read().strip().split("\n")
    why = reason(status, said)
    if why:
        print(f"  {' '.join(command[:2])}: {why[:200]}", file=sys.stderr)
        return None
    return seconds, usage.ru_maxrss / 1024


def work(name):
    return os.path.join(o.work, name)


def ours(program, *more):
    return [os.path.join(ROOT, "bin", program), *more]


def threaded(program):
    return [] if program.startswith("data-") else ["--threads", str(o.threads)]


def peer_command(script, units):
    script, *more = script.split()
    return [sys.executable, os.path.join(HERE, script), *more, "--count", str(units),
            "--threads", str(o.threads), "--data", o.data, "--work", o.work]


o = options()
