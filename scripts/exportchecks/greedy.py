"""Greedy decoding of exported targets in llama.cpp, weights, activations, keys and values in float32, against griffin's ids."""
import json

from . import runtime
from .pairs import MARGIN, PAIRS, PROMPTS, TOKENS


def disagreement(model, prompt, ids):
    """What differs first, by more than a tie, and how many ties there were."""
    ties, steps = 0, runtime.decoded(model, prompt, len(ids))
    logits = next(steps, None)
    for index, id in enumerate(ids):
        best = int(logits.argmax())
        margin = float(logits[best] - logits[id])
        if best != id and margin >= MARGIN:
            return f"token {index} is {id}, in llama.cpp {best} by {margin:.3g}", ties
        ties += best != id
        # What griffin chose goes on, so that one tie hides nothing after it.
        try:
            logits = steps.send(id)
        except StopIteration:
            break
    return None, ties


def run(context):
    for name in [*PAIRS, "smollm2"]:
        target = context.smollm2() if name == "smollm2" else context.pair(name) / "target"
        native = context.bundle(name, target)
        prompts = []
        if name != "smollm2":
            prompts = [case["prompt_ids"] for case in json.loads((context.pair(name) / "trace.json").read_text())["cases"]]
        prompts += [context.json("tokenize", native, "--", text)["ids"] for text in PROMPTS]
        prompts = prompts[:len(PROMPTS)]
        stored = runtime.loaded(context.export(native)[0])
        stored.eval(prompts[0])
        del stored
        bundle = context.bundle(name + "-f32", target, "--quantize", "f32", "--allow-requantize")
        (path,) = context.export(bundle)
        model, agreeing, ties, notes = runtime.loaded(path), 0, 0, []
        for prompt in prompts:
            ids = context.json("generate", bundle, "--prompt-ids", ",".join(map(str, prompt)), "--max-new-tokens", TOKENS)["ids"]
            problem, tied = disagreement(model, prompt, ids)
            agreeing, ties = agreeing + (problem is None), ties + tied
            notes += [problem] if problem else []
        del model
        yield f"{name} greedy, {TOKENS} tokens", len(prompts), agreeing, "; ".join(notes) or f"{ties} ties below {MARGIN:g}"
        bundle.unlink()
        path.unlink()
