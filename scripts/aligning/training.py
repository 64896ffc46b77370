"""Losses, the token-alignable mask and steps, as griffin align has them (formats/align.md)."""

import torch
import torch.nn.functional as F


class Objective:
    def __init__(self, kind, passes=2, masks=True, aligned=3, top_count=10):
        eagle3 = kind == "eagle3"
        self.regression, self.entropy, self.top_entropy = 1.0, 1.0 if eagle3 else 0.1, 0.0 if eagle3 else 0.5
        self.top_count, self.decay = top_count, 0.8 if eagle3 else 1.0
        self.passes, self.masks, self.aligned = passes, masks, aligned


class Batch:
    """Row s pairs the feature of token s with token s + 1; `targets` are the features of token s + 1, `best` the target's tokens after it."""

    def __init__(self, rows, tokens, labels, best, counted, features, targets):
        self.rows, self.tokens, self.labels, self.best, self.counted = rows, tokens, labels, best, counted
        self.features, self.targets = features, targets


def ranks(logits, labels):
    """How many tokens stand before a label; ties go to the lower index. A label that is not there stands behind all."""
    own = logits.gather(1, labels.clamp(min=0)[:, None])
    before = (logits > own) | ((logits == own) & (torch.arange(logits.shape[1], device=logits.device)[None, :] < labels[:, None]))
    return torch.where(labels < 0, torch.full_like(labels, 1 << 40), before.sum(1))


def loss(draft, batch, objective):
    """The weighted sum over passes, and for each pass (rows, regression, entropy, top entropy)."""
    passes = []
    for _ in range(objective.passes):
        if passes:
            features = draft.shifted(passes[-1][1], passes[-1][2], batch.rows)
        else:
            features = batch.features
        passes.append(draft.forward(features, batch.tokens, batch.rows, [p[3] for p in passes]))
    with torch.no_grad():
        wanted = draft.target_logits(batch.targets).softmax(-1)
        top = wanted.topk(min(objective.top_count, wanted.shape[1]), dim=-1).indices
    possible = batch.counted & (draft.own(batch.best) >= 0)
    alive, total, report = possible, 0.0, []
    first = int(alive.sum())
    for index, (predicted, regressed, _, _) in enumerate(passes):
        logits = draft.logits(predicted)
        logq = logits.log_softmax(-1)
        count = int(alive.sum())
        divisor = count if draft.regresses else first
        if divisor:
            entropy = -(wanted * logq).sum(-1)[alive].sum() / divisor
            best = -(wanted.gather(1, top) * logq.gather(1, top)).sum(-1)[alive].sum() / divisor
            part = objective.entropy * entropy + objective.top_entropy * best
            regression = torch.zeros(())
            if draft.regresses:
                regression = F.smooth_l1_loss(regressed, batch.targets, reduction="none").mean(-1)[alive].sum() / divisor
                part = part + objective.regression * regression
            total = total + objective.decay**index * part
            report.append((count, float(regression), float(entropy), float(best)))
        with torch.no_grad():
            goes_on = alive.clone()
            if objective.masks:
                goes_on &= ranks(logits, draft.own(batch.labels)) < objective.aligned
            moved = torch.cat([torch.zeros_like(goes_on[:1]), goes_on[:-1]])
            alive = moved & (batch.rows.positions > 0) & possible
    return total, report


def rate(step, peak, warm_up, steps):
    if step < warm_up:
        return peak * (step + 1) / warm_up
    return peak * max(steps - step, 0) / max(steps - warm_up, 1)


def optimiser(draft):
    return torch.optim.AdamW(list(draft.tensors.values()), lr=1.0, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.01)


def clip(draft, norm=None, value=None):
    gradients = [t for t in draft.tensors.values()]
    if norm is not None:
        torch.nn.utils.clip_grad_norm_(gradients, norm)
    if value is not None:
        torch.nn.utils.clip_grad_value_(gradients, value)


def step(draft, batch, objective, adam, learning_rate, norm=None, value=None):
    for group in adam.param_groups:
        group["lr"] = learning_rate
    adam.zero_grad()
    total, report = loss(draft, batch, objective)
    total.backward()
    for tensor in draft.tensors.values():
        if tensor.grad is None:
            tensor.grad = torch.zeros_like(tensor)
    clip(draft, norm, value)
    adam.step()
    return float(total), report
