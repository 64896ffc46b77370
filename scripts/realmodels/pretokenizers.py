"""Every name of `tokenizer.ggml.pre` that griffin knows: its ids against those of Hugging Face's tokenizers with the expressions that
llama.cpp's code has for the name, and with the normalizer of formats/gguf.md.

The vocabulary is learned from the texts without any splitting, so that merges cross every place where one of them is cut.
"""
import json
import pathlib
import re

import gguf
import tokenizers
from benchmarks.vocabularies import PATTERNS, byte_level, document, split

from . import llama_cpp
from .program import Program
from .texts import texts
from .tiny import Packed, compared, write_gguf

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
BY_CASE = PATTERNS["tekken"].split("|", 2)
# Expressions that llama.cpp's code simplifies, as the tokenizer.json has them.
ORIGINALS = {
    "TEKKEN": [PATTERNS["tekken"]],
    "GPT4O": [BY_CASE[0] + CONTRACTIONS + "|" + BY_CASE[1] + CONTRACTIONS + "|" + BY_CASE[2].replace(r"\p{N}|", r"\p{N}{1,3}|")],
}
ORIGINALS["MINIMAX_M2"] = ORIGINALS["GRANITE_EMB_MULTI"] = ORIGINALS["GPT4O"]


def learned(given, size=8000):
    """Pieces and merges."""
    model = tokenizers.Tokenizer(tokenizers.models.BPE())
    model.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    model.train_from_iterator(given, tokenizers.trainers.BpeTrainer(vocab_size=size, min_frequency=1, initial_alphabet=alphabet))
    found = json.loads(model.to_str())["model"]
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in found["merges"]]
    return sorted(found["vocab"], key=found["vocab"].get), merges


def known():
    """Names and whether griffin composes for them, as formats/gguf.md has them."""
    page = (pathlib.Path(__file__).resolve().parents[2] / "formats/gguf.md").read_text()
    table = page[page.index("| `tokenizer.ggml.pre` | splitting"):]
    for line in table[:table.index("\n\n")].splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for name in re.findall("`([^`]+)`", cells[0]):
            yield name, cells[2] == "NFC"


class Oracle:
    """Hugging Face's tokenizers with a vocabulary, splitting as the code of llama.cpp does for a name."""

    def __init__(self, archive, pieces, merges):
        code = llama_cpp.source(archive)
        self.expressions, self.names = llama_cpp.expressions(code), llama_cpp.names(code)
        self.pieces, self.merges = pieces, merges

    def kind(self, name):
        return {"gpt-neox": "GPT2"}.get(name) or self.names.get(name, ("DEFAULT",))[0]

    def encoded(self, name, composes, given):
        kind, ignores_merges = self.kind(name), self.names.get(name, (None, False))[1]
        steps = [split(expression) for expression in ORIGINALS.get(kind, self.expressions[kind])] + [byte_level()]
        model = tokenizers.Tokenizer.from_str(json.dumps(document(self.pieces, self.merges, {}, steps, composes, ignores_merges)))
        return [one.ids for one in model.encode_batch(given, add_special_tokens=False)]


# Names whose models' tokenizers transformers has as classes of its own, which say whether text is composed.
CLASSES = {
    "qwen2": "Qwen2Tokenizer", "qwen35": "Qwen3_5Tokenizer", "gpt-neox": "GPTNeoXTokenizer", "mpt": "GPTNeoXTokenizer",
    "olmo": "GPTNeoXTokenizer", "command-r": "CohereTokenizer", "gpt-2": "GPT2Tokenizer",
}


def run(context):
    """The rows of the table: what was compared, how many, how many agree, and what does not."""
    import transformers
    program, more, model = Program(context.program("encode")), texts(), context.folder / "named.gguf"
    pieces, merges = learned(more)
    oracle = Oracle(context.archive(llama_cpp.PACKAGE), pieces, merges)
    text, array, number = gguf.GGUFValueType.STRING, gguf.GGUFValueType.ARRAY, gguf.GGUFValueType.INT32
    values = {"model": ("gpt2", [text]), "tokens": (pieces, [array, text]), "merges": (merges, [array, text]),
              "token_type": ([1] * len(pieces), [array, number])}
    for name, composes in known():
        values["pre"] = name, [text]
        write_gguf({f"tokenizer.ggml.{key}": value for key, value in values.items()}, model)
        with Packed(context, model, program) as packed:
            yield f"tokenizer.ggml.pre {name}", *compared(
                more, packed.encoded(more)[0], oracle.encoded(name, composes, more), f"tokenizers, llama.cpp's {oracle.kind(name)}")
        if name in CLASSES:
            normalizer = getattr(transformers, CLASSES[name])()._tokenizer.normalizer
            yield f"tokenizer.ggml.pre {name}, normalizer", 1, int((normalizer is not None) == composes), CLASSES[name]
    model.unlink()
