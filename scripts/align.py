#!/usr/bin/env python3
"""Trains a draft on its target as a bundle stores it, in PyTorch: what griffin align does, for sizes that want a GPU (formats/align.md).

    scripts/align.py pair.griffin --prompts chats.jsonl --features work/ --output draft/
    griffin convert --target pair.griffin --draft draft/ -o aligned.griffin
    griffin verify aligned.griffin --against pair.griffin --prompts heldout.jsonl

The target answers the prompts, features of its answers are kept as shards in --features, and the draft learns from them. Shards that are there are
used as they are: also those that `griffin align --keep-work` left, from which both trainers take the same steps. The result is a draft folder.

Needs torch, numpy, safetensors, gguf and zstandard, and transformers where the target has to answer (pip install).
"""
import argparse
import json
import pathlib
import sys

import numpy as np
import torch
from aligning import shards
from aligning.drafts import Draft
from aligning.training import Objective, optimiser, rate, step
from safetensors.torch import save_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "python"))
import griffin_bundle

SHARD_TOKENS = 8192


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("bundle")
    parser.add_argument("--prompts", help="JSON lines or plain text; needed where --features has no shards yet")
    parser.add_argument("--features", required=True, help="folder of shards")
    parser.add_argument("--output", help="draft folder to write")
    parser.add_argument("--tokens", type=int, default=1_000_000)
    parser.add_argument("--new-tokens", type=int, default=512)
    parser.add_argument("--batch", type=int, default=32, help="prompts that are answered together")
    parser.add_argument("--passes", type=int, default=2)
    parser.add_argument("--top-k", type=int, default=3)
    parser.add_argument("--no-mask", action="store_true")
    parser.add_argument("--learning-rate", type=float, help="default: 2e-5 * 4096 / hidden_size")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch-rows", type=int, default=1024)
    parser.add_argument("--noise", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--clip-norm", type=float, default=0.5)
    parser.add_argument("--clip-value", type=float)
    parser.add_argument("--steps", type=int, help="end after so many steps of the schedule")
    parser.add_argument("--losses", help="write the loss of every step to this file, as JSON")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def make_shards(options, bundle, kind, config):
    from aligning import targets

    target = targets.Target(bundle, options.device, torch.bfloat16 if options.device.startswith("cuda") else torch.float32)
    given = [p if isinstance(p, list) else target.encode(p) for p in targets.prompts(options.prompts)]
    taps = targets.taps(kind, config, target.layers)
    pathlib.Path(options.features).mkdir(parents=True, exist_ok=True)
    total, index, first, answered, samples = 0, 0, 0, 0, []
    while total < options.tokens:
        chosen = [given[(answered + i) % len(given)] for i in range(options.batch)]
        for prompt, answer in zip(chosen, target.answers(chosen, options.new_tokens, answered >= len(given), options.seed + answered)):
            answered += 1
            if len(answer) > 1:
                samples.append(target.read(prompt + answer, len(prompt), taps))
                total += len(prompt) + len(answer)
        if sum(len(s.tokens) for s in samples) >= SHARD_TOKENS or total >= options.tokens:
            shards.write(f"{options.features}/features-{index:05d}", samples, first, answered)
            index, first, samples = index + 1, answered, []
        print(f"{total} tokens", file=sys.stderr)


def draft_of(bundle, kind, config, device):
    weights = {name: torch.from_numpy(np.array(value)) for name, value in bundle.load_draft().items()}
    weights = {name: value.to(device) for name, value in weights.items()}
    names = [name for name in bundle.tensors if name in ("target/lm_head.weight", "target/model.embed_tokens.weight")]
    head = "target/lm_head.weight" if "target/lm_head.weight" in names else "target/model.embed_tokens.weight"
    head = torch.from_numpy(np.array(bundle.dequantized(head))).to(device)
    embedding = weights.pop("embed_tokens.weight", None)
    if embedding is None:
        embedding = torch.from_numpy(np.array(bundle.dequantized("target/model.embed_tokens.weight"))).to(device)
    kept = {name: torch.from_numpy(np.array(bundle.array("draft/" + name))) for name in ("d2t", "t2d") if "draft/" + name in bundle.tensors}
    trained = {name: value.float().requires_grad_() for name, value in weights.items() if name not in kept}
    offsets = kept["d2t"].long() if "d2t" in kept else None
    return Draft(kind, config, trained, embedding.float(), head.float(), offsets), kept


def write_draft(path, draft, kept, config, kind):
    folder = pathlib.Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.detach().cpu().contiguous() for name, value in draft.tensors.items()}
    if kind != "eagle3":
        tensors["embed_tokens.weight"] = draft.embedding.cpu().contiguous()
    save_file(tensors | kept, str(folder / "model.safetensors"))
    (folder / "config.json").write_text(json.dumps(config | {"architectures": ["LlamaForCausalLM"], "model_type": "llama"}, indent=1) + "\n")


def main():
    options = arguments()
    with griffin_bundle.open(options.bundle) as bundle:
        description = bundle.manifest["draft"]
        kind, config = description["kind"], description["config"]
        if not shards.folder(options.features):
            if not options.prompts:
                raise SystemExit(f"{options.features} holds no shards; give --prompts to make some")
            make_shards(options, bundle, kind, config)
        draft, kept = draft_of(bundle, kind, config, options.device)
    paths = shards.folder(options.features)
    rows = [[sample.rows for sample in shards.read(path, draft.hidden)] for path in paths]
    steps = shards.plan(rows, options.epochs, options.batch_rows, options.seed)
    peak = options.learning_rate or 2e-5 * 4096 / draft.hidden
    objective = Objective(kind, passes=options.passes, masks=not options.no_mask, aligned=options.top_k)
    adam, losses, loaded = optimiser(draft), [], None
    for index, (shard, places) in enumerate(steps[: options.steps]):
        if loaded is None or loaded[0] != shard:
            loaded = (shard, shards.read(paths[shard], draft.hidden))
        seed = (options.seed + index * shards.GAMMA) & shards.MASK
        batch = shards.batch([loaded[1][place] for place in places], options.noise, seed, options.device)
        learning_rate = rate(index, peak, max(1, len(steps) // 20), len(steps))
        total, _ = step(draft, batch, objective, adam, learning_rate, norm=None if options.clip_value else options.clip_norm, value=options.clip_value)
        losses.append(total)
        print(f"step {index + 1} of {len(steps)}: {total:.6f}", file=sys.stderr)
    if options.losses:
        pathlib.Path(options.losses).write_text(json.dumps(losses) + "\n")
    if options.output:
        write_draft(options.output, draft, kept, config, kind)


if __name__ == "__main__":
    main()
