"""Greedy decoding of exported target folders in Hugging Face transformers, in float32, against griffin's ids."""
from .pairs import MARGIN, PAIRS, TOKENS, generated, prompts, target


def disagreement(model, prompt, ids):
    """What differs first, by more than a tie, and how many ties there were: one pass over the whole text."""
    import torch

    with torch.no_grad():
        logits = model(torch.tensor([prompt + ids])).logits[0, len(prompt) - 1:-1]
    best = logits.argmax(-1)
    margins = (logits.max(-1).values - logits[torch.arange(len(ids)), torch.tensor(ids)]).tolist()
    for index, (id, margin) in enumerate(zip(ids, margins)):
        if best[index] != id and margin >= MARGIN:
            return f"token {index} is {id}, in transformers {int(best[index])} by {margin:.3g}", 0
    return None, sum(int(best[index]) != id for index, id in enumerate(ids))


def run(context):
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    for name in [*PAIRS, "smollm2"]:
        bundle = context.bundle(name, target(context, name))
        texts = prompts(context, name, bundle)
        folder = context.folder / f"{name}-folder"
        context.json("export", bundle, "--format", "safetensors", "-o", folder, "--force", "--dtype", "f32")
        model = transformers.AutoModelForCausalLM.from_pretrained(folder / "target", dtype=torch.float32)
        agreeing, ties, notes = 0, 0, []
        for prompt in texts:
            problem, tied = disagreement(model, prompt, generated(context, bundle, prompt))
            agreeing, ties = agreeing + (problem is None), ties + tied
            notes += [problem] if problem else []
        yield f"{name} greedy in transformers, {TOKENS} tokens", len(texts), agreeing, "; ".join(notes) or f"{ties} ties below {MARGIN:g}"
