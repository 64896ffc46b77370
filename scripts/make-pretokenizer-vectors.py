#!/usr/bin/env python3
"""Writes Tests/Fixtures/tokenizers/pretokenizers.json: a text, and its ids for every name of `tokenizer.ggml.pre` that griffin knows.

usage: scripts/make-pretokenizer-vectors.py ARCHIVE     (the sources of llama-cpp-python; needs the packages tokenizers and gguf)

The ids are those of Hugging Face's tokenizers with the expressions that llama.cpp's code has for the name; the vocabulary is learned from the
text without any splitting, so that its merges cross every place where one of them cuts.
"""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from realmodels.pretokenizers import Oracle, known, learned  # noqa: E402
from realmodels.texts import texts  # noqa: E402

text = "".join(texts(12, seed=5)) + "a`b`c `u `v `w `k $x +1000= 1234567 12345 don't WE'LL x'S HTTPServer/ \n/\r\n a\u030angstro\u0308m 日本語カナ한국어…“x”   \n\t  y!! \n\n z  "
pieces, merges = learned([text] * 3, 700)
oracle, groups = Oracle(sys.argv[1], pieces, merges), {}
for name, composes in known():
    (ids,) = oracle.encoded(name, composes, [text])
    groups.setdefault(tuple(ids), []).append(name)
path = ROOT / "Tests/Fixtures/tokenizers/pretokenizers.json"
lines = [json.dumps({"names": names, "ids": list(ids)}, separators=(",", ":")) for ids, names in groups.items()]
head = json.dumps({"text": text, "pieces": pieces, "merges": merges}, ensure_ascii=False, separators=(",", ":"))
path.write_text(head[:-1] + ',"groups":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")
print(f"{path}: {len(groups)} groups, {path.stat().st_size} bytes, {len(text.encode())} bytes of text")
