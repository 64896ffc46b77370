"""The work folder of griffin align (formats/align.md, section 3): shards of features, and the order in which they are learned from."""

import hashlib
import pathlib
import struct

import numpy as np
import torch

from .drafts import Rows
from .training import Batch

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15


class SplitMix64:
    def __init__(self, seed):
        self.state = seed & MASK

    def next(self):
        self.state = (self.state + GAMMA) & MASK
        mixed = self.state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        return mixed ^ (mixed >> 31)

    def uniforms(self, count):
        """So many numbers of [0, 1), as float32."""
        with np.errstate(over="ignore"):
            state = np.uint64(self.state) + np.uint64(GAMMA) * np.arange(1, count + 1, dtype=np.uint64)
            self.state = (self.state + GAMMA * count) & MASK
            mixed = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed = mixed ^ (mixed >> np.uint64(31))
        return ((mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53).astype(np.float32)

    def shuffled(self, items):
        items = list(items)
        for index in range(len(items) - 1, 0, -1):
            other = self.next() % (index + 1)
            items[index], items[other] = items[other], items[index]
        return items


class Sample:
    """A text, and what the target thinks at each of its tokens; `taps` is None but for EAGLE-3."""

    def __init__(self, tokens, start, best, states, taps):
        self.tokens, self.start, self.best, self.states, self.taps = tokens, start, best, states, taps

    @property
    def rows(self):
        return len(self.tokens) - 2


def read(path, hidden):
    data = pathlib.Path(path).read_bytes()
    if data[:8] != b"GRFSHARD" or hashlib.sha256(data[:-32]).digest() != data[-32:]:
        raise SystemExit(f"{path}: no shard of features, or damaged")
    version, width, _, _, count = struct.unpack_from("<IIIIQ", data, 8)
    if version != 1:
        raise SystemExit(f"{path}: a shard of version {version}")
    offset, samples = 32, []
    for _ in range(count):
        tokens, start = struct.unpack_from("<II", data, offset)
        offset += 8
        arrays = []
        for size, kind in ((tokens, "<u4"), (tokens, "<u4"), (tokens * hidden, "<f4"), (tokens * (width - hidden), "<f4")):
            arrays.append(np.frombuffer(data, kind, size, offset))
            offset += 4 * size
        ids, best, states, taps = arrays
        samples.append(
            Sample(ids.astype(np.int64), start, best.astype(np.int64), states.reshape(tokens, hidden), taps.reshape(tokens, -1) if width > hidden else None))
    return samples


def write(path, samples, first, after):
    width = samples[0].states.shape[1] + (0 if samples[0].taps is None else samples[0].taps.shape[1])
    parts = [b"GRFSHARD", struct.pack("<IIIIQ", 1, width, first, after, len(samples))]
    for sample in samples:
        parts.append(struct.pack("<II", len(sample.tokens), sample.start))
        parts += [np.asarray(a, "<u4").tobytes() for a in (sample.tokens, sample.best)]
        parts += [np.asarray(a, "<f4").tobytes() for a in (sample.states, sample.taps) if a is not None]
    data = b"".join(parts)
    pathlib.Path(path).write_bytes(data + hashlib.sha256(data).digest())


def folder(path):
    return sorted(str(p) for p in pathlib.Path(path).glob("features-*") if p.suffix != ".partial")


def plan(rows, epochs, batch_rows, seed):
    """Steps: a shard and places in it; `rows` has the texts' rows by shard."""
    steps = []
    for epoch in range(epochs):
        generator = SplitMix64(((seed + epoch * 0x9E3779B9) & MASK) ^ 0x706C616E)
        for shard in generator.shuffled(range(len(rows))):
            texts, count = [], 0
            for text in generator.shuffled(range(len(rows[shard]))):
                if texts and count + rows[shard][text] > batch_rows:
                    steps.append((shard, texts))
                    texts, count = [], 0
                texts.append(text)
                count += rows[shard][text]
            if texts:
                steps.append((shard, texts))
    return steps


def batch(samples, noise, seed, device):
    """The rows of some texts; noise is drawn in the order of the texts."""
    generator, features, targets, tokens, labels, best, counted = SplitMix64(seed), [], [], [], [], [], []
    for sample in samples:
        feature = (sample.states if sample.taps is None else sample.taps)[: sample.rows]
        size = np.float32(noise) * np.float32(512) / np.float32(max(len(sample.tokens), 512))
        if size:
            feature = feature + (generator.uniforms(feature.size).reshape(feature.shape) - np.float32(0.5)) * size
        features.append(torch.from_numpy(np.array(feature)))
        targets.append(torch.from_numpy(np.array(sample.states[1 : sample.rows + 1])))
        tokens.append(torch.from_numpy(sample.tokens[1:-1].copy()))
        labels.append(torch.from_numpy(sample.tokens[2:].copy()))
        best.append(torch.from_numpy(sample.best[1:-1].copy()))
        counted.append(torch.arange(1, sample.rows + 1) >= sample.start)
    joined = [torch.cat(part).to(device) for part in (tokens, labels, best, counted, features, targets)]
    return Batch(Rows([sample.rows for sample in samples], device), *joined)
