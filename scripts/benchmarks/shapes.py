"""Makes checkpoints of random weights with the names and shapes of LLaMA-2-7B and its GRIFFIN draft."""

import json
import os
import pathlib
import random
import struct
import subprocess
import sys

HIDDEN, WIDE, VOCABULARY, HEADS = 4096, 11008, 32000, 32
# Where only the number of tensors matters.
NARROW = {"hidden": 64, "wide": 172, "vocabulary": 500}
SHARD_BYTES = 5 * 10**9
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_act": "silu",
    "hidden_size": HIDDEN,
    "intermediate_size": WIDE,
    "max_position_embeddings": 4096,
    "num_attention_heads": HEADS,
    "num_key_value_heads": HEADS,
    "rms_norm_eps": 1e-5,
    "tie_word_embeddings": False,
    "torch_dtype": "float16",
    "vocab_size": VOCABULARY,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def attention(prefix):
    return {f"{prefix}self_attn.{name}_proj.weight": [HIDDEN, HIDDEN] for name in "qkvo"}


def feed_forward(prefix, outputs):
    return {
        f"{prefix}mlp.gate_proj.weight": [WIDE, HIDDEN],
        f"{prefix}mlp.up_proj.weight": [WIDE, HIDDEN],
        f"{prefix}mlp.down_proj.weight": [outputs, WIDE],
    }


def target_tensors(layers):
    tensors = {"model.embed_tokens.weight": [VOCABULARY, HIDDEN]}
    for layer in range(layers):
        prefix = f"model.layers.{layer}."
        tensors[prefix + "input_layernorm.weight"] = [HIDDEN]
        tensors |= attention(prefix)
        tensors[prefix + "post_attention_layernorm.weight"] = [HIDDEN]
        tensors |= feed_forward(prefix, HIDDEN)
    return tensors | {"model.norm.weight": [HIDDEN], "lm_head.weight": [VOCABULARY, HIDDEN]}


def draft_tensors():
    tensors = {
        "embed_tokens.weight": [VOCABULARY, HIDDEN],
        "fc.fc.weight": [HIDDEN, 2 * HIDDEN],
        "fc.fc.bias": [HIDDEN],
        "fc.post_attention_layernorm.weight": [HIDDEN],
        "fc.mlp.input_layernorm.weight": [HIDDEN],
        "fc.mlp.up_proj.weight": [WIDE, 2 * HIDDEN],
        "fc.mlp.down_proj.weight": [HIDDEN, WIDE],
    }
    tensors |= attention("layers.0.")
    tensors["layers.0.post_attention_layernorm.weight"] = [HIDDEN]
    return tensors | feed_forward("layers.0.", 2 * HIDDEN)


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
    offset, header = 0, {}
    for name, shape in tensors.items():
        count = 2
        for dimension in shape:
            count *= dimension
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [offset, offset + count]}
        offset += count
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    halves = RandomHalves(seed)
    with open(path, "wb", buffering=0) as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for entry in header.values():
            halves.write(file, entry["data_offsets"][1] - entry["data_offsets"][0])
        os.fsync(file.fileno())


def byte_count(shape):
    count = 2
    for dimension in shape:
        count *= dimension
    return count


def make_pair(folder, layers, narrow=False):
    """Writes FOLDER/target (shards with an index) and FOLDER/draft; returns their weight files.

    In a process of its own, so that the one that measures others stays small: what a child takes
    before it becomes another program counts as that program's.
    """
    subprocess.run([sys.executable, __file__, str(folder), str(layers), "narrow" if narrow else "full"], check=True)
    return sorted((folder / "target").glob("*.safetensors")) + sorted((folder / "draft").glob("*.safetensors"))


def write_pair(folder, layers):
    stamp = folder / f"layers-{layers}"
    if stamp.exists():
        return
    for name in ["target", "draft"]:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for old in (folder / name).iterdir():
            old.unlink()
    shards, used = [{}], 0
    for name, shape in target_tensors(layers).items():
        if used + byte_count(shape) > SHARD_BYTES:
            shards.append({})
            used = 0
        shards[-1][name] = shape
        used += byte_count(shape)
    weight_map, total = {}, 0
    for number, tensors in enumerate(shards, 1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        # The same seed for both embeddings: drafts carry a copy of their target's.
        write_safetensors(folder / "target" / name, tensors, seed=number)
        weight_map |= {tensor: name for tensor in tensors}
        total += sum(byte_count(shape) for shape in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / "target" / "model.safetensors.index.json").write_text(json.dumps(index))
    (folder / "target" / "config.json").write_text(json.dumps(CONFIG | {"num_hidden_layers": layers}, indent=2))
    write_safetensors(folder / "draft" / "model.safetensors", draft_tensors(), seed=1)
    (folder / "draft" / "config.json").write_text(json.dumps(CONFIG | {"num_hidden_layers": 1}, indent=2))
    for old in folder.glob("layers-*"):
        old.unlink()
    stamp.touch()


if __name__ == "__main__":
    if sys.argv[3] == "narrow":
        HIDDEN, WIDE, VOCABULARY = NARROW["hidden"], NARROW["wide"], NARROW["vocabulary"]
        CONFIG |= {"hidden_size": HIDDEN, "intermediate_size": WIDE, "vocab_size": VOCABULARY}
    write_pair(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
