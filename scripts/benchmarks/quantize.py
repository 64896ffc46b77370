"""quantize: against llama.cpp's llama_model_quantize, from the package llama-cpp-python."""

import argparse
import importlib.util
import json
import os
import pathlib
import statistics
import struct
import sys

from measuring import mebibytes, run, spread
from shapes import SHAPES, make_pair

# llama.cpp's numbers of file types; pure ones are given one type for every matrix.
FILE_TYPES = {
    "q4_0": 2, "q4_1": 3, "q8_0": 7, "q5_0": 8, "q5_1": 9, "q2_k": 10, "q3_k": 12, "q4_k": 15, "q5_k": 17, "q6_k": 18,
    "iq4_nl": 25, "iq4_xs": 30, "mxfp4": 38,
}
MIXES = {
    "q3_k_s": 11, "q3_k_m": 12, "q3_k_l": 13, "q4_k_s": 14, "q4_k_m": 15, "q5_k_s": 16, "q5_k_m": 17, "iq1_s": 24, "iq1_m": 31,
    "iq2_xxs": 19, "iq2_xs": 20, "iq2_s": 28, "iq2_m": 29, "iq3_xxs": 23, "iq3_xs": 22, "iq3_s": 26, "iq3_m": 27, "tq1_0": 36,
    "tq2_0": 37,
}
NAMES = {
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}
GLOBAL_NAMES = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}

# Runs in a process of its own, so that its memory is its own: library, input, output, file type, pure, threads, importance.
PEER = r"""
import ctypes, os, struct, sys
class Parameters(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int32) for name in "threads type output_type embedding_type".split()]
    _fields_ += [(name, ctypes.c_bool) for name in "requantize output copy pure keep_split dry_run".split()]
    _fields_ += [(name, ctypes.c_void_p) for name in "imatrix overrides types pruned".split()] + [("buffer", ctypes.c_size_t)]
library = ctypes.CDLL(sys.argv[1])
library.llama_model_quantize_default_params.restype = Parameters
library.llama_model_quantize.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(Parameters)]
library.llama_backend_init()
parameters = library.llama_model_quantize_default_params()
parameters.type, parameters.pure, parameters.threads = int(sys.argv[4]), sys.argv[5] == "pure", int(sys.argv[6])
class Entry(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("data", ctypes.POINTER(ctypes.c_float)), ("size", ctypes.c_size_t)]
entries = []
with open(sys.argv[7], "rb") as file:
    (count,) = struct.unpack("<i", file.read(4))
    for _ in range(count):
        (length,) = struct.unpack("<i", file.read(4))
        name = file.read(length)
        _, size = struct.unpack("<ii", file.read(8))
        entries.append(Entry(name, (ctypes.c_float * size).from_buffer_copy(file.read(4 * size)), size))
matrix = (Entry * (len(entries) + 1))(*entries)
if sys.argv[8] == "weighted":
    parameters.imatrix = ctypes.cast(matrix, ctypes.c_void_p)
status = library.llama_model_quantize(sys.argv[2].encode(), sys.argv[3].encode(), ctypes.byref(parameters))
descriptor = os.open(sys.argv[3], os.O_RDONLY)
os.fsync(descriptor)
sys.exit(status)
"""


def library(folder):
    """libllama of `folder`, or of the installed package, which is not imported: its imports take long."""
    if folder is None:
        package = importlib.util.find_spec("llama_cpp")
        if package is None:
            sys.exit("the peer is missing: pip install llama-cpp-python, or name the folder of libllama with --llama")
        folder = pathlib.Path(package.origin).parent / "lib"
    for name in ["libllama.so", "libllama.dylib"]:
        if (pathlib.Path(folder) / name).exists():
            return pathlib.Path(folder) / name
    sys.exit(f"no libllama in {folder}")


def gguf_name(name):
    stem = name.removesuffix(".weight")
    if stem in GLOBAL_NAMES:
        return GLOBAL_NAMES[stem] + ".weight"
    _, _, layer, part = stem.split(".", 3)
    return f"blk.{layer}.{NAMES[part]}.weight"


def write_gguf(path, shards, config):
    """The same weights in the same types, but for norms, which llama.cpp has as f32. Query and key rows stay in order."""

    def text(value):
        return struct.pack("<Q", len(value)) + value.encode()

    layers = config["num_hidden_layers"]
    pairs = [("general.architecture", 8, text("llama")), ("tokenizer.ggml.model", 8, text("none"))]
    for key, value in [
        ("block_count", layers), ("context_length", config["max_position_embeddings"]), ("embedding_length", config["hidden_size"]),
        ("feed_forward_length", config["intermediate_size"]), ("attention.head_count", config["num_attention_heads"]),
        ("attention.head_count_kv", config["num_key_value_heads"]), ("vocab_size", config["vocab_size"]),
    ]:
        pairs.append((f"llama.{key}", 4, struct.pack("<I", value)))
    pairs.append(("llama.attention.layer_norm_rms_epsilon", 6, struct.pack("<f", config["rms_norm_eps"])))
    tensors, offset = [], 0
    for shard in shards:
        with open(shard, "rb") as file:
            (size,) = struct.unpack("<Q", file.read(8))
            for name, entry in json.loads(file.read(size)).items():
                start, end = (place + 8 + size for place in entry["data_offsets"])
                is_norm = len(entry["shape"]) == 1
                tensors.append((gguf_name(name), entry["shape"], is_norm, offset, shard, start, end))
                offset += -(-(end - start) * (2 if is_norm else 1) // 32) * 32
    partial = path.with_suffix(".partial")
    with open(partial, "wb") as out:
        out.write(struct.pack("<IIQQ", 0x46554747, 3, len(tensors), len(pairs)))
        for key, kind, value in pairs:
            out.write(text(key) + struct.pack("<I", kind) + value)
        for name, shape, is_norm, place, *_ in tensors:
            out.write(text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *reversed(shape), 0 if is_norm else 1, place))
        data = -(-out.tell() // 32) * 32
        for _, _, is_norm, place, shard, start, end in tensors:
            out.seek(data + place)
            with open(shard, "rb") as file:
                file.seek(start)
                while start < end:
                    part = file.read(min(16 << 20, end - start))
                    start += len(part)
                    if is_norm:
                        part = struct.pack(f"<{len(part) // 2}f", *struct.unpack(f"<{len(part) // 2}e", part))
                    out.write(part)
        out.truncate(max(data + offset, out.tell()))
        os.fsync(out.fileno())
    partial.rename(path)


def needs_importance(recipe):
    """Whether llama-quantize refuses it without a matrix, or is given one here."""
    return recipe.startswith(("iq1", "iq2", "iq3"))


def write_importance(path, config):
    """A matrix for what few bits need one for: the older .dat, which both read; column c counts as 1 + c % 7."""
    entries = []
    for layer in range(config["num_hidden_layers"]):
        for part in ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]:
            width = config["intermediate_size"] if part == "ffn_down" else config["hidden_size"]
            name = f"blk.{layer}.{part}.weight".encode()
            values = [1 + column % 7 for column in range(width)]
            entries.append(struct.pack("<i", len(name)) + name + struct.pack(f"<ii{width}f", 1, width, *values))
    path.write_bytes(struct.pack("<i", len(entries)) + b"".join(entries))


def main(griffin, work, arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench quantize", description=__doc__)
    parser.add_argument("--layers", type=int, default=2, help="layers of the 7B-shaped target (default 2; 32 are all)")
    parser.add_argument("--shape", choices=["full", "quarter"], default="full", help="quarter: of a quarter of the width (default full)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each, alternating (default 3)")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--recipes", default="q4_k_m,q5_k_m,q4_k,q5_k,q6_k,q8_0,q4_0", help="mixes and pure types, with commas")
    parser.add_argument("--llama", metavar="FOLDER", help="the folder of libllama (default: that of the package llama-cpp-python)")
    options = parser.parse_args(arguments)
    peer = library(options.llama)
    recipes = options.recipes.lower().split(",")
    numbers = FILE_TYPES | MIXES
    if unknown := set(recipes) - set(numbers):
        sys.exit(f"unknown recipes: {', '.join(sorted(unknown))}")
    name = "7b" if options.shape == "full" else options.shape
    pair, config = work / f"pair-{name}", SHAPES[options.shape].config(options.layers)
    make_pair(pair, options.layers, options.shape)
    shards = sorted((pair / "target").glob("*.safetensors"))
    gguf = work / f"target-{name}-{options.layers}.gguf"
    if not gguf.exists() or gguf.stat().st_mtime < shards[0].stat().st_mtime:
        write_gguf(gguf, shards, config)
    size = gguf.stat().st_size
    print(f"{'7B' if name == '7b' else name} shape, {options.layers} layers: {size / 1e9:.2f} GB of f16 in the page cache, {options.threads} threads, fsync on both sides")
    output, quantized, importance = work / "out.griffin", work / "out.gguf", work / "importance.dat"
    write_importance(importance, config)

    def ours(recipe):
        output.unlink(missing_ok=True)
        os.sync()
        return run([
            griffin, "convert", "--target", pair / "target", "-o", output, "--quantize", recipe,
            "--threads", str(options.threads), "--force", *(["--imatrix", importance] if needs_importance(recipe) else [])])

    def theirs(recipe):
        quantized.unlink(missing_ok=True)
        os.sync()
        purity = "mix" if recipe in MIXES else "pure"
        return run([
            sys.executable, "-c", PEER, peer, gguf, quantized, str(numbers[recipe]), purity, str(options.threads), importance,
            "weighted" if needs_importance(recipe) else "plain"])

    for file in [gguf, *shards]:
        with open(file, "rb") as source:
            while source.read(16 << 20):
                pass
    for recipe in recipes:
        pairs = []
        for _ in range(options.runs):
            pairs.append((theirs(recipe), ours(recipe)))
        slow, fast = [a[0] for a, _ in pairs], [b[0] for _, b in pairs]
        ratios = [a / b for a, b in zip(slow, fast)]
        peaks = max(a[1] for a, _ in pairs), max(b[1] for _, b in pairs)
        print(
            f"{recipe:7} llama_model_quantize {spread(slow, ' s')}, {mebibytes(peaks[0])}; "
            f"convert {spread(fast, ' s')}, {mebibytes(peaks[1])}, {size / 1e9 / statistics.median(fast):.2f} GB/s; "
            f"{spread(ratios, ' x', 1)} as fast", flush=True)
    output.unlink(missing_ok=True)
    quantized.unlink(missing_ok=True)
