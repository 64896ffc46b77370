"""Plans a pair of the shape of LLaMA-3.1-405B, whose files are holes, and counts the units of a fleet."""

import argparse
import json
import shutil
import subprocess
import sys

import measuring
import shapes

WORKERS = 1000


def measured(command, runs):
    """Wall clock, processor seconds and peak memory of runs of a command, in words."""
    walls, busy, peaks = [], [], []
    for _ in range(runs):
        wall, processor, peak, status, errors = measuring.counted(command)
        if status != 0:
            sys.exit(f"{' '.join(map(str, command))} ended with {status}\n{errors}")
        walls.append(wall)
        busy.append(processor)
        peaks.append(peak)
    return f"{measuring.spread(walls, ' s')}, {measuring.spread(busy, ' s')} of processors, {measuring.mebibytes(max(peaks))}"


def main(griffin, work, arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench plan", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--units", type=int, default=10_000, help="units that the plan is divided in, about")
    options = parser.parse_args(arguments)
    folder = work / "plan"
    shutil.rmtree(folder, ignore_errors=True)
    shapes.make_holes(folder / "target", shapes.LLAMA_405B, layers=126, shards=191)
    (folder / "draft").mkdir()
    shapes.write_safetensors(folder / "draft/model.safetensors", shapes.LLAMA_405B.draft_tensors(), seed=None)
    (folder / "draft/config.json").write_text(json.dumps(shapes.LLAMA_405B.config(1)))
    total = sum(path.stat().st_size for path in folder.rglob("*.safetensors"))
    plan = folder / "plan.json"
    convert = [griffin, "convert", "--target", folder / "target", "--draft", folder / "draft", "--quantize", "q4_k_m", "--plan-out", plan, "--force"]
    alone = [*convert[:4], *convert[6:]]
    print(f"plan of the target alone: {measured(alone, options.runs)}")
    # Two embeddings of 4 GB are compared.
    found = measured(convert, options.runs)
    units = len(json.loads(plan.read_text())["units"])
    print(f"plan of {total / 1e9:.0f} GB in units of 256 MiB: {found}, {units} units")

    found = measured([*convert, "--unit-size", str(total // options.units)], options.runs)
    document = json.loads(plan.read_text())
    count = len(document["units"])
    print(f"the same in small units: {found}, {count} units, {plan.stat().st_size / 1e6:.1f} MB")
    records = folder / "plan.json.units"
    records.mkdir()
    status = json.loads(subprocess.run([griffin, "status", plan, "--json"], check=True, capture_output=True, text=True).stdout)
    # As a thousand workers leave them, half of the way.
    for worker in range(WORKERS):
        for unit in range(worker, count // 2, WORKERS):
            digests = ["0" * 64] * len(document["units"][unit]["pieces"])
            record = {"bytes": document["units"][unit]["bytes"], "format": "griffin-unit", "plan": status["plan"], "seconds": 1.5, "sha256": digests, "unit": unit, "version": 1}
            (records / f"unit-{unit:06}.json").write_text(json.dumps(record) + "\n")
    command = [griffin, "status", plan]
    print(f"status of {count} units, {count // 2} of them done by {WORKERS} workers: {measured(command, options.runs)}")
    array = subprocess.run([*command, "--array"], check=True, capture_output=True, text=True).stdout.strip()
    print(f"left: {array}")
    shutil.rmtree(folder)
