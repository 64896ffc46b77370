"""An exported EAGLE-3 draft in the speculators package: its converter takes the folder, its model gives the logits of our traces."""
import json
import os
import shutil

LIMIT = 1e-4


def run(context):
    os.environ["TORCHDYNAMO_DISABLE"] = "1"
    import torch
    import transformers
    from loguru import logger
    from speculators.convert.eagle.eagle3_converter import Eagle3Converter
    from speculators.models.eagle3.core import Eagle3DraftModel

    logger.remove()
    transformers.logging.set_verbosity_error()
    name = "llama3-eagle3"
    pair = context.pair(name)
    bundle = context.bundle(name + "-pair", pair / "target", "--draft", pair / "draft")
    folder, converted = context.folder / f"{name}-vllm", context.folder / f"{name}-speculators"
    context.json("export", bundle, "--format", "vllm", "-o", folder, "--force")
    config = json.loads((folder / "draft/config.json").read_text())
    shutil.rmtree(converted, ignore_errors=True)
    Eagle3Converter().convert(
        str(folder / "draft"), str(converted), str(folder / "target"), norm_before_residual=config["norm_before_residual"],
        eagle_aux_hidden_state_layer_ids=config["eagle_aux_hidden_state_layer_ids"])
    target = transformers.AutoModelForCausalLM.from_pretrained(folder / "target", dtype=torch.float32)
    model = Eagle3DraftModel.from_pretrained(str(converted)).float().eval()
    logits = []
    model.lm_head.register_forward_hook(lambda module, inputs, output: logits.append(output))
    with torch.no_grad():
        # The draft brings no embedding: it is the target's.
        model.embed_tokens.weight.copy_(target.get_input_embeddings().weight)
    cases, agreeing, worst = json.loads((pair / "trace.json").read_text())["cases"], 0, 0.0
    for case in cases:
        ids = torch.tensor([case["prompt_ids"]])
        with torch.no_grad():
            output = target(ids, output_hidden_states=True)
            taps = torch.cat([output.hidden_states[layer] for layer in model.target_layer_ids], dim=-1)
            following = torch.cat([ids[:, 1:], output.logits[:, -1:].argmax(-1)], dim=1)
            logits.clear()
            model(hidden_states=taps, input_ids=following, document_ids=torch.zeros_like(ids), ttt_steps=1)
        scores = torch.log_softmax(logits[0][0, -1].double(), -1)
        places = {own + int(offset): own for own, offset in enumerate(model.d2t)}
        difference = max(abs(float(scores[places[token]]) - score) for token, score in case["draft_top"])
        worst, agreeing = max(worst, difference), agreeing + (difference < LIMIT)
    yield f"{name} in speculators, first draft pass", len(cases), agreeing, f"log-probabilities of the ten best differ by {worst:.1e} at most"
