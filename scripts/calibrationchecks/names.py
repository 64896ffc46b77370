"""Canonical names of what llama.cpp calls `blk.N.…`, of dense models of LLaMA's kind."""
LAYER = {
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj", "ffn_gate_inp": "block_sparse_moe.gate",
}
GLOBAL = {"output.weight": "lm_head.weight", "token_embd.weight": "model.embed_tokens.weight"}


def canonical(name):
    """The canonical name with its component; other names stay."""
    if name in GLOBAL:
        return "target/" + GLOBAL[name]
    parts = name.split(".")
    if parts[0] != "blk" or parts[2] not in LAYER:
        return name
    return f"target/model.layers.{parts[1]}.{LAYER[parts[2]]}.{parts[3]}"
