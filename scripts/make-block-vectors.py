#!/usr/bin/env python3
"""Makes Tests/Fixtures/blocks: stored blocks and what the gguf package (pip install gguf numpy) decodes them to.

TYPE.bin holds blocks, TYPE.f32 their values as little-endian floats: random blocks, edge blocks (zeros, ones, the
smallest, largest and infinite scales), and for the types that the package can write blocks of real weights. real.json
says where those are from. digests.json has SHA-256 of the values of many more random blocks, which a test draws itself
(SplitMix64, as in TestSupport); every NaN counts as 0x7FC00000.

Usage: make-block-vectors.py [GGUF FILE...]   (real q4_k, q6_k, ... blocks come from the files given)
"""
import hashlib
import json
import pathlib
import sys

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType as Type, GGUFReader, quants

# Where the halves of a block's scales are.
SCALES = {
    "q4_0": [0], "q4_1": [0, 2], "q5_0": [0], "q5_1": [0, 2], "q8_0": [0], "q2_k": [80, 82], "q3_k": [108], "q4_k": [0, 2],
    "q5_k": [0, 2], "q6_k": [208], "iq4_nl": [0], "iq4_xs": [0], "iq3_s": [0], "iq3_xxs": [0], "iq2_s": [0], "iq2_xs": [0],
    "iq2_xxs": [0], "iq1_m": [], "iq1_s": [0], "tq1_0": [52], "tq2_0": [64], "mxfp4": [],
}
EDGES = [0x0000, 0x8000, 0x0001, 0x83FF, 0x0400, 0x3C00, 0x7BFF, 0xFBFF, 0x7C00]
DIGEST_BLOCKS = 1024
ROOT = pathlib.Path(__file__).resolve().parent.parent
folder = ROOT / "Tests" / "Fixtures" / "blocks"


def splitmix(seed, count):
    """`count` bytes: the lowest of each number."""
    state = np.uint64(seed)
    with np.errstate(over="ignore"):
        steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + state
        mixed = (steps ^ (steps >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> np.uint64(31))) & np.uint64(255)).astype(np.uint8)


def decode(blocks, type):
    with np.errstate(all="ignore"):
        values = quants.dequantize(blocks, type).astype("<f4").ravel()
    values[np.isnan(values)] = np.array([0x7FC00000], dtype="<u4").view("<f4")[0]
    return values


def real_blocks(files):
    """The first blocks of a matrix of each type, and of a float matrix encoded as each type that the package can write."""
    blocks, origin = {}, {}
    weights = None
    for file in files:
        for tensor in GGUFReader(file).tensors:
            name = tensor.tensor_type.name.lower()
            if tensor.name == "blk.1.ffn_down.weight":
                if name in SCALES and name not in blocks:
                    blocks[name] = np.asarray(tensor.data).reshape(-1, GGML_QUANT_SIZES[tensor.tensor_type][1])[:4]
                    origin[name] = f"{pathlib.Path(file).name}: {tensor.name}"
                if name == "f16":
                    weights = (np.asarray(tensor.data).astype(np.float32).reshape(-1)[:1024].reshape(4, 256),
                               f"{pathlib.Path(file).name}: {tensor.name}, encoded by the gguf package")
    if weights is not None:
        for name in SCALES:
            if name in blocks:
                continue
            try:
                encoded = quants.quantize(weights[0], Type[name.upper()])
            except NotImplementedError:
                continue
            blocks[name] = encoded.reshape(-1, GGML_QUANT_SIZES[Type[name.upper()]][1])[:16]
            origin[name] = weights[1]
    return blocks, origin


def main():
    folder.mkdir(parents=True, exist_ok=True)
    real, origin = real_blocks(sys.argv[1:])
    digests = {}
    for seed, (name, scales) in enumerate(SCALES.items(), start=1):
        type = Type[name.upper()]
        elements, size = GGML_QUANT_SIZES[type]
        random = np.random.default_rng(seed)
        count = 6 if elements == 256 else 24
        blocks = random.integers(0, 256, (count, size), dtype=np.uint8)
        for offset in scales:  # scales as weights have them, whatever the other bytes
            blocks[:, offset:offset + 2] = (random.standard_normal(count) * 0.01).astype("<f2").view(np.uint8).reshape(-1, 2)
        edges = [np.zeros((1, size), np.uint8), np.full((1, size), 0xFF, np.uint8)]
        for bits in EDGES if scales else []:
            edge = random.integers(0, 256, (1, size), dtype=np.uint8)
            for offset in scales:
                edge[0, offset:offset + 2] = np.array([bits], "<u2").view(np.uint8)
            edges.append(edge)
        blocks = np.concatenate([blocks, *edges, *([real[name]] if name in real else [])])
        (folder / f"{name}.bin").write_bytes(blocks.tobytes())
        (folder / f"{name}.f32").write_bytes(decode(blocks, type).tobytes())
        many = splitmix(seed, DIGEST_BLOCKS * size).reshape(DIGEST_BLOCKS, size)
        digests[name] = {"seed": seed, "blocks": DIGEST_BLOCKS, "sha256": hashlib.sha256(decode(many, type).tobytes()).hexdigest()}
    (folder / "digests.json").write_text(json.dumps(digests, indent=1) + "\n")
    (folder / "real.json").write_text(json.dumps(origin, indent=1) + "\n")


main()
