"""Breaks conversions, pack, unpack and edit off on purpose and looks at what is left: see scripts/stress."""

import argparse
import os
import pathlib
import random
import sys

from disk import disk_full
from failing_calls import io_error
from jobs import Jobs
from signals import interrupt, kill


def main():
    parser = argparse.ArgumentParser(prog="scripts/stress", description=__doc__)
    parser.add_argument("what", choices=["kill", "interrupt", "disk-full", "io-error"])
    parser.add_argument("--runs", type=int, help="runs of each command (default: 100 for kill, else 20)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = pathlib.Path(os.environ.get("GRIFFIN_STRESS_FOLDER", ".build/stress")).resolve()
    jobs = Jobs(folder, os.environ["GRIFFIN"])
    runs = options.runs or (100 if options.what == "kill" else 20)
    program = {"kill": kill, "interrupt": interrupt, "disk-full": disk_full, "io-error": io_error}[options.what]
    rows, problems = program(jobs, runs, random.Random(options.seed))
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())
    for problem in problems:
        print(f"wrong: {problem}", file=sys.stderr)
    print(f"seed {options.seed}: {'nothing was wrong' if not problems else f'{len(problems)} things were wrong'}")
    return 1 if problems else 0


sys.exit(main())
