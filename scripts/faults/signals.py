"""Conversions that are killed or interrupted at random moments."""

import signal
import subprocess
import time

from jobs import kept


def break_off(job, number, delay, *more):
    """Starts a job and sends it a signal. Returns its exit code and what it said."""
    process = subprocess.Popen(job.command(*more), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    time.sleep(delay)
    process.send_signal(number)
    _, errors = process.communicate()
    return process.returncode, errors


def kill(jobs, runs, numbers):
    rows = [["command", "runs", "kills", "final name: none", "whole", "resumed", "payloads kept", "same digest"]]
    problems = []
    for job in jobs.measured():
        kills = absent = whole = same = 0
        counts = []
        for _ in range(runs):
            job.clear()
            # Once in three, the run that comes after is killed as well.
            for attempt in range(1 + (numbers.random() < 1 / 3)):
                more = job.again if attempt else []
                status, _ = break_off(job, signal.SIGKILL, numbers.uniform(0, 1.02) * job.seconds, *more)
                kills += status == -signal.SIGKILL
                if status not in (-signal.SIGKILL, 0):
                    problems.append(f"{job.name}: ended with {status} before it was killed")
                problem = job.problem_of_output()
                problems += [problem] if problem else []
                if job.done():
                    break
            if job.done():
                whole += 1
                same += problem is None
                continue
            absent += 1
            count, problem = job.finish()
            problems += [problem] if problem else []
            same += problem is None
            counts += [count] if count is not None else []
        rows.append([job.name, runs, kills, absent, whole, len(counts), kept(counts), same])
        job.remove()
    return rows, problems


def interrupt(jobs, runs, numbers):
    rows = [["command", "runs", "exit 130", "finished first", "partial kept", "payloads kept", "same digest"]]
    problems = []
    for job in jobs.measured():
        run = interrupted = finished = partial = same = 0
        counts = []
        # Those that finish before they are told to stop do not count.
        while interrupted < runs and run < 20 * runs:
            run += 1
            job.clear()
            number = signal.SIGTERM if run % 2 else signal.SIGINT
            status, errors = break_off(job, number, 0.02 + numbers.uniform(0, 1) * job.seconds)
            if status == -number:
                # A process that is just starting has no handler yet and ends by the signal itself.
                problem = job.problem_of_output()
                problems += [problem] if problem else []
                continue
            if status == 0:
                finished += 1
                problem = job.problem_of_output()
                problems += [problem] if problem else []
                same += problem is None
                continue
            interrupted += status == 130
            if status != 130:
                problems.append(f"{job.name}: an interrupt ended with {status}: {errors}")
            if job.done():
                problems.append(f"{job.name}: an interrupted run has left its result")
                continue
            if job.partial.exists():
                partial += 1
                if not job.keeps:
                    problems.append(f"{job.name}: an interrupted run has left its partial file")
                elif "--resume" not in errors:
                    problems.append(f"{job.name}: no hint that --resume continues: {errors}")
            count, problem = job.finish()
            problems += [problem] if problem else []
            same += problem is None
            counts += [count] if count is not None else []
        rows.append([job.name, run, interrupted, finished, partial, kept(counts), same])
        job.remove()
    return rows, problems
