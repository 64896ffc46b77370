"""calibrate: the passes of a calibration watched, against the same passes unwatched and against the target's alone."""

import argparse
import json
import os
import pathlib
import subprocess

from measuring import microbenchmark

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main(_, work, arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench calibrate")
    parser.add_argument("--rounds", type=int, default=7, help="parts of 512 tokens, each with and without (7)")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--target", type=pathlib.Path, help="a bundle or checkpoint (default: the wide sample pair)")
    parser.add_argument("--draft", type=pathlib.Path)
    options = parser.parse_args(arguments)
    wide = ROOT / "Tests/Fixtures/golden/llama2-wide"
    target = options.target or wide / "target"
    draft = options.draft or (None if options.target else wide / "draft")
    command = [microbenchmark("calibrate"), str(options.threads), str(options.rounds), str(target)] + ([str(draft)] if draft else [])
    seconds = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    plain = seconds["target"] + seconds["draft"]
    print(f"{target.name if options.target else 'llama2-wide'}, {options.threads} threads, parts of 512 tokens, medians of {options.rounds}")
    print(f"target's pass       {seconds['target'] * 1000:9.1f} ms")
    print(f"draft's passes      {seconds['draft'] * 1000:9.1f} ms")
    print(f"all of it, watched  {seconds['watched'] * 1000:9.1f} ms   {seconds['watched'] / plain:.3f} x the same passes unwatched, "
          f"{seconds['watched'] / seconds['target']:.3f} x the target's alone")
