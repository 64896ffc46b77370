"""Mistral's and Mixtral's tokenizers, from the package mistral-common: griffin's ids and prompts against the package's own.

A `tokenizer.model` is given to griffin as the repository of a model has it, a `tekken.json` as the tokenizer.json that Hugging Face's
tokenizers make of one. Whole conversations are compared too: those of one user's message in the published formats.
"""
import json
import pathlib

import numpy
import safetensors.numpy
from benchmarks.vocabularies import PATTERNS, byte_level, document, of_tekken, split
from mistral_common.protocol.instruct.messages import UserMessage
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

from .program import Program
from .texts import texts
from .tiny import WIDTH, Packed, compared

# griffin's name of the format, and `legacy` in the tokenizer_config.json of the models: Mistral 7B and Mixtral 8x7B, Mistral 7B v0.3
# and Mixtral 8x22B, Mistral Large, Mistral Nemo, Pixtral.
MODELS = {
    "tokenizer.model.v1": ("mistral-instruct", True),
    "mistral_instruct_tokenizer_240323.model.v3": ("mistral-v3-instruct", False),
    "mistral_instruct_tokenizer_241114.model.v7": (None, False),
    "tekken_240718.json": (None, None),
    "tekken_240911.json": (None, None),
}
CONFIG = {
    "architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_size": WIDTH, "intermediate_size": WIDTH,
    "num_hidden_layers": 1, "num_attention_heads": 1, "num_key_value_heads": 1, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
    "max_position_embeddings": 4096, "hidden_act": "silu", "tie_word_embeddings": True, "torch_dtype": "float16", "sliding_window": None,
}


def write_folder(folder, path, size, legacy):
    """A model of one layer with a tokenizer, as a repository."""
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    random = numpy.random.default_rng(17)
    shapes = {"model.embed_tokens.weight": (size, WIDTH), "model.norm.weight": (WIDTH,)}
    shapes |= {f"model.layers.0.{name}_layernorm.weight": (WIDTH,) for name in ("input", "post_attention")}
    names = [f"self_attn.{letter}_proj" for letter in "qkvo"] + [f"mlp.{name}_proj" for name in ("gate", "up", "down")]
    shapes |= {f"model.layers.0.{name}.weight": (WIDTH, WIDTH) for name in names}
    tensors = {name: (random.standard_normal(shape) * 0.02).astype(numpy.float16) for name, shape in shapes.items()}
    safetensors.numpy.save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(CONFIG | {"vocab_size": size}))
    if path.suffix != ".json":
        (folder / "tokenizer.model").write_bytes(path.read_bytes())
        (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "LlamaTokenizer", "legacy": legacy}))
        return
    whole = document(*of_tekken(path), [split(PATTERNS["tekken"]), byte_level()], ignore_merges=True)
    (folder / "tokenizer.json").write_text(json.dumps(whole, ensure_ascii=False))


def run(context):
    """The rows of the table: what was compared, how many, how many agree, and what does not."""
    import mistral_common
    program, more = Program(context.program("encode")), texts()
    for name, (format, legacy) in MODELS.items():
        path = next(pathlib.Path(mistral_common.__file__).parent.rglob(name))
        whole = MistralTokenizer.from_file(str(path))
        own = whole.instruct_tokenizer.tokenizer
        write_folder(context.folder / "mistral", path, own.n_words, legacy)
        with Packed(context, context.folder / "mistral", program) as packed:
            expected = [own.encode(text, bos=False, eos=False) for text in more]
            yield f"mistral-common {name}", *compared(more, packed.encoded(more)[0], expected, "the package's own ids")
            if format is None:
                continue
            prompts = context.folder / "prompts"
            given = [text for text in more if text.strip()][:50]
            prompts.write_text("".join(json.dumps({"prompt": text}) + "\n" for text in given))
            answers = json.loads(context.run(
                "generate", packed.bundle, "--prompts", prompts, "--chat-template", format, "--max-new-tokens", 1, "--json"))
            expected = [
                whole.encode_chat_completion(ChatCompletionRequest(messages=[UserMessage(content=text)])).tokens for text in given]
            yield f"mistral-common {name}, {format}", *compared(given, [answer["prompt_ids"] for answer in answers], expected, "its prompts")
