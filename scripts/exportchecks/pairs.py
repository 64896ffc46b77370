"""Golden pairs whose targets and drafts are exported, and what greedy decoding is held against."""
import json

PAIRS = ["llama2-tiny", "vicuna-tiny", "llama31-tiny", "qwen2-tiny", "mixtral-tiny", "llama3-eagle3"]
TOKENS, MARGIN = 48, 1e-4
PROMPTS = [
    "Once upon a time", "The capital of France is", "def fibonacci(n):\n", "Hello 123 4 x", "Water boils at", "1 + 1 = 2, 2 + 2 =",
    "My favourite colour is", "In the year 1969", "Dear Sir or Madam,", "The quick brown fox",
]


def target(context, name):
    """What is converted: a golden target, or SmolLM2's GGUF."""
    return context.smollm2() if name == "smollm2" else context.pair(name) / "target"


def prompts(context, name, bundle):
    """Ten prompts as ids: those of a pair's trace, then texts."""
    recorded = []
    if name != "smollm2":
        recorded = [case["prompt_ids"] for case in json.loads((context.pair(name) / "trace.json").read_text())["cases"]]
    return (recorded + [context.json("tokenize", bundle, "--", text)["ids"] for text in PROMPTS])[:len(PROMPTS)]


def generated(context, bundle, prompt):
    """The ids that griffin generates greedily."""
    return context.json("generate", bundle, "--prompt-ids", ",".join(map(str, prompt)), "--max-new-tokens", TOKENS)["ids"]
