"""Conversions to a disk that is too small, or that fills up midway."""

import contextlib
import os
import re
import subprocess
import sys
import time

from jobs import kept


@contextlib.contextmanager
def small_disk(folder, byte_count):
    """A tmpfs of so many bytes."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={byte_count}", "tmpfs", str(folder)], capture_output=True, text=True)
    if mounted.returncode != 0:
        sys.exit(f"a tmpfs cannot be mounted, which takes root: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(path, leave):
    """Takes all room but so many bytes."""
    status = os.statvfs(path.parent)
    free = status.f_bavail * status.f_frsize
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while free > leave:
            free -= file.write(b"\1" * min(1 << 20, free - leave))


def needed(errors):
    return re.search(r"\b\d+ bytes are (still )?needed", errors) is not None


def check(job, status, errors):
    """What is wrong with how a run on a full disk ended."""
    if status != 74:
        return f"{job.name}: a full disk ended with {status}: {errors}"
    if job.foretells and not needed(errors):
        return f"{job.name}: the bytes needed are not said: {errors}"
    if job.done():
        return f"{job.name}: a result on a full disk"
    if not job.keeps and job.partial.exists():
        return f"{job.name}: a partial file that nothing continues"
    return None


def disk_full(jobs, runs, numbers):
    rows = [["command", "sizes", "too small: exit 74", "nothing left", "filled midway: exit 74", "kept", "payloads kept", "same digest"]]
    problems = []
    disk = jobs.folder / "disk"
    disk.mkdir(exist_ok=True)
    for job in jobs.measured(disk):
        refused = empty = midway = partial = same = 0
        counts = []
        for size in job.too_small(runs):
            with small_disk(disk, size):
                job.clear()
                outcome = job.run()
                problem = check(job, outcome.returncode, outcome.stderr)
                problems += [problem] if problem else []
                refused += problem is None
                empty += job.is_as_before()
        for _ in range(runs):
            with small_disk(disk, job.roomy()):
                job.clear()
                process = subprocess.Popen(job.command(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                while process.poll() is None and not (job.partial.exists() and job.partial.stat().st_size > 0):
                    time.sleep(0.0005)
                fill(disk / "filler", numbers.randrange(1 << 21))
                _, errors = process.communicate()
                if process.returncode == 0:
                    continue
                problem = check(job, process.returncode, errors)
                problems += [problem] if problem else []
                midway += problem is None
                partial += job.partial.exists()
                (disk / "filler").unlink()
                count, problem = job.finish()
                problems += [problem] if problem else []
                same += problem is None
                counts += [count] if count is not None else []
        rows.append([job.name, runs, refused, empty, midway, partial, kept(counts), same])
    return rows, problems
