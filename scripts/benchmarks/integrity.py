"""integrity: verify --integrity against openssl sha256 and openssl speed, each times threads; every flipped bit must be found."""

import argparse
import dataclasses
import json
import os
import random
import re
import struct
import subprocess
import sys

from measuring import mebibytes, run, spread
from shapes import FULL, make_pair, write_safetensors

SEED = 20
WIDE_VOCABULARY = 128256


def openssl_rate(threads):
    """Bytes a second of `openssl speed` on that many processes, in blocks of 256 KiB."""
    command = ["openssl", "speed", "-seconds", "2", "-bytes", str(256 << 10), "-multi", str(threads), "-mr", "-evp", "sha256"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(re.findall(r"^\+F:\d+:[^:]*:([\d.]+)", text, re.M)[-1])


def digests(path, count):
    """Seconds that `count` runs of openssl sha256 over a file take side by side."""
    return run(["sh", "-c", "".join(f"openssl dgst -sha256 '{path}' & " for _ in range(count)) + "wait"])[0]


def flips(griffin, bundle, count):
    """Flips one bit after another, in every kind of place, and takes each back."""
    generator = random.Random(SEED)
    described = json.loads(subprocess.run([griffin, "inspect", bundle, "--tensors", "--json"], check=True, capture_output=True).stdout)
    size = os.path.getsize(bundle)
    with open(bundle, "rb") as file:
        file.seek(32)
        manifest_end = 128 + struct.unpack("<Q", file.read(8))[0]
        file.seek(128)
        manifest = json.loads(file.read(manifest_end - 128))
    payloads = [(entry["offset"], entry["offset"] + entry["bytes"]) for entry in manifest["payloads"]]
    edges = [manifest_end] + [end for _, end in payloads]
    padding = [(end, start) for end, start in zip(edges, [start for start, _ in payloads] + [size]) if end < start]
    names = {}
    for tensor in described["tensors"]:
        names.setdefault(tensor["offset"], []).append(tensor["name"])
    for attachment in manifest["attachments"]:
        names.setdefault(payloads[attachment["payload"]][0], []).append(attachment["name"])

    found, tally = 0, {}
    with open(bundle, "r+b", buffering=0) as file:
        for number in range(count):
            kind = ["payload", "payload", "payload", "anywhere", "padding", "header", "manifest"][number % 7]
            low, high = {
                "payload": (payloads[0][0], payloads[-1][1]), "anywhere": (0, size), "header": (0, 128), "manifest": (128, manifest_end),
                "padding": generator.choice(padding),
            }[kind]
            offset, bit = generator.randrange(low, high), generator.randrange(8)
            file.seek(offset)
            byte = file.read(1)[0]
            file.seek(offset)
            file.write(bytes([byte ^ 1 << bit]))
            outcome = subprocess.run([griffin, "verify", bundle, "--integrity", "--json"], capture_output=True, text=True)
            file.seek(offset)
            file.write(bytes([byte]))
            place, right = verdict(outcome, offset, manifest_end, payloads, names)
            tally[place] = tally.get(place, 0) + 1
            if right:
                found += 1
            else:
                print(f"NOT FOUND as it should be: bit {bit} of byte {offset} ({place}): exit {outcome.returncode}\n{outcome.stdout}")
    print(f"flipped bits found, with the right place named: {found} of {count} (" + ", ".join(f"{n} in {k}" for k, n in tally.items()) + ")")
    return found == count


def verdict(outcome, offset, manifest_end, payloads, names):
    """Where the flip was, and whether the command said so."""
    document = json.loads(outcome.stdout)
    if offset < manifest_end:
        place = "header" if offset < 128 else "manifest"
        return place, outcome.returncode == 65 and "offset" in document["error"]
    failed = [check["detail"] for check in document.get("checks", []) if not check["ok"]]
    owner = next((start for start, end in payloads if start <= offset < end), None)
    if owner is None:
        return "padding", outcome.returncode == 1 and len(failed) == 1 and f"byte {offset} " in failed[0]
    right = len(failed) == 1 and f"byte {owner}: " in failed[0] and all(name in failed[0] for name in names[owner])
    return "payloads", outcome.returncode == 1 and right


def few_payloads(griffin, work):
    """A bundle whose bytes are nearly all in two payloads, the embedding and the head of a large vocabulary."""
    target, bundle = work / "few-payloads" / "target", work / "few-payloads" / "few.griffin"
    if not bundle.exists():
        target.mkdir(parents=True, exist_ok=True)
        shape = dataclasses.replace(FULL, vocabulary=WIDE_VOCABULARY)
        write_safetensors(target / "model.safetensors", shape.target_tensors(1), seed=3)
        (target / "config.json").write_text(json.dumps(shape.config(1)))
        run([griffin, "convert", "--target", target, "-o", bundle])
    return bundle


def main(griffin, work, arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench integrity", description=__doc__)
    parser.add_argument("--layers", type=int, default=1, help="layers of the 7B-shaped target (default 1, 1.9 GB with its draft)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each, alternating with openssl speed (default 5)")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--flips", type=int, default=50, help="bits to flip, one at a time (default 50)")
    options = parser.parse_args(arguments)
    pair, bundle = work / "pair-7b", work / "integrity.griffin"
    make_pair(pair, options.layers)
    run([griffin, "convert", "--target", pair / "target", "--draft", pair / "draft", "-o", bundle, "--force"])
    try:
        for name, path in [("a bundle of a pair", bundle), ("few large payloads", few_payloads(griffin, work))]:
            size = path.stat().st_size
            command = [griffin, "verify", path, "--integrity", "--threads", str(options.threads)]
            run(command)  # the page cache holds the file from here on
            rates, files, ratios, peak = [], [], [], 0
            for _ in range(options.runs):
                seconds, memory = run(command)
                rates.append(size / seconds / 1e9)
                files.append(100 * digests(path, options.threads) / options.threads / seconds)
                ratios.append(100 * size / seconds / openssl_rate(options.threads))
                peak = max(peak, memory)
            print(
                f"{name}, {size / 1e9:.2f} GB, {options.threads} threads: {spread(rates, ' GB/s')}, "
                f"{spread(files, ' %', 0)} of as many openssl sha256 at once, "
                f"{spread(ratios, ' %', 0)} of openssl speed, which reads no file, on as many processes; {mebibytes(peak)}")
        if not flips(griffin, bundle, options.flips):
            sys.exit(1)
    finally:
        bundle.unlink()
