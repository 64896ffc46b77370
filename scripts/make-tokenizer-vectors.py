#!/usr/bin/env python3
"""Writes Tests/Fixtures/tokenizers: strings, and what Hugging Face's and SentencePiece's tokenizers make of them.

usage: scripts/make-tokenizer-vectors.py     (needs the Python packages tokenizers, sentencepiece and transformers, tar, and zstd)

The tokenizers are those of the golden pairs and variants of them, each a base and the members of its tokenizer.json that
differ (variants.json). strings.json.zst is the list of strings, strings-few.json.zst that for variants; NAME.json.zst holds
each string's ids without special tokens, the ids that come before them with special tokens, and the decodings that are not
the string itself. chat.json holds conversations as the chat templates of the golden pairs render them.
"""
import io
import json
import pathlib
import random
import subprocess
import tempfile
import unicodedata

import sentencepiece
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

root = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures"
folder = root / "tokenizers"
folder.mkdir(parents=True, exist_ok=True)
rng = random.Random(20240229)


def golden(name, file):
    path = root / "golden" / name / "target" / file
    if path.exists():
        return path.read_bytes()
    packed = subprocess.run(["zstd", "-dc", "--long=27", root / "golden" / f"{name}.tar.zst"], capture_output=True, check=True)
    return subprocess.run(
        ["tar", "-xOf", "-", f"{name}/target/{file}"], input=packed.stdout, capture_output=True, check=True).stdout


# Strings.

blocks = [
    (0x20, 0x7F), (0x20, 0x7F), (0xA0, 0x100), (0x100, 0x250), (0x250, 0x2B0), (0x300, 0x370), (0x370, 0x400), (0x400, 0x530),
    (0x530, 0x590), (0x590, 0x600), (0x600, 0x700), (0x700, 0x750), (0x900, 0x980), (0x980, 0xA00), (0xB80, 0xC00), (0xE00, 0xE80),
    (0xF00, 0x1000), (0x10A0, 0x1100), (0x1100, 0x1200), (0x1200, 0x1380), (0x1780, 0x1800), (0x1E00, 0x1F00), (0x1F00, 0x2000),
    (0x2000, 0x2070), (0x2070, 0x20D0), (0x2100, 0x2190), (0x2190, 0x2300), (0x2460, 0x2500), (0x2580, 0x2600), (0x2600, 0x27C0),
    (0x3000, 0x3040), (0x3040, 0x3100), (0x3200, 0x3300), (0x4E00, 0x9FA0), (0xAC00, 0xD7A4), (0xF900, 0xFA00), (0xFB00, 0xFB50),
    (0xFE00, 0xFE10), (0xFF00, 0xFFF0), (0x10000, 0x10100), (0x1D400, 0x1D800), (0x1F300, 0x1F650), (0x1F900, 0x1FA00),
    (0x20000, 0x20100), (0xE000, 0xE010), (0x2F800, 0x2FA20),
]
words = (
    "the of and to in is it that was for on are with as his they at be this have from or had by hot but some what there we can "
    "out other were all your when up use word how said each she which do their time will way about many then them would write "
    "like so these her long make thing see him two has look more day could go come did my sound no most number who over know "
    "water than call first people may down side been now find any new work part take get place made live where after back "
    "little only round man year came show every good me give our under name very through just form sentence great think help "
    "low line differ turn cause much mean before move right boy old too same tell does set three want air well also play small "
    "end put home read hand port large spell add even land here must big high such follow act why ask men change went light "
    "kind off need house picture try us again animal point mother world near build self earth father"
).split()
scripts = [
    "Привет, мир! Как дела?", "Γειά σου Κόσμε", "你好，世界。今天天气很好！", "こんにちは世界、元気ですか？", "안녕하세요 세계", "مرحبا بالعالم، كيف حالك؟",
    "שלום עולם", "नमस्ते दुनिया, आप कैसे हैं?", "สวัสดีชาวโลก", "Xin chào thế giới", "ሰላም ልዑል", "გამარჯობა მსოფლიო", "Բարեւ աշխարհ",
    "வணக்கம் உலகம்", "ওহে বিশ্ব", "བོད་སྐད་", "ស្តាប់", "Straße, Größe, Übermaß", "Ça va? Où êtes-vous né?", "İstanbul ıĞğ Şş", "Zażółć gęślą jaźń",
    "naïve café — déjà vu … “quoted” ‘single’ «guillemets»", "½ ¾ ² ³ Ⅷ ⅸ ① ㊷ ٣٤٥ १२३ 〇 万", "ﬁ ﬂ ﬆ Å K Ω ℃ №",
]
code = [
    "def f(x):\n    return x ** 2 + 1\n", "for (int i = 0; i < n; ++i) {\n\ta[i] += b[i] * 2;\n}\n", "SELECT * FROM t WHERE a >= 10 AND b IS NOT NULL;",
    "#include <stdio.h>\n\nint main(void) {\n  printf(\"%d\\n\", 42);\n  return 0;\n}\n", "let x = [1, 2, 3].map { $0 * 2 }",
    "if __name__ == '__main__':\n    main()\n", "<div class=\"a b\">text &amp; more</div>", "{\"key\": [1, 2.5e-3, null, true]}",
    "git commit -m 'fix: it''s done' && git push --force", "x = y if z else w  # comment", "\\begin{equation} e^{i\\pi} + 1 = 0 \\end{equation}",
    "0xDEADBEEF 1_000_000 3.14159 1e10 0b1010", "a->b.c::d<e>(f, &g)|h^i%j~k!l?m:n", "class Foo(Bar):\n\n    def __init__(self, a=None, *args, **kwargs):\n        super().__init__()\n",
    "/usr/local/bin/python3 -m pip install --upgrade pip==24.0", "https://example.com/path?query=1&other=%20#fragment", "user@example.org",
    "\tif (a)\r\n\t\treturn;\r\n", "    \n        x\n\n\n    y\n", "print(\"\"\"triple\n\"\"\")",
]
emoji = ["😀", "🙂", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "❤️", "☃", "🤷🏾‍♀️", "1️⃣", "🫠", "🧑‍🚀", "\u200d", "\ufe0f"]
specials = [
    "<s>", "</s>", "<unk>", "<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>",
    "<|reserved_special_token_3|>", "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<0x0A>", "<0x41>", "<pad>", "[INST]", "[/INST]",
    "<<SYS>>", "▁", "Ġ", "<|", "|>", "<|im_start", "<s", "s>", "<tool>", "<mask>", "wörd",
]
contractions = ["'s", "'S", "'t", "'T", "'re", "'RE", "'Re", "'ve", "'vE", "'m", "'M", "'ll", "'LL", "'lL", "'d", "'D", "'x", "'", "''s", "’s", "'ſ", "'l", "'r"]


def chars(count):
    low, high = rng.choice(blocks)
    out = []
    while len(out) < count:
        c = chr(rng.randrange(low, high))
        if unicodedata.category(c) != "Cn":
            out.append(c)
        if rng.random() < 0.05:
            low, high = rng.choice(blocks)
    return "".join(out)


def any_chars(count):
    out = []
    while len(out) < count:
        c = chr(rng.choice([rng.randrange(0x3000), rng.randrange(0x20000)]))
        if unicodedata.category(c) not in ("Cn", "Cs"):
            out.append(c)
    return "".join(out)


def spaces():
    kind = rng.random()
    if kind < 0.5:
        return " " * rng.choice([1, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 40])
    if kind < 0.75:
        return "\n" * rng.choice([1, 2, 3, 4, 9, 30])
    return "".join(rng.choice("  \t\n\r\u00a0\u2003\u3000\u0085\u2028\x0b\x0c") for _ in range(rng.randrange(1, 9)))


def marks():
    base = rng.choice("aeiounAEIOUcsz ẞkÅ가ᄀはカक")
    return base + "".join(chr(rng.randrange(0x300, 0x345)) for _ in range(rng.randrange(1, 5))) + rng.choice(["", "\u1161", "\u11a8", "\u3099", "\u093c", "\u0f73"])


def sentence(count):
    text = " ".join(rng.choice(words) for _ in range(count))
    return text.capitalize() + rng.choice([".", "!", "?", "...", ", ", ""])


def word():
    text = rng.choice(words)
    return rng.choice([text, text, text.upper(), text.capitalize(), text + rng.choice(contractions), text + str(rng.randrange(100000))])


parts = [
    lambda: " " + word(), lambda: " " + word(), word, lambda: sentence(4), spaces, spaces, lambda: rng.choice(scripts), lambda: rng.choice(code),
    lambda: rng.choice(emoji), lambda: rng.choice(specials), lambda: rng.choice(contractions), marks, lambda: chars(rng.randrange(1, 8)),
    lambda: any_chars(rng.randrange(1, 4)), lambda: chr(rng.choice([*range(0x20), 0x7F, *range(0x80, 0xA0), 0xAD, 0x200B, 0x200E, 0xFEFF, 0xFFFD])),
    lambda: str(rng.randrange(10 ** rng.randrange(1, 12))), lambda: "".join(rng.choice("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") for _ in range(rng.randrange(1, 5))),
    lambda: rng.choice(words) * rng.randrange(2, 5),
]
strings = ["", " ", "  ", "\n", "a", " a", "a ", "\t", "\u0000", "\u0000\u0000", "é", "e\u0301", "\U0010ffff", "\ufeff", "▁", " ▁", "▁ ", "<s>", " <s>", "<s> ", "<s><s>"]
strings += scripts + code + emoji + specials + contractions
# Marks younger than the Unicode of the normalizers, and vowels that are two marks.
strings += ["\u09b7\u09fe\u09bc", "\u09af\u09bc\u09fe", "\U00011935\U00011930", "e\u0316\u0f73", "\u0f75\u0f81\u0323", "\u1715\u0323"]
strings += [a + b for a in ("it", " IT", "2") for b in contractions]
strings += [" " * n + "x" + " " * n for n in range(1, 40, 3)] + ["\n" * n for n in range(2, 40, 5)] + ["\t" * n + "x" for n in range(1, 20, 3)]
strings += ["".join(p() for p in rng.choices(parts, k=rng.choice([1, 2, 2, 3, 3, 4, 5, 6, 8]))) for _ in range(2000)]
strings += [sentence(rng.randrange(20, 60)) for _ in range(20)]
strings += ["a" * 300, "ab" * 200, "é" * 100, "日本" * 60, "😀" * 40, "1" * 100, " \n" * 60, "-" * 120, "aA" * 50]
strings = list(dict.fromkeys(strings))

# Tokenizers.

gpt2 = {"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}}
tekken = (
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
    "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+")
marked = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"


def split(expression):
    return {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": expression}, "behavior": "Isolated", "invert": False},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}]}


def added(first, *tokens):
    return [dict({"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False}, id=first + i, **t)
            for i, t in enumerate(tokens)]


def metaspace(scheme, splits):
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": splits}


odd = [{"content": "<tool>", "lstrip": True}, {"content": "<mask>", "rstrip": True, "special": True}, {"content": "picture", "single_word": True},
       {"content": "wörd", "normalized": True}, {"content": "<|", "lstrip": True, "rstrip": True}]
bases = {"llama2": ("llama2-tiny", "tokenizer.json"), "llama3": ("llama31-tiny", "tokenizer.json"), "qwen2": ("qwen2-tiny", "tokenizer.json")}
documents = {name: json.loads(golden(*place)) for name, place in bases.items()}
variants = {
    "gpt2": ["llama3", gpt2],
    "tekken": ["llama3", {"pre_tokenizer": split(tekken)}],
    "marked": ["qwen2", {"pre_tokenizer": split(marked)}],
    "metaspace-first": ["llama2", {"normalizer": None, "pre_tokenizer": metaspace("first", False)}],
    "metaspace-split": ["llama2", {"normalizer": None, "pre_tokenizer": metaspace("always", True), "decoder": metaspace("always", True)}],
    "added-qwen2": ["qwen2", {"added_tokens": documents["qwen2"]["added_tokens"] + added(1503, *odd)}],
    "added-llama2": ["llama2", {"added_tokens": documents["llama2"]["added_tokens"] + added(1600, *odd)}],
}
(folder / "variants.json").write_text(json.dumps(variants, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    with tempfile.NamedTemporaryFile() as file:
        file.write(text)
        file.flush()
        packed = subprocess.run(["zstd", "-q", "-c", "--ultra", "-22", file.name], capture_output=True, check=True).stdout
        (folder / f"{name}.json.zst").write_bytes(packed)


def vectors(tokenizer, strings):
    rows = {"ids": [], "prefix": tokenizer.encode("").ids, "decoded": {}, "decoded_skipping": {}}
    for index, text in enumerate(strings):
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        assert tokenizer.encode(text).ids == rows["prefix"] + ids
        rows["ids"].append(ids)
        for key, skips in (("decoded", False), ("decoded_skipping", True)):
            decoded = tokenizer.decode(ids, skip_special_tokens=skips)
            if decoded != text:
                rows[key][str(index)] = decoded
    return rows


write("strings", strings)
for name, document in documents.items():
    write(name, vectors(Tokenizer.from_str(json.dumps(document)), strings))
few = [s for i, s in enumerate(strings) if i % 4 == 0 or i < 120]
write("strings-few", few)
for name, (base, changes) in variants.items():
    write(name, vectors(Tokenizer.from_str(json.dumps(dict(documents[base], **changes))), few))
model = sentencepiece.SentencePieceProcessor(model_proto=golden("vicuna-tiny", "tokenizer.model"))
write("sentencepiece", {
    "ids": [model.encode(text) for text in strings], "prefix": [],
    "decoded": {str(i): d for i, text in enumerate(strings) if (d := model.decode(model.encode(text))) != text}, "decoded_skipping": {}})

# Conversations.

turns = ["Hello!", "  Hi.\n How are you? ", "def f():\n    return 1\n", "What is 2 + 2? <|eot_id|>", "日本語で答えて。 🙂", "x"]
chats = []
for name in ("llama31-tiny", "qwen2-tiny"):
    config = json.loads(golden(name, "tokenizer_config.json"))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(golden(name, "tokenizer.json").decode()), bos_token=config["bos_token"],
        eos_token=config["eos_token"], chat_template=config["chat_template"])
    for system in (None, "Answer briefly. "):
        for count in (1, 3, 5):
            for first in (0, 1):
                messages = [{"role": "system", "content": system}] if system else []
                messages += [{"role": ("user", "assistant")[i % 2], "content": turns[(first + i) % len(turns)]} for i in range(count)]
                text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
                ids = tokenizer(text, add_special_tokens=False)["input_ids"]
                chats.append({"golden": name, "messages": messages, "text": text, "ids": ids})
(folder / "chat.json").write_text(json.dumps(chats, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
print(len(strings), "strings,", sum(path.stat().st_size for path in folder.iterdir()), "bytes")
