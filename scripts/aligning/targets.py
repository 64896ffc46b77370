"""The target of a bundle as transformers runs it, with the weights as the bundle stores them."""

import json
import pathlib
import tempfile

import numpy as np
import torch

from .shards import Sample


class Target:
    def __init__(self, bundle, device, dtype):
        from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

        with tempfile.TemporaryDirectory() as folder:
            for name in bundle.attachments:
                if name.startswith("target/"):
                    (pathlib.Path(folder) / name.split("/", 1)[1]).write_bytes(bundle.attachment(name))
            config = AutoConfig.from_pretrained(folder)
            self.tokenizer = AutoTokenizer.from_pretrained(folder)
        with torch.device("meta"):
            self.model = AutoModelForCausalLM.from_config(config)
        weights = {name: torch.from_numpy(np.array(value)).to(dtype) for name, value in bundle.load_target().items()}
        self.model.load_state_dict(weights, strict=False, assign=True)
        self.model.tie_weights()
        missing = [name for name, value in self.model.named_parameters() if value.is_meta]
        if missing:
            raise SystemExit(f"the bundle's target lacks {missing[0]}, as transformers names it")
        # Buffers are made anew where they belong: a meta device computes none.
        with torch.device(device):
            for name, module in list(self.model.named_modules()):
                if type(module).__name__.endswith("RotaryEmbedding"):
                    parent = self.model.get_submodule(name.rpartition(".")[0])
                    setattr(parent, name.rpartition(".")[2], type(module)(config))
        self.model.to(device).eval().requires_grad_(False)
        self.device, self.layers = device, config.num_hidden_layers
        self.head = self.model.get_output_embeddings().weight.detach().float()
        self.embedding = self.model.get_input_embeddings().weight.detach().float()

    def encode(self, text):
        if self.tokenizer.chat_template:
            return self.tokenizer.apply_chat_template([{"role": "user", "content": text}], add_generation_prompt=True)
        return self.tokenizer(text)["input_ids"]

    @torch.no_grad()
    def answers(self, prompts, new_tokens, sampled, seed):
        """What the target says after prompts, a batch at a time: greedily, or drawn at temperature 1."""
        torch.manual_seed(seed)
        pad = self.tokenizer.pad_token_id or self.tokenizer.eos_token_id or 0
        longest = max(map(len, prompts))
        ids = torch.tensor([[pad] * (longest - len(p)) + p for p in prompts], device=self.device)
        mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts], device=self.device)
        how = {"do_sample": True, "temperature": 1.0, "top_p": 1.0, "top_k": 0} if sampled else {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
        out = self.model.generate(input_ids=ids, attention_mask=mask, max_new_tokens=new_tokens, pad_token_id=pad, **how)
        ends = self.model.generation_config.eos_token_id
        ends = set(ends if isinstance(ends, list) else [ends])
        for row in out[:, longest:].tolist():
            stop = next((i for i, token in enumerate(row) if token in ends), len(row) - 1)
            yield row[: stop + 1]

    @torch.no_grad()
    def read(self, tokens, start, taps):
        """One text with the target's features: `taps` are layers at whose input a state is taken."""
        out = self.model(torch.tensor([tokens], device=self.device), output_hidden_states=True)
        states = out.hidden_states[-1][0]
        tapped = torch.cat([out.hidden_states[layer][0] for layer in taps], -1).float().cpu().numpy() if taps else None
        return Sample(
            np.array(tokens), start, out.logits[0].argmax(-1).cpu().numpy(), states.float().cpu().numpy(), tapped)


def taps(kind, config, layers):
    """Layers at whose input an EAGLE-3 draft reads the target, as formats/eagle3-draft.md has them."""
    if kind != "eagle3":
        return []
    named = config.get("eagle_aux_hidden_state_layer_ids")
    if not named:
        return [2, layers // 2, layers - 3]
    standard = [2, layers // 2, layers - 3]
    outputs = config.get("eagle_tap_rule") == "layer_outputs"
    if (not outputs and [n + 1 for n in named] == standard) or (outputs and named == standard):
        return standard
    return [n + 1 for n in named] if outputs else named


def prompts(path):
    """JSON lines with prompt_ids, prompt, question or turns; or plain text, a prompt a line."""
    for line in pathlib.Path(path).read_text().splitlines():
        if not line.strip():
            continue
        if line.lstrip().startswith("{"):
            entry = json.loads(line)
            yield entry.get("prompt_ids") or entry.get("prompt") or entry.get("question") or entry["turns"][0]
        else:
            yield line
