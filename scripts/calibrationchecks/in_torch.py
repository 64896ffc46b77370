"""What torch multiplies the matrices of a target and its GRIFFIN draft with, in float32: sums of squares of each column.

Target and draft are those of scripts/record-trace.py, which are held against traces of the released code. The draft is fed the target's
features of a chunk of text, and after every 16 tokens drafts a tree under the token that follows.
"""
import importlib.util
import pathlib

import numpy as np
import torch

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "record-trace.py"
spec = importlib.util.spec_from_file_location("record_trace", SCRIPT)
trace = importlib.util.module_from_spec(spec)
spec.loader.exec_module(trace)
STRIDE = 16


class Sums:
    def __init__(self):
        self.sums, self.counts = {}, {}

    def add(self, name, x):
        x = x.detach().reshape(-1, x.shape[-1]).double()
        self.sums[name] = self.sums.get(name, 0) + x.square().sum(0).numpy()
        self.counts[name] = self.counts.get(name, 0) + len(x)


class WatchedDraft(trace.Draft):
    """The draft, whose products are watched."""

    watch = None

    def linear(self, name, x):
        if self.watch:
            self.watch.add(f"draft/{name}.weight", x)
        return super().linear(name, x)


@torch.inference_mode()
def collect(target_folder, draft_folder, chunks, depth=5):
    """Mean squares by canonical name with its component, [1, columns], and counts. draft_folder may be None."""
    target = trace.Target(target_folder, "cpu", torch.float32)
    draft = WatchedDraft(draft_folder, target, torch.float32) if draft_folder else None
    settings = trace.Settings(total_tokens=60, depth=depth, top_k=10, max_new_tokens=1, stop_ids=[])
    sums, hooks = Sums(), []
    for name, module in target.model.named_modules():
        if isinstance(module, torch.nn.Linear) and name != "lm_head":
            hooks.append(module.register_forward_pre_hook(
                lambda _, inputs, name=name: sums.add(f"target/{name}.weight", inputs[0])))
    head = "model.embed_tokens" if target.config.tie_word_embeddings else "lm_head"
    for chunk in chunks:
        count = len(chunk)
        target.keep([])
        features = target.run(chunk, list(range(count)), torch.ones(count, count, dtype=torch.bool).tril())
        sums.add(f"target/{head}.weight", features)
        if not draft:
            continue
        draft.clear()
        draft.watch = sums
        for start in range(0, count - 1, STRIDE):
            end = min(start + STRIDE, count - 1)
            draft.extend(features[start:end], chunk[start + 1:end + 1])
            draft.tree(chunk[end], settings)
        draft.watch = None
    for hook in hooks:
        hook.remove()
    counts = {name: np.array([count], dtype=float) for name, count in sums.counts.items()}
    return {name: total[None] / counts[name][0] for name, total in sums.sums.items()}, counts
