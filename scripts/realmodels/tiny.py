"""A model of one layer with random weights around a released tokenizer, packed by griffin."""
import gguf
import numpy

WIDTH = 32


def write_gguf(values, path, changes=None):
    """- values: the tokenizer's pairs, as gguf_values gives those of a file.
    - changes: the texts of some of the pairs, in their place."""
    changes = changes or {}
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(512)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(1)
    writer.add_layer_norm_rms_eps(1e-5)
    for name, (contents, types) in values.items():
        if name not in changes:
            writer.add_key_value(name, contents, types[0], sub_type=types[-1] if types[0] == gguf.GGUFValueType.ARRAY else None)
    for name, text in changes.items():
        writer.add_string(name, text)
    rows = len(values["tokenizer.ggml.tokens"][0])
    shapes = {"token_embd.weight": (rows, WIDTH), "output_norm.weight": (WIDTH,)}
    shapes |= {f"blk.0.{name}.weight": (WIDTH,) for name in ("attn_norm", "ffn_norm")}
    names = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
    shapes |= {f"blk.0.{name}.weight": (WIDTH, WIDTH) for name in names}
    random = numpy.random.default_rng(17)
    for name, shape in shapes.items():
        writer.add_tensor(name, (random.standard_normal(shape) * 0.02).astype(numpy.float16 if len(shape) > 1 else numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class Packed:
    """A bundle for as long as the block runs, and its ids."""

    def __init__(self, context, source, program):
        self.context, self.program, self.bundle = context, program, context.folder / "tiny.griffin"
        context.run("convert", "--target", source, "-o", self.bundle, "--force")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.bundle.unlink(missing_ok=True)

    def encoded(self, texts):
        """The ids of each text, and what they are decoded to."""
        answer = self.program.answer({"bundle": str(self.bundle), "texts": texts})
        if "ids" not in answer:
            raise RuntimeError(answer["message"])
        return answer["ids"], answer["decoded"]


def compared(texts, found, expected, what):
    """How many agree, and the first that does not, or `what` where all do."""
    wrong = [index for index in range(len(texts)) if found[index] != expected[index]]
    if not wrong:
        return len(texts), len(texts), what
    index = wrong[0]
    return len(texts), len(texts) - len(wrong), f"{what}; {texts[index]!r}: {found[index]}, expected {expected[index]}"
