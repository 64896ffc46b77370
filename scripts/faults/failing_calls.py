"""Conversions whose system calls fail: strace answers one of them with an I/O error in the kernel's place."""

import collections
import re
import shutil
import subprocess
import sys

CALLS = "write,pwrite64,fsync,fdatasync,ftruncate,fallocate,rename,renameat,renameat2,link,linkat"


def traced(job, more, *arguments):
    """A run under strace that sees only what concerns the output."""
    paths = [argument for path in [*job.written(), job.output.parent] for argument in ["-P", str(path)]]
    return subprocess.run(["strace", "-f", "-qq", *paths, *more, *job.command(*arguments)], capture_output=True, text=True)


def calls(job, log):
    """How often each call is made in an undisturbed run."""
    job.clear()
    outcome = traced(job, ["-o", str(log), "-e", f"trace={CALLS}"])
    if outcome.returncode != 0:
        sys.exit(f"{job.name} fails under strace, which has to be allowed to trace: {outcome.stderr}")
    return collections.Counter(re.findall(r"^\d+ +(\w+)\(", log.read_text(), re.M))


def io_error(jobs, runs, numbers):
    if not shutil.which("strace"):
        sys.exit("strace is not there: apt-get install strace")
    rows = [["command", "calls", "failed", "exit 74", "nothing under the name", "whole under the name", "same digest afterwards"]]
    problems = []
    for job in jobs.measured():
        log = jobs.folder / "strace.log"
        counts = calls(job, log)
        kinds = sorted(counts)
        injected, failed, absent, whole, same = 0, 0, 0, 0, 0
        while injected < runs:
            kind = kinds[injected % len(kinds)]
            number = numbers.randint(1, counts[kind])
            job.clear()
            outcome = traced(job, ["-o", str(log), "-e", f"trace={kind}", "-e", f"inject={kind}:error=EIO:when={number}"])
            if "(INJECTED)" not in log.read_text():
                # strace counts the calls of each thread; none came to as many.
                continue
            injected += 1
            place = f"{job.name}, {kind} {number} of {counts[kind]}"
            problem = job.problem_of_output()
            problems += [f"{place}: {problem}"] if problem else []
            if outcome.returncode == 74 and "error: " in outcome.stderr:
                failed += 1
            elif outcome.returncode != 0 or not job.done():
                problems.append(f"{place}: ended with {outcome.returncode}: {outcome.stderr.strip()}")
            if job.done():
                # A call that there is another way for, or the folder's last flush, without which a loss of power takes the name.
                whole += problem is None
                continue
            absent += 1
            _, problem = job.finish()
            problems += [f"{place}: {problem}"] if problem else []
            same += problem is None
        job.remove()
        rows.append([job.name, ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())), injected, failed, absent, whole, same])
    return rows, problems
