#!/usr/bin/env python3
"""Records a decode trace of a target model and its GRIFFIN draft, for `griffin verify --trace` (formats/trace.md).

Needs the Python packages torch and transformers (4.56 or newer), and for text prompts what the target's tokenizer needs.
The target runs in transformers, the draft below, so a trace says what a bundle should do without any of griffin's code.
"""
import argparse
import dataclasses
import json
import pathlib
import pickle
import sys
import time

import torch
import transformers
from torch.nn import functional
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

EXAMPLES = """examples:
  record-trace.py --target Llama-2-7b-chat-hf --draft GRIFFIN-llama2-chat-7B --device cuda \\
      --chat --prompt "Write a haiku about rivers." --prompt "What is 17 * 23?" -o trace.json
  record-trace.py --target T --draft D --prompts questions.jsonl --total-tokens 24 --depth 3 --top-k 4 -o small.json
  record-trace.py --target T --draft D --prompt-ids 1,499,497,262 --max-new-tokens 32 -o ids.json
  record-trace.py --target T --draft D --check trace.json      records the same prompts again and compares

exit status: 0 done, 1 --check found a difference, 2 wrong usage, 65 an input that cannot be used"""
NEAR_TIE = 1e-4
NEEDED = {"fc.fc.bias"} | {name + ".weight" for name in (
    "embed_tokens fc.fc fc.post_attention_layernorm fc.mlp.input_layernorm fc.mlp.up_proj fc.mlp.down_proj "
    "layers.0.self_attn.q_proj layers.0.self_attn.k_proj layers.0.self_attn.v_proj layers.0.self_attn.o_proj "
    "layers.0.post_attention_layernorm layers.0.mlp.gate_proj layers.0.mlp.up_proj layers.0.mlp.down_proj").split()}


class InputError(Exception):
    """An input that cannot be used, and why."""


@dataclasses.dataclass
class Settings:
    total_tokens: int
    depth: int
    top_k: int
    max_new_tokens: int
    stop_ids: list

    def cut(self, ids):
        """What is kept of generated ids: up to max_new_tokens and the first stop id, which is included."""
        ids = ids[:self.max_new_tokens]
        stop = next((index for index, token in enumerate(ids) if token in self.stop_ids), len(ids))
        return ids[:stop + 1]

    def is_complete(self, ids):
        return len(ids) >= self.max_new_tokens or any(token in self.stop_ids for token in ids)


def ranked(scores, count):
    """The best `count` of each row, best first, with their indices; ties go to the lower index."""
    values, indices = scores.sort(dim=-1, descending=True, stable=True)
    return values[..., :count], indices[..., :count]


class Target:
    """The target in transformers: eager attention with masks of our own over a cache whose rows can be dropped."""

    def __init__(self, folder, device, dtype):
        self.device = device
        self.model = transformers.AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, attn_implementation="eager", local_files_only=True).to(device).eval()
        self.config, self.body, self.head = self.model.config, self.model.base_model, self.model.get_output_embeddings()
        self.vocabulary, self.hidden = self.head.weight.shape
        self.window = getattr(self.config, "sliding_window", None)
        self.cache = transformers.DynamicCache()
        self.positions = torch.empty(0, dtype=torch.long, device=device)

    def stop_ids(self):
        """End-of-text ids of config.json and of generation_config.json."""
        named = [self.config.eos_token_id, self.model.generation_config.eos_token_id]
        lists = [[] if ids is None else ids if isinstance(ids, list) else [ids] for ids in named]
        return sorted(set(sum(lists, [])))

    def keep(self, rows):
        """Keeps these rows of the cache, in this order."""
        rows = torch.tensor(rows, dtype=torch.long, device=self.device)
        for layer in self.cache.layers:
            layer.keys, layer.values = layer.keys[:, :, rows], layer.values[:, :, rows]
        self.positions = self.positions[rows]

    def run(self, tokens, depths, visible):
        """Decodes tokens after the cached text; returns features [n, hidden], the last hidden states after the final norm.

        depths: positions counted from the end of the text; visible: [n, n], which of each other the tokens see.
        """
        text = len(self.positions)
        new = text + torch.tensor(depths, dtype=torch.long, device=self.device)
        self.positions = torch.cat([self.positions, new])
        seen = functional.pad(visible.to(self.device), (text, 0), value=True)
        near = new[:, None] - self.positions[None] < (self.window or len(self.positions))  # all rows where there is no window
        blank, lowest = self.head.weight.new_zeros(seen.shape), torch.finfo(self.head.weight.dtype).min
        masks = [blank.masked_fill(~rows, lowest)[None, None] for rows in (seen, seen & near)]
        mask = masks[1]
        if self.window and getattr(self.config, "layer_types", None):
            mask = {"full_attention": masks[0], "sliding_attention": masks[1]}
        ids = torch.tensor([tokens], dtype=torch.long, device=self.device)
        return self.body(
            input_ids=ids, attention_mask=mask, position_ids=new[None], past_key_values=self.cache, use_cache=True
        ).last_hidden_state[0]

    def logits(self, features):
        return self.head(features).float()


class Draft:
    """The GRIFFIN draft (formats/griffin-draft.md), with the target's output head."""

    layer = "layers.0"  # what the names of its layer begin with

    def __init__(self, folder, target, dtype):
        self.target, self.device = target, target.device
        self.weights = {name: tensor.to(self.device, dtype) for name, tensor in load_tensors(folder).items()}
        self.check(folder)
        config = read_config(folder)
        queries, keys = (self.weights[f"{self.layer}.self_attn.{name}_proj.weight"].shape[0] for name in "qk")
        self.head_size = config.get("head_dim") or queries // config["num_attention_heads"]
        self.groups = queries // keys
        self.epsilon = config.get("rms_norm_eps", 1e-6)
        # transformers' own rotation: half-split, theta 10000 where the configuration names none, scaling where it names one.
        rotary = ["rope_theta", "rope_scaling", "rope_parameters", "max_position_embeddings"]
        rotary = {key: config[key] for key in rotary if config.get(key) is not None}
        self.rotary = LlamaRotaryEmbedding(transformers.LlamaConfig(**rotary, head_dim=self.head_size)).to(self.device)
        self.clear()

    def check(self, folder):
        """Refuses tensors that are no GRIFFIN draft's of this target."""
        head = self.weights.pop("lm_head.weight", None)
        if head is not None and not torch.equal(head, self.target.head.weight):
            raise InputError(f"{folder}: lm_head.weight is not the target's; GRIFFIN drafts have no head of their own")
        biases = {f"layers.0.self_attn.{name}_proj.bias" for name in "qkv"}
        wrong = sorted((NEEDED ^ self.weights.keys()) - biases)
        if wrong:
            fault = "missing" if wrong[0] in NEEDED else "unknown"
            raise InputError(f"{folder}: tensor {wrong[0]} is {fault}; this is no GRIFFIN draft")
        shape = list(self.weights["embed_tokens.weight"].shape)
        if shape != [self.target.vocabulary, self.target.hidden]:
            raise InputError(f"{folder}: the embedding is {shape}; the target's head is {[self.target.vocabulary, self.target.hidden]}")

    def clear(self):
        """Empties the cache: keys and values, each [key-value heads, rows, head size]."""
        weight = self.weights[f"{self.layer}.self_attn.k_proj.weight"]
        self.keys = self.values = weight.new_empty(len(weight) // self.head_size, 0, self.head_size)

    def linear(self, name, x):
        return functional.linear(x, self.weights[name + ".weight"], self.weights.get(name + ".bias"))

    def norm(self, name, x):
        wide = x.float()
        wide = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.epsilon)
        return self.weights[name + ".weight"] * wide.to(x.dtype)

    def run(self, features, tokens, positions, visible):
        """One pass over pairs (feature, token after it), which see the cached rows and each other as `visible` [n, rows] says.

        Returns what the target's head reads and the features of the next pass, each [n, hidden].
        """
        embedded = functional.embedding(torch.tensor(tokens, device=self.device), self.weights["embed_tokens.weight"])
        x = self.linear("fc.fc", torch.cat([embedded, features], -1))
        y = self.norm("fc.post_attention_layernorm", x)
        y = torch.cat([self.norm("fc.mlp.input_layernorm", half) for half in (y, embedded)], -1)
        x = x + self.linear("fc.mlp.down_proj", functional.silu(self.linear("fc.mlp.up_proj", y)))
        x = x + self.attention(x, positions, visible)
        m = self.norm("layers.0.post_attention_layernorm", x)
        m = functional.silu(self.linear("layers.0.mlp.gate_proj", m)) * self.linear("layers.0.mlp.up_proj", m)
        return (torch.cat([x, x], -1) + self.linear("layers.0.mlp.down_proj", m)).chunk(2, -1)

    def attention(self, x, positions, visible):
        q, k, v = (self.linear(f"{self.layer}.self_attn.{name}_proj", x).unflatten(-1, (-1, self.head_size)).transpose(0, 1)
                   for name in "qkv")
        cosine, sine = (part[0] for part in self.rotary(x, torch.tensor([positions], device=self.device)))
        turn = lambda u: u * cosine + torch.cat([-u.chunk(2, -1)[1], u.chunk(2, -1)[0]], -1) * sine
        self.keys, self.values = torch.cat([self.keys, turn(k)], 1), torch.cat([self.values, v], 1)
        k, v = (rows.repeat_interleave(self.groups, 0) for rows in (self.keys, self.values))
        scores = (turn(q) @ k.transpose(1, 2) * self.head_size ** -0.5).float().masked_fill(~visible, float("-inf"))
        return self.linear(f"{self.layer}.self_attn.o_proj", (scores.softmax(-1).to(x.dtype) @ v).transpose(0, 1).flatten(1))

    def logits(self, predict):
        """Of all tokens of the target's."""
        return self.target.logits(predict)

    def extend(self, features, tokens):
        """Feeds real text: features of the target, each with the token after it."""
        start, count = self.keys.shape[1], len(tokens)
        visible = torch.ones(count, start + count, dtype=torch.bool, device=self.device).tril(start)
        predict, regress = self.run(features, tokens, list(range(start, start + count)), visible)
        self.last = predict[-1:], regress[-1:]

    def tree(self, root, settings):
        """Drafts a tree under `root`: tokens, parents, the selection margin and the first pass's best (token, score)."""
        text, k = self.keys.shape[1], settings.top_k
        predict, regress = self.last
        gaps = [torch.tensor([1e30])]  # between neighbours of every ranking that shaped the tree

        def note(ordered):
            gaps.append((ordered[..., :-1] - ordered[..., 1:]).flatten().cpu())

        def continuations(predict, base):
            best, tokens = ranked(self.logits(predict).log_softmax(-1), k + 1)
            note(base[:, None] + best)
            return (base[:, None] + best)[:, :k], tokens[:, :k]

        # Candidates come by pass, then by rank of their beam, then by their own rank; parents are indices into all of them.
        scores, tokens = continuations(predict, torch.zeros(1, device=self.device))
        first = list(zip(tokens[0].tolist(), scores[0].tolist()))
        levels = [(scores[0], tokens[0].tolist(), [-1] * len(first))]  # of each pass: scores, tokens, parents
        beams, rows = torch.arange(len(first)), torch.zeros(len(first), dtype=torch.long)
        visible = torch.ones(1, text, dtype=torch.bool, device=self.device)
        start = 0  # of the last pass among all candidates
        for depth in range(settings.depth):
            scores, tokens = levels[-1][0], [levels[-1][1][beam] for beam in beams.tolist()]
            visible = torch.cat([visible[rows], torch.eye(len(tokens), dtype=torch.bool, device=self.device)], 1)
            predict, regress = self.run(regress[rows], tokens, [text + depth] * len(tokens), visible)
            next_scores, next_tokens = continuations(predict, scores[beams])
            width = next_scores.shape[1]
            parents = [start + beam for beam in beams.tolist() for _ in range(width)]
            start += len(levels[-1][1])
            levels.append((next_scores.flatten(), next_tokens.flatten().tolist(), parents))
            if depth + 1 < settings.depth:
                order, beams = ranked(levels[-1][0], k + 1)
                note(order)
                beams = beams[:k].cpu()
                rows = beams // width
        self.keys, self.values = self.keys[:, :text], self.values[:, :text]

        kept_count = settings.total_tokens - 1
        if kept_count == 0:
            return [root], [-1], 1e30, first
        tokens, parents = (sum((level[i] for level in levels), []) for i in (1, 2))
        order, kept = ranked(torch.cat([level[0] for level in levels]), kept_count + 1)
        note(order[kept_count - 1:])
        kept = sorted(kept[:kept_count].tolist())
        node = {-1: 0, **{index: place + 1 for place, index in enumerate(kept)}}
        tree = [root] + [tokens[index] for index in kept], [-1] + [node[parents[index]] for index in kept]
        return *tree, torch.cat(gaps).min().item(), first


def read_config(folder):
    """config.json of a folder, refused where this transformers would pass over its rotation without a word."""
    config = json.loads((folder / "config.json").read_text())
    if config.get("rope_parameters") and int(transformers.__version__.split(".")[0]) < 5:
        raise InputError(f"{folder}: transformers {transformers.__version__} ignores the rope_parameters of config.json; use 5")
    return config


def load_tensors(folder):
    """The state dict of a draft folder; pickles are read as weights only."""
    names = sorted(folder.glob("model*.safetensors"))
    if names:
        from safetensors.torch import load_file as load
    else:
        names = sorted(folder.glob("pytorch_model*.bin"))
        load = lambda name: torch.load(name, map_location="cpu", weights_only=True)
    if not names:
        raise InputError(f"{folder}: no model*.safetensors and no pytorch_model*.bin")
    tensors = {name: tensor for file in names for name, tensor in load(file).items()}
    for prefix in ("model.", "module.", "draft_model.", "ea_layer.", "base_model."):
        if all(name.startswith(prefix) for name in tensors if name != "lm_head.weight"):
            tensors = {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    return {name: tensor for name, tensor in tensors.items() if not name.endswith("rotary_emb.inv_freq")}


@torch.inference_mode()
def record(target, draft, name, prompt, settings):
    """One case of a trace: plain greedy decoding, then speculative decoding from the same prefill."""
    count = len(prompt)
    target.keep([]), draft.clear()
    prompt_features = target.run(prompt, list(range(count)), torch.ones(count, count, dtype=torch.bool).tril())
    first = target.logits(prompt_features[-1:])

    vanilla, margin, row = [], float("inf"), first
    while True:
        best, tokens = ranked(row, 2)
        vanilla.append(tokens[0, 0].item())
        margin = min(margin, (best[0, 0] - best[0, 1]).item())
        if settings.is_complete(vanilla):
            break
        row = target.logits(target.run(vanilla[-1:], [0], torch.ones(1, 1, dtype=torch.bool)))

    target.keep(list(range(count)))
    root, ids, cycles, draft_top = vanilla[0], [], [], []
    draft.extend(prompt_features, prompt[1:] + [root])
    while True:
        text = len(target.positions)
        tokens, parents, selection, best = draft.tree(root, settings)
        draft_top = draft_top or best
        depths, visible = [0], torch.eye(len(tokens), dtype=torch.bool)
        for node in range(1, len(tokens)):
            depths.append(depths[parents[node]] + 1)
            visible[node] |= visible[parents[node]]
        features = target.run(tokens, depths, visible)
        choices = ranked(target.logits(features), 1)[1][:, 0].tolist()
        child = {(parent, token): node for node, (parent, token) in enumerate(zip(parents, tokens))}
        accepted = [0]
        while (accepted[-1], choices[accepted[-1]]) in child:
            accepted.append(child[accepted[-1], choices[accepted[-1]]])
        root = choices[accepted[-1]]
        emitted = [tokens[node] for node in accepted]
        ids += emitted
        cycles.append(dict(
            tree_tokens=tokens, tree_parents=parents, accepted=accepted, next_token=root, selection_margin=short(selection)))
        if settings.is_complete(ids):
            break
        target.keep(list(range(text)) + [text + node for node in accepted])
        draft.extend(features[accepted], emitted[1:] + [root])

    scores, tokens = ranked(first[0], 10)
    pairs = lambda tokens, scores: [[token, short(score)] for token, score in zip(tokens, scores)]
    return dict(
        name=name, prompt_ids=prompt, vanilla_ids=settings.cut(vanilla), speculative_ids=settings.cut(ids), cycles=cycles,
        target_top=pairs(tokens.tolist(), scores.tolist()), draft_top=pairs(*zip(*draft_top)), min_margin=short(margin))


def short(value):
    """A number as traces write it, of eight digits."""
    return float(f"{value:.8g}")


def record_all(target, draft, prompts, settings, producer):
    """A trace of all prompts; progress goes to stderr."""
    cases = []
    for number, (name, ids) in enumerate(prompts, 1):
        known = range(target.vocabulary)
        if not isinstance(ids, list) or not ids or any(type(token) is not int or token not in known for token in ids):
            raise InputError(f"{name}: expected one or more token ids, each from 0 to {target.vocabulary - 1}")
        start = time.time()
        case = record(target, draft, name, ids, settings)
        cases.append(case)
        print(f"{number}/{len(prompts)} {name}: {len(case['vanilla_ids'])} tokens, {len(case['cycles'])} cycles, "
              f"{time.time() - start:.1f} s", file=sys.stderr)
        if case["vanilla_ids"] != case["speculative_ids"]:
            print(f"warning: speculative ids of {name} are not the vanilla ids; the smallest logit margin is "
                  f"{case['min_margin']}", file=sys.stderr)
    lengths = [len(cycle["accepted"]) for case in cases for cycle in case["cycles"]]
    return dict(
        format="griffin-trace", version=1, producer=producer, acceptance_length=round(sum(lengths) / len(lengths), 6),
        settings={**dataclasses.asdict(settings), "temperature": 0.0}, cases=cases)


def compare(mine, recorded):
    """Differences between two traces of the same prompts, in words, and how many cycles differ by near ties alone."""
    differences, near_ties = [], 0
    far = lambda ours, theirs: abs(ours - theirs) > NEAR_TIE
    for ours, theirs in zip(mine["cases"], recorded["cases"]):
        name = theirs["name"]
        found = [key for key in ("vanilla_ids", "speculative_ids") if ours[key] != theirs[key]]
        # A recorded minimum may go on over a longer text than the ids were cut to, so ours may be higher.
        found += ["min_margin"] if ours["min_margin"] < (theirs.get("min_margin") or 0) - NEAR_TIE else []
        for key in ("target_top", "draft_top"):
            pairs = zip(ours[key], theirs.get(key) or [])
            found += [key] if any(far(our[1], their[1]) for our, their in pairs) else []
        ours, theirs, tied = by_position(ours["cycles"]), by_position(theirs["cycles"]), False
        for position in sorted(ours.keys() | theirs.keys()):
            if position in ours and position in theirs:
                (our_outcome, our_margin), (their_outcome, their_margin) = ours[position], theirs[position]
                wrong = [what for what in our_outcome if our_outcome[what] != their_outcome[what]]
                if wrong and min(our_margin, their_margin) < NEAR_TIE:
                    tied, near_ties = True, near_ties + 1
                    continue
                wrong += ["selection_margin"] if far(our_margin, their_margin) else []
                found += [f"the {what} of the cycle at token {position}" for what in wrong]
            elif not tied:
                found.append(f"whether a cycle begins at token {position}")
        differences += [f"{name}: not as recorded: {what}" for what in found]
    return differences, near_ties


def by_position(cycles):
    """For each cycle, by the tokens emitted before it: its tree as a set of paths, what was accepted, and its margin."""
    found, position = {}, 0
    for cycle in cycles:
        paths = []
        for token, parent in zip(cycle["tree_tokens"], cycle["tree_parents"]):
            paths.append((paths[parent] if parent >= 0 else ()) + (token,))
        outcome = dict(tree=set(paths), accepted=paths[cycle["accepted"][-1]], next_token=cycle["next_token"])
        found[position] = outcome, cycle["selection_margin"]
        position += len(cycle["accepted"])
    return found


def read_prompts(arguments):
    """(name, ids) of each prompt of the command line, texts through the target's tokenizer."""
    entries = [{"prompt": text} for text in arguments.prompt] + [{"prompt_ids": ids} for ids in arguments.prompt_ids]
    if arguments.prompts:
        for number, line in enumerate(arguments.prompts.read_text().splitlines(), 1):
            try:
                entry = json.loads(line) if line.lstrip().startswith("{") else {"prompt": line}
            except json.JSONDecodeError as error:
                raise InputError(f"{arguments.prompts}:{number}: {error}")
            entries += [entry] if line.strip() else []
    tokenizer, prompts = None, []
    for number, entry in enumerate(entries, 1):
        name = str(entry.get("name") or f"prompt {number}")
        if "prompt_ids" in entry:
            prompts.append((name, entry["prompt_ids"]))
            continue
        text = next((value for value in map(entry.get, ("prompt", "question", "turns")) if value), None)
        text = text[0] if isinstance(text, list) else text
        if not isinstance(text, str):
            raise InputError(f"{name}: no prompt_ids, prompt, question or turns")
        tokenizer = tokenizer or transformers.AutoTokenizer.from_pretrained(arguments.target, local_files_only=True)
        if arguments.chat:
            text = tokenizer.apply_chat_template([{"role": "user", "content": text}], add_generation_prompt=True, tokenize=False)
        prompts.append((name, tokenizer(text, add_special_tokens=not arguments.chat)["input_ids"]))
    return prompts


def parse_arguments():
    def within(low, high):
        def parse(text):
            if not text.isdecimal() or not low <= int(text) <= high:
                raise argparse.ArgumentTypeError(f"{text} is not within {low} to {high}")
            return int(text)
        return parse

    def token_ids(text):
        return [int(part) for part in text.split(",")]

    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--target", type=pathlib.Path, required=True, metavar="DIR", help="folder of the target: config, weights, tokenizer")
    add("--draft", type=pathlib.Path, required=True, metavar="DIR", help="folder of the GRIFFIN draft: config, weights")
    add("--prompt", action="append", default=[], metavar="TEXT", help="a prompt; may be repeated")
    add("--prompt-ids", action="append", default=[], metavar="1,2,3", type=token_ids,
        help="a prompt as token ids; may be repeated")
    add("--prompts", type=pathlib.Path, metavar="FILE",
        help="JSON lines with prompt_ids, prompt, question or turns (the first is taken), or plain text, a prompt a line")
    add("--chat", action="store_true", help="put text prompts into the target's chat template")
    add("--total-tokens", type=within(1, 4096), default=60, metavar="N", help="nodes of a tree with its root (60)")
    add("--depth", type=within(0, 64), default=5, metavar="N", help="draft passes after the first (5)")
    add("--top-k", type=within(1, 1024), default=10, metavar="N", help="beams of a pass and children of a beam (10)")
    add("--max-new-tokens", type=within(1, 1000000), default=64, metavar="N", help="tokens of each prompt, at most (64)")
    add("--device", default="cpu", help="a torch device: cpu, cuda, cuda:1, mps (cpu)")
    add("--dtype", default="float32", choices=["float32", "bfloat16", "float16"],
        help="weights and arithmetic (float32, which is what griffin computes in: only such traces are matched to the node)")
    add("--check", type=pathlib.Path, metavar="TRACE", help="record this trace's prompts with its settings, and compare")
    add("-o", "--output", type=pathlib.Path, metavar="FILE", help="where the trace goes")
    add("--force", action="store_true", help="replace the output")
    arguments = parser.parse_args()
    given = arguments.prompt or arguments.prompt_ids or arguments.prompts
    if bool(given) == bool(arguments.check):
        parser.error("give prompts (--prompt, --prompt-ids, --prompts) or --check")
    if not arguments.output and not arguments.check:
        parser.error("give the output, -o")
    if arguments.output and arguments.output.exists() and not arguments.force:
        parser.error(f"{arguments.output} exists; --force replaces it")
    return arguments


def main():
    arguments = parse_arguments()
    read_config(arguments.target), read_config(arguments.draft)
    if arguments.device.startswith("cuda") and not torch.cuda.is_available():
        raise InputError("no CUDA device is available; leave --device out")
    if arguments.dtype != "float32":
        print(f"warning: griffin computes in float32; it need not match a trace of {arguments.dtype}", file=sys.stderr)
    recorded = json.loads(arguments.check.read_text()) if arguments.check else None
    if recorded and (recorded.get("format"), recorded.get("version")) != ("griffin-trace", 1):
        raise InputError(f"{arguments.check}: not a griffin-trace of version 1")
    if recorded:
        prompts = [(case["name"], case["prompt_ids"]) for case in recorded["cases"]]
    else:
        prompts = read_prompts(arguments)
    if not prompts:
        raise InputError("there are no prompts")
    dtype = getattr(torch, arguments.dtype)
    target = Target(arguments.target, torch.device(arguments.device), dtype)
    draft = Draft(arguments.draft, target, dtype)
    chosen = recorded["settings"] if recorded else {**vars(arguments), "stop_ids": target.stop_ids()}
    settings = Settings(**{field.name: chosen[field.name] for field in dataclasses.fields(Settings)})
    producer = (f"record-trace.py, {arguments.dtype} on {arguments.device}, torch {torch.__version__}, "
                f"transformers {transformers.__version__}")
    trace = record_all(target, draft, prompts, settings, producer)
    if arguments.output:
        arguments.output.write_text(json.dumps(trace, ensure_ascii=False) + "\n")
    if recorded:
        differences, near_ties = compare(trace, recorded)
        print(*differences, f"{len(differences)} differences; trees that differ by near ties: {near_ties}; acceptance length "
              f"{trace['acceptance_length']}, recorded {recorded['acceptance_length']}", sep="\n")
        return 1 if differences else 0
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (InputError, OSError, ValueError, pickle.UnpicklingError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(65)
