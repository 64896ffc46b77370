#!/usr/bin/env python3
"""Writes Tests/Fixtures/families: a tiny random model of each family as transformers saves it, and its logits.

usage: scripts/make-family-fixtures.py [NAME...]     (needs the Python packages torch, transformers, safetensors and numpy)

Weights are f16; logits are those of a float32 pass over one text, with the masks and rotations of transformers.
"""
import json
import pathlib
import shutil
import sys

import numpy
import torch
import transformers

root = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "families"
sizes = dict(
    hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, head_dim=12,
    vocab_size=31, max_position_embeddings=64, bos_token_id=1, eos_token_id=2, tie_word_embeddings=False)
tokens = [1, 7, 23, 4, 4, 19, 30, 11, 2, 8, 15, 27, 3, 9, 28, 16, 5, 22, 10, 6]
models = {
    "llama-tied-yarn": ("Llama", dict(
        tie_word_embeddings=True,
        rope_scaling={"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}, rope_theta=10000.0)),
    "llama-linear-biases": ("Llama", dict(
        attention_bias=True, mlp_bias=True, rope_scaling={"rope_type": "linear", "factor": 2.0}, rope_theta=500.0)),
    "qwen2-window": ("Qwen2", dict(
        head_dim=None, use_sliding_window=True, sliding_window=5, max_window_layers=1, rope_theta=1000000.0)),
    "qwen3-tied": ("Qwen3", dict(tie_word_embeddings=True, rope_theta=1000000.0)),
    "qwen3-window": ("Qwen3", dict(
        use_sliding_window=True, sliding_window=6, layer_types=["sliding_attention", "full_attention"])),
    "mistral-window": ("Mistral", dict(sliding_window=4)),
    "mixtral": ("Mixtral", dict(num_local_experts=6, num_experts_per_tok=3, sliding_window=None)),
    "qwen3-moe-some": ("Qwen3Moe", dict(
        num_experts=5, num_experts_per_tok=2, moe_intermediate_size=8, norm_topk_prob=False, mlp_only_layers=[1])),
    "qwen3-moe-sums": ("Qwen3Moe", dict(
        num_experts=3, num_experts_per_tok=2, moe_intermediate_size=8, norm_topk_prob=True, decoder_sparse_step=2,
        use_sliding_window=True, sliding_window=5)),
    "qwen2-moe": ("Qwen2Moe", dict(
        head_dim=None, num_hidden_layers=1, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=8, shared_expert_intermediate_size=20,
        norm_topk_prob=False)),
    "smollm3-named": ("SmolLM3", dict(
        pad_token_id=0, no_rope_layers=[0, 1], use_sliding_window=True, sliding_window=6, tie_word_embeddings=True)),
    "granite-biases": ("Granite", dict(
        pad_token_id=0, attention_bias=True, mlp_bias=True, embedding_multiplier=3.5, attention_multiplier=0.4, residual_multiplier=0.22,
        logits_scaling=1.7)),
}
chosen = sys.argv[1:] or list(models)
for name in chosen:
    family, changes = models[name]
    shutil.rmtree(root / name, ignore_errors=True)
    torch.manual_seed(len(name))
    values = {key: value for key, value in {**sizes, **changes}.items() if value is not None or key == "sliding_window"}
    config = getattr(transformers, family + "Config")(**values)
    config._attn_implementation = config._experts_implementation = "eager"
    model = getattr(transformers, family + "ForCausalLM")(config)
    with torch.no_grad():
        for parameter in model.parameters():
            center = 1.0 if parameter.dim() == 1 and parameter.mean() == 1 else 0.0
            scale = 0.3 if parameter.dim() == 1 else 0.35
            parameter.copy_((center + scale * torch.randn_like(parameter)).half().float())
        logits = model.eval()(torch.tensor([tokens])).logits[0].float().numpy()
    folder = root / name
    model.half().save_pretrained(folder)
    for extra in ["generation_config.json"]:
        (folder / extra).unlink(missing_ok=True)
    numpy.save(folder / "logits.npy", logits)
(root / "tokens.json").write_text(json.dumps(tokens) + "\n")
