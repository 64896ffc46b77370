#!/usr/bin/env python3
"""Writes Tests/Fixtures/eagle31: tiny random EAGLE-3.1 drafts as the speculators library saves them, and what it computes.

usage: scripts/make-eagle31-fixtures.py     (needs the Python packages torch, transformers, speculators, safetensors and numpy)

CASE/states.npy are random states of a target that enter, side by side; first.npy the logits of a pass over the text, second.npy those of
the pass after each of its positions, which continues from the draft's own feature. All in float32.
"""
import json
import os
import pathlib
import shutil

os.environ["TORCHDYNAMO_DISABLE"] = "1"
import eagle31_drafts
import numpy
import torch
import transformers
from speculators.config import SpeculatorsConfig, VerifierConfig
from speculators.models.eagle3 import Eagle3SpeculatorConfig
from speculators.models.eagle3.core import Eagle3DraftModel
from speculators.proposals.greedy import GreedyTokenProposalConfig

root = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "eagle31"
HIDDEN, VOCABULARY, DRAFT = 16, 31, 12
tokens = [1, 7, 23, 4, 19, 30, 11, 8, 15, 27]
cases = {
    "norms": dict(model="Llama", layers=1, ids=[0, 1, 2, 3], fc_norm=True, norm_output=True),
    "two-layers": dict(model="Qwen3", layers=2, ids=[1, 2], norm_before_fc=True, norm_before_residual=True),
}
shutil.rmtree(root, ignore_errors=True)
for name, case in cases.items():
    case = dict(case)
    torch.manual_seed(31 + len(name))
    layer = getattr(transformers, case.pop("model") + "Config")(
        hidden_size=HIDDEN, intermediate_size=20, num_hidden_layers=case.pop("layers"), num_attention_heads=2, num_key_value_heads=1,
        head_dim=8, vocab_size=VOCABULARY, max_position_embeddings=64, rope_theta=10000.0, tie_word_embeddings=False, pad_token_id=None)
    layer._attn_implementation = "eager"
    config = Eagle3SpeculatorConfig(
        transformer_layer_config=layer, draft_vocab_size=DRAFT, eagle_aux_hidden_state_layer_ids=case.pop("ids"), **case,
        speculators_config=SpeculatorsConfig(
            algorithm="eagle3", proposal_methods=[GreedyTokenProposalConfig(speculative_tokens=3)], default_proposal_method="greedy",
            verifier=VerifierConfig(name_or_path=None, architectures=["Qwen3ForCausalLM"])))
    ids = config.eagle_aux_hidden_state_layer_ids
    model = Eagle3DraftModel(config).float().eval()
    chosen = sorted(torch.randperm(VOCABULARY)[:DRAFT].tolist())
    d2t = torch.tensor([token - place for place, token in enumerate(chosen)])
    t2d = torch.tensor([token in chosen for token in range(VOCABULARY)])
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            around = 1.0 if parameter.dim() == 1 else 0.0
            parameter.copy_((around + 0.35 * torch.randn_like(parameter)).half().float())
    logits = []
    model.lm_head.register_forward_hook(lambda module, inputs, output: logits.append(output))
    states = torch.randn(1, len(tokens), len(ids) * HIDDEN).half().float()
    following = torch.tensor([tokens[1:] + [tokens[0]]])
    with torch.no_grad():
        model(hidden_states=states, input_ids=following, document_ids=torch.zeros_like(following), ttt_steps=2)
    folder = root / name
    folder.mkdir(parents=True)
    members = json.loads(config.to_json_string(use_diff=False)) if hasattr(config, "to_json_string") else config.model_dump()
    eagle31_drafts.save(model, members, d2t, t2d, folder)
    for part, value in [("states", states[0]), ("first", logits[0][0]), ("second", logits[1][0])]:
        numpy.save(folder / f"{part}.npy", value.numpy().astype(numpy.float32))
(root / "tokens.json").write_text(json.dumps(tokens) + "\n")
