#!/usr/bin/env python3
"""Makes Tests/Fixtures/imatrix: importance matrices in llama.cpp's two forms (pip install gguf numpy).

expected.json says what llama-quantize makes of each: sums over counts, ones where nothing was counted; merged experts
one after another under a name with {expert}.
"""
import json
import pathlib
import struct

import numpy as np
from gguf import GGUFWriter

folder = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "imatrix"
NAMES = {
    "blk.0.attn_q.weight": "target/model.layers.0.self_attn.q_proj.weight",
    "blk.0.ffn_down.weight": "target/model.layers.0.mlp.down_proj.weight",
    "blk.11.ffn_up_exps.weight": "target/model.layers.11.block_sparse_moe.experts.{expert}.w3.weight",
    "blk.2.ffn_gate.3.weight": "target/model.layers.2.block_sparse_moe.experts.3.w1.weight",
    "output.weight": "target/lm_head.weight",
    "draft/fc.fc.weight": "draft/fc.fc.weight",
}


def main():
    random = np.random.default_rng(3)
    folder.mkdir(parents=True, exist_ok=True)
    counts = {name: [512.0] for name in NAMES}
    counts["blk.11.ffn_up_exps.weight"] = [200.0, 0.0, 824.0]
    sums = {name: random.chisquare(1, (len(count), 8)).astype(np.float32) * 512 for name, count in counts.items()}

    writer = GGUFWriter(folder / "imatrix.gguf", "llama")
    writer.add_type("imatrix")
    writer.add_array("imatrix.datasets", ["calibration.txt"])
    writer.add_uint32("imatrix.chunk_count", 1)
    writer.add_uint32("imatrix.chunk_size", 512)
    for name in NAMES:
        writer.add_tensor(name + ".in_sum2", sums[name])
        writer.add_tensor(name + ".counts", np.array(counts[name], np.float32).reshape(-1, 1))
    writer.add_tensor("blk.0.attn_qkv.weight.in_sum2", sums["output.weight"])
    writer.add_tensor("blk.0.attn_qkv.weight.counts", np.ones((1, 1), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    calls = 4
    data = struct.pack("<i", len(NAMES))
    for name in NAMES:
        values = sums[name].reshape(-1)
        data += struct.pack("<i", len(name)) + name.encode() + struct.pack("<ii", calls, len(values)) + values.tobytes()
    data += struct.pack("<ii", 1, 15) + b"calibration.txt"
    (folder / "imatrix.dat").write_bytes(data)

    expected = {"gguf": {}, "dat": {}}
    for name, canonical in NAMES.items():
        means = [row / np.float32(count) if count else np.ones(8, np.float32) for row, count in zip(sums[name], counts[name])]
        expected["gguf"][canonical] = np.concatenate(means).astype(float).tolist()
        expected["dat"][canonical] = (sums[name].reshape(-1) / np.float32(calls)).astype(float).tolist()
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
