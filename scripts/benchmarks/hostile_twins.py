"""Valid inputs of a given size, to hold hostile ones against: what reading that many bytes costs at all."""

import json
import string

from shapes import Shape, write_safetensors

TINY = Shape(hidden=64, wide=128, vocabulary=512, heads=2)
PIECE_BYTES = 16


def target(folder, size=0):
    """A tiny target whose weights take `size` bytes at least."""
    folder.mkdir(parents=True, exist_ok=True)
    layers = max(1, size // 200_000)
    write_safetensors(folder / "model.safetensors", TINY.target_tensors(layers), seed=1)
    (folder / "config.json").write_text(json.dumps(TINY.config(layers)))
    return folder


def configuration(folder, size):
    """A target whose config.json has `size` bytes: a long list that nothing reads."""
    target(folder)
    text = json.dumps(TINY.config(1) | {"remarks": [0] * (size // 3)})
    (folder / "config.json").write_text(text)
    return folder


def tokenizer(folder, size):
    """A target whose tokenizer.json has `size` bytes: pieces of three letters, and how each is made of two."""
    target(folder)
    letters = string.ascii_letters
    pieces, merges = list(letters), []
    for first in letters:
        for second in letters:
            pieces.append(first + second)
            merges.append(f"{first} {second}")
    for pair in list(pieces[len(letters):]):
        for third in letters:
            if len(pieces) * 2 * PIECE_BYTES > size:
                break
            pieces.append(pair + third)
            merges.append(f"{pair} {third}")
    step = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "never", "split": True}
    document = {
        "added_tokens": [], "normalizer": None, "pre_tokenizer": step, "post_processor": None, "decoder": step,
        "model": {"type": "BPE", "vocab": {piece: index for index, piece in enumerate(pieces)}, "merges": merges},
    }
    text = json.dumps(document)
    (folder / "tokenizer.json").write_text(text + " " * max(0, size - len(text)))
    return folder


def twin(case, folder, size):
    """A valid input for what a case is about, and what it is."""
    for word, make in (("config", configuration), ("tokenizer", tokenizer)):
        if case.startswith(word):
            return make(folder, size), word
    return target(folder, size), "safetensors"
