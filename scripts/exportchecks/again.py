"""GGUF in, GGUF out: tensor data byte for byte, and metadata as the gguf package reads them but for what formats/gguf.md lists."""
import gguf

LOST = {"general.name", "general.size_label", "tokenizer.ggml.add_sep_token"}
DERIVED = {"attention.key_length", "attention.value_length", "rope.dimension_count", "vocab_size"}


def parts(path):
    readers = [gguf.GGUFReader(path)]
    count = readers[0].fields.get("split.count")
    for number in range(1, count.contents() if count else 1):
        readers.append(gguf.GGUFReader(path.with_name(path.name.replace("-00001-of-", f"-{number + 1:05}-of-"))))
    pairs = {key: field.contents() for key, field in readers[0].fields.items() if not key.startswith(("GGUF.", "split."))}
    return pairs, {tensor.name: tensor for reader in readers for tensor in reader.tensors}


def run(context):
    for path in context.files():
        bundle = context.bundle("again", path)
        pairs, tensors = parts(path)
        (output,) = context.export(bundle)
        others, found = parts(output)
        same = sum(
            name in found and tensor.tensor_type == found[name].tensor_type and list(tensor.shape) == list(found[name].shape)
            and tensor.data.tobytes() == found[name].data.tobytes() for name, tensor in tensors.items())
        yield f"{path.name} tensors", max(len(tensors), len(found)), same, ""
        architecture = pairs["general.architecture"]
        changed = {key for key in pairs.keys() | others.keys() if pairs.get(key) != others.get(key)}
        listed = LOST | {f"{architecture}.{key}" for key in DERIVED}
        if path == context.smollm2():
            # What the maker of the file says of the model in words, and what its dataset was.
            listed |= {key for key in changed if key.startswith("general.") and key not in others}
            # Its splitting has several names, and what it leaves to defaults is stated.
            listed |= {f"tokenizer.ggml.{key}" for key in ["pre", "add_eos_token", "add_space_prefix"]}
        extra = sorted(changed - listed)
        yield f"{path.name} metadata", len(pairs), len(pairs) - len(extra), ", ".join(extra) or f"listed: {', '.join(sorted(changed))}"
        output.unlink()
        bundle.unlink()
