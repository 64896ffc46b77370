"""hostile: processor time and peak memory of the costliest cases of the corpus, beside valid files of the same size."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys

from hostile_twins import twin
from measuring import counted, mebibytes

RUNS = 5


def write_corpus(folder):
    """Has the tests leave a copy of every case."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = os.environ | {"GRIFFIN_CORPUS_FOLDER": str(folder.resolve())}
    # As scripts/test builds them, so that nothing is built twice.
    subprocess.run(["swift", "build", "-c", "release", "--build-tests"], check=True, stdout=subprocess.DEVNULL)
    command = ["swift", "test", "-c", "release", "--skip-build", "--filter", "CorpusTests/refuses"]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def measured(command, folder):
    """Median processor seconds and peak resident bytes of some runs."""
    runs = [counted(command, cwd=folder) for _ in range(RUNS)]
    return statistics.median(run[1] for run in runs), max(run[2] for run in runs)


def size_of(folder):
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def main(griffin, work, arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench hostile", description=__doc__)
    parser.add_argument("--top", type=int, default=20, help="cases to show (default 20)")
    options = parser.parse_args(arguments)
    griffin, corpus = os.path.abspath(griffin), work / "corpus"
    write_corpus(corpus)
    cases = {path.stem: json.loads(path.read_text()) for path in sorted(corpus.glob("*.arguments"))}
    environment = os.environ | {"HF_HUB_CACHE": str((work / "no-cache").resolve())}
    costs = {}
    for name, words in cases.items():
        _, seconds, _, status, _ = counted([griffin, *words], cwd=corpus / name, env=environment)
        if status <= 0:
            sys.exit(f"{name} ended with {status}")
        costs[name] = seconds
    costliest = sorted(costs, key=costs.get, reverse=True)[: options.top]
    print(f"{len(cases)} cases; all together {sum(costs.values()):.0f} s of processor time. The costliest, medians of {RUNS} runs:")
    print(f"{'case':52}  {'bytes':>10}  {'s':>6}  {'memory':>8}  {'valid, s':>8}  {'memory':>8}  as")
    for name in costliest:
        seconds, peak = measured([griffin, *cases[name]], corpus / name)
        size = size_of(corpus / name)
        folder, kind = twin(name, work / "twin", size)
        valid, usual = measured([griffin, "convert", "--target", folder.resolve(), "-o", "twin.griffin", "--force"], work)
        print(
            f"{name:52}  {size:>10}  {seconds:>6.2f}  {mebibytes(peak):>8}  {valid:>8.2f}  {mebibytes(usual):>8}  {kind}")
        shutil.rmtree(folder)
    (work / "twin.griffin").unlink(missing_ok=True)
