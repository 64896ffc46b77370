"""The ids that llama.cpp gives of hard texts with the tokenizer inside an exported file, against griffin's."""
import unicodedata

from realmodels.texts import texts

from . import runtime
from .pairs import PAIRS

COUNT = 100


def run(context):
    for name in [*PAIRS, "smollm2"]:
        target = context.smollm2() if name == "smollm2" else context.pair(name) / "target"
        bundle = context.bundle(name, target)
        model, wrong = runtime.vocabulary(context.export(bundle)[0]), []
        for text in texts(COUNT):
            # llama.cpp composes nothing; what is composed already is the same to both.
            text = unicodedata.normalize("NFC", text)
            mine = context.json("tokenize", bundle, "--no-special-tokens", "--", text)["ids"]
            other = model.tokenize(text.encode(), add_bos=False, special=True)
            if mine != other:
                wrong.append(f"{text!r}: {mine}, in llama.cpp {other}")
        whole = context.json("tokenize", bundle, "--", "a b")["ids"]
        around = model.tokenize(b"a b", add_bos=True, special=True)
        if whole != around:
            wrong.append(f"around a text: {whole}, in llama.cpp {around}")
        yield f"{name} ids", COUNT + 1, COUNT + 1 - len(wrong), wrong[0] if wrong else ""
