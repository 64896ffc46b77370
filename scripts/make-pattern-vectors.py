#!/usr/bin/env python3
"""Writes Tests/Fixtures/tokenizers/patterns.json: expressions, texts, and how Hugging Face's tokenizers cut the one by the other.

usage: scripts/make-pattern-vectors.py     (needs the Python package tokenizers)

Expressions are those of released models and random ones of the whole syntax; texts are random. A row is an expression and its texts,
each with the lengths in bytes of the parts that Split with behaviour "isolated" makes of it. Classes stand alone too, with every character
of the alphabet as their text.
"""
import json
import pathlib
import random

from tokenizers import Regex, pre_tokenizers

rng = random.Random(17)
released = [
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s+",
    r"\p{N}{1,3}", r"[一-龥぀-ゟ゠-ヿ]+", r"\s?\p{P}+", r"\d{1,3}(?=(?:\d{3})*\b)", r"(?=(\d{3})+(?!\d))", r"\s+$", r"[\p{Lu}&&[^\p{Han}A-C]]+",
    r"[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
]
alphabet = list("aabbAB sSkK'\n\r\t 1239.,!-_/") + list("éÉßſKñ日本かカ한ل٣½²\u0301\u200d\u00a0\u3000😀ǅªʰ")
properties = ["L", "Lu", "Ll", "Lo", "M", "N", "Nd", "P", "S", "Z", "Han", "Hiragana", "^L", "Alpha", "Letter", "C", "White_Space", "Word", "Alnum"]
quantifiers = ["", "", "", "*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{1,3}", "{2}", "{,2}", "{1,}", "{0,2}?", "{1,3}+", "{2}?", "{2}+"]


def set_of(depth=0):
    parts = []
    for _ in range(rng.randrange(1, 4)):
        kind = rng.random()
        if kind < 0.45:
            parts.append(rng.choice(["a", "s", "1", " ", "é", "\\-", "\\]", "\\n", "'", ".", "a-z", "A-Z", "0-9", "一-龥", "\\x{3042}", "\\u00e9"]))
        elif kind < 0.8:
            parts.append(rng.choice(["\\s", "\\S", "\\d", "\\w", "\\h", "[:punct:]", "[:^alpha:]"] + ["\\p{%s}" % rng.choice(properties)] * 4))
        else:
            parts.append(set_of(depth + 1) if depth < 2 else "a")
    if rng.random() < 0.1:
        parts.append("&&" + rng.choice(["\\p{L}", "\\S", "a-k", "\\P{Lu}", set_of(depth + 1) if depth < 2 else "\\H"]))
    return "[" + ("^" if rng.random() < 0.3 else "") + "".join(parts) + "]"


def term(depth):
    kind = rng.random()
    if kind < 0.06:
        return rng.choice(["^", "$", "\\b", "\\B", "\\A", "\\z", "\\Z"])
    if kind < 0.18 and depth < 3:
        return rng.choice(["(?=%s)", "(?!%s)"]) % choice(depth + 1) if kind < 0.14 else rng.choice(["(?<=a)", "(?<!\\s)", "(?<=ab|c)", "(?<!\\p{L}|  )"])
    kind = rng.random()
    if kind < 0.35:
        atom = rng.choice(["a", "b", "s", "A", "'", " ", "\\n", "1", "é", "日", "\\."])
    elif kind < 0.55:
        atom = rng.choice(["\\s", "\\S", "\\d", "\\w", "\\W", ".", "\\p{%s}" % rng.choice(properties), "\\P{%s}" % rng.choice(properties)])
    elif kind < 0.75 or depth > 2:
        atom = set_of()
    else:
        return rng.choice(["(%s)", "(?:%s)", "(?>%s)", "(?<name>%s)"]) % choice(depth + 1) + rng.choice(["", "*", "+", "?", "*?", "++"])
    return atom + rng.choice(quantifiers)


def choice(depth):
    return "|".join("".join(term(depth) for _ in range(rng.randrange(1, 4))) for _ in range(rng.choice([1, 1, 1, 2, 3])))


def text():
    return "".join(rng.choice(alphabet) for _ in range(rng.randrange(4, 24)))


rows = []
for number in range(500):
    expression = released[number] if number < len(released) else choice(0)
    if len(expression) > 300:
        continue
    try:
        split = pre_tokenizers.Split(Regex(expression), "isolated")
        texts = [text() for _ in range(40 if number < len(released) else 2)]
        rows.append([expression, [[t, [len(part.encode()) for part, _ in split.pre_tokenize_str(t)]] for t in texts]])
    except BaseException as error:  # Oniguruma refuses it, or gives up on it, which is a panic of Rust's.
        if isinstance(error, KeyboardInterrupt):
            raise
characters = "".join(dict.fromkeys(alphabet))
while len(rows) < 590:
    expression = set_of()
    if expression.count("[") == 1 and "&&" not in expression:
        continue
    split = pre_tokenizers.Split(Regex(expression), "isolated")
    rows.append([expression, [[characters, [len(part.encode()) for part, _ in split.pre_tokenize_str(characters)]]]])
path = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "tokenizers" / "patterns.json"
path.write_text("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows) + "\n]\n", encoding="utf-8")
print(len(rows), "expressions,", path.stat().st_size, "bytes")
