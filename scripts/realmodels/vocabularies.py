"""Vocabularies of released models, from the sources of llama-cpp-python: griffin's ids against two oracles.

Each is put into a tiny model, packed by griffin, and asked for the ids of every text of llama.cpp's vectors, which Hugging Face's tokenizers
of the original repositories gave. Then it is asked for those of some hundred texts more, against Hugging Face's tokenizers with the same
vocabulary and the parts that the model's own tokenizer.json has around it, or, of SentencePiece's, against the sentencepiece package.
"""
import json
import pathlib
import struct

import sentencepiece
import tokenizers
from benchmarks.vocabularies import PATTERNS, UNKNOWN, byte_level, document, gguf_values, of_gguf, split

from . import llama_cpp
from .program import Program
from .texts import texts
from .tiny import Packed, compared, write_gguf

SEPARATOR = "\n__ggml_vocab_test__\n"
# Word pieces, a unigram model, and a pre-tokenizer that is not split into words: refused by name.
REFUSED = {"bert-bge", "nomic-bert-moe", "gemma-4"}
GPT2 = byte_level(use_regex=True)
DIGITS = {"type": "Digits", "individual_digits": True}
PUNCTUATION = {"type": "Punctuation", "behavior": "Contiguous"}
MARKED = PATTERNS["qwen2"].replace(r"?\p{L}+", r"?[\p{L}\p{M}]+").replace(r"[^\s\p{L}\p{N}]", r"[^\s\p{L}\p{M}\p{N}]")
# Pre-tokenizers of the models' own tokenizer.json; whether a normalizer composes; whether merges are ignored.
ORIGINALS = {
    "llama-bpe": ([split(PATTERNS["llama-3"]), byte_level()], False, True),
    "qwen2": ([split(PATTERNS["qwen2"]), byte_level()], True, False),
    "qwen35": ([split(MARKED), byte_level()], True, False),
    "gpt-2": ([GPT2], False, False),
    "mpt": ([GPT2], True, False),
    "gpt-neox": ([GPT2], True, False),
    "starcoder": ([DIGITS, GPT2], False, False),
    "refact": ([DIGITS, GPT2], False, False),
    "command-r": ([DIGITS, GPT2], True, False),
    "falcon": ([PUNCTUATION, GPT2, {**DIGITS, "individual_digits": False}, split("[0-9][0-9][0-9]")], False, False),
}
# Those whose last expression of numbers is Digits in the tokenizer.json.
DEEPSEEK = {"deepseek-llm": "DEEPSEEK_LLM", "deepseek-coder": "DEEPSEEK_CODER"}
# The file names no splitting; its model's name for it is given to it.
NAMED = {"gpt-neox": "gpt-neox"}


def vectors(vocabulary):
    """llama.cpp's texts and ids; None where it has none."""
    if not pathlib.Path(f"{vocabulary}.out").exists():
        return None
    given = pathlib.Path(f"{vocabulary}.inp").read_text(encoding="utf-8").split(SEPARATOR)
    lines = pathlib.Path(f"{vocabulary}.out").read_text(encoding="utf-8").split("\n")
    return given, [[int(id) for id in line.split()] for line in lines[:len(given)]]


def model_of(vocabulary):
    """A SentencePiece model with the pieces of a GGUF file."""
    values = {name.removeprefix("tokenizer.ggml."): contents for name, (contents, _) in gguf_values(vocabulary).items()}
    unknown = values.get("unknown_token_id", 0)

    def number(field, value):
        data = bytes([field << 3]) if field < 16 else bytes([(field << 3) & 127 | 128, field >> 4])
        while value > 127:
            data, value = data + bytes([value & 127 | 128]), value >> 7
        return data + bytes([value])

    def message(field, data):
        return number(field, len(data)).replace(bytes([field << 3]), bytes([field << 3 | 2]), 1) + data

    data = b""
    for index, (piece, score, kind) in enumerate(zip(values["tokens"], values["scores"], values["token_type"])):
        kind = UNKNOWN if index == unknown else 5 if kind == UNKNOWN else kind
        data += message(1, message(1, piece.encode()) + b"\x15" + struct.pack("<f", score) + number(3, kind))
    data += message(2, number(3, 2) + number(35, 1) + number(40, unknown))
    return data + message(3, message(1, b"identity") + number(3, 1) + number(4, 0) + number(5, 1))


def oracle(name, vocabulary, code):
    """What gives the ids of texts and their text again, and its name."""
    if name not in ORIGINALS and name not in DEEPSEEK and name != "aquila":
        model = sentencepiece.SentencePieceProcessor(model_proto=model_of(vocabulary))
        return lambda given: ([model.encode(text) for text in given], None), "sentencepiece"
    if name == "aquila":
        parts, what = ([split(expression) for expression in code["DEFAULT"]] + [byte_level()], False, False), "llama.cpp's splitting"
    elif name in DEEPSEEK:
        parts = [split(expression) for expression in code[DEEPSEEK[name]][:-1]] + [DIGITS, byte_level()], False, False
        what = "the model's own parts"
    else:
        parts, what = ORIGINALS[name], "the model's own parts"
    pieces, merges, added = of_gguf(vocabulary)
    model = tokenizers.Tokenizer.from_str(json.dumps(document(pieces, merges, added, *parts)))

    def encoded(given):
        ids = [one.ids for one in model.encode_batch(given, add_special_tokens=False)]
        return ids, model.decode_batch(ids, skip_special_tokens=False)
    return encoded, f"tokenizers, {what}"


def agreement(given, wanted, found, other, what):
    """As `compared`; where llama.cpp's ids are not the other oracle's, the other's are wanted, and that is said."""
    apart = [index for index in range(len(given)) if wanted[index] != other[index]]
    note = "llama.cpp's vectors"
    if apart:
        note += f"; {len(apart)} are not those of {what}, which count: " + ", ".join(repr(given[index][:12]) for index in apart)
    return compared(given, found, [other[index] if index in apart else ids for index, ids in enumerate(wanted)], note)


def run(context):
    """The rows of the table: what was compared, how many, how many agree, and what does not."""
    archive, folder, program = context.archive(llama_cpp.PACKAGE), context.folder / "vocabularies", Program(context.program("encode"))
    code, more = llama_cpp.expressions(llama_cpp.source(archive)), texts()
    for name in llama_cpp.vocabularies(archive, folder):
        if name in REFUSED:
            continue
        vocabulary, model = folder / f"ggml-vocab-{name}.gguf", folder / f"{name}-model.gguf"
        write_gguf(gguf_values(vocabulary), model, {"tokenizer.ggml.pre": NAMED[name]} if name in NAMED else None)
        with Packed(context, model, program) as packed:
            encoded, what = oracle(name, vocabulary, code)
            given = vectors(vocabulary)
            if given:
                yield f"vocabulary {name}", *agreement(*given, packed.encoded(given[0])[0], encoded(given[0])[0], what)
            expected, decoded = encoded(more)
            found, back = packed.encoded(more)
            yield f"vocabulary {name}", *compared(more, found, expected, what)
            if decoded:
                yield f"vocabulary {name}, decoded", *compared(more, back, decoded, what)
            text = "".join(more)
            (folder / "text").write_text(text, encoding="utf-8", newline="")
            printed = json.loads(context.run("tokenize", packed.bundle, "--json", "--no-special-tokens", "--file", folder / "text"))
            yield f"vocabulary {name}, the command", *compared(["all texts in one"], [printed["ids"]], encoded([text])[0], what)
        model.unlink()
