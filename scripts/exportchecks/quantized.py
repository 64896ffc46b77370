"""Every type and mix written, exported, against the file that llama.cpp makes of the same weights with the same importance matrix: the tensors'
types and bytes, and the logits that llama.cpp computes from both files."""
import struct
import subprocess
import sys

import gguf
import numpy

from benchmarks.quantize import FILE_TYPES, MIXES, PEER, library

from . import runtime
from .pairs import prompts, target

PAIRS = ["llama2-wide", "qwen2-tiny", "mixtral-tiny", "smollm2"]
# These names are the mixes of llama.cpp and our pure types.
PURE = ["q4_0", "q4_1", "q5_0", "q5_1", "q8_0"]


def legacy(path, matrix):
    """The means of a matrix in the older form, which the peer's process is given: [experts, columns] one after another."""
    tensors = {tensor.name: tensor.data for tensor in gguf.GGUFReader(matrix).tensors}
    entries = []
    for name, sums in tensors.items():
        if not name.endswith(".in_sum2") or name.startswith("draft/"):
            continue
        stem = name.removesuffix(".in_sum2")
        counts = tensors[f"{stem}.counts"].reshape(-1, 1)
        sums = sums.reshape(len(counts), -1)
        # An expert that saw nothing counts all columns the same.
        means = numpy.where(counts > 0, sums / numpy.maximum(counts, 1), 1).astype("<f4")
        label = stem.encode()
        entries.append(struct.pack("<i", len(label)) + label + struct.pack("<ii", 1, means.size) + means.tobytes())
    path.write_bytes(struct.pack("<i", len(entries)) + b"".join(entries))


def stored(path):
    return {tensor.name: (tensor.tensor_type, tensor.data.tobytes()) for tensor in gguf.GGUFReader(path).tensors}


def differing(ours, theirs):
    """The tensors that differ, each with its types, how many of its bytes do, and whether the values are the same: codes under a scale
    of zero are zero here, and there what a search left (formats/quantization.md, S1)."""
    for name, (kind, data) in theirs.items():
        found, bytes_found = ours.get(name, (None, b""))
        if found != kind:
            yield f"{name} is {found.name if found else 'missing'}, there {kind.name}", False
        elif data != bytes_found:
            mine, other = numpy.frombuffer(bytes_found, numpy.uint8), numpy.frombuffer(data, numpy.uint8)
            count = int((mine != other).sum())
            blocks = [block.reshape(-1, gguf.GGML_QUANT_SIZES[kind][1]) for block in (mine, other)]
            blocks = [part[(blocks[0] != blocks[1]).any(1)] for part in blocks]
            is_same = numpy.array_equal(*(gguf.quants.dequantize(part, kind) for part in blocks))
            note = f", the same values in all {len(blocks[0])} blocks" if is_same else ""
            yield f"{name} ({kind.name}) differs in {count} of {len(data)} bytes{note}", is_same


def logits(path, ids):
    model = runtime.loaded(path)
    (values,) = [next(runtime.decoded(model, ids, 1))]
    return values


def run(context):
    for name in context.only or PAIRS:
        source = target(context, name)
        plain = context.bundle(f"{name}-types-f32", source, "--quantize", "f32", "--allow-requantize")
        ids = prompts(context, name, plain)[0]
        (floats,) = context.export(plain)
        matrix, older = context.folder / f"{name}-imatrix.gguf", context.folder / f"{name}-imatrix.dat"
        context.run("calibrate", plain, "-o", matrix, "--force")
        legacy(older, matrix)
        same, different, notes = 0, 0, []
        for recipe, number in (FILE_TYPES | MIXES).items():
            if recipe not in MIXES and recipe not in PURE or recipe not in (context.recipes or [recipe]):
                continue
            theirs = context.folder / f"{name}-theirs.gguf"
            purity = "mix" if recipe in MIXES else "pure"
            for weights in ["weighted", "plain"]:
                if weights == "plain" and recipe.startswith(("iq1", "iq2", "iq3", "q2_k")):
                    continue
                subprocess.run(
                    [sys.executable, "-c", PEER, library(None), floats, theirs, str(number), purity, "2", older, weights], check=True,
                    capture_output=True)
                flags = ["--imatrix", matrix] if weights == "weighted" else []
                bundle = context.bundle(f"{name}-types", plain, "--quantize", recipe, *flags)
                (ours,) = context.export(bundle)
                found = list(differing(stored(ours), stored(theirs)))
                problems, are_same = [problem for problem, _ in found], all(is_same for _, is_same in found)
                same_logits = numpy.array_equal(logits(ours, ids), logits(theirs, ids))
                if not same_logits:
                    problems, are_same = problems + ["the logits differ"], False
                same, different = same + are_same, different + (not are_same)
                notes += [f"{recipe} {weights}: {problems[0]}" + (f" and {len(problems) - 1} more" if problems[1:] else "")] if problems else []
                for path in [bundle, ours, theirs]:
                    path.unlink()
        yield f"{name} as llama-quantize stores it, recipes with and without a matrix", same + different, same, "; ".join(notes)
        for path in [plain, floats]:
            path.unlink()
