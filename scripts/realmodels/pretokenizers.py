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


def learned(given):
    """Pieces and merges."""
    model = tokenizers.Tokenizer(tokenizers.models.BPE())
    model.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    model.train_from_iterator(given, tokenizers.trainers.BpeTrainer(vocab_size=8000, min_frequency=1, initial_alphabet=alphabet))
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


def run(context):
    """The rows of the table: what was compared, how many, how many agree, and what does not."""
    program, more, model = Program(context.program("encode")), texts(), context.folder / "named.gguf"
    code = llama_cpp.source(context.archive(llama_cpp.PACKAGE))
    expressions, names = llama_cpp.expressions(code), llama_cpp.names(code)
    pieces, merges = learned(more)
    text, array, number = gguf.GGUFValueType.STRING, gguf.GGUFValueType.ARRAY, gguf.GGUFValueType.INT32
    values = {"model": ("gpt2", [text]), "tokens": (pieces, [array, text]), "merges": (merges, [array, text]),
              "token_type": ([1] * len(pieces), [array, number])}
    for name, composes in known():
        kind, ignores_merges, _ = names.get(name, ("DEFAULT", False, False))
        kind = {"gpt-neox": "GPT2"}.get(name, kind)
        steps = [split(expression) for expression in ORIGINALS.get(kind, expressions[kind])] + [byte_level()]
        oracle = tokenizers.Tokenizer.from_str(json.dumps(document(pieces, merges, {}, steps, composes, ignores_merges)))
        expected = [one.ids for one in oracle.encode_batch(more, add_special_tokens=False)]
        values["pre"] = name, [text]
        write_gguf({f"tokenizer.ggml.{key}": value for key, value in values.items()}, model)
        with Packed(context, model, program) as packed:
            yield f"tokenizer.ggml.pre {name}", *compared(more, packed.encoded(more)[0], expected, f"tokenizers, llama.cpp's {kind}")
    model.unlink()
