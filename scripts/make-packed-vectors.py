#!/usr/bin/env python3
"""Writes Tests/Fixtures/packed: weights as others pack them, and the values that they stand for.

usage: scripts/make-packed-vectors.py     (needs the Python packages torch, transformers, safetensors and numpy)

CASE.safetensors holds the parts of one weight, `x.…`, and `expected`, f32. statements.json has the quantization_config of each.
Values of 8-bit floats are torch's, products f32's. Integers are drawn, packed one by one as the formats say and multiplied in
float64; MXFP4 is unpacked by transformers.
"""
import json
import pathlib
import shutil

import torch
from safetensors.torch import save_file
from transformers.integrations.mxfp4 import convert_moe_packed_tensors

root = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "packed"
torch.manual_seed(26)
statements, cases = {}, {}


def all_bytes(dtype, rows=16, columns=16):
    """Every byte once, in an order that is drawn."""
    return torch.randperm(256).to(torch.uint8).reshape(rows, columns).view(dtype)


def add(name, statement, parts, expected):
    statements[name] = statement
    cases[name] = {**{f"x{ending}": part.contiguous() for ending, part in parts.items()}, "expected": expected.float().contiguous()}


def floats(name, statement, dtype, ending, scale, block=None):
    weight = all_bytes(dtype)
    wide = scale.float()
    if block:
        wide = wide.repeat_interleave(block[0], 0).repeat_interleave(block[1], 1)[:16, :16]
    add(name, statement, {".weight": weight, ending: scale}, weight.float() * wide)


def drawn(*shape):
    return torch.rand(*shape) * 0.02 + 0.001


floats("f8-block", {"quant_method": "fp8", "weight_block_size": [5, 6]}, torch.float8_e4m3fn, ".weight_scale_inv",
       drawn(4, 3).bfloat16(), (5, 6))
floats("f8-block-f32", {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": {
    "type": "float", "num_bits": 8, "strategy": "block", "block_structure": [8, 16]}}}}, torch.float8_e4m3fn, ".weight_scale",
       drawn(2, 1), (8, 16))
floats("f8-tensor", {"quant_method": "modelopt", "quant_algo": "FP8"}, torch.float8_e4m3fn, ".weight_scale", drawn(1)[0])
floats("f8-tensor-e5m2", {"quant_method": "fp8", "activation_scheme": "static"}, torch.float8_e5m2, ".weight_scale", drawn(1))
floats("f8-row", {"quant_method": "compressed-tensors", "format": "float-quantized"}, torch.float8_e4m3fn, ".weight_scale",
       drawn(16, 1).bfloat16())
floats("f8-powers", {"quant_method": "fp8", "weight_block_size": [8, 8], "scale_fmt": "ue8m0"}, torch.float8_e4m3fn,
       ".weight_scale_inv", torch.tensor([[0.5, 2.0 ** -9], [2.0 ** -20, 4.0]]), (8, 8))


def words(integers, bits, order=None):
    """Packs the last dimension, the first integer lowest."""
    per = 32 // bits
    order = order or list(range(per))
    packed = []
    for row in integers.tolist():
        line = []
        for start in range(0, len(row), per):
            word = sum(row[start + order[place]] << (bits * place) for place in range(per))
            line.append(word - (1 << 32) if word >= 1 << 31 else word)
        packed.append(line)
    return torch.tensor(packed, dtype=torch.int32)


def integers(inputs, outputs, groups, bits):
    top = 1 << bits
    return (torch.randint(0, top, (inputs, outputs)), torch.randint(0, top, (groups, outputs)), drawn(groups, outputs).half())


def gptq(name, bits, group, version, inputs=32, outputs=16, act_order=False, statement=None):
    groups = (inputs + group - 1) // group
    q, z, s = integers(inputs, outputs, groups, bits)
    g = torch.arange(inputs) // group
    if act_order:
        g = g[torch.randperm(inputs)]
    stored = (z - 1) % (1 << bits) if version == "gptq" else z
    config = {"quant_method": "gptq", "bits": bits, "group_size": group, "desc_act": act_order, **(statement or {})}
    parts = {".qweight": words(q.T, bits).T, ".qzeros": words(stored, bits), ".scales": s, ".g_idx": g.int()}
    add(name, config, parts, ((q - z[g]).double() * s.double()[g]).T.float())


gptq("gptq-act-order", 4, 8, "gptq", act_order=True)
gptq("gptq-v2", 4, 32, "gptq_v2", statement={"checkpoint_format": "gptq_v2"})
gptq("gptq-8-bits", 8, 16, "gptq", statement={"checkpoint_format": "gptq"})
gptq("gptq-one-group", 4, 32, "gptq", statement={"group_size": -1})

q, z, s = integers(24, 16, 3, 4)
order = [0, 2, 4, 6, 1, 3, 5, 7]
group = torch.arange(24) // 8
add("awq", {"quant_method": "awq", "bits": 4, "group_size": 8, "version": "gemm", "zero_point": True},
    {".qweight": words(q, 4, order), ".qzeros": words(z, 4, order), ".scales": s},
    ((q - z[group]).double() * s.double()[group]).T.float())

blocks = torch.randint(0, 256, (2, 3, 2, 16), dtype=torch.uint8)
scales = torch.randint(100, 150, (2, 3, 2), dtype=torch.uint8)
unpacked = convert_moe_packed_tensors(blocks, scales, dtype=torch.float32)
if unpacked.shape == (2, 64, 3):  # transformers turns the last two around
    unpacked = unpacked.transpose(1, 2)
add("mxfp4", {"quant_method": "mxfp4"}, {"_blocks": blocks, "_scales": scales}, unpacked)
add("mxfp4-weights", {"quant_method": "compressed-tensors", "format": "mxfp4-pack-quantized"},
    {".weight_packed": blocks[0].reshape(3, 32), ".weight_scale": scales[0]}, unpacked[0])

shutil.rmtree(root, ignore_errors=True)
root.mkdir(parents=True)
for name, tensors in cases.items():
    save_file(tensors, root / f"{name}.safetensors")
(root / "statements.json").write_text(json.dumps(statements, indent=1, sort_keys=True) + "\n")
