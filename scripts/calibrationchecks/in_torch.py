"""What torch multiplies the matrices of a target and its draft with, in float32: sums of squares of each column.

The drafts are those of drafts.py. A draft is fed the target's features of a chunk of text, and after every 16 tokens drafts a tree under
the token that follows. What it gives the target's head is left out.
"""
import numpy as np
import torch

from calibrationchecks import drafts

STRIDE = 16
# Cases of a trace of the released code that a draft must repeat before it is believed.
CASES = 3


class Sums:
    def __init__(self):
        self.sums, self.counts = {}, {}

    def add(self, name, x):
        x = x.detach().reshape(-1, x.shape[-1]).double()
        self.sums[name] = self.sums.get(name, 0) + x.square().sum(0).numpy()
        self.counts[name] = self.counts.get(name, 0) + len(x)


def watch(draft, sums):
    """Has every product of a draft told to sums."""
    plain = draft.linear

    def linear(name, x):
        sums.add(f"draft/{name}.weight", x)
        return plain(name, x)

    draft.linear = linear


@torch.inference_mode()
def collect(target_folder, draft_folder, chunks):
    """Mean squares by canonical name with its component, [1, columns], and counts; what of a trace the draft does not repeat, and its
    cases. draft_folder may be None."""
    target, draft = drafts.load(target_folder, draft_folder)
    differences, cases = drafts.compared(target, draft, draft_folder.parent, CASES) if draft else ([], 0)
    sums, hooks = Sums(), []
    for name, module in target.model.named_modules():
        if isinstance(module, torch.nn.Linear) and name != "lm_head":
            hooks.append(module.register_forward_pre_hook(
                lambda _, inputs, name=name: sums.add(f"target/{name}.weight", inputs[0])))
    head = "model.embed_tokens" if target.config.tie_word_embeddings else "lm_head"
    if draft:
        watch(draft, sums)
        settings = drafts.trace.Settings(total_tokens=60, depth=draft.depth, top_k=10, max_new_tokens=1, stop_ids=[])
    for chunk in chunks:
        count = len(chunk)
        target.keep([])
        features = target.run(chunk, list(range(count)), torch.ones(count, count, dtype=torch.bool).tril())
        sums.add(f"target/{head}.weight", features[:, :target.hidden])
        if not draft:
            continue
        draft.clear()
        for start in range(0, count - 1, STRIDE):
            end = min(start + STRIDE, count - 1)
            draft.extend(features[start:end], chunk[start + 1:end + 1])
            draft.tree(chunk[end], settings)
    for hook in hooks:
        hook.remove()
    counts = {name: np.array([count], dtype=float) for name, count in sums.counts.items()}
    return {name: total[None] / counts[name][0] for name, total in sums.sums.items()}, counts, differences, cases
