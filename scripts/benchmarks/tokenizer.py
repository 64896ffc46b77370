"""tokenizer: load and encode real vocabularies, against Hugging Face's tokenizers (PyPI: tokenizers, gguf, mistral-common)."""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

from measuring import mebibytes, microbenchmark, run, spread
from shapes import Shape, write_safetensors
from vocabularies import write_all

TEXT_BYTES = 1 << 20
LAYERS = 1


def mixed_text(work):
    """A megabyte of prose, tables, code and many scripts: this repository's pages, sources and test strings."""
    path = work / "mixed.txt"
    sources = [*sorted(pathlib.Path("formats").glob("*.md")), *sorted(pathlib.Path("Sources").rglob("*.swift"))]
    sources += sorted(pathlib.Path("Tests/Fixtures/tokenizers").glob("strings*.json"))
    text = "\n".join(source.read_text() for source in sources).encode()
    text *= TEXT_BYTES // len(text) + 1
    path.write_bytes(text[:TEXT_BYTES].decode(errors="ignore").encode())
    return path


def bundle_of(griffin, work, name, tokenizer):
    """A tiny target with a real vocabulary, packed."""
    pieces = json.loads(tokenizer.read_text())["model"]["vocab"]
    shape = Shape(hidden=64, wide=128, vocabulary=max(pieces.values()) + 1, heads=2)
    folder, bundle = work / f"target-{name}", work / f"{name}.griffin"
    folder.mkdir(exist_ok=True)
    write_safetensors(folder / "model.safetensors", shape.target_tensors(LAYERS), seed=1)
    (folder / "config.json").write_text(json.dumps(shape.config(LAYERS)))
    (folder / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    run([griffin, "convert", "--target", folder, "-o", bundle, "--force"])
    return bundle


def theirs(tokenizer, text, runs):
    """Median seconds of loading and of encoding, and the ids."""
    from tokenizers import Tokenizer

    loads, encodes = [], []
    for _ in range(runs):
        start = time.perf_counter()
        loaded = Tokenizer.from_file(str(tokenizer))
        loads.append(time.perf_counter() - start)
    for _ in range(runs):
        start = time.perf_counter()
        ids = loaded.encode(text, add_special_tokens=False).ids
        encodes.append(time.perf_counter() - start)
    return statistics.median(loads), statistics.median(encodes), ids


def main(griffin, work, arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench tokenizer", description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="runs of each, of which the median counts (default 7)")
    options = parser.parse_args(arguments)
    program, text, same = microbenchmark("tokenizer"), mixed_text(work), True
    for name, tokenizer in write_all(work).items():
        size = tokenizer.stat().st_size
        bundle = bundle_of(griffin, work, name, tokenizer)
        command = [griffin, "tokenize", bundle, "Once upon a time"]
        started = [run(command) for _ in range(options.runs)]
        print(
            f"{name}, {size / 1e6:.1f} MB: `tokenize` of a few words {spread([1000 * wall for wall, _ in started], ' ms', 0)}, "
            f"{mebibytes(max(peak for _, peak in started) - size)} beside the file")
        ours = json.loads(subprocess.run([program, tokenizer, text, str(options.runs)], check=True, capture_output=True).stdout)
        load, encode, ids = theirs(tokenizer, text.read_text(), options.runs)
        same = same and ids == ours["ids"]
        print(
            f"  JSON {size / ours['json_seconds'] / 1e6:.0f} MB/s; load {1000 * ours['load_seconds']:.0f} ms, "
            f"{load / ours['load_seconds']:.1f} x as fast as tokenizers ({1000 * load:.0f} ms); "
            f"encode {text.stat().st_size / ours['encode_seconds'] / 1e6:.1f} MB/s, {encode / ours['encode_seconds']:.1f} x as fast; "
            f"{len(ids)} ids {'the same' if ids == ours['ids'] else 'DIFFERENT'}")
    if not same:
        sys.exit(1)
