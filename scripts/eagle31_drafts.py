"""EAGLE-3.1 drafts of the speculators library as files, for the scripts that make fixtures of them."""
import json

from safetensors.torch import save_file

MEMBERS = ["speculators_model_type", "architectures", "transformer_layer_config", "draft_vocab_size", "norm_before_residual",
           "target_hidden_size", "eagle_aux_hidden_state_layer_ids", "norm_before_fc", "fc_norm", "norm_output"]


def save(model, members, d2t, t2d, folder):
    """Writes a draft's own weights in float16, its maps, and those of its configuration's members that say what it computes."""
    kept = {key: value.half().contiguous() for key, value in model.state_dict().items()
            if not key.startswith("verifier_") and key not in ("d2t", "t2d")}
    save_file({**kept, "d2t": d2t, "t2d": t2d}, folder / "model.safetensors")
    written = {key: members[key] for key in MEMBERS if key in members}
    written["transformer_layer_config"] = {
        key: value for key, value in written["transformer_layer_config"].items() if not isinstance(value, (dict, list)) or key == "rope_parameters"}
    (folder / "config.json").write_text(json.dumps(written, indent=1) + "\n")
