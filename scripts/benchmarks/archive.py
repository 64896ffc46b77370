"""archive: pack and unpack against zipnn and zstd -3: bytes that are left, and speed of a thread, over the same bytes."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

import numpy
from measuring import counted, mebibytes, microbenchmark
from shapes import make_gigabyte

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "golden"
TYPES = {"bf16": "bfloat16", "f16": "float16", "f32": "float32"}
SEED = 22


def as_bf16(values):
    """Rounded to nearest, ties to even."""
    bits = numpy.ascontiguousarray(values, numpy.float32).view(numpy.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(numpy.uint16)


def gaussian(rows=4096, columns=4096):
    """A bell curve with a scale of its own for each row, as trained matrices have it."""
    generator = numpy.random.default_rng(SEED)
    scale = numpy.exp(generator.standard_normal((rows, 1), dtype=numpy.float32) * 0.3) * 0.02
    return generator.standard_normal((rows, columns), dtype=numpy.float32) * scale


def payloads(bundle):
    """The bytes of a bundle's tensors of each type, one after the other."""
    with open(bundle, "rb") as file:
        data = file.read()
    manifest = json.loads(data[128:128 + int.from_bytes(data[32:40], "little")])
    types = {}
    for tensor in manifest["tensors"]:
        payload = manifest["payloads"][tensor["payload"]]
        types.setdefault(tensor["type"], {})[payload["offset"]] = payload["bytes"]
    return {kind: b"".join(data[start:start + count] for start, count in sorted(places.items())) for kind, places in types.items()}


def convert(griffin, work, name, source, *more):
    output = work / f"archive-{name}.griffin"
    command = [griffin, "convert", *source, "-o", output, "--force", *more]
    outcome = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if outcome.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {outcome.stderr}")
    return output


def samples(griffin, work, models):
    """Names, types and bytes that are measured."""
    matrix = gaussian()
    yield "Gaussian with a scale a row", "bf16", as_bf16(matrix).tobytes()
    yield "Gaussian with a scale a row", "f16", matrix.astype(numpy.float16).tobytes()
    yield "Gaussian with a scale a row", "f32", matrix[:2048].tobytes()
    sources = [("llama2-wide (trained)", ["--target", FIXTURES / "llama2-wide/target", "--draft", FIXTURES / "llama2-wide/draft"])]
    sources += [(model.name, ["--target", model]) for model in models]
    for name, source in sources:
        for recipe in ["bf16", "f16", "q8_0", "q4_k_m", "q6_k"]:
            bundle = convert(griffin, work, "sample", source, "--quantize", recipe, "--allow-requantize")
            for kind, data in sorted(payloads(bundle).items()):
                if len(data) > 1 << 20:
                    yield f"{name}, {recipe}", kind, data
            bundle.unlink()


def ours(program, kind, data, work, runs):
    sample = work / "archive-sample.bin"
    sample.write_bytes(data)
    outcome = json.loads(subprocess.run([program, kind, sample, str(runs)], check=True, capture_output=True, text=True).stdout)
    return outcome["packed"], outcome["pack_seconds"], outcome["unpack_seconds"]


def least(runs, work):
    """The last result of some work, and the least processor time that it took."""
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        result = work()
        best = min(best, time.process_time() - start)
    return result, best


def zipnn_of(kind, data, runs):
    import zipnn

    coder = zipnn.ZipNN(method="HUFFMAN", input_format="byte", bytearray_dtype=TYPES[kind], threads=1)
    # It works in place, on a copy that is not timed.
    best = float("inf")
    for _ in range(runs):
        copy = bytearray(data)
        start = time.process_time()
        packed = coder.compress(copy)
        best = min(best, time.process_time() - start)
    unpacked, back = least(runs, lambda: coder.decompress(packed))
    if bytes(unpacked) != data:
        sys.exit("zipnn does not give the bytes back")
    return len(packed), best, back


def zstd_of(data, runs):
    import zstandard

    packed, there = least(runs, lambda: zstandard.ZstdCompressor(level=3).compress(data))
    _, back = least(runs, lambda: zstandard.ZstdDecompressor().decompress(packed))
    return len(packed), there, back


def row(data, measured):
    packed, there, back = measured
    return [f"{packed / len(data):.4f}", f"{len(data) / there / 1e9:.2f}", f"{len(data) / back / 1e9:.2f}"]


def commands(griffin, work, runs):
    """The commands over a bundle of 1 GB, with digests, reading and writing."""
    shape = work / "archive-1gb"
    make_gigabyte(shape)
    bundle = convert(griffin, work, "1gb", ["--target", shape])
    packed, again = work / "archive-1gb.tar.zst", work / "archive-again.griffin"
    threads = os.cpu_count()
    for words, flags in [("pack", ["pack", bundle, "-o", packed]), ("unpack", ["unpack", packed, "-o", again])]:
        for count in [1, threads]:
            least_wall, least_cpu, most = float("inf"), float("inf"), 0
            for _ in range(runs):
                wall, cpu, peak, status, errors = counted([griffin, *flags, "--force", "--threads", str(count)])
                if status != 0:
                    sys.exit(errors)
                least_wall, least_cpu, most = min(least_wall, wall), min(least_cpu, cpu), max(most, peak)
            size = bundle.stat().st_size
            print(
                f"griffin {words}, {size / 1e9:.2f} GB, {count} threads: {size / least_wall / 1e9:.2f} GB/s to the disk, "
                f"{size / least_cpu / 1e9:.2f} GB a processor second with digests, {mebibytes(most)}", flush=True)
    same = subprocess.run(["cmp", bundle, again]).returncode == 0
    print(f"the archive has {packed.stat().st_size / bundle.stat().st_size:.4f} of the bundle's bytes; unpacked it is {'the same file' if same else 'ANOTHER FILE'}")
    for path in [bundle, packed, again]:
        path.unlink()
    return same


def main(griffin, work, arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench archive", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each; the quickest counts (default 5)")
    parser.add_argument("--models", type=pathlib.Path, nargs="*", default=[], help="more targets, such as a GGUF file")
    options = parser.parse_args(arguments)
    program = microbenchmark("planes")
    print("| bytes | type | MB | ours | pack | unpack | zipnn | pack | unpack | zstd -3 | pack | unpack |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, kind, data in samples(griffin, work, options.models):
        cells = row(data, ours(program, kind, data, work, options.runs))
        cells += row(data, zipnn_of(kind, data, options.runs)) if kind in TYPES else ["-"] * 3
        cells += row(data, zstd_of(data, options.runs))
        print(f"| {name} | {kind} | {len(data) / 1e6:.0f} | {' | '.join(cells)} |", flush=True)
    (work / "archive-sample.bin").unlink(missing_ok=True)
    if not commands(griffin, work, options.runs):
        sys.exit(1)
