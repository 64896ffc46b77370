"""Greedy decoding of exported targets in llama.cpp, weights, activations, keys and values in float32, against griffin's ids."""
from . import runtime
from .pairs import MARGIN, PAIRS, TOKENS, generated, prompts, target


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
        native = context.bundle(name, target(context, name))
        texts = prompts(context, name, native)
        stored = runtime.loaded(context.export(native)[0])
        stored.eval(texts[0])
        del stored
        bundle = context.bundle(name + "-f32", target(context, name), "--quantize", "f32", "--allow-requantize")
        (path,) = context.export(bundle)
        model, agreeing, ties, notes = runtime.loaded(path), 0, 0, []
        for prompt in texts:
            problem, tied = disagreement(model, prompt, generated(context, bundle, prompt))
            agreeing, ties = agreeing + (problem is None), ties + tied
            notes += [problem] if problem else []
        del model
        yield f"{name} greedy, {TOKENS} tokens", len(texts), agreeing, "; ".join(notes) or f"{ties} ties below {MARGIN:g}"
        bundle.unlink()
        path.unlink()
