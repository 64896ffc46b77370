"""convert: copying and quantizing against cp, fsync and openssl, which do no more than they must."""

import argparse
import os
import shutil
import statistics

from measuring import mebibytes, run, spread
from shapes import make_pair


def main(griffin, work, arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench convert", description=__doc__)
    parser.add_argument("--layers", type=int, default=4, help="layers of the 7B-shaped target (default 4; 32 are all)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each, alternating (default 3)")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args(arguments)
    pair = work / "pair-7b"
    files = make_pair(pair, options.layers)
    size = sum(file.stat().st_size for file in files)
    print(f"7B shape, {options.layers} layers and draft: {size / 1e9:.2f} GB of f16 in {len(files)} files, {options.threads} threads")

    output, copies = work / "out.griffin", work / "copies"
    sources = ["--target", pair / "target", "--draft", pair / "draft"]

    def convert(recipe, threads=options.threads):
        output.unlink(missing_ok=True)  # giving an old file's memory back is no part of the work
        os.sync()
        return run([griffin, "convert", *sources, "-o", output, "--quantize", recipe, "--threads", str(threads), "--force"])

    def peer():
        """cp of every file, fsync, and SHA-256 of every file."""
        shutil.rmtree(copies, ignore_errors=True)
        copies.mkdir()
        os.sync()
        names = [copies / f"{number}" for number in range(len(files))]
        script = "set -e; " + "; ".join(
            [f"cp '{file}' '{name}'" for file, name in zip(files, names)]
            + [f"sync '{name}'" for name in names]
            + [f"openssl dgst -sha256 '{file}'" for file in files]
        )
        seconds, _ = run(["sh", "-c", script])
        shutil.rmtree(copies)
        return seconds

    convert("copy")  # the page cache holds the files from here on
    theirs, ours, quantized, memory = [], [], [], {}
    for _ in range(options.runs):
        theirs.append(peer())
        seconds, peak = convert("copy")
        ours.append(seconds)
        memory["copy"] = max(memory.get("copy", 0), peak)
        seconds, peak = convert("q8_0")
        quantized.append(seconds)
        memory["q8_0"] = max(memory.get("q8_0", 0), peak)
    for threads in [1, 2]:
        for recipe in ["copy", "q8_0"]:
            memory[f"{recipe}, {threads} threads"] = convert(recipe, threads)[1]
    ratios = [a / b for a, b in zip(theirs, ours)]
    print(f"cp + fsync + openssl sha256   {spread(theirs, ' s')}")
    print(f"convert, copy                 {spread(ours, ' s')}, {size / 1e9 / statistics.median(ours):.2f} GB/s")
    print(f"convert, q8_0                 {spread(quantized, ' s')}, {size / 1e9 / statistics.median(quantized):.2f} GB/s")
    print(f"copy at {spread([100 * ratio for ratio in ratios], ' %', 0)} of the speed of cp + fsync + openssl sha256")
    print("peak resident memory: " + "; ".join(f"{name} {mebibytes(peak)}" for name, peak in memory.items()))

    # No payload is read, so narrow tensors serve as well.
    narrow = work / "pair-narrow"
    make_pair(narrow, 32, "narrow")
    output.unlink()
    run([griffin, "convert", "--target", narrow / "target", "--draft", narrow / "draft", "-o", output])
    looks = [run([griffin, "inspect", output]) for _ in range(11)]
    times = [1000 * seconds for seconds, _ in looks]
    print(f"inspect of 32 layers          {spread(times, ' ms', 1)}, {mebibytes(max(peak for _, peak in looks))}")
    output.unlink()
