#!/usr/bin/env python3
"""Writes Tests/Fixtures/eagle31-traces: a tiny target, EAGLE-3.1 drafts trained on it, and traces of both decoding together.

usage: scripts/make-eagle31-traces.py     (needs the Python packages torch, transformers, speculators and safetensors)

The target runs in transformers. Every draft pass is one of the speculators library's own model over the text and a path of drafted tokens,
as long as the path is: its last step says what follows the path. Trees are grown and accepted by record-trace.py. All in float32.
"""
import importlib.util
import json
import os
import pathlib
import shutil

os.environ["TORCHDYNAMO_DISABLE"] = "1"
import eagle31_drafts
import torch
import transformers
from speculators.config import SpeculatorsConfig, VerifierConfig
from speculators.models.eagle3 import Eagle3SpeculatorConfig
from speculators.models.eagle3.core import Eagle3DraftModel
from speculators.proposals.greedy import GreedyTokenProposalConfig
from torch.nn import functional

scripts = pathlib.Path(__file__).resolve().parent
specification = importlib.util.spec_from_file_location("record_trace", scripts / "record-trace.py")
recorder = importlib.util.module_from_spec(specification)
specification.loader.exec_module(recorder)

root = scripts.parent / "Tests" / "Fixtures" / "eagle31-traces"
HIDDEN, VOCABULARY, DRAFT = 16, 31, 20
STEPS = 200
PROMPTS = [("one", [1, 7, 23, 4, 19]), ("another", [1, 30, 11, 8])]
SETTINGS = {
    "trace.json": recorder.Settings(total_tokens=24, depth=4, top_k=4, max_new_tokens=24, stop_ids=[2]),
    "trace-chain.json": recorder.Settings(total_tokens=5, depth=3, top_k=1, max_new_tokens=24, stop_ids=[2]),
}
CASES = {
    "norms": dict(model="Llama", layers=1, ids=[0, 1, 3, 4], fc_norm=True, norm_output=True),
    "two-layers": dict(model="Qwen3", layers=2, ids=[1, 3], norm_before_fc=True, norm_before_residual=True),
}


class TappedTarget(recorder.Target):
    """A target whose features are its last states and, beside them, what enters some of its layers."""

    def __init__(self, folder, ids):
        super().__init__(folder, torch.device("cpu"), torch.float32)
        self.ids, body = ids, self.body
        self.body = lambda **arguments: self.join(body(**arguments, output_hidden_states=True))

    def join(self, output):
        output.last_hidden_state = torch.cat([output.last_hidden_state, *(output.hidden_states[i] for i in self.ids)], -1)
        return output

    def logits(self, features):
        return super().logits(features[..., :self.hidden])


class SpeculatorsDraft(recorder.Draft):
    """A draft whose passes are those of speculators' model over a text and a path."""

    def __init__(self, model):
        self.model, self.device, self.captured = model, torch.device("cpu"), []
        self.ids = torch.arange(DRAFT) + model.d2t
        model.lm_head.register_forward_hook(lambda module, inputs, output: self.captured.append(output))
        self.clear()

    def clear(self):
        self.states, self.tokens = torch.empty(0, self.model.fc.in_features), []
        # One row a pair of the text and of the passes of a tree, of no use but its number and, in the values, the pair's token.
        self.keys = self.values = torch.empty(1, 0, 1)

    def after(self, path):
        """What follows the text and a path, over the target's vocabulary."""
        self.captured.clear()
        states = torch.cat([self.states, torch.zeros(len(path), self.states.shape[1])])
        tokens = torch.tensor([self.tokens + path])
        self.model(hidden_states=states[None], input_ids=tokens, document_ids=torch.zeros_like(tokens), ttt_steps=len(path) + 1)
        logits = torch.full((VOCABULARY,), float("-inf"))
        logits[self.ids] = self.captured[-1][0, len(self.tokens) - 1]
        return logits

    def extend(self, features, tokens):
        self.states = torch.cat([self.states, features[:, HIDDEN:]])
        self.tokens += tokens
        self.keys = self.values = torch.tensor(self.tokens, dtype=torch.float)[None, :, None]
        self.last = self.after([])[None], torch.zeros(1, 1)

    def run(self, features, tokens, positions, visible):
        self.values = torch.cat([self.values, torch.tensor(tokens, dtype=torch.float)[None, :, None]], 1)
        self.keys = self.values
        paths = [self.values[0, len(self.tokens):, 0][row[len(self.tokens):]].long().tolist() for row in visible]
        return torch.stack([self.after(path) for path in paths]), torch.zeros(len(tokens), 1)

    def logits(self, predict):
        return predict


def make_target(folder):
    """A target whose next token depends on the last ones, and not too surely."""
    torch.manual_seed(11)
    config = transformers.Qwen3Config(
        hidden_size=HIDDEN, intermediate_size=24, num_hidden_layers=6, num_attention_heads=2, num_key_value_heads=1, head_dim=8,
        vocab_size=VOCABULARY, max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=None, tie_word_embeddings=False)
    model = transformers.Qwen3ForCausalLM(config)
    with torch.no_grad():
        for parameter in model.parameters():
            around, scale = (1.0, 0.3) if parameter.dim() == 1 else (0.0, 0.35)
            parameter.copy_((around + scale * torch.randn_like(parameter)).half().float())
    model.half().save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)


def make_draft(case):
    case = dict(case)
    layer = getattr(transformers, case.pop("model") + "Config")(
        hidden_size=HIDDEN, intermediate_size=20, num_hidden_layers=case.pop("layers"), num_attention_heads=2, num_key_value_heads=1,
        head_dim=8, vocab_size=VOCABULARY, max_position_embeddings=64, rope_theta=10000.0, tie_word_embeddings=False, pad_token_id=None)
    layer._attn_implementation = "eager"
    return Eagle3SpeculatorConfig(
        transformer_layer_config=layer, draft_vocab_size=DRAFT, eagle_aux_hidden_state_layer_ids=case.pop("ids"), **case,
        speculators_config=SpeculatorsConfig(
            algorithm="eagle3", proposal_methods=[GreedyTokenProposalConfig(speculative_tokens=3)], default_proposal_method="greedy",
            verifier=VerifierConfig(name_or_path=None, architectures=["Qwen3ForCausalLM"])))


@torch.no_grad()
def texts(target, count=48, length=24):
    """Texts that the target draws, at a low temperature."""
    tokens = torch.randint(3, VOCABULARY, (count, 4))
    while tokens.shape[1] < length:
        logits = target.model(tokens).logits[:, -1].float()
        tokens = torch.cat([tokens, torch.multinomial((logits / 0.5).softmax(-1), 1)], 1)
    return tokens


def train(config, target):
    """A draft that has learned its target's distributions, for three steps on."""
    tokens = texts(target)
    with torch.no_grad():
        output = target.model(tokens, output_hidden_states=True)
        states = torch.cat([output.hidden_states[i] for i in target.ids], -1)
    kept = sorted(torch.bincount(output.logits.argmax(-1).flatten(), minlength=VOCABULARY).topk(DRAFT).indices.tolist())
    model = Eagle3DraftModel(config).float()
    model.d2t = torch.tensor([token - place for place, token in enumerate(kept)])
    model.t2d = torch.tensor([token in kept for token in range(VOCABULARY)])
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1 and not name.startswith("verifier_"):
                parameter.copy_(0.25 * torch.randn_like(parameter))
        model.embed_tokens.weight.copy_(target.model.get_input_embeddings().weight)
    wanted = output.logits[..., kept].softmax(-1)
    captured = []
    hook = model.lm_head.register_forward_hook(lambda module, inputs, output: captured.append(output))
    learned = [parameter for name, parameter in model.named_parameters() if not name.startswith(("verifier_", "embed_tokens"))]
    for parameter in learned:
        parameter.requires_grad_(True)
    optimizer = torch.optim.Adam(learned, lr=5e-3)
    for step in range(STEPS):
        captured.clear()
        rows = torch.randint(len(tokens), (6,))
        # Side by side, each a document of its own.
        following = tokens[rows, 1:]
        documents = torch.arange(len(rows))[:, None].expand_as(following)
        model(
            hidden_states=states[rows, :-1].reshape(1, -1, states.shape[-1]), input_ids=following.reshape(1, -1),
            document_ids=documents.reshape(1, -1), ttt_steps=3)
        loss = 0
        for ahead, logits in enumerate(captured):
            known = following.shape[1] - ahead
            logits = logits.unflatten(1, following.shape)[0, :, :known]
            loss = loss - (wanted[rows, 1 + ahead:] * logits.log_softmax(-1)).sum(-1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    hook.remove()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.half().float())
    return model.eval()


def main():
    shutil.rmtree(root, ignore_errors=True)
    make_target(root / "target")
    producer = f"make-eagle31-traces.py, torch {torch.__version__}, transformers {transformers.__version__}, speculators's Eagle3DraftModel"
    for name, case in CASES.items():
        torch.manual_seed(31 + len(name))
        config = make_draft(case)
        target = TappedTarget(root / "target", config.eagle_aux_hidden_state_layer_ids)
        model = train(config, target)
        folder = root / name
        folder.mkdir()
        eagle31_drafts.save(model, config.to_dict(), model.d2t, model.t2d, folder)
        for file, settings in SETTINGS.items():
            with torch.inference_mode():
                trace = recorder.record_all(target, SpeculatorsDraft(model), PROMPTS, settings, producer)
            print(name, file, trace["acceptance_length"])
            (folder / file).write_text(json.dumps(trace) + "\n")


main()
