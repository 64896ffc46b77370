#!/usr/bin/env python3
"""Writes the conformance vectors of the bundle format, from formats/bundle.md and nothing else.

This shares no code with the package: a bundle that it writes and the Swift reader accepts is read as the
specification says, and not merely as the writer happens to write. Standard library only.

usage: scripts/make-bundle-vectors.py [--check]
  --check   compare with the committed vectors instead of writing them
"""
import hashlib
import json
import pathlib
import struct
import sys

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "formats" / "examples"
MAGIC = b"\x89GRF\r\n\x1a\n"
ALIGNMENT = 16384
HEADER = 128


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def aligned(offset):
    return (offset + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT


def zstd_frame(content):
    """RFC 8878: a single-segment frame with a 4-byte content size and one raw block."""
    assert len(content) < 128 * 1024
    header = struct.pack("<IBI", 0xFD2FB528, 0xA0, len(content))
    block = struct.pack("<I", 1 | len(content) << 3)[:3]
    return header + block + content


def layout(manifest_bytes, sizes):
    offsets, end = [], aligned(HEADER + manifest_bytes)
    for size in sizes:
        offsets.append(end)
        end = aligned(end + size)
    return offsets, end


def bundle(manifest, payloads):
    """The bytes of a bundle; `manifest` has no payloads yet."""
    sizes = [len(payload) for payload in payloads]
    text = b""
    while True:
        offsets, file_bytes = layout(len(text), sizes)
        manifest["payloads"] = [
            {"offset": offset, "bytes": len(payload), "sha256": sha256(payload)}
            for offset, payload in zip(offsets, payloads)
        ]
        new = json.dumps(manifest, ensure_ascii=False, separators=(",", ":")).encode()
        settled = len(new) == len(text)
        text = new
        if settled:
            break
    head = MAGIC + struct.pack("<IIQQQQ", 1, 0, file_bytes, HEADER, len(text), 0)
    head += bytes.fromhex(sha256(text)) + bytes(16)
    head += hashlib.sha256(head).digest()
    assert len(head) == HEADER
    data = bytearray(file_bytes)
    data[:HEADER] = head
    data[HEADER:HEADER + len(text)] = text
    for offset, payload in zip(offsets, payloads):
        data[offset:offset + len(payload)] = payload
    return bytes(data), sha256(text)


def draft_only():
    """The smallest bundle: a draft of one tensor."""
    weight = struct.pack("<4e", 0.5, -1.0, 2.0, 65504.0)
    manifest = {
        "format": "griffin-bundle", "version": 1, "recipe": {"target": None, "draft": "copy"}, "target": None,
        "draft": {"kind": "eagle", "config": {"hidden_size": 2}, "parameters": 4,
                  "embedding": {"relation": "absent", "rows_different": None}},
        "tensors": [{"name": "draft/fc.weight", "type": "f16", "shape": [1, 4], "payload": 0}],
        "payloads": None, "attachments": [], "provenance": [], "metadata": {},
    }
    return manifest, [weight], {}


def pair():
    """Every member in use: both components, a shared payload, several types, an empty and a scalar tensor,
    attachments, provenance, metadata."""
    embedding = struct.pack("<8e", *[0.25 * i - 1 for i in range(8)])
    norm = struct.pack("<2f", 1.0, 1.5)
    blocks = b"".join(struct.pack("<e32b", 0.125, *range(-16 * row, 32 - 16 * row)) for row in range(2))
    fusion = struct.pack("<8H", *[0x3F80 + i for i in range(8)])
    scalar = struct.pack("<q", -7)
    attachments = {
        "target/config.json": b'{"model_type": "llama", "hidden_size": 2}\n',
        "target/LICENSE": b"",
        "draft/config.json": '{"note": "größer"}\n'.encode(),
    }
    payloads = [zstd_frame(content) for content in attachments.values()]
    first = len(payloads)
    payloads += [embedding, norm, blocks, fusion, b"", scalar]
    tensors = [
        ("target/model.embed_tokens.weight", "f16", [4, 2], 0), ("target/model.norm.weight", "f32", [2], 1),
        ("target/lm_head.weight", "q8_0", [2, 32], 2), ("draft/embed_tokens.weight", "f16", [4, 2], 0),
        ("draft/fc.fc.weight", "bf16", [2, 4], 3), ("draft/empty", "i8", [0, 3], 4), ("draft/scalar", "i64", [], 5),
    ]
    manifest = {
        "format": "griffin-bundle", "version": 1, "recipe": {"target": "q8_0", "draft": "copy"},
        "target": {"family": "llama", "config": {"hidden_size": 2, "rms_norm_eps": 1e-05, "rope_theta": 10000.0,
                                                 "rope_scaling": None, "eos_token_id": [2]}, "parameters": 74},
        "draft": {"kind": "griffin", "config": {"hidden_size": 2}, "parameters": 9,
                  "embedding": {"relation": "identical", "rows_different": 0}},
        "tensors": [{"name": name, "type": type_, "shape": shape, "payload": first + index}
                    for name, type_, shape, index in tensors],
        "payloads": None,
        "attachments": [{"name": name, "bytes": len(content), "sha256": sha256(content), "payload": index}
                        for index, (name, content) in enumerate(attachments.items())],
        "provenance": [
            {"component": "target", "file": "model.safetensors", "bytes": 1000, "sha256": sha256(b"target")},
            {"component": "draft", "file": "pytorch_model.bin", "bytes": 2000, "sha256": sha256(b"draft")},
        ],
        "metadata": {"licence": "Apache-2.0", "note": "eine Übung"},
    }
    return manifest, payloads, attachments


def vectors():
    files, index = {}, []
    for make in (draft_only, pair):
        manifest, payloads, attachments = make()
        data, digest = bundle(manifest, payloads)
        name = make.__name__.replace("_", "-") + ".griffin"
        files[name] = data
        index.append({
            "file": name, "digest": digest, "bytes": len(data),
            "tensors": [{"name": t["name"], "type": t["type"], "shape": t["shape"],
                         "offset": manifest["payloads"][t["payload"]]["offset"],
                         "hex": payloads[t["payload"]].hex()} for t in manifest["tensors"]],
            "attachments": [{"name": key, "text": value.decode()} for key, value in attachments.items()],
        })
    files["bundles.json"] = (json.dumps(index, ensure_ascii=False, indent=1) + "\n").encode()
    return files


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, data in vectors().items():
        path = FOLDER / name
        if sys.argv[1:]:
            if not path.exists() or path.read_bytes() != data:
                sys.exit(f"{path} is not what the specification gives")
        else:
            path.write_bytes(data)
    print("the vectors are as specified" if sys.argv[1:] else f"wrote {FOLDER}")


if __name__ == "__main__":
    main()
