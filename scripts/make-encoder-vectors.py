#!/usr/bin/env python3
"""Makes Tests/Fixtures/encoders: rows of floats and what the gguf package (pip install gguf numpy) encodes them to.

values.f32 holds ROWS x COLUMNS little-endian floats; TYPE.bin what each row becomes.
"""
import pathlib

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import quants

COLUMNS = 256
folder = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "encoders"


def rows():
    random = np.random.default_rng(20250211)
    normal = random.standard_normal(COLUMNS)
    yield from random.standard_normal((8, COLUMNS)) * 0.02
    yield random.standard_t(2, COLUMNS)  # heavy tails
    yield np.zeros(COLUMNS)
    yield np.full(COLUMNS, 0.37)
    yield np.full(COLUMNS, -1.25)
    yield -np.abs(normal)
    outlier = normal * 1e-3
    outlier[100] = 50
    yield outlier
    yield normal * 1e-7  # below the smallest normal half
    yield np.where(np.arange(COLUMNS) % 2 == 0, 0.5, -0.5) * np.arange(COLUMNS)  # halves to be rounded
    yield np.arange(COLUMNS) - 128.0
    yield np.ldexp(1.0, np.arange(COLUMNS) % 30 - 24) * np.where(np.arange(COLUMNS) % 3 == 0, -1, 1)
    yield normal * 3000


def main():
    folder.mkdir(parents=True, exist_ok=True)
    values = np.stack([np.asarray(row, dtype=np.float32) for row in rows()])
    (folder / "values.f32").write_bytes(values.astype("<f4").tobytes())
    for type in [Type.F16, Type.BF16, Type.Q8_0]:
        (folder / f"{type.name.lower()}.bin").write_bytes(quants.quantize(values, type).tobytes())


main()
