"""Reads griffin bundles, as formats/bundle.md defines them: strictly, memory-mapped, and nothing that was not asked for.

    import griffin_bundle

    with griffin_bundle.open("pair.griffin") as bundle:
        bundle.digest                                   # the SHA-256 of the manifest, which fixes every byte
        bundle.tensors["target/model.norm.weight"]      # name, type, shape, offset, bytes, sha256
        bundle.array("target/model.norm.weight")        # a numpy view of the file, without a copy
        bundle.dequantized("target/lm_head.weight")     # float32; block types need the gguf package
        bundle.load_draft()                             # the draft's tensors under the names they were released with
        bundle.attachment("target/config.json")         # needs the zstandard package, or Python 3.14
        bundle.verify()                                 # every payload and all padding against their digests

Errors are BundleError, with the kind and the place that the page names. The standard library and numpy are all that is needed.
"""

import builtins
import hashlib
import json
import math
import mmap
import os
import re
import unicodedata

__version__ = "0.2.0"
__all__ = ["Bundle", "BundleError", "Tensor", "open"]

MAGIC = b"\x89GRF\r\n\x1a\n"
VERSION = 1
HEADER_BYTES = 128
ALIGNMENT = 16384
MAX_MANIFEST_BYTES, MAX_DEPTH, MAX_VALUES, MAX_STRING_BYTES = 64 << 20, 32, 8 << 20, 16 << 20
MAX_TENSORS, MAX_PAYLOADS = 262144, 266240
MAX_ATTACHMENTS, MAX_PROVENANCE, MAX_METADATA = 4096, 65536, 4096
MAX_IMPORTANCE, MAX_IMPORTANCE_TEXTS = 256, 4096
MAX_RANK, MAX_TENSOR_NAME, MAX_FILE_NAME = 8, 1024, 255
MAX_CONTENT, MAX_CONTENTS, MAX_FRAME, MAX_WINDOW = 64 << 20, 128 << 20, 65 << 20, 128 << 20
MAX_INTEGER = (1 << 63) - 1

# Elements of a block and bytes of it.
TYPES = {
    **dict.fromkeys(["f64", "c64", "i64", "u64"], (1, 8)),
    **dict.fromkeys(["f32", "i32", "u32"], (1, 4)),
    **dict.fromkeys(["f16", "bf16", "i16", "u16"], (1, 2)),
    **dict.fromkeys(["f8_e4m3", "f8_e5m2", "f8_e8m0", "f8_e4m3fnuz", "f8_e5m2fnuz", "i8", "u8", "bool"], (1, 1)),
    "f6_e2m3": (4, 3), "f6_e3m2": (4, 3), "f4": (2, 1),
    "q4_0": (32, 18), "q4_1": (32, 20), "q5_0": (32, 22), "q5_1": (32, 24), "q8_0": (32, 34), "q8_1": (32, 36),
    "q2_k": (256, 84), "q3_k": (256, 110), "q4_k": (256, 144), "q5_k": (256, 176), "q6_k": (256, 210), "q8_k": (256, 292),
    "iq1_s": (256, 50), "iq1_m": (256, 56), "iq2_xxs": (256, 66), "iq2_xs": (256, 74), "iq2_s": (256, 82),
    "iq3_xxs": (256, 98), "iq3_s": (256, 110), "iq4_xs": (256, 136), "iq4_nl": (32, 18), "mxfp4": (32, 17),
    "tq1_0": (256, 54), "tq2_0": (256, 66),
}
# Types whose blocks may straddle rows.
PACKED = {"f6_e2m3", "f6_e3m2", "f4"}
# Types that numpy has; the others come as bytes, block by block.
DTYPES = {
    "f64": "<f8", "c64": "<c8", "i64": "<i8", "u64": "<u8", "f32": "<f4", "i32": "<i4", "u32": "<u4", "f16": "<f2", "bf16": "<u2",
    "i16": "<i2", "u16": "<u2", "i8": "i1", "u8": "u1", "bool": "?",
}
EMBEDDINGS = {"identical": lambda rows: rows == 0, "converted": lambda rows: rows == 0, "absent": lambda rows: rows is None,
              "different": lambda rows: rows is not None and rows >= 1, "possible": lambda rows: rows is None}


class BundleError(Exception):
    """What is wrong with a bundle: its kind (malformed, unsupported, unsafe), the message, and the byte where there is one."""

    def __init__(self, kind, message, offset=None):
        super().__init__(message if offset is None else f"byte {offset}: {message}")
        self.kind, self.offset = kind, offset


def open(path):  # as gzip.open and its like
    """Opens a bundle: header, manifest and every rule are checked, payloads are not read."""
    return Bundle(path)


class Tensor:
    """What the manifest says of a tensor."""

    __slots__ = ("name", "type", "shape", "payload", "offset", "bytes", "sha256")

    def __repr__(self):
        return f"Tensor({self.name!r}, {self.type}, {list(self.shape)}, {self.bytes} bytes at {self.offset})"


class Bundle:
    """One open bundle. Arrays are views of the mapped file and keep it mapped."""

    def __init__(self, path):
        self.path = os.fspath(path)
        with builtins.open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            header = file.read(HEADER_BYTES)
            self._check_header(header, size)
            manifest_bytes = int.from_bytes(header[32:40], "little")
            text = file.read(manifest_bytes)
            self.digest = header[48:80].hex()
            if len(text) != manifest_bytes or hashlib.sha256(text).hexdigest() != self.digest:
                raise BundleError("malformed", "the manifest is not what its SHA-256 says", HEADER_BYTES)
            self.manifest = _parse(text)
            self._view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        self.tensors = {}
        self.attachments = {}
        self._manifest_end = HEADER_BYTES + manifest_bytes
        self._check_manifest(size)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the mapping as soon as no array needs it."""
        self._view = None

    # Reading

    def array(self, name):
        """A tensor as a view of the file, read-only. Types that numpy lacks come as bytes: rows of blocks, bf16 as uint16."""
        import numpy

        tensor = self._tensor(name)
        raw = numpy.frombuffer(self._bytes(tensor.offset, tensor.bytes), dtype=numpy.uint8)
        if tensor.type in DTYPES:
            return raw.view(DTYPES[tensor.type]).reshape(tensor.shape)
        if tensor.type in PACKED or not tensor.shape:
            return raw
        elements, size = TYPES[tensor.type]
        return raw.reshape(*tensor.shape[:-1], tensor.shape[-1] // elements * size)

    def dequantized(self, name):
        """A tensor in float32, in its shape; block types through the gguf package."""
        import numpy

        tensor, array = self._tensor(name), self.array(name)
        if tensor.type == "bf16":
            return (array.astype("<u4") << 16).view("<f4")
        if tensor.type in DTYPES:
            return array.astype("<f4")
        try:
            import gguf
        except ImportError:
            raise BundleError("unsupported", f"{name} is {tensor.type}; pip install gguf to decode it") from None
        kind = getattr(gguf.GGMLQuantizationType, tensor.type.upper(), None)
        if kind is None or kind not in gguf.quants._type_traits:
            raise BundleError("unsupported", f"{name} is {tensor.type}, which the gguf package does not decode")
        if 0 in tensor.shape:
            return numpy.zeros(tensor.shape, dtype="<f4")
        return gguf.quants.dequantize(numpy.ascontiguousarray(array), kind).astype("<f4").reshape(tensor.shape)

    def load_draft(self, dequantize=True):
        """The draft's tensors under the names that it was released with: a state dict of numpy arrays."""
        return self._component("draft/", dequantize)

    def load_target(self, dequantize=True):
        """The target's tensors under their Hugging Face names."""
        return self._component("target/", dequantize)

    def _component(self, prefix, dequantize):
        names = [name for name in self.tensors if name.startswith(prefix)]
        if not names:
            raise BundleError("malformed", f"the bundle holds no {prefix[:-1]}")
        return {name[len(prefix):]: self.dequantized(name) if dequantize else self.array(name) for name in names}

    def attachment(self, name):
        """The content of an attached file, checked against its digest."""
        if name not in self.attachments:
            raise KeyError(name)
        entry = self.attachments[name]
        frame = bytes(self._bytes(entry["offset"], entry["frame_bytes"]))
        content = _decompress(frame, entry["bytes"], name)
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            raise BundleError("malformed", f"attachment {name} is not what its SHA-256 says", entry["offset"])
        return content

    def verify(self):
        """Checks every payload and all padding; gives what is wrong as (offset, message), nothing where all holds."""
        failures, end = [], self._manifest_end
        for payload in self.manifest["payloads"] + [{"offset": len(self._view), "bytes": 0, "sha256": hashlib.sha256().hexdigest()}]:
            gap = self._bytes(end, payload["offset"] - end)
            if any(gap):
                failures.append((end, "padding is not zero"))
            digest = hashlib.sha256(self._bytes(payload["offset"], payload["bytes"])).hexdigest()
            if digest != payload["sha256"]:
                failures.append((payload["offset"], "the payload is not what its SHA-256 says"))
            end = payload["offset"] + payload["bytes"]
        return failures

    def _tensor(self, name):
        return self.tensors[name]

    def _bytes(self, offset, count):
        if self._view is None:
            raise ValueError("the bundle is closed")
        return self._view[offset:offset + count]

    # Checking, in the order of the page's section 6

    @staticmethod
    def _check_header(header, size):
        if header[:8] == bytes(8) and len(header) >= 8:
            raise BundleError("malformed", "the writing of this bundle did not finish", 0)
        if len(header) < HEADER_BYTES or header[:8] != MAGIC:
            raise BundleError("malformed", "this is no bundle: it does not begin as one", 0)
        version, flags = int.from_bytes(header[8:12], "little"), int.from_bytes(header[12:16], "little")
        if version != VERSION:
            raise BundleError("unsupported", f"version {version} of the format; {VERSION} is read", 8)
        if hashlib.sha256(header[:96]).digest() != header[96:]:
            raise BundleError("malformed", "the header is not what its SHA-256 says", 96)
        if flags != 0:
            raise BundleError("unsupported", f"flags are {flags}; none is known", 12)
        if any(header[40:48]) or any(header[80:96]):
            raise BundleError("malformed", "reserved bytes are not 0", 40)
        file_bytes, offset, count = (int.from_bytes(header[at:at + 8], "little") for at in (16, 24, 32))
        if offset != HEADER_BYTES:
            raise BundleError("malformed", f"the manifest's offset is {offset}; expected {HEADER_BYTES}", 24)
        if count > MAX_MANIFEST_BYTES:
            raise BundleError("unsafe", f"the manifest has {count} bytes; at most {MAX_MANIFEST_BYTES} are read", 32)
        if file_bytes != size:
            raise BundleError("malformed", f"the file has {size} bytes; its header says {file_bytes}", 16)
        if HEADER_BYTES + count > size:
            raise BundleError("malformed", "the manifest goes beyond the file", 32)

    def _check_manifest(self, size):
        root = self.manifest
        if _member(root, "format", str, "the manifest") != "griffin-bundle" or _member(root, "version", int, "the manifest") != VERSION:
            raise BundleError("malformed", "format and version of the manifest are not those of a bundle")
        self._check_components(root)
        payloads = self._check_payloads(root)
        owners = [None] * len(payloads)
        self._check_tensors(root, payloads, owners)
        self._check_attachments(root, payloads, owners)
        if None in owners:
            raise BundleError("malformed", f"payloads[{owners.index(None)}] belongs to nothing")
        self._check_provenance(root)
        self._check_importance(root)
        metadata = _member(root, "metadata", dict, "the manifest")
        if len(metadata) > MAX_METADATA:
            raise BundleError("unsafe", f"there are more than {MAX_METADATA} entries of metadata")
        for name, value in metadata.items():
            count = len(name.encode())
            if not 1 <= count <= 256 or _has_controls(name) or not isinstance(value, str) or len(value.encode()) > 65536:
                raise BundleError("malformed", f"metadata[{name[:40]!r}] is no remark")
        end = self._manifest_end
        for index, payload in enumerate(payloads):
            if payload["offset"] != _up(end):
                raise BundleError("malformed", f"payloads[{index}] begins at {payload['offset']}; expected {_up(end)}")
            end = payload["offset"] + payload["bytes"]
        if _up(end) != size:
            raise BundleError("malformed", f"payloads end at {_up(end)}, the file at {size}")

    def _check_components(self, root):
        recipe = _member(root, "recipe", dict, "the manifest")
        for component, label in (("target", "family"), ("draft", "kind")):
            where = f"the manifest's {component}"
            if component not in root or not isinstance(root[component], (dict, type(None))):
                raise BundleError("malformed", f"{where} is neither an object nor null")
            part = root[component]
            if component not in recipe or (recipe[component] is None) != (part is None):
                raise BundleError("malformed", f"recipe.{component} does not go with {where}")
            if part is None:
                continue
            _check_label(recipe[component], f"recipe.{component}")
            _check_label(_member(part, label, str, where), f"{component}.{label}")
            _member(part, "config", dict, where)
            _count(_member(part, "parameters", int, where), f"{component}.parameters")
            if component == "draft":
                embedding = _member(part, "embedding", dict, where)
                relation, rows = _member(embedding, "relation", str, where), embedding.get("rows_different", False)
                if not (rows is None or _is_integer(rows)) or not EMBEDDINGS.get(relation, lambda _: False)(rows):
                    raise BundleError("malformed", "draft.embedding is none of the pairs that there are")
        if root["target"] is None and root["draft"] is None:
            raise BundleError("malformed", "there is neither a target nor a draft")

    def _check_payloads(self, root):
        payloads = _list(root, "payloads", MAX_PAYLOADS)
        for index, payload in enumerate(payloads):
            where = f"payloads[{index}]"
            _count(_member(payload, "offset", int, where), where)
            _count(_member(payload, "bytes", int, where), where)
            _check_digest(_member(payload, "sha256", str, where), where)
        return payloads

    def _check_tensors(self, root, payloads, owners):
        seen = set()
        for index, entry in enumerate(_list(root, "tensors", MAX_TENSORS)):
            where = f"tensors[{index}]"
            tensor = Tensor()
            tensor.name = _member(entry, "name", str, where)
            if len(tensor.name.encode()) > MAX_TENSOR_NAME:
                raise BundleError("unsafe", f"the name of {where} is longer than {MAX_TENSOR_NAME} bytes")
            component = tensor.name.partition("/")[0]
            if component not in ("target", "draft") or len(tensor.name) < len(component) + 2 or not _is_printable(tensor.name):
                raise BundleError("malformed", f"{where} has a name that no tensor has: {tensor.name[:40]!r}")
            if root[component] is None:
                raise BundleError("malformed", f"{where} belongs to a {component} that is null")
            if tensor.name in self.tensors:
                raise BundleError("malformed", f"two tensors are called {tensor.name}")
            tensor.type = _member(entry, "type", str, where)
            if tensor.type not in TYPES:
                raise BundleError("unsupported", f"{tensor.name} has the type {tensor.type[:40]!r}, which is not known")
            shape = _member(entry, "shape", list, where)
            if len(shape) > MAX_RANK:
                raise BundleError("unsafe", f"{tensor.name} has {len(shape)} dimensions; at most {MAX_RANK} are read")
            tensor.shape = tuple(_count(size, f"a dimension of {tensor.name}") for size in shape)
            tensor.bytes = _byte_count(tensor)
            tensor.payload = _count(_member(entry, "payload", int, where), where)
            if tensor.payload >= len(payloads):
                raise BundleError("malformed", f"{tensor.name} names payload {tensor.payload} of {len(payloads)}")
            payload = payloads[tensor.payload]
            if payload["bytes"] != tensor.bytes:
                raise BundleError("malformed", f"{tensor.name} has {tensor.bytes} bytes, its payload {payload['bytes']}")
            kind = (tensor.type, tensor.shape)
            if owners[tensor.payload] not in (None, kind):
                raise BundleError("malformed", f"{tensor.name} shares a payload with a tensor of another type or shape")
            owners[tensor.payload] = kind
            tensor.offset, tensor.sha256 = payload["offset"], payload["sha256"]
            self.tensors[tensor.name] = tensor
            seen.add(component)
        for component in ("target", "draft"):
            if root[component] is not None and component not in seen:
                raise BundleError("malformed", f"the {component} has no tensor")

    def _check_attachments(self, root, payloads, owners):
        total, spellings = 0, set()
        for index, entry in enumerate(_list(root, "attachments", MAX_ATTACHMENTS)):
            where = f"attachments[{index}]"
            name = _member(entry, "name", str, where)
            component, _, plain = name.partition("/")
            if component not in ("target", "draft") or root[component] is None:
                raise BundleError("malformed", f"{where} belongs to no component")
            _check_plain(plain, where)
            count = _count(_member(entry, "bytes", int, where), where)
            total += count
            if count > MAX_CONTENT or total > MAX_CONTENTS:
                raise BundleError("unsafe", f"{where} is too large")
            digest = _member(entry, "sha256", str, where)
            _check_digest(digest, where)
            payload = _count(_member(entry, "payload", int, where), where)
            if payload >= len(payloads) or owners[payload] is not None:
                raise BundleError("malformed", f"{where} has no payload of its own")
            if payloads[payload]["bytes"] > MAX_FRAME:
                raise BundleError("unsafe", f"the payload of {where} is too large")
            spelling = unicodedata.normalize("NFC", name)
            if spelling in spellings:
                raise BundleError("malformed", f"two attachments are called {name}")
            spellings.add(spelling)
            owners[payload] = "attachment"
            self.attachments[name] = {
                "bytes": count, "sha256": digest, "offset": payloads[payload]["offset"], "frame_bytes": payloads[payload]["bytes"]}

    @staticmethod
    def _check_provenance(root):
        seen = set()
        for index, entry in enumerate(_list(root, "provenance", MAX_PROVENANCE)):
            where = f"provenance[{index}]"
            component, file = _member(entry, "component", str, where), _member(entry, "file", str, where)
            if component not in ("target", "draft") or root[component] is None:
                raise BundleError("malformed", f"{where} belongs to no component")
            _check_plain(file, where)
            _count(_member(entry, "bytes", int, where), where)
            _check_digest(_member(entry, "sha256", str, where), where)
            key = (component, unicodedata.normalize("NFC", file))
            if key in seen:
                raise BundleError("malformed", f"{where} is there twice")
            seen.add(key)

    @staticmethod
    def _check_importance(root):
        for index, entry in enumerate(_list(root, "importance", MAX_IMPORTANCE) if "importance" in root else []):
            where = f"importance[{index}]"
            component = _member(entry, "component", str, where)
            if component not in ("target", "draft") or root[component] is None:
                raise BundleError("malformed", f"{where} belongs to no component")
            _check_plain(_member(entry, "file", str, where), where)
            _count(_member(entry, "bytes", int, where), where)
            _check_digest(_member(entry, "sha256", str, where), where)
            texts = _member(entry, "texts", list, where)
            if len(texts) > MAX_IMPORTANCE_TEXTS:
                raise BundleError("unsafe", f"{where} has {len(texts)} texts; at most {MAX_IMPORTANCE_TEXTS} are read")
            for text in texts:
                if not isinstance(text, str):
                    raise BundleError("malformed", f"{where} has a text that is no digest")
                _check_digest(text, where)


def _up(count):
    return -(-count // ALIGNMENT) * ALIGNMENT


def _byte_count(tensor):
    elements, size = TYPES[tensor.type]
    count = math.prod(tensor.shape)
    whole = count if tensor.type in PACKED else (tensor.shape[-1] if tensor.shape else 1)
    if whole % elements:
        raise BundleError("malformed", f"{tensor.name}: {whole} elements are no whole blocks of {elements}")
    # A dimension of 0 hides how large the others are.
    if math.prod(size for size in tensor.shape if size) > MAX_INTEGER or count // elements * size > MAX_INTEGER:
        raise BundleError("malformed", f"{tensor.name} is too large")
    return count // elements * size


def _is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _member(entry, name, kind, where):
    if not isinstance(entry, dict):
        raise BundleError("malformed", f"{where} is no object")
    value = entry.get(name)
    if not isinstance(value, kind) or (kind is int and not _is_integer(value)):
        raise BundleError("malformed", f"{where} needs {name} as {kind.__name__}")
    return value


def _list(root, name, most):
    values = _member(root, name, list, "the manifest")
    if len(values) > most:
        raise BundleError("unsafe", f"there are {len(values)} {name}; at most {most} are read")
    return values


def _count(value, where):
    if not _is_integer(value) or not 0 <= value <= MAX_INTEGER:
        raise BundleError("malformed", f"{where} is {str(value)[:40]}; expected an integer from 0 to {MAX_INTEGER}")
    return value


def _check_digest(text, where):
    if len(text) != 64 or any(letter not in "0123456789abcdef" for letter in text):
        raise BundleError("malformed", f"{where} has a digest that is none")


def _is_printable(text):
    return all("!" <= letter <= "~" for letter in text)


def _check_label(text, where):
    if not isinstance(text, str) or not 1 <= len(text) <= 256 or not _is_printable(text):
        raise BundleError("malformed", f"{where} is no name")


def _has_controls(text):
    return any(unicodedata.category(letter) == "Cc" for letter in text)


def _check_plain(name, where):
    if not 1 <= len(name.encode()) <= MAX_FILE_NAME or name in (".", "..") or _has_controls(name) or any(c in name for c in "/\\:"):
        raise BundleError("unsafe", f"{where} has a name that is no plain file name")


def _parse(data):
    """The manifest's JSON, as strictly as the page asks."""

    def failure(message, kind="malformed"):
        return BundleError(kind, message, HEADER_BYTES)

    def unique(pairs):
        members = dict(pairs)
        if len(members) != len(pairs):
            raise failure("two members of one object have one name")
        return members

    def refuse(word):
        raise failure(f"{word} is no number that JSON has")

    def decimal(text):
        value = float(text)
        if not math.isfinite(value):
            raise failure(f"the number {text[:40]} is beyond what 64-bit floating point holds")
        return value

    def integer(text):
        if len(text) > 1024:
            raise failure("a number is longer than 1024 bytes", "unsafe")
        value = decimal(text)
        return value if text == "-0" or abs(value) > 2.0 ** 64 else int(text)

    # A bound on what the parser builds, before it builds anything.
    skeleton = re.sub(rb'"(?:[^"\\]|\\.)*"', b"", data, flags=re.DOTALL)
    depth = most = 0
    for bracket in re.findall(rb"[\[\]{}]", skeleton):
        depth += 1 if bracket in b"[{" else -1
        most = max(most, depth)
    values = sum(skeleton.count(mark) for mark in (b",", b":", b"[", b"{"))
    if most > MAX_DEPTH or values > MAX_VALUES:
        raise failure("the manifest is nested too deep or has too many values", "unsafe")
    try:
        root = json.loads(
            data.decode("utf-8"), object_pairs_hook=unique, parse_constant=refuse, parse_float=decimal, parse_int=integer)
    except UnicodeDecodeError as error:
        raise failure("the manifest is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise failure(f"the manifest is no JSON: {error}") from error
    if not isinstance(root, dict):
        raise failure("the manifest is no object")
    stack = [root]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            try:
                if len(value.encode()) > MAX_STRING_BYTES:
                    raise failure("a string is too long", "unsafe")
            except UnicodeEncodeError as error:
                raise failure("a string holds half of a surrogate pair") from error
        elif isinstance(value, dict):
            stack += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            stack += value
    return root


def _decompress(frame, count, name):
    size, window = _frame_header(frame, name)
    if size != count:
        raise BundleError("malformed", f"the frame of {name} states {size} bytes; the manifest {count}")
    if window > MAX_WINDOW:
        raise BundleError("unsafe", f"the frame of {name} needs a window of {window} bytes")
    # Never more output at once than a manifest may claim, whatever the frame holds.
    try:
        from compression import zstd  # Python 3.14

        decompressor, errors = zstd.ZstdDecompressor(), zstd.ZstdError
        step = len(frame) + 1
    except ImportError:
        try:
            import zstandard
        except ImportError:
            raise BundleError("unsupported", "attachments are compressed: pip install zstandard, or use Python 3.14") from None
        decompressor, errors = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW).decompressobj(), zstandard.ZstdError
        step = 1024
    content, place = b"", 0
    try:
        parts, total = [], 0
        while place < len(frame) and total <= count and not decompressor.eof:
            part = frame[place:place + step]
            parts.append(decompressor.decompress(part) if step == 1024 else decompressor.decompress(part, max_length=count + 1))
            total += len(parts[-1])
            place += len(part)
        content = b"".join(parts)
    except errors as error:
        raise BundleError("malformed", f"the frame of {name} does not decompress: {error}") from error
    if len(content) != count or decompressor.unused_data or place < len(frame) or not decompressor.eof:
        raise BundleError("malformed", f"the payload of {name} is not one frame of {count} bytes")
    return content


def _frame_header(frame, name):
    """The content size and the window that a frame states (RFC 8878, 3.1.1.1)."""
    if frame[:4] != b"\x28\xb5\x2f\xfd" or len(frame) < 6:
        raise BundleError("malformed", f"the payload of {name} is no zstd frame")
    descriptor, place = frame[4], 5
    single, dictionary, code = descriptor >> 5 & 1, descriptor & 3, descriptor >> 6
    window = 0
    if not single:
        exponent, mantissa = frame[place] >> 3, frame[place] & 7
        window = (1 << 10 + exponent) + ((1 << 10 + exponent) >> 3) * mantissa
        place += 1
    if dictionary:
        raise BundleError("malformed", f"the frame of {name} needs a dictionary")
    width = [single, 2, 4, 8][code]
    if not width or len(frame) < place + width:
        raise BundleError("malformed", f"the frame of {name} does not state its content size")
    size = int.from_bytes(frame[place:place + width], "little") + (256 if width == 2 else 0)
    return size, window or size
