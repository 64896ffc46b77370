"""Vocabularies of released models, from the sources of llama-cpp-python: griffin's ids against llama.cpp's vectors.

Each is put into a tiny model with random weights, packed by griffin, and asked for the ids of every text. The vectors are what
Hugging Face's tokenizers of the original repositories gave.
"""
import json
import pathlib
import struct
import tarfile

import numpy

PACKAGE = "llama-cpp-python"
WIDTH = 32
SEPARATOR = "\n__ggml_vocab_test__\n"
# Not byte-pair encoding, or another kind of it.
OTHERS = {"bert-bge", "nomic-bert-moe", "gemma-4"}


def materials(archive, folder):
    """Unpacks the vocabularies; their names."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as sources:
        for member in sources.getmembers():
            name = pathlib.PurePath(member.name).name
            if "/models/ggml-vocab-" in member.name and not (folder / name).exists():
                (folder / name).write_bytes(sources.extractfile(member).read())
    return sorted(path.stem.removeprefix("ggml-vocab-") for path in folder.glob("ggml-vocab-*.gguf"))


def string(text):
    bytes = text.encode()
    return struct.pack("<Q", len(bytes)) + bytes


def passed(data, position, kind):
    """Where a value of GGUF ends."""
    sizes = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
    if kind in sizes:
        return position + sizes[kind]
    if kind == 8:
        return position + 8 + struct.unpack_from("<Q", data, position)[0]
    element, count = struct.unpack_from("<IQ", data, position)
    position += 12
    if element in sizes:
        return position + count * sizes[element]
    for _ in range(count):
        position = passed(data, position, element)
    return position


def tokenizer_pairs(path):
    """The pairs of a GGUF file that are the tokenizer's, as their bytes by their keys."""
    data = path.read_bytes()
    (count,) = struct.unpack_from("<Q", data, 16)
    position, pairs = 24, {}
    for _ in range(count):
        start = position
        position = passed(data, position, 8)
        key = data[start + 8:position].decode()
        position = passed(data, position + 4, struct.unpack_from("<I", data, position)[0])
        if key.startswith("tokenizer."):
            pairs[key] = data[start:position]
    return pairs


def write_model(vocabulary, path):
    """A model of one layer with a vocabulary's tokenizer."""
    pairs = tokenizer_pairs(vocabulary)
    tokens = pairs["tokenizer.ggml.tokens"]
    (rows,) = struct.unpack_from("<Q", tokens, 8 + len("tokenizer.ggml.tokens") + 4 + 4)

    def number(key, value):
        return string(f"llama.{key}") + struct.pack("<II", 4, value)

    metadata = [
        string("general.architecture") + struct.pack("<I", 8) + string("llama"), number("context_length", 512),
        number("embedding_length", WIDTH), number("block_count", 1), number("feed_forward_length", WIDTH),
        number("attention.head_count", 1), string("llama.attention.layer_norm_rms_epsilon") + struct.pack("<If", 6, 1e-5),
    ] + list(pairs.values())
    shapes = {"token_embd.weight": (WIDTH, rows), "output_norm.weight": (WIDTH,)}
    shapes |= {f"blk.0.{name}.weight": (WIDTH,) for name in ("attn_norm", "ffn_norm")}
    names = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
    shapes |= {f"blk.0.{name}.weight": (WIDTH, WIDTH) for name in names}
    random = numpy.random.default_rng(17)
    infos, payload = b"", b""
    for name, shape in shapes.items():
        values = (random.standard_normal(shape) * 0.02).astype(numpy.float16 if len(shape) > 1 else numpy.float32)
        infos += string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 1 if len(shape) > 1 else 0, len(payload))
        payload += values.tobytes() + bytes(-values.nbytes % 32)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(metadata)) + b"".join(metadata) + infos
    path.write_bytes(head + bytes(-len(head) % 32) + payload)


def run(context):
    """The rows of the table: what was compared, how many, how many agree, and what does not."""
    folder = context.folder / "vocabularies"
    for name in materials(context.archive(PACKAGE), folder):
        if name in OTHERS:
            continue
        vocabulary = folder / f"ggml-vocab-{name}.gguf"
        model, bundle = folder / f"{name}-model.gguf", folder / f"{name}.griffin"
        vectors = pathlib.Path(f"{vocabulary}.out")
        texts, expected = ["Hello world 123", "  a\n\nb é 日本 don't"], None
        if vectors.exists():
            texts = pathlib.Path(f"{vocabulary}.inp").read_text(encoding="utf-8").split(SEPARATOR)
            lines = vectors.read_text(encoding="utf-8").split("\n")
            expected = [[int(id) for id in line.split()] for line in lines[:len(texts)]]
        agreeing, note = 0, ""
        try:
            write_model(vocabulary, model)
            context.run("convert", "--target", model, "-o", bundle, "--force")
            for index, text in enumerate(texts):
                answer = json.loads(context.run("tokenize", bundle, "--json", "--no-special-tokens", "--", text))
                if expected is None:
                    back = json.loads(context.run("tokenize", bundle, "--json", "--decode", ",".join(map(str, answer["ids"]))))["text"]
                    found, wanted = back, text
                else:
                    found, wanted = answer["ids"], expected[index]
                if found == wanted:
                    agreeing += 1
                else:
                    note = note or f"{text!r}: {found}, expected {wanted}"
        except RuntimeError as error:
            note = str(error)
        yield f"vocabulary {name}", len(texts), agreeing, note or ("llama.cpp's vectors" if expected else "no vectors; text comes back")
        for path in (model, bundle):
            path.unlink(missing_ok=True)
