#!/usr/bin/env python3
"""Makes Tests/Fixtures/training/KIND.json: what PyTorch's automatic differentiation says of tiny drafts.

Weights and inputs are drawn by name (SplitMix64 seeded with the name's FNV-1a hash), so both sides have the same without a file.
Gradients are computed in double precision, twenty steps of AdamW in single precision. Needs torch (pip install torch).
"""
import json
import pathlib

import torch
from aligning.drafts import Draft, Rows
from aligning.training import Batch, Objective, loss, optimiser, rate, step

HIDDEN, HEADS, KV_HEADS, WIDE, VOCABULARY, OWN = 8, 2, 1, 12, 24, 16
LENGTHS = [7, 5]
STEPS, PEAK, WARM_UP, NORM = 20, 2e-3, 5, 0.5
MASK = (1 << 64) - 1


def drawn(name, count):
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = ((state ^ byte) * 0x100000001B3) & MASK
    values = []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        mixed = state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        values.append(((mixed ^ (mixed >> 31)) >> 11) * 2.0**-53)
    return values


def tensor(name, shape):
    values = torch.tensor(drawn(name, int(torch.tensor(shape).prod())), dtype=torch.float64).reshape(shape)
    if "norm" in name:
        values = 1 + (values - 0.5) * 0.4
    elif name.endswith("bias"):
        values = (values - 0.5) * 0.2
    else:
        values = (values - 0.5) * 2 * (4 if "lm_head" in name else 0.8 if name in ("features", "targets") else 0.5)
    return values.float()


def tokens(name, count):
    return torch.tensor([int(value * VOCABULARY) for value in drawn(name, count)])


def shapes(kind):
    dim, inputs, double = HIDDEN // HEADS, 2 * HIDDEN if kind == "eagle3" else HIDDEN, 2 if kind == "griffin" else 1
    layer = "midlayer." if kind == "eagle3" else "layers.0."
    result = {
        "griffin": {
            "fc.fc.weight": [HIDDEN, 2 * HIDDEN], "fc.fc.bias": [HIDDEN], "fc.post_attention_layernorm.weight": [HIDDEN],
            "fc.mlp.input_layernorm.weight": [HIDDEN], "fc.mlp.up_proj.weight": [WIDE, 2 * HIDDEN], "fc.mlp.down_proj.weight": [HIDDEN, WIDE],
        },
        "eagle": {"fc.weight": [HIDDEN, 2 * HIDDEN], "fc.bias": [HIDDEN]},
        "eagle3": {
            "fc.weight": [HIDDEN, 3 * HIDDEN], "midlayer.hidden_norm.weight": [HIDDEN], "midlayer.input_layernorm.weight": [HIDDEN],
            "norm.weight": [HIDDEN], "lm_head.weight": [OWN, HIDDEN],
        },
    }[kind]
    for name, rows in (("q", HEADS), ("k", KV_HEADS), ("v", KV_HEADS)):
        result[f"{layer}self_attn.{name}_proj.weight"] = [rows * dim, inputs]
        if kind != "eagle3":
            result[f"{layer}self_attn.{name}_proj.bias"] = [rows * dim]
    result[layer + "self_attn.o_proj.weight"] = [HIDDEN, HEADS * dim]
    result[layer + "post_attention_layernorm.weight"] = [HIDDEN]
    result[layer + "mlp.gate_proj.weight"] = [WIDE, HIDDEN]
    result[layer + "mlp.up_proj.weight"] = [WIDE, HIDDEN]
    result[layer + "mlp.down_proj.weight"] = [double * HIDDEN, WIDE]
    return result


def made(kind, dtype):
    config = {"hidden_size": HIDDEN, "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS, "rms_norm_eps": 1e-5, "rope_theta": 100.0}
    weights = {name: tensor(f"{kind}/{name}", shape).to(dtype).requires_grad_() for name, shape in shapes(kind).items()}
    embedding = tensor("target/embed_tokens", [VOCABULARY, HIDDEN]).to(dtype)
    head = tensor("target/lm_head", [VOCABULARY, HIDDEN]).to(dtype)
    # The draft's own tokens: 0, 1, 3, 4, 6, ...
    offsets = torch.arange(OWN) // 2 if kind == "eagle3" else None
    draft = Draft(kind, config, weights, embedding, head, offsets)
    rows = Rows(LENGTHS)
    features = tensor("features", [rows.count, (3 if kind == "eagle3" else 1) * HIDDEN]).to(dtype)
    targets = tensor("targets", [rows.count, HIDDEN]).to(dtype)
    best = (targets @ head.T).argmax(-1)
    # Most texts follow the target.
    labels = torch.where(torch.tensor(drawn("follows", rows.count)) < 0.8, best, tokens("labels", rows.count))
    counted = rows.positions >= 1
    return draft, Batch(rows, tokens("tokens", rows.count), labels, best, counted, features, targets)


def numbers(values):
    return [float(f"{value:.8g}") for value in values.flatten().tolist()]


def main():
    folder = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "training"
    folder.mkdir(exist_ok=True)
    for kind in ("griffin", "eagle", "eagle3"):
        # The best 12 of 24 tokens count as aligned, so that some chains go on.
        objective = Objective(kind, passes=3, aligned=12)
        draft, batch = made(kind, torch.float64)
        total, report = loss(draft, batch, objective)
        total.backward()
        document = {
            "lengths": LENGTHS, "labels": batch.labels.tolist(), "best": batch.best.tolist(), "tokens": batch.tokens.tolist(),
            "counted": batch.counted.tolist(), "aligned": objective.aligned, "steps": STEPS, "peak": PEAK, "warm_up": WARM_UP, "norm": NORM,
            "loss": float(total), "passes": [list(row) for row in report],
            "gradients": {name: numbers(value.grad) for name, value in draft.tensors.items()},
        }
        draft, batch = made(kind, torch.float32)
        adam = optimiser(draft)
        document["losses"] = [
            step(draft, batch, objective, adam, rate(index, PEAK, WARM_UP, STEPS), norm=NORM)[0] for index in range(STEPS)
        ]
        document["trained"] = {name: numbers(value.detach()) for name, value in draft.tensors.items()}
        (folder / f"{kind}.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
        print(kind, document["loss"], document["passes"], document["losses"][-1])


if __name__ == "__main__":
    main()
