"""Runs commands and reads what the operating system counted."""

import os
import statistics
import subprocess
import sys
import time


def run(command):
    """Seconds of wall clock and peak resident bytes of a command that must succeed."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}\n{errors.decode(errors='replace')}")
    scale = 1 if sys.platform == "darwin" else 1024
    return time.monotonic() - start, usage.ru_maxrss * scale


def processor_seconds(command, **options):
    """Processor seconds over all threads, peak resident bytes and exit status of a command that may fail."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, **options)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), process.returncode


def microbenchmark(name):
    """The path of a program of scripts/microbenchmarks, built."""
    package = ["--package-path", "scripts/microbenchmarks", "--scratch-path", ".build-bench", "-c", "release"]
    subprocess.run(["swift", "build", *package, "--quiet"], check=True)
    place = subprocess.run(["swift", "build", *package, "--show-bin-path"], check=True, capture_output=True, text=True)
    return f"{place.stdout.strip()}/{name}"


def spread(values, unit="", digits=2):
    """`median (least to most)`."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f}{unit} ({low:.{digits}f} to {high:.{digits}f})"


def mebibytes(count):
    return f"{count / (1 << 20):.0f} MiB"
