"""export: a quantized bundle as GGUF, and a bundle of halves as folders, against cp and fsync of the same bytes."""

import argparse
import os
import shutil

from measuring import mebibytes, run, spread
from shapes import make_pair


def main(griffin, work, arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench export", description=__doc__)
    parser.add_argument("--layers", type=int, default=4, help="layers of the 7B-shaped target (default 4; 32 are all)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each, alternating (default 5)")
    options = parser.parse_args(arguments)
    pair = work / "pair-7b"
    make_pair(pair, options.layers)
    bundle, output, copy = work / "export.griffin", work / "export-out", work / "export-copy"
    for recipe, name in [("q4_k_m", "gguf"), ("copy", "safetensors")]:
        run([griffin, "convert", "--target", pair / "target", "-o", bundle, "--quantize", recipe, "--force"])
        size = bundle.stat().st_size
        theirs, ours, memory = [], [], 0
        for _ in range(options.runs):
            copy.unlink(missing_ok=True)
            os.sync()
            theirs.append(run(["sh", "-c", f"cp '{bundle}' '{copy}' && sync '{copy}'"])[0])
            copy.unlink()
            shutil.rmtree(output, ignore_errors=True)
            output.unlink(missing_ok=True)
            os.sync()
            seconds, peak = run([griffin, "export", bundle, "--format", name, "-o", output, "--no-check"])
            ours.append(seconds)
            memory = max(memory, peak)
        ratios = [100 * a / b for a, b in zip(theirs, ours)]
        print(f"{recipe} as {name}, {size / 1e9:.2f} GB: cp and fsync {spread(theirs, ' s')}, export {spread(ours, ' s')}, at {spread(ratios, ' %', 0)} of its speed; peak {mebibytes(memory)}")
        shutil.rmtree(output, ignore_errors=True)
        output.unlink(missing_ok=True)
    bundle.unlink()
