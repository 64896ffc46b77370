#!/usr/bin/env python3
"""Makes Tests/Fixtures/recipes from what llama.cpp's `llama_model_quantize` does.

    make-recipe-vectors.py FOLDER   # with libllama.so of llama-cpp-python (llama_cpp/lib); pip install gguf numpy safetensors

digests.json: what it makes of golden/llama2-wide's target, {RECIPE: {"plain", "weighted"}}: SHA-256 of the hexadecimal
SHA-256 digests of all matrices, in the order of their canonical names. Weighted, column c of every matrix has importance
(1 + c % 7)^2 / 4. Query and key rows stay in order. Digests are of machines without fused multiply-add in ggml-base, as
the package is built for x86-64.

types.json: the types that it gives each tensor.
Models of random weights, tiny but for their number of layers, are written as GGUF, and dry runs say what every mix makes of
their tensors: {MODEL: {"architecture", "layers", "heads", "key_heads", "experts", "shared", "hidden", "intermediate", "tied",
"types": {MIX: {PART: TEXT}}}}, where TEXT has a letter of LETTERS for each layer; MIX-weighted is what it does with an
importance matrix, where that differs. "intermediate" is the width of an expert where there are any, "shared" that of one
that all tokens share.
"""
import ctypes
import hashlib
import json
import pathlib
import re
import sys
import tempfile

import numpy as np
from gguf import GGUFReader, GGUFWriter
from safetensors.numpy import load_file

fixtures = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures"
output = fixtures / "recipes"
MIXES = {"q2_k_mix": 10, "q2_k_s": 21, "q3_k_s": 11, "q3_k_m": 12, "q3_k_l": 13, "q4_k_s": 14, "q4_k_m": 15, "q5_k_s": 16,
         "q5_k_m": 17, "iq1_s": 24, "iq1_m": 31, "iq2_xxs": 19, "iq2_xs": 20, "iq2_s": 28, "iq2_m": 29, "iq3_xxs": 23,
         "iq3_xs": 22, "iq3_s": 26, "iq3_m": 27, "iq4_nl_mix": 25, "iq4_xs_mix": 30, "tq1_0": 36, "tq2_0": 37, "mxfp4_moe": 38}
# Refused without importance.
WEIGHTED = {"q2_k_s", "iq1_s", "iq1_m", "iq2_xxs", "iq2_xs", "iq2_s", "iq2_m", "iq3_xxs", "iq3_xs"}
PURE = {"q4_0": 2, "q4_1": 3, "q8_0": 7, "q5_0": 8, "q5_1": 9, "q2_k": 10, "q3_k": 12, "q4_k": 15, "q5_k": 17, "q6_k": 18,
        "iq4_nl": 25, "iq4_xs": 30, "mxfp4": 38, "iq3_s_pure": 26, "iq3_xxs_pure": 23, "iq2_s_pure": 29, "iq2_xs_pure": 20,
        "iq2_xxs_pure": 19, "iq1_m_pure": 31, "iq1_s_pure": 24, "tq1_0_pure": 36, "tq2_0_pure": 37}
WEIGHTED |= {f"{name}_pure" for name in ["iq3_xxs", "iq2_s", "iq2_xs", "iq2_xxs", "iq1_m", "iq1_s"]}
LETTERS = {"q2_k": "2", "q3_k": "3", "q4_k": "4", "q5_k": "5", "q6_k": "6", "q8_0": "8", "q4_0": "a", "q5_0": "b", "q5_1": "c",
           "iq4_nl": "n", "iq4_xs": "x", "iq3_s": "s", "iq3_xxs": "t", "iq2_s": "u", "iq2_xs": "v", "iq2_xxs": "w", "iq1_m": "m",
           "iq1_s": "i", "tq1_0": "p", "tq2_0": "q", "mxfp4": "z", "f16": "h", "f32": "f"}
HEAD = 32
VOCABULARY = 64
ROWS = 4  # of every matrix: types depend on their length alone


def model(layers, heads, key_heads, experts=0, intermediate=256, tied=False, architecture="llama", shared=0):
    return {"architecture": architecture, "layers": layers, "heads": heads, "key_heads": key_heads, "experts": experts, "shared": shared,
            "hidden": heads * HEAD, "intermediate": intermediate, "tied": tied}


MODELS = {
    "dense": model(32, 8, 8),
    "small": model(22, 8, 1),
    "grouped": model(32, 8, 2),
    "tied": model(24, 8, 4, tied=True),
    "seventy-billion": model(80, 8, 1),
    "experts": model(32, 8, 2, experts=8),
    "four-experts": model(9, 8, 2, experts=4),
    "odd-rows": model(16, 9, 3, intermediate=352),
    "qwen3-mixture": model(48, 8, 1, experts=16, architecture="qwen3moe"),
    "qwen3-eight-experts": model(12, 8, 2, experts=8, architecture="qwen3moe"),
    # Rows of the experts' down projections are no whole super-blocks, as those of Qwen1.5 MoE A2.7B are not.
    "qwen2-mixture": model(24, 8, 8, experts=12, intermediate=352, architecture="qwen2moe", shared=512),
    "qwen2-grouped-mixture": model(28, 8, 2, experts=16, architecture="qwen2moe", shared=352),
    "smollm3": model(36, 8, 2, tied=True, architecture="smollm3"),
    "granite": model(40, 8, 2, tied=True, architecture="granite"),
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

    def weights(columns, *many):
        return (random.standard_normal((*many, ROWS, columns)) * 0.02).astype(np.float16)

    writer = GGUFWriter(path, m["architecture"])
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
        if m["architecture"] != "llama":
            writer.add_expert_feed_forward_length(m["intermediate"])
    if m["shared"]:
        writer.add_expert_shared_feed_forward_length(m["shared"])
    if m["architecture"] == "granite":
        writer.add_logit_scale(8.0)
    hidden, wide = m["hidden"], m["intermediate"]
    writer.add_tensor("token_embd.weight", weights(hidden))
    writer.add_tensor("output_norm.weight", np.ones(hidden, np.float32))
    if not m["tied"]:
        writer.add_tensor("output.weight", weights(hidden))
    for layer in range(m["layers"]):
        prefix = f"blk.{layer}."
        writer.add_tensor(prefix + "attn_norm.weight", np.ones(hidden, np.float32))
        writer.add_tensor(prefix + "ffn_norm.weight", np.ones(hidden, np.float32))
        writer.add_tensor(prefix + "attn_q.weight", weights(hidden))
        writer.add_tensor(prefix + "attn_k.weight", weights(hidden))
        writer.add_tensor(prefix + "attn_v.weight", weights(hidden))
        writer.add_tensor(prefix + "attn_output.weight", weights(hidden))
        many = [m["experts"]] if m["experts"] else []
        suffix = "_exps" if many else ""
        if many:
            writer.add_tensor(prefix + "ffn_gate_inp.weight", weights(hidden).astype(np.float32))
        writer.add_tensor(prefix + f"ffn_gate{suffix}.weight", weights(hidden, *many))
        writer.add_tensor(prefix + f"ffn_up{suffix}.weight", weights(hidden, *many))
        writer.add_tensor(prefix + f"ffn_down{suffix}.weight", weights(wide, *many))
        if m["architecture"] in ("qwen3", "qwen3moe"):
            for part in ["q", "k"]:
                writer.add_tensor(prefix + f"attn_{part}_norm.weight", np.ones(HEAD, np.float32))
        if m["architecture"] == "qwen2moe":
            for part in ["q", "k", "v"]:
                writer.add_tensor(prefix + f"attn_{part}.bias", np.ones(ROWS, np.float32))
        if m["shared"]:
            writer.add_tensor(prefix + "ffn_gate_inp_shexp.weight", np.ones(hidden, np.float32))
            for part, columns in [("gate", hidden), ("up", hidden), ("down", m["shared"])]:
                writer.add_tensor(prefix + f"ffn_{part}_shexp.weight", weights(columns))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def importance(m):
    """Of every matrix and of the embedding."""
    entries, columns = [], {"token_embd.weight": m["hidden"], "output.weight": m["hidden"]}
    many = m["experts"] or 1
    suffix = "_exps" if m["experts"] else ""
    for layer in range(m["layers"]):
        for part in ["attn_q", "attn_k", "attn_v", "attn_output"]:
            columns[f"blk.{layer}.{part}.weight"] = m["hidden"]
        for part, width in [("gate", m["hidden"]), ("up", m["hidden"]), ("down", m["intermediate"])]:
            columns[f"blk.{layer}.ffn_{part}{suffix}.weight"] = width * many
        for part, width in [("gate", m["hidden"]), ("up", m["hidden"]), ("down", m["shared"])] if m["shared"] else []:
            columns[f"blk.{layer}.ffn_{part}_shexp.weight"] = width
    for name, count in columns.items():
        entries.append(Imatrix(name.encode(), (ctypes.c_float * count)(*([1.0] * count)), count))
    return (Imatrix * (len(entries) + 1))(*entries)


def types(lines, layers):
    """What a run says of each matrix: its name, its type, and what it becomes where that is another."""
    parts = {}
    for name, before, after in re.findall(r"(?m)^\[ *\d+/ *\d+\] (\S+) .*type = +(\w+), size = [^(\n]*(?:\((\w+)\))?$", lines):
        if not name.endswith(".weight") or "norm" in name:
            continue
        place = re.match(r"blk\.(\d+)\.(\w+)\.weight", name)
        part, layer = (place[2].removesuffix("_exps"), int(place[1])) if place else (name.removesuffix(".weight"), 0)
        parts.setdefault(part, [None] * (layers if place else 1))[layer] = LETTERS[(after or before).lower()]
    return {part: "".join(letters) for part, letters in parts.items()}


NAMES = {
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "model.embed_tokens": "token_embd",
    "model.norm": "output_norm", "lm_head": "output",
}


def gguf_name(name):
    stem = name.removesuffix(".weight")
    if stem in NAMES:
        return NAMES[stem] + ".weight"
    _, _, layer, part = stem.split(".", 3)
    return f"blk.{layer}.{NAMES[part]}.weight"


def write_real(path, tensors, config):
    writer = GGUFWriter(path, "llama")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(128)
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(config["vocab_size"])
    for name, values in tensors.items():
        writer.add_tensor(gguf_name(name), values.astype(np.float32) if values.ndim == 1 else values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def quantize(library, source, target, number, pure=False, imatrix=None, dry_run=False):
    parameters = library.llama_model_quantize_default_params()
    parameters.threads, parameters.type, parameters.pure, parameters.dry_run = 2, number, pure, dry_run
    if imatrix is not None:
        parameters.imatrix = imatrix
    status = library.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(parameters))
    assert status == 0, (source, number)


def digests(library, folder):
    golden = fixtures / "golden" / "llama2-wide" / "target"
    tensors = load_file(golden / "model.safetensors")
    source, target = f"{folder}/real.gguf", f"{folder}/real-quantized.gguf"
    write_real(source, tensors, json.loads((golden / "config.json").read_text()))
    matrices = sorted(name for name, values in tensors.items() if values.ndim == 2)
    entries = []
    for name in matrices:
        columns = tensors[name].shape[1]
        values = ((1 + np.arange(columns) % 7) ** 2 / 4).tolist()
        entries.append(Imatrix(gguf_name(name).encode(), (ctypes.c_float * columns)(*values), columns))
    imatrix = (Imatrix * (len(entries) + 1))(*entries)
    made = {}
    for recipe, number in (PURE | MIXES).items():
        made[recipe] = {}
        for key, weights in [("plain", None), ("weighted", imatrix)]:
            if recipe in WEIGHTED and weights is None:
                continue
            quantize(library, source, target, number, recipe in PURE, weights)
            found = {tensor.name: tensor.data.tobytes() for tensor in GGUFReader(target).tensors}
            text = "".join(hashlib.sha256(found[gguf_name(name)]).hexdigest() for name in matrices)
            made[recipe][key] = hashlib.sha256(text.encode()).hexdigest()
    return made


def main():
    library = ctypes.CDLL(str(pathlib.Path(sys.argv[1]) / "libllama.so"))
    library.llama_model_quantize_default_params.restype = Parameters
    library.llama_model_quantize.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(Parameters)]
    library.llama_backend_init()
    log = []
    listen = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(lambda _, text, __: log.append(text))
    library.llama_log_set(listen, None)
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        (output / "digests.json").write_text(json.dumps(digests(library, folder), indent=1) + "\n")
    chosen = {}
    with tempfile.TemporaryDirectory() as folder:
        source, target = f"{folder}/source.gguf", f"{folder}/target.gguf"
        for name, m in MODELS.items():
            write(source, m)
            chosen[name] = dict(m, types={})
            for mix, number in MIXES.items():
                for weighted in [False, True] if mix not in WEIGHTED else [True]:
                    log.clear()
                    quantize(library, source, target, number, imatrix=importance(m) if weighted else None, dry_run=True)
                    found = types(b"".join(log).decode(), m["layers"])
                    if found != chosen[name]["types"].get(mix):
                        chosen[name]["types"][mix + "-weighted" * weighted] = found
    # A line for each model.
    lines = [f"{json.dumps(name)}:{json.dumps(entry, separators=(',', ':'))}" for name, entry in chosen.items()]
    (output / "types.json").write_text("{" + ",\n".join(lines) + "}\n")


main()
