#!/usr/bin/env python3
"""Makes Tests/Fixtures/encoders: rows of floats and what others encode them to.

values.f32 holds rows of 256 little-endian floats, importance.f32 a weight for each column. TYPE.bin is what each row
becomes, TYPE-weighted.bin what it becomes with importance (some types are not made without); errors.json has the sums of squared errors (weighted by
importance, and plain) of a real tensor, layer 0's down_proj of golden/llama2-wide, whose column c has importance
(1 + c % 7)^2 / 4.

Plain numbers and q8_0 are encoded by the gguf package (pip install gguf numpy safetensors), everything else by ggml's
`ggml_quantize_chunk`. Its library is the argument, libggml-base.so; the package llama-cpp-python has it in llama_cpp/lib.
Fused multiply-add would change last bits, so it is built for plain x86-64, as that package does by itself.
"""
import ctypes
import json
import pathlib
import sys

import numpy as np
from gguf import GGML_QUANT_SIZES
from gguf import GGMLQuantizationType as Type
from gguf import quants
from safetensors.numpy import load_file

COLUMNS = 256
fixtures = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures"
folder = fixtures / "encoders"
SEARCHED = "Q4_0 Q4_1 Q5_0 Q5_1 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS IQ3_S IQ3_XXS IQ2_S IQ1_M TQ1_0 TQ2_0 MXFP4".split()
# ggml takes these with importance alone.
WEIGHTED = "IQ2_XS IQ2_XXS IQ1_S".split()


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
    yield from random.standard_t(2, (8, COLUMNS)) * 0.01
    yield np.abs(normal) + 0.1


class GGML:
    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        self.library.ggml_quantize_chunk.restype = ctypes.c_size_t
        self.library.ggml_quantize_chunk.argtypes = (
            [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p] + 3 * [ctypes.c_int64] + [ctypes.c_void_p])

    def quantize(self, values, type, importance=None):
        elements, size = GGML_QUANT_SIZES[type]
        encoded = np.zeros((values.shape[0], values.shape[1] // elements * size), np.uint8)
        self.library.ggml_quantize_init(int(type))
        self.library.ggml_quantize_chunk(
            int(type), values.ctypes.data, encoded.ctypes.data, 0, *values.shape,
            None if importance is None else importance.ctypes.data)
        return encoded


def errors(ggml, values, type, importance):
    def sums(encoded):
        squares = (quants.dequantize(encoded, type).astype(np.float64) - values) ** 2
        return {"plain": squares.sum(), "weighted": (squares * importance).sum()}

    made = {"with": sums(ggml.quantize(values, type, importance))}
    return made if type.name in WEIGHTED else {"without": sums(ggml.quantize(values, type))} | made


def main():
    ggml = GGML(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    values = np.stack([np.asarray(row, dtype=np.float32) for row in rows()])
    importance = np.random.default_rng(7).chisquare(1, COLUMNS).astype(np.float32)
    importance[5] = 0
    (folder / "values.f32").write_bytes(values.astype("<f4").tobytes())
    (folder / "importance.f32").write_bytes(importance.astype("<f4").tobytes())
    for type in [Type.F16, Type.BF16, Type.Q8_0]:
        (folder / f"{type.name.lower()}.bin").write_bytes(quants.quantize(values, type).tobytes())
    for type in [Type[name] for name in SEARCHED + WEIGHTED]:
        if type.name not in WEIGHTED:
            (folder / f"{type.name.lower()}.bin").write_bytes(ggml.quantize(values, type).tobytes())
        (folder / f"{type.name.lower()}-weighted.bin").write_bytes(ggml.quantize(values, type, importance).tobytes())
    tensors = load_file(fixtures / "golden" / "llama2-wide" / "target" / "model.safetensors")
    real = tensors["model.layers.0.mlp.down_proj.weight"].astype(np.float32)
    importance = ((1 + np.arange(real.shape[1]) % 7) ** 2 / 4).astype(np.float32)
    (folder / "errors.json").write_text(json.dumps(
        {name.lower(): errors(ggml, real, Type[name], importance) for name in SEARCHED + WEIGHTED + ["Q8_0"]}, indent=1) + "\n")


main()
