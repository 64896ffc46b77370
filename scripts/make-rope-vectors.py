#!/usr/bin/env python3
"""Writes Tests/Fixtures/rotary/vectors.json: inverse frequencies and attention factors of transformers.

usage: scripts/make-rope-vectors.py        (needs the Python packages torch and transformers)

Each case is a configuration as config.json has it, and for some sequence lengths what transformers'
own initialisers give for a text of that length: bits of the f32 inverse frequencies, and the factor.
"""
import json
import pathlib
import struct

import transformers
from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

folder = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "rotary"
folder.mkdir(parents=True, exist_ok=True)

shape = {"hidden_size": 512, "num_attention_heads": 8, "num_hidden_layers": 1, "intermediate_size": 64, "vocab_size": 32}
llama3 = {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
cases = [
    ("linear", {"rope_theta": 10000.0, "max_position_embeddings": 4096}, {"type": "linear", "factor": 4.0}, [0]),
    ("linear, base 500000", {"rope_theta": 500000.0, "max_position_embeddings": 8192}, {"rope_type": "linear", "factor": 2.5}, [0]),
    ("dynamic", {"rope_theta": 10000.0, "max_position_embeddings": 2048}, {"type": "dynamic", "factor": 2.0},
     [1, 2048, 2049, 3000, 4096, 20000]),
    ("dynamic, head_dim 80", {"rope_theta": 1000000.0, "max_position_embeddings": 512, "head_dim": 80},
     {"rope_type": "dynamic", "factor": 4.0}, [512, 777]),
    ("llama3 of LLaMA 3.1", {"rope_theta": 500000.0, "max_position_embeddings": 131072, "head_dim": 128},
     {"rope_type": "llama3", **llama3}, [0]),
    ("llama3 of LLaMA 3.2", {"rope_theta": 500000.0, "max_position_embeddings": 131072},
     {"rope_type": "llama3", **llama3, "factor": 32.0}, [0]),
    ("llama3, odd numbers", {"rope_theta": 12345.0, "max_position_embeddings": 9000},
     {"rope_type": "llama3", "factor": 3.7, "low_freq_factor": 1.3, "high_freq_factor": 5.9,
      "original_max_position_embeddings": 1777}, [0]),
    ("yarn of Qwen2.5", {"rope_theta": 1000000.0, "max_position_embeddings": 32768, "head_dim": 128},
     {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}, [0]),
    ("yarn, mscale", {"rope_theta": 10000.0, "max_position_embeddings": 163840},
     {"type": "yarn", "factor": 40, "mscale": 1.0, "mscale_all_dim": 0.7, "beta_fast": 32, "beta_slow": 1,
      "original_max_position_embeddings": 4096}, [0]),
    ("yarn, own betas, not truncated", {"rope_theta": 150000.0, "max_position_embeddings": 131072},
     {"rope_type": "yarn", "factor": 32.0, "beta_fast": 20.0, "beta_slow": 2.0, "truncate": False,
      "original_max_position_embeddings": 4096}, [0]),
    ("yarn, own attention factor", {"rope_theta": 10000.0, "max_position_embeddings": 4096},
     {"rope_type": "yarn", "factor": 2.0, "attention_factor": 0.875, "original_max_position_embeddings": 2048}, [0]),
]
written = []
for name, sizes, scaling, lengths in cases:
    config = {**shape, **sizes, "rope_scaling": scaling}
    loaded = LlamaConfig(**{**shape, **sizes}, rope_scaling=dict(scaling))
    function = ROPE_INIT_FUNCTIONS[scaling.get("rope_type", scaling.get("type"))]
    results = []
    for length in lengths:
        frequencies, factor = function(loaded, "cpu", seq_len=length or None)
        bits = [f"{struct.unpack('<I', struct.pack('<f', value))[0]:08x}" for value in frequencies.tolist()]
        results.append({"length": length, "inverse_frequencies": " ".join(bits), "attention_factor": float(factor)})
    written.append({"name": name, "config": config, "results": results})

with open(folder / "vectors.json", "w") as file:
    json.dump({"transformers": transformers.__version__, "cases": written}, file, indent=1)
    file.write("\n")
