#!/usr/bin/env python3
"""Makes Tests/Fixtures/recipes/types.json: the types that llama.cpp's `llama_model_quantize` gives each tensor.

    make-recipe-vectors.py FOLDER      # with libllama.so of llama-cpp-python (llama_cpp/lib), and pip install gguf numpy

Models of random weights, tiny but for their number of layers, are written as GGUF, quantized with every mix, and their
tensors' types read back: {MODEL: {"layers", "heads", "key_heads", "experts", "hidden", "intermediate", "tied", "types":
{MIX: {PART: TEXT}}}}, where TEXT has a letter of LETTERS for each layer.
"""
import ctypes
import json
import pathlib
import re
import sys
import tempfile

import numpy as np
from gguf import GGUFReader, GGUFWriter

output = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "recipes"
MIXES = {"q2_k_s": 21, "q3_k_s": 11, "q3_k_m": 12, "q3_k_l": 13, "q4_k_s": 14, "q4_k_m": 15, "q5_k_s": 16, "q5_k_m": 17}
LETTERS = {"q2_k": "2", "q3_k": "3", "q4_k": "4", "q5_k": "5", "q6_k": "6", "q8_0": "8", "q4_0": "a", "q5_0": "b", "q5_1": "c",
           "f16": "h", "f32": "f"}
HEAD = 32
VOCABULARY = 64


def model(layers, heads, key_heads, experts=0, intermediate=256, tied=False):
    return {"layers": layers, "heads": heads, "key_heads": key_heads, "experts": experts, "hidden": heads * HEAD,
            "intermediate": intermediate, "tied": tied}


MODELS = {
    "dense": model(32, 8, 8),
    "small": model(22, 8, 1),
    "grouped": model(32, 8, 2),
    "tied": model(24, 8, 4, tied=True),
    "seventy-billion": model(80, 8, 1),
    "experts": model(32, 8, 2, experts=8),
    "four-experts": model(9, 8, 2, experts=4),
    "odd-rows": model(16, 9, 3, intermediate=352),
}


class Imatrix(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("data", ctypes.POINTER(ctypes.c_float)), ("size", ctypes.c_size_t)]


class Parameters(ctypes.Structure):
    _fields_ = (
        [(name, ctypes.c_int32) for name in ["threads", "type", "output_type", "embedding_type"]]
        + [(name, ctypes.c_bool) for name in ["requantize", "output", "copy", "pure", "keep_split", "dry_run"]]
        + [("imatrix", ctypes.POINTER(Imatrix))]
        + [(name, ctypes.c_void_p) for name in ["overrides", "types", "pruned"]]
        + [("buffer", ctypes.c_size_t)])


def write(path, m):
    random = np.random.default_rng(1)

    def weights(*shape):
        return (random.standard_normal(shape) * 0.02).astype(np.float16)

    writer = GGUFWriter(path, "llama")
    writer.add_block_count(m["layers"])
    writer.add_context_length(128)
    writer.add_embedding_length(m["hidden"])
    writer.add_feed_forward_length(m["intermediate"])
    writer.add_head_count(m["heads"])
    writer.add_head_count_kv(m["key_heads"])
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)
    if m["experts"]:
        writer.add_expert_count(m["experts"])
        writer.add_expert_used_count(2)
    hidden, wide, keys = m["hidden"], m["intermediate"], m["key_heads"] * HEAD
    writer.add_tensor("token_embd.weight", weights(VOCABULARY, hidden))
    writer.add_tensor("output_norm.weight", np.ones(hidden, np.float32))
    if not m["tied"]:
        writer.add_tensor("output.weight", weights(VOCABULARY, hidden))
    for layer in range(m["layers"]):
        prefix = f"blk.{layer}."
        writer.add_tensor(prefix + "attn_norm.weight", np.ones(hidden, np.float32))
        writer.add_tensor(prefix + "ffn_norm.weight", np.ones(hidden, np.float32))
        writer.add_tensor(prefix + "attn_q.weight", weights(hidden, hidden))
        writer.add_tensor(prefix + "attn_k.weight", weights(keys, hidden))
        writer.add_tensor(prefix + "attn_v.weight", weights(keys, hidden))
        writer.add_tensor(prefix + "attn_output.weight", weights(hidden, hidden))
        many = [m["experts"]] if m["experts"] else []
        suffix = "_exps" if many else ""
        if many:
            writer.add_tensor(prefix + "ffn_gate_inp.weight", weights(m["experts"], hidden).astype(np.float32))
        writer.add_tensor(prefix + f"ffn_gate{suffix}.weight", weights(*many, wide, hidden))
        writer.add_tensor(prefix + f"ffn_up{suffix}.weight", weights(*many, wide, hidden))
        writer.add_tensor(prefix + f"ffn_down{suffix}.weight", weights(*many, hidden, wide))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def importance(m):
    """Of every matrix and of the embedding: q2_k_s is refused without."""
    entries, columns = [], {"token_embd.weight": m["hidden"], "output.weight": m["hidden"]}
    many = m["experts"] or 1
    suffix = "_exps" if m["experts"] else ""
    for layer in range(m["layers"]):
        for part in ["attn_q", "attn_k", "attn_v", "attn_output"]:
            columns[f"blk.{layer}.{part}.weight"] = m["hidden"]
        for part, width in [("gate", m["hidden"]), ("up", m["hidden"]), ("down", m["intermediate"])]:
            columns[f"blk.{layer}.ffn_{part}{suffix}.weight"] = width * many
    for name, count in columns.items():
        entries.append(Imatrix(name.encode(), (ctypes.c_float * count)(*([1.0] * count)), count))
    return (Imatrix * (len(entries) + 1))(*entries)


def types(path, layers):
    parts = {}
    for tensor in GGUFReader(path).tensors:
        if not tensor.name.endswith(".weight") or "norm" in tensor.name:
            continue
        place = re.match(r"blk\.(\d+)\.(\w+)\.weight", tensor.name)
        part, layer = (place[2].removesuffix("_exps"), int(place[1])) if place else (tensor.name.removesuffix(".weight"), 0)
        letter = LETTERS[tensor.tensor_type.name.lower()]
        parts.setdefault(part, [None] * (layers if place else 1))[layer] = letter
    return {part: "".join(letters) for part, letters in parts.items()}


def main():
    library = ctypes.CDLL(str(pathlib.Path(sys.argv[1]) / "libllama.so"))
    library.llama_model_quantize_default_params.restype = Parameters
    library.llama_model_quantize.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(Parameters)]
    library.llama_backend_init()
    chosen = {}
    with tempfile.TemporaryDirectory() as folder:
        source, target = f"{folder}/source.gguf", f"{folder}/target.gguf"
        for name, m in MODELS.items():
            write(source, m)
            chosen[name] = dict(m, types={})
            for mix, number in MIXES.items():
                parameters = library.llama_model_quantize_default_params()
                parameters.threads, parameters.type = 2, number
                if mix == "q2_k_s":
                    parameters.imatrix = importance(m)
                status = library.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(parameters))
                assert status == 0, (name, mix)
                chosen[name]["types"][mix] = types(target, m["layers"])
    output.mkdir(parents=True, exist_ok=True)
    (output / "types.json").write_text(json.dumps(chosen, indent=1) + "\n")


main()
