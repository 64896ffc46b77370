#!/usr/bin/env python3
"""Writes Tests/Fixtures/tokenizers/steps.json: what each normalizer and pre-tokenizer of Hugging Face's tokenizers makes of hard strings.

usage: scripts/make-step-vectors.py     (needs the Python package tokenizers, tar, and zstd)

The tokenizer is that of the golden pair llama31-tiny with other steps. A row is the members of its tokenizer.json that differ, and
the ids of each string.
"""
import json
import pathlib
import subprocess

from tokenizers import Tokenizer

root = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures"
packed = subprocess.run(["zstd", "-dc", "--long=27", root / "golden" / "llama31-tiny.tar.zst"], capture_output=True, check=True)
document = json.loads(subprocess.run(
    ["tar", "-xOf", "-", "llama31-tiny/target/tokenizer.json"], input=packed.stdout, capture_output=True, check=True).stdout)

strings = [
    "", " ", "  a  ", "Hello 123 4 x", "12345 6789,0", "a1b22c333", "\u0661\u0662 \u00b2\u00bd \u216b", "don't, it's \u2014 'x'!!",
    "a--b..c", "...", "-a-", "--", "\u00a1\u00bf\u00ab\u00bb\u2026\u3002\u300c", "$+<=>^`|~", "tab\there\n\nnew  line \r\n", "\u3000wide\u00a0space\u2028",
    "\u00c9cole \u0130stanbul \u03a3\u03a3 \u1e9e \u01c5", "e\u0301 \ufb01 \u2460 \uff21\uff22 \u00bd \u2122 \u1d400", "\u212b \u2126 \u1e9b\u0323",
    "\uac00 \u1100\u1161 \u0f73\u0f75", "\u065c\u0308a\u0327\u0301", "\u65e5\u672c 2024\u5e741\u6708", "\u043c\u0438\u0440 \u041c\u0418\u0420 \u0439", "a\u200db \u200c", "\ufdfa\u3316",
    "x = f(y) # 3.14e-10", "<|eot_id|> a", "a<|eot_id|>b", "\U0001f600 \U0001f44d\U0001f3fd", "\u061d\u2e4f\u2e43 \U00011660", "_under_score__", "    indent\n\tb",
]
gpt2 = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
plain = dict(gpt2, use_regex=False)


def before(*steps, last=plain):
    return {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [*steps, last]}}


def split(pattern, behavior, invert=False):
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def digits(individual):
    return {"type": "Digits", "individual_digits": individual}


behaviors = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
cases = [before(digits(True), last=gpt2), before(digits(False), last=gpt2), before(digits(True)), before({"type": "WhitespaceSplit"})]
cases += [before({"type": "Whitespace"}), before({"type": "BertPreTokenizer"}), before({"type": "CharDelimiterSplit", "delimiter": "a"})]
cases += [before({"type": "Punctuation", "behavior": name}) for name in behaviors]
for name in behaviors:
    for invert in (False, True):
        cases.append(before(split({"Regex": r"\p{N}{1,3}|--?|\s"}, name, invert)))
        cases.append(before(split({"String": "."}, name, invert), last=gpt2))
cases.append(before({"type": "Punctuation", "behavior": "Contiguous"}, gpt2, digits(False), last=split({"Regex": "[0-9][0-9][0-9]"}, "Isolated")))
cases.append(before({"type": "Punctuation", "behavior": "Contiguous"}, last=dict(gpt2, add_prefix_space=True)))
cases.append(before(split({"Regex": "[\r\n]"}, "Isolated"), split({"Regex": r"\s?\p{L}+"}, "Isolated"), split({"Regex": r"\s?\p{P}+"}, "Isolated"), digits(True)))
for step in [{"type": name} for name in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents")] + [
        {"type": "Strip", "strip_left": left, "strip_right": right} for left, right in ((True, True), (True, False), (False, True))] + [
        {"type": "Replace", "pattern": {"Regex": r"\s+|\p{N}"}, "content": "_"}, {"type": "Replace", "pattern": {"String": "a"}, "content": "bc"},
        {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]}]:
    cases.append({"normalizer": step, "pre_tokenizer": gpt2})
rows = []
for case in cases:
    tokenizer = Tokenizer.from_str(json.dumps(dict(document, **case)))
    rows.append([case, [tokenizer.encode(text, add_special_tokens=False).ids for text in strings]])
path = root / "tokenizers" / "steps.json"
lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
path.write_text('{"strings":' + json.dumps(strings) + ',"rows":[\n' + lines + "\n]}\n", encoding="utf-8")
print(len(rows), "rows,", path.stat().st_size, "bytes")
