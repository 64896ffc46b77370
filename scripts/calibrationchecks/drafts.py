"""The drafts in torch, as the released classes compute them and by their released names: GRIFFIN's is that of scripts/record-trace.py.

All draft the trees of record-trace.py, so that a recorded trace of the released code says of each whether it is right.
"""
import contextlib
import importlib.util
import io
import json
import pathlib

import torch
from torch.nn import functional

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "record-trace.py"
spec = importlib.util.spec_from_file_location("record_trace", SCRIPT)
trace = importlib.util.module_from_spec(spec)
spec.loader.exec_module(trace)


class GriffinDraft(trace.Draft):
    depth = 5  # of trees where nothing else is said


class EagleDraft(trace.Draft):
    """EAGLE-1, EAGLE-2 and HASS with one layer: what it predicts is what it goes on from (formats/eagle-draft.md)."""

    depth = 5

    def check(self, folder):
        del folder
        self.weights.setdefault("embed_tokens.weight", self.target.model.get_input_embeddings().weight)

    def embed(self, tokens):
        return functional.embedding(torch.tensor(tokens), self.weights["embed_tokens.weight"])

    def run(self, features, tokens, positions, visible):
        x = self.linear("fc", torch.cat([self.embed(tokens), features], -1))
        x = self.feed_forward(x + self.attention(x, positions, visible))
        return x, x

    def feed_forward(self, x):
        m = self.norm(f"{self.layer}.post_attention_layernorm", x)
        m = functional.silu(self.linear(f"{self.layer}.mlp.gate_proj", m)) * self.linear(f"{self.layer}.mlp.up_proj", m)
        return x + self.linear(f"{self.layer}.mlp.down_proj", m)


class Eagle3Draft(EagleDraft):
    """EAGLE-3 with one layer and a head over some of the target's tokens (formats/eagle3-draft.md)."""

    depth, layer = 7, "midlayer"

    def run(self, features, tokens, positions, visible):
        # Of the target come states of three layers behind the last one; the draft's own features are as wide as it is.
        g = features if features.shape[1] == self.target.hidden else self.linear("fc", features[:, self.target.hidden:])
        halves = self.norm("midlayer.input_layernorm", self.embed(tokens)), self.norm("midlayer.hidden_norm", g)
        x = self.feed_forward(g + self.attention(torch.cat(halves, -1), positions, visible))
        return x, x

    def logits(self, predict):
        own = self.linear("lm_head", self.norm("norm", predict)).float()
        places = torch.arange(own.shape[1]) + self.weights["d2t"].long()
        return own.new_full((len(own), self.target.vocabulary), float("-inf")).index_copy(1, places, own)


class TappedTarget(trace.Target):
    """Features are the last states and, behind them, the inputs of the three layers that an EAGLE-3 draft reads."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        count, self.taps = len(self.body.layers), {}
        for layer in (2, count // 2, count - 3):
            self.body.layers[layer].register_forward_pre_hook(
                lambda _, inputs, named, layer=layer: self.taps.update({layer: inputs[0][0] if inputs else named["hidden_states"][0]}),
                with_kwargs=True)

    def run(self, tokens, depths, visible):
        last = super().run(tokens, depths, visible)
        return torch.cat([last, *(self.taps[layer] for layer in sorted(self.taps))], -1)

    def logits(self, features):
        return super().logits(features[:, :self.hidden])


def load(target_folder, draft_folder):
    """The pair in float32; no draft where there is no folder."""
    names = trace.load_tensors(draft_folder).keys() if draft_folder else []
    target = (TappedTarget if "midlayer.hidden_norm.weight" in names else trace.Target)(target_folder, "cpu", torch.float32)
    if not draft_folder:
        return target, None
    kind = Eagle3Draft if isinstance(target, TappedTarget) else GriffinDraft if "fc.fc.weight" in names else EagleDraft
    return target, kind(draft_folder, target, torch.float32)


def compared(target, draft, folder, count):
    """What differs from the first cases of a pair's trace of the released code, in words, and how many cases those are."""
    recorded = json.loads((folder / "trace.json").read_text())
    settings = {key: value for key, value in recorded["settings"].items() if key != "temperature"}
    recorded["cases"] = recorded["cases"][:count]
    prompts = [(case["name"], case["prompt_ids"]) for case in recorded["cases"]]
    with contextlib.redirect_stderr(io.StringIO()):
        mine = trace.record_all(target, draft, prompts, trace.Settings(**settings), "")
    return trace.compare(mine, recorded)[0], len(prompts)
