#!/usr/bin/env python3
"""Writes Sources/Quantization/Codebooks/Codebook+Points.swift: the points of ggml's codebooks, which are constants of its formats.

The points are taken from the gguf package (pip install gguf numpy). Each is 16 bits, in base64: eight indices of 2 bits
or four of 4 bits, the first lowest, into the few magnitudes that a codebook has.
"""
import base64
import pathlib

import numpy as np
from gguf import quants

WIDTH = 120
path = pathlib.Path(__file__).resolve().parent.parent / "Sources/Quantization/Codebooks/Codebook+Points.swift"
books = [
    ("iq2XXS", quants.IQ2_XXS, "iq2xxs_grid"), ("iq2XS", quants.IQ2_XS, "iq2xs_grid"), ("iq2S", quants.IQ2_S, "iq2s_grid"),
    ("iq3XXS", quants.IQ3_XXS, "iq3xxs_grid"), ("iq3S", quants.IQ3_S, "iq3s_grid"), ("iq1", quants.IQ1_S, "iq1s_grid"),
]

out = ["// Made by scripts/make-codebooks.py.", "", "/// The codebooks of ggml's formats: constants that no rule gives.", "///",
       "/// - Source: ggml, `ggml-common.h`, by way of the gguf package 0.19.", "extension Codebook {"]
for index, (name, book, grid) in enumerate(books):
    book.init_grid()
    points = book.grid.reshape(book.grid_shape)
    width = points.shape[1]
    magnitudes = np.array(book.grid_map, dtype=np.float32)
    indices = np.abs(points[..., None] - magnitudes).argmin(axis=-1).astype(np.uint16)
    assert (magnitudes[indices] == points).all()
    bits = 16 // width
    packed = (indices << (np.arange(width, dtype=np.uint16) * bits)).sum(axis=1).astype("<u2")
    text = base64.b64encode(packed.tobytes()).decode()
    if index:
        out.append("")
    out.append(f"  /// {len(points)} points of {width}: ggml's `{grid}`.")
    out.append(f"  static let {name} = Codebook(")
    values = ", ".join(f"{int(v)}" for v in magnitudes)
    out.append(f"    width: {width}, levels: [{values}],")
    out.append('    points: """')
    for start in range(0, len(text), WIDTH):
        last = start + WIDTH >= len(text)
        out.append("      " + text[start:start + WIDTH] + ("" if last else "\\"))
    out.append('      """)')
out.append("}")
path.write_text("\n".join(out) + "\n")
