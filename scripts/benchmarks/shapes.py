"""Makes checkpoints of random weights with the names and shapes of LLaMA-2-7B and its GRIFFIN draft."""

import dataclasses
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import zlib

SHARD_BYTES = 5 * 10**9


@dataclasses.dataclass(frozen=True)
class Shape:
    """The sizes of a LLaMA-like target and its GRIFFIN draft."""

    hidden: int
    wide: int
    vocabulary: int
    heads: int
    positions: int = 4096
    # Of keys and values, where they are fewer.
    kv_heads: int | None = None

    def config(self, layers):
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "hidden_act": "silu",
            "hidden_size": self.hidden,
            "intermediate_size": self.wide,
            "max_position_embeddings": self.positions,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads or self.heads,
            "rms_norm_eps": 1e-5,
            "tie_word_embeddings": False,
            "torch_dtype": "float16",
            "vocab_size": self.vocabulary,
            "bos_token_id": 1,
            "eos_token_id": 2,
            "num_hidden_layers": layers,
        }

    def attention(self, prefix):
        few = self.hidden // self.heads * (self.kv_heads or self.heads)
        return {f"{prefix}self_attn.{name}_proj.weight": [few if name in "kv" else self.hidden, self.hidden] for name in "qkvo"}

    def feed_forward(self, prefix, outputs):
        return {
            f"{prefix}mlp.gate_proj.weight": [self.wide, self.hidden],
            f"{prefix}mlp.up_proj.weight": [self.wide, self.hidden],
            f"{prefix}mlp.down_proj.weight": [outputs, self.wide],
        }

    def target_tensors(self, layers):
        tensors = {"model.embed_tokens.weight": [self.vocabulary, self.hidden]}
        for layer in range(layers):
            prefix = f"model.layers.{layer}."
            tensors[prefix + "input_layernorm.weight"] = [self.hidden]
            tensors |= self.attention(prefix)
            tensors[prefix + "post_attention_layernorm.weight"] = [self.hidden]
            tensors |= self.feed_forward(prefix, self.hidden)
        return tensors | {"model.norm.weight": [self.hidden], "lm_head.weight": [self.vocabulary, self.hidden]}

    def draft_tensors(self):
        tensors = {
            "embed_tokens.weight": [self.vocabulary, self.hidden],
            "fc.fc.weight": [self.hidden, 2 * self.hidden],
            "fc.fc.bias": [self.hidden],
            "fc.post_attention_layernorm.weight": [self.hidden],
            "fc.mlp.input_layernorm.weight": [self.hidden],
            "fc.mlp.up_proj.weight": [self.wide, 2 * self.hidden],
            "fc.mlp.down_proj.weight": [self.hidden, self.wide],
        }
        tensors |= self.attention("layers.0.")
        tensors["layers.0.post_attention_layernorm.weight"] = [self.hidden]
        return tensors | self.feed_forward("layers.0.", 2 * self.hidden)


FULL = Shape(hidden=4096, wide=11008, vocabulary=32000, heads=32)
LLAMA_70B = Shape(hidden=8192, wide=28672, vocabulary=32000, heads=64, kv_heads=8)
LLAMA_405B = Shape(hidden=16384, wide=53248, vocabulary=128256, heads=128, positions=8192, kv_heads=8)
# Where only the number of tensors matters.
NARROW = Shape(hidden=64, wide=172, vocabulary=500, heads=32)
# A quarter of the width, where what is measured is slow.
QUARTER = Shape(hidden=1024, wide=2816, vocabulary=8000, heads=8)
SHAPES = {"full": FULL, "narrow": NARROW, "quarter": QUARTER}


class RandomHalves:
    """An endless stream of normal halves: one block, read from ever other places."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        values = [self.random.gauss(0, 0.02) for _ in range(1 << 20)]
        block = struct.pack(f"<{len(values)}e", *values)
        self.block = block + block

    def write(self, file, count):
        half = len(self.block) // 2
        while count:
            start = 2 * self.random.randrange(half // 2)
            part = self.block[start : start + min(count, half)]
            file.write(part)
            count -= len(part)


def write_safetensors(path, tensors, seed):
    """seed: None for a file of holes, which takes no room."""
    offset, header = 0, {}
    for name, dimensions in tensors.items():
        end = offset + byte_count(dimensions)
        header[name] = {"dtype": "F16", "shape": dimensions, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb", buffering=0) as file:
        file.write(struct.pack("<Q", len(text)) + text)
        if seed is None:
            file.truncate(8 + len(text) + offset)
            # No two tensors hold the same, but for those of one name in target and draft.
            for name, entry in header.items():
                file.seek(8 + len(text) + entry["data_offsets"][0])
                file.write(struct.pack("<H", zlib.crc32(name.removeprefix("model.").encode()) & 0x3FF))
            return
        halves = RandomHalves(seed)
        for entry in header.values():
            halves.write(file, entry["data_offsets"][1] - entry["data_offsets"][0])
        os.fsync(file.fileno())


def byte_count(dimensions):
    count = 2
    for dimension in dimensions:
        count *= dimension
    return count


def make_pair(folder, layers, shape="full", holes=False):
    """Writes FOLDER/target (shards with an index) and FOLDER/draft; returns their weight files.

    In a process of its own, so that the one that measures others stays small: what a child takes
    before it becomes another program counts as that program's.
    """
    subprocess.run([sys.executable, __file__, str(folder), str(layers), shape, "holes" if holes else "random"], check=True)
    return sorted((folder / "target").glob("*.safetensors")) + sorted((folder / "draft").glob("*.safetensors"))


def make_gigabyte(folder):
    """Writes a target of some 1.3 GB into a folder, where none is yet."""
    folder.mkdir(exist_ok=True)
    if (folder / "config.json").exists():
        return
    shape = Shape(hidden=2048, wide=5632, vocabulary=32000, heads=16, positions=2048)
    write_safetensors(folder / "model.safetensors", shape.target_tensors(10), seed=4)
    (folder / "config.json").write_text(json.dumps(shape.config(10)))


def make_holes(folder, shape, layers, shards):
    """Writes a target whose tensors are holes into a folder, in so many shards of about equal size."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = list(shape.target_tensors(layers).items())
    total = sum(byte_count(dimensions) for _, dimensions in tensors)
    parts, done = [{} for _ in range(shards)], 0
    for name, dimensions in tensors:
        parts[min(shards - 1, done * shards // total)][name] = dimensions
        done += byte_count(dimensions)
    weight_map = {}
    for number, part in enumerate(parts, 1):
        name = f"model-{number:05}-of-{shards:05}.safetensors"
        write_safetensors(folder / name, part, seed=None)
        weight_map |= {tensor: name for tensor in part}
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    (folder / "config.json").write_text(json.dumps(shape.config(layers), indent=2))


def write_pair(folder, layers, shape, holes=False, shard_bytes=SHARD_BYTES):
    stamp = folder / f"layers-{layers}"
    if stamp.exists():
        return
    for name in ["target", "draft"]:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for old in (folder / name).iterdir():
            old.unlink()
    shards, used = [{}], 0
    for name, dimensions in shape.target_tensors(layers).items():
        if used + byte_count(dimensions) > shard_bytes:
            shards.append({})
            used = 0
        shards[-1][name] = dimensions
        used += byte_count(dimensions)
    weight_map, total = {}, 0
    for number, tensors in enumerate(shards, 1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        # The same seed for both embeddings: drafts carry a copy of their target's.
        write_safetensors(folder / "target" / name, tensors, seed=None if holes else number)
        weight_map |= {tensor: name for tensor in tensors}
        total += sum(byte_count(dimensions) for dimensions in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / "target" / "model.safetensors.index.json").write_text(json.dumps(index))
    (folder / "target" / "config.json").write_text(json.dumps(shape.config(layers), indent=2))
    write_safetensors(folder / "draft" / "model.safetensors", shape.draft_tensors(), seed=None if holes else 1)
    (folder / "draft" / "config.json").write_text(json.dumps(shape.config(1), indent=2))
    for old in folder.glob("layers-*"):
        old.unlink()
    stamp.touch()


if __name__ == "__main__":
    write_pair(pathlib.Path(sys.argv[1]), int(sys.argv[2]), SHAPES[sys.argv[3]], sys.argv[4] == "holes")
