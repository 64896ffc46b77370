"""How long and with how much memory `griffin inspect` describes releases of real sizes, whose data are holes.

usage: scripts/bench inspection [--runs N]

Qwen3-235B-A22B (36,000 tensors in 118 files), Qwen3-32B-FP8 (blocks of 128 x 128) and DeepSeek-R1-Distill-Qwen-32B, by their headers alone.
The bounds are one second and 64 MiB; the program exits with 1 where one is passed.
"""

import argparse
import json
import pathlib
import shutil
import struct
import sys

from measuring import counted, mebibytes

BYTES = {"BF16": 2, "F8_E4M3": 1}
LIMITS = (1.0, 64 << 20)


def layer(index, hidden, heads, keys, width, norms, biases):
    prefix = f"model.layers.{index}."
    yield prefix + "input_layernorm.weight", [hidden]
    yield prefix + "post_attention_layernorm.weight", [hidden]
    for name, shape in {"q": [heads * width, hidden], "k": [keys * width, hidden], "v": [keys * width, hidden]}.items():
        yield f"{prefix}self_attn.{name}_proj.weight", shape
        if biases:
            yield f"{prefix}self_attn.{name}_proj.bias", shape[:1]
    yield f"{prefix}self_attn.o_proj.weight", [hidden, heads * width]
    if norms:
        yield f"{prefix}self_attn.q_norm.weight", [width]
        yield f"{prefix}self_attn.k_norm.weight", [width]


def feed_forward(prefix, hidden, wide):
    yield f"{prefix}gate_proj.weight", [wide, hidden]
    yield f"{prefix}up_proj.weight", [wide, hidden]
    yield f"{prefix}down_proj.weight", [hidden, wide]


def release(family, layers, hidden, wide, heads, keys, width, vocabulary, experts=0, expert_wide=0):
    tensors = [("model.embed_tokens.weight", [vocabulary, hidden])]
    for index in range(layers):
        tensors += layer(index, hidden, heads, keys, width, family != "qwen2", family == "qwen2")
        block = f"model.layers.{index}.mlp."
        if experts:
            tensors.append((block + "gate.weight", [experts, hidden]))
            for expert in range(experts):
                tensors += feed_forward(f"{block}experts.{expert}.", hidden, expert_wide)
        else:
            tensors += feed_forward(block, hidden, wide)
    tensors += [("model.norm.weight", [hidden]), ("lm_head.weight", [vocabulary, hidden])]
    config = dict(
        model_type=family, hidden_act="silu", hidden_size=hidden, intermediate_size=wide, num_hidden_layers=layers, num_attention_heads=heads,
        num_key_value_heads=keys, head_dim=width, vocab_size=vocabulary, rms_norm_eps=1e-6, rope_theta=1e6, tie_word_embeddings=False,
        max_position_embeddings=40960)
    if experts:
        config |= dict(num_experts=experts, num_experts_per_tok=8, moe_intermediate_size=expert_wide, norm_topk_prob=True)
    return config, [(name, "BF16", shape) for name, shape in tensors]


def scaled(config, tensors):
    result = []
    for name, kind, shape in tensors:
        is_projection = name.endswith("_proj.weight")
        result.append((name, "F8_E4M3" if is_projection else kind, shape))
        if is_projection:
            result.append((name + "_scale_inv", "BF16", [-(-size // 128) for size in shape]))
    return config | {"quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]}}, result


RELEASES = {
    "Qwen3-235B-A22B": (release("qwen3_moe", 94, 4096, 12288, 64, 4, 128, 151936, 128, 1536), 118),
    "Qwen3-32B-FP8": (scaled(*release("qwen3", 64, 5120, 25600, 64, 8, 128, 151936)), 7),
    "DeepSeek-R1-Distill-Qwen-32B": (release("qwen2", 64, 5120, 27648, 40, 8, 128, 152064), 8),
}


def write(folder, config, tensors, shards):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    places = {}
    for shard in range(shards):
        part = tensors[len(tensors) * shard // shards:len(tensors) * (shard + 1) // shards]
        header, offset = {}, 0
        for name, kind, shape in part:
            size = BYTES[kind]
            for dimension in shape:
                size *= dimension
            header[name] = {"dtype": kind, "shape": shape, "data_offsets": [offset, offset + size]}
            offset += size
        name = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        text = json.dumps(header).encode()
        with open(folder / name, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            file.truncate(8 + len(text) + offset)
        places |= dict.fromkeys(header, name)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))


def main(griffin, work, arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench inspection", description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args(arguments).runs
    print("| release | tensors | seconds (best) | of processor | peak memory |\n| --- | --- | --- | --- | --- |")
    passed = True
    for name, ((config, tensors), shards) in RELEASES.items():
        folder = pathlib.Path(work) / name
        write(folder, config, tensors, shards)
        results = [counted([griffin, "inspect", folder, "--json"]) for _ in range(runs)]
        for *_, status, errors in results:
            if status != 0:
                sys.exit(f"inspect ended with {status}\n{errors}")
        wall, processor, peak = (min(result[place] for result in results) for place in range(3))
        passed = passed and wall < LIMITS[0] and peak < LIMITS[1]
        print(f"| {name} | {len(tensors)} | {wall:.2f} | {processor:.2f} | {mebibytes(peak)} |")
        shutil.rmtree(folder)
    sys.exit(0 if passed else 1)
