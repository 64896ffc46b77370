"""Runs commands and reads what the operating system counted."""

import json
import pathlib
import statistics
import subprocess
import sys

# The system counts a program's memory from what its parent held at the start; this parent holds next to nothing.
LAUNCHER = """
import json, os, subprocess, sys, time
start = time.monotonic()
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
scale = 1 if sys.platform == "darwin" else 1024
print(json.dumps([time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * scale, os.waitstatus_to_exitcode(status)]))
"""


def counted(command, **options):
    """Seconds of wall clock, processor seconds over all threads, peak resident bytes, exit status and standard error of a command."""
    launch = [sys.executable, "-S", "-c", LAUNCHER, *map(str, command)]
    outcome = subprocess.run(launch, check=True, capture_output=True, **options)
    return *json.loads(outcome.stdout), outcome.stderr.decode(errors="replace")


def run(command):
    """Seconds of wall clock and peak resident bytes of a command that must succeed."""
    wall, _, peak, status, errors = counted(command)
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {status}\n{errors}")
    return wall, peak


def microbenchmark(name):
    """The path of a program of scripts/microbenchmarks, built."""
    package = ["--package-path", "scripts/microbenchmarks", "--scratch-path", ".build-bench", "-c", "release"]
    # The plan of an earlier build does not see that the package two folders up gained or lost a file.
    pathlib.Path(".build-bench/release.yaml").unlink(missing_ok=True)
    subprocess.run(["swift", "build", *package, "--quiet"], check=True)
    place = subprocess.run(["swift", "build", *package, "--show-bin-path"], check=True, capture_output=True, text=True)
    return f"{place.stdout.strip()}/{name}"


def spread(values, unit="", digits=2):
    """`median (least to most)`."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f}{unit} ({low:.{digits}f} to {high:.{digits}f})"


def mebibytes(count):
    return f"{count / (1 << 20):.0f} MiB"
