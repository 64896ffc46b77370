"""The defects: what each does to a draft or a target, the drafts that it can be planted in, and the kind that its finding may have.

A defect returns False where it does not apply."""
import numpy as np

GRIFFIN, EAGLE, EAGLE3 = "griffin", "eagle", "eagle3"
BOTH = (GRIFFIN, EAGLE)
ALL = (GRIFFIN, EAGLE, EAGLE3)
CATALOGUE = []


def defect(kinds, half="draft", drafts=ALL):
    def note(function):
        CATALOGUE.append((function.__name__, half, drafts, kinds.split("|"), function))
        return function

    return note


def generator():
    return np.random.default_rng(7)


def change(model, endings, function):
    name = model.find(*endings)
    if name is None:
        return False
    model.tensors[name] = function(model.tensors[name])


FC = ("fc.fc.weight", "fc.weight")


@defect("bias_missing|bias_damaged", drafts=BOTH)
def fc_bias_dropped(model):
    if "fc.bias" in model.tensors:
        del model.tensors["fc.bias"]
        return
    return change(model, ("fc.fc.bias",), np.zeros_like)


@defect("bias_missing")
def attention_biases_dropped(model):
    names = [n for n in model.tensors if n.endswith("_proj.bias")]
    for name in names:
        del model.tensors[name]
    return bool(names)


@defect("rope_theta")
def rope_theta_wrong(model):
    model.config["rope_theta"] = 100.0 if model.config.get("rope_theta", 10000) <= 10000 else 10000.0


@defect("rope_scaling")
def rope_scaling_wrong(model):
    model.config["rope_scaling"] = {"rope_type": "linear", "factor": 8.0}


@defect("norm_epsilon")
def epsilon_wrong(model):
    model.config["rms_norm_eps"] = 0.1


@defect("heads")
def heads_wrong(model):
    if model.config.get("head_dim"):
        model.config["head_dim"] //= 2
    model.config["num_key_value_heads"] = 2 * model.config.get("num_key_value_heads", model.config["num_attention_heads"])
    model.config["num_attention_heads"] *= 2


@defect("embedding_unrelated", drafts=BOTH)
def embeddings_random(model):
    return change(model, ("embed_tokens.weight",), lambda w: generator().normal(0, w.std(), w.shape))


@defect("embedding_rows_permuted", drafts=BOTH)
def embeddings_shuffled(model):
    return change(model, ("embed_tokens.weight",), lambda w: w[generator().permutation(len(w))])


@defect("embedding_shifted|embedding_rows_permuted", drafts=BOTH)
def embeddings_shifted(model):
    return change(model, ("embed_tokens.weight",), lambda w: np.roll(w, 1, 0))


@defect("embedding_rows_differ", drafts=BOTH)
def embedding_rows_zero(model):
    def some(w):
        w[generator().permutation(len(w))[: len(w) // 4]] = 0
        return w

    return change(model, ("embed_tokens.weight",), some)


@defect("embedding_damaged|embedding_scaled", drafts=BOTH)
def embeddings_scaled(model):
    return change(model, ("embed_tokens.weight",), lambda w: 8 * w)


@defect("fc_quantized")
def fc_over_quantized(model):
    def coarse(w):
        scale = np.abs(w).max(1, keepdims=True) / 2
        return np.round(w / scale) * scale

    return change(model, FC, coarse)


@defect("fc_halves_swapped", drafts=BOTH)
def fc_halves_swapped(model):
    return change(model, FC, lambda w: np.roll(w, w.shape[1] // 2, 1))


@defect("fc_half_scaled", drafts=BOTH)
def fc_embedding_half_scaled(model):
    def scaled(w):
        w[:, : w.shape[1] // 2] *= 0.05
        return w

    return change(model, FC, scaled)


@defect("fc_half_scaled", drafts=BOTH)
def fc_feature_half_scaled(model):
    def scaled(w):
        w[:, w.shape[1] // 2 :] *= 3
        return w

    return change(model, FC, scaled)


@defect("fc_half_missing", drafts=BOTH)
def fc_embedding_half_zero(model):
    def scaled(w):
        w[:, : w.shape[1] // 2] = 0
        return w

    return change(model, FC, scaled)


@defect("fc_order", drafts=(EAGLE3,))
def fc_states_reversed(model):
    return change(model, FC, lambda w: np.concatenate(np.split(w, 3, 1)[::-1], 1))


@defect("fc_unrelated")
def fc_random(model):
    return change(model, FC, lambda w: generator().normal(0, w.std(), w.shape))


@defect("fc_transposed")
def fc_bytes_transposed(model):
    return change(model, FC, lambda w: w.T.reshape(w.shape))


@defect("fc_sign|fc_scaled")
def fc_negated(model):
    return change(model, FC, np.negative)


@defect("norm_missing")
def norm_dropped(model):
    return change(model, ("hidden_norm.weight", "layers.0.post_attention_layernorm.weight"), np.ones_like)


@defect("norm_offset|norm_damaged")
def norms_around_zero(model):
    for name in model.tensors:
        if "norm" in name:
            model.tensors[name] = model.tensors[name] - 1


@defect("norm_exchanged", drafts=(EAGLE3,))
def norms_exchanged(model):
    one, other = model.find("hidden_norm.weight"), model.find("input_layernorm.weight")
    model.tensors[one], model.tensors[other] = model.tensors[other], model.tensors[one]


@defect("attention_transposed")
def o_transposed(model):
    name = model.find("o_proj.weight")
    if model.tensors[name].shape[0] != model.tensors[name].shape[1]:
        return False
    model.tensors[name] = model.tensors[name].T


@defect("attention_transposed")
def q_transposed(model):
    return change(model, ("q_proj.weight",), lambda w: w.T.reshape(w.shape))


@defect("attention_exchanged")
def k_and_v_exchanged(model):
    one, other = model.find("k_proj.weight"), model.find("v_proj.weight")
    model.tensors[one], model.tensors[other] = model.tensors[other], model.tensors[one]


def gguf_order(model, w, heads):
    return w.reshape(heads, 2, w.shape[0] // heads // 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)


@defect("attention_row_order")
def q_and_k_in_gguf_order(model):
    heads = model.config["num_attention_heads"]
    for ending, count in (("q_proj.weight", heads), ("k_proj.weight", model.config.get("num_key_value_heads") or heads)):
        change(model, (ending,), lambda w: gguf_order(model, w, count))


@defect("attention_position_offset")
def positions_off_by_one(model):
    heads, theta = model.config["num_attention_heads"], model.config.get("rope_theta", 10000.0)

    def turned(w):
        parts = w.reshape(heads, 2, -1, w.shape[1])
        half = parts.shape[2]
        angle = (theta ** (-np.arange(half) / half))[None, :, None]
        first, second = parts[:, 0], parts[:, 1]
        return np.stack([first * np.cos(angle) - second * np.sin(angle), second * np.cos(angle) + first * np.sin(angle)], 1).reshape(w.shape)

    return change(model, ("q_proj.weight",), turned)


@defect("attention_damaged|attention_unrelated")
def attention_noisy(model):
    for ending in ("q_proj.weight", "k_proj.weight", "v_proj.weight", "o_proj.weight"):
        change(model, (ending,), lambda w: w + generator().normal(0, w.std(), w.shape))


@defect("feed_forward_exchanged")
def gate_and_up_exchanged(model):
    one, other = model.find("mlp.gate_proj.weight"), model.find("layers.0.mlp.up_proj.weight", "midlayer.mlp.up_proj.weight")
    model.tensors[one], model.tensors[other] = model.tensors[other], model.tensors[one]


@defect("feed_forward_halves_swapped", drafts=(GRIFFIN,))
def head_halves_swapped(model):
    return change(model, ("layers.0.mlp.down_proj.weight",), lambda w: np.roll(w, len(w) // 2, 0))


@defect("feed_forward_missing")
def down_zero(model):
    return change(model, ("layers.0.mlp.down_proj.weight", "midlayer.mlp.down_proj.weight"), np.zeros_like)


@defect("taps", drafts=(EAGLE3,))
def taps_one_higher(model):
    model.config["eagle_aux_hidden_state_layer_ids"] = [3, 5, 6]


@defect("taps", drafts=(EAGLE3,))
def taps_one_lower(model):
    model.config["eagle_aux_hidden_state_layer_ids"] = [0, 3, 4]


@defect("taps", drafts=(EAGLE3,))
def last_tap_wrong(model):
    model.config["eagle_aux_hidden_state_layer_ids"] = [2, 4, 7]


def mapped(model, ids):
    model.tensors["d2t"] = ids - np.arange(len(ids))
    if "t2d" in model.tensors:
        mask = np.zeros_like(model.tensors["t2d"])
        mask[ids] = 1
        model.tensors["t2d"] = mask


@defect("refused", drafts=(EAGLE3,))
def d2t_absolute(model):
    model.tensors["d2t"] = model.tensors["d2t"] + np.arange(len(model.tensors["d2t"]))


@defect("vocabulary_map_differs", drafts=(EAGLE3,))
def d2t_zero(model):
    mapped(model, np.arange(len(model.tensors["d2t"])))


@defect("vocabulary_map_differs", drafts=(EAGLE3,))
def d2t_one_off(model):
    ids = model.tensors["d2t"] + np.arange(len(model.tensors["d2t"]))
    mapped(model, ids + 1 if ids.max() + 1 < model.config["vocab_size"] else ids - 1 if ids.min() > 0 else np.minimum(ids + 1, np.arange(len(ids)) + model.config["vocab_size"] - len(ids)))


@defect("head_rows_permuted", drafts=(EAGLE3,))
def head_shuffled(model):
    return change(model, ("lm_head.weight",), lambda w: w[generator().permutation(len(w))])


@defect("head_unrelated", drafts=(EAGLE3,))
def head_of_another_model(model):
    return change(model, ("lm_head.weight",), lambda w: generator().normal(0, w.std(), w.shape))


@defect("residual_norm", drafts=(EAGLE3,))
def residual_normalised(model):
    model.config["norm_before_residual"] = True


@defect("feed_forward_damaged|feed_forward_unrelated|feed_forward_missing", half="target")
def target_layer_damaged(model):
    return change(model, ("layers.2.mlp.down_proj.weight", "layers.2.block_sparse_moe.experts.0.w2.weight"), lambda w: w + generator().normal(0, 2 * w.std(), w.shape))


@defect("attention_row_order", half="target")
def target_in_gguf_order(model):
    heads = model.config["num_attention_heads"]
    for name in model.tensors:
        count = heads if "q_proj.weight" in name else model.config.get("num_key_value_heads") or heads
        if name.endswith(("q_proj.weight", "k_proj.weight")):
            model.tensors[name] = gguf_order(model, model.tensors[name], count)


@defect("rope_theta", half="target")
def target_rope_theta(model):
    model.config["rope_theta"] = 100.0


@defect("head_rows_permuted|head_unrelated", half="target")
def target_head_of_another_model(model):
    return change(model, ("lm_head.weight",), lambda w: generator().normal(0, w.std(), w.shape))


@defect("norm_missing", half="target")
def target_final_norm_dropped(model):
    return change(model, ("model.norm.weight",), np.ones_like)


@defect("norm_epsilon", half="target")
def target_epsilon(model):
    model.config["rms_norm_eps"] = 0.05


@defect("feed_forward_exchanged", half="target")
def target_layers_exchanged(model):
    one, other = "model.layers.1.mlp.gate_proj.weight", "model.layers.2.mlp.gate_proj.weight"
    if one not in model.tensors:
        return False
    model.tensors[one], model.tensors[other] = model.tensors[other], model.tensors[one]
