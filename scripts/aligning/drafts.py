"""The drafts as differentiable modules: GRIFFIN, EAGLE (and HASS) and EAGLE-3, several passes over whole texts.

A draft is its configuration (Hugging Face's keys) and a dict of tensors by their released names; nothing else is kept.
"""

import math

import torch
import torch.nn.functional as F

EAGLE3_PREFIX = "midlayer."


def rms_norm(x, weight, eps):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight


class Rows:
    """The rows of some texts, one after the other."""

    def __init__(self, lengths, device=None):
        self.lengths = list(lengths)
        self.positions = torch.cat([torch.arange(n) for n in self.lengths]).to(device)
        self.count = int(self.positions.numel())

    def ranges(self):
        start = 0
        for length in self.lengths:
            yield start, start + length
            start += length


class Draft:
    """One draft: `tensors` are leaves that are trained, `frozen` what is not (embedding and target's head)."""

    def __init__(self, kind, config, tensors, embedding, target_head, offsets=None):
        self.kind, self.config, self.tensors = kind, config, tensors
        self.embedding, self.target_head = embedding, target_head
        self.hidden = config["hidden_size"]
        self.heads = config["num_attention_heads"]
        self.kv_heads = config.get("num_key_value_heads") or self.heads
        self.head_dim = config.get("head_dim") or self.hidden // self.heads
        self.eps = config.get("rms_norm_eps", 1e-6)
        theta = config.get("rope_theta") or 10000.0
        exponents = torch.arange(0, self.head_dim, 2, dtype=torch.float32) / self.head_dim
        self.frequencies = (1.0 / torch.pow(torch.tensor(float(theta)), exponents)).to(embedding.device)
        self.is_eagle3 = kind == "eagle3"
        self.target_ids = None
        if self.is_eagle3 and offsets is not None and len(offsets) < embedding.shape[0]:
            self.target_ids = torch.arange(len(offsets)) + offsets.cpu()
            self.own_ids = torch.full((embedding.shape[0],), -1)
            self.own_ids[self.target_ids] = torch.arange(len(offsets))
            self.target_ids, self.own_ids = self.target_ids.to(embedding.device), self.own_ids.to(embedding.device)

    @property
    def regresses(self):
        return not self.is_eagle3

    def linear(self, x, name):
        return F.linear(x, self.tensors[name + ".weight"], self.tensors.get(name + ".bias"))

    def norm(self, x, name):
        return rms_norm(x, self.tensors[name + ".weight"], self.eps)

    # Attention

    def rotate(self, x, positions):
        angles = positions[:, None].to(torch.float32) * self.frequencies[None, :]
        cos, sin = angles.cos().to(x.dtype)[:, None, :], angles.sin().to(x.dtype)[:, None, :]
        low, high = x[..., : self.head_dim // 2], x[..., self.head_dim // 2 :]
        return torch.cat([low * cos - high * sin, high * cos + low * sin], -1)

    def attention(self, x, prefix, rows, earlier):
        """Keys and values of near rows are those of later passes, as decoding has them; what comes after is masked by -inf."""
        count, group = rows.count, self.heads // self.kv_heads
        q = self.rotate(self.linear(x, prefix + "q_proj").view(count, self.heads, self.head_dim), rows.positions)
        k = self.rotate(self.linear(x, prefix + "k_proj").view(count, self.kv_heads, self.head_dim), rows.positions)
        v = self.linear(x, prefix + "v_proj").view(count, self.kv_heads, self.head_dim)
        passes = earlier + [(k, v)]
        outputs = []
        for start, end in rows.ranges():
            n = end - start
            query = q[start:end].transpose(0, 1)  # heads, n, d
            keys = [p[0][start:end].transpose(0, 1).repeat_interleave(group, 0) for p in passes]
            values = [p[1][start:end].transpose(0, 1).repeat_interleave(group, 0) for p in passes]
            scores = query @ keys[0].transpose(1, 2)
            back = torch.arange(n, device=x.device)[:, None] - torch.arange(n, device=x.device)[None, :]
            for distance in range(len(passes) - 1):
                near = (query @ keys[len(passes) - 1 - distance].transpose(1, 2))
                scores = torch.where(back == distance, near, scores)
            scores = (scores / math.sqrt(self.head_dim)).masked_fill(back < 0, -math.inf)
            weights = scores.softmax(-1)
            output = torch.zeros_like(query)
            far = weights
            for distance in range(len(passes) - 1):
                own = torch.where(back == distance, weights, torch.zeros_like(weights))
                output = output + own @ values[len(passes) - 1 - distance]
                far = torch.where(back == distance, torch.zeros_like(weights), far)
            output = output + far @ values[0]
            outputs.append(output.transpose(0, 1).reshape(n, self.heads * self.head_dim))
        return self.linear(torch.cat(outputs), prefix + "o_proj"), (k, v)

    def layer(self, x, residual, prefix, rows, earlier):
        attended, kept = self.attention(x, prefix + "self_attn.", rows, earlier)
        a = residual + attended
        m = self.norm(a, prefix + "post_attention_layernorm")
        out = self.linear(F.silu(self.linear(m, prefix + "mlp.gate_proj")) * self.linear(m, prefix + "mlp.up_proj"), prefix + "mlp.down_proj")
        return out + torch.cat([a] * (out.shape[-1] // a.shape[-1]), -1), kept

    # Passes

    def forward(self, features, tokens, rows, earlier):
        """One pass: what the head reads, what the next pass reads, what came in, and what later passes attend to."""
        e = self.embedding[tokens]
        if self.kind == "griffin":
            x = self.linear(torch.cat([e, features], -1), "fc.fc")
            n = self.norm(self.norm(x, "fc.post_attention_layernorm"), "fc.mlp.input_layernorm")
            up = self.linear(torch.cat([n, self.norm(e, "fc.mlp.input_layernorm")], -1), "fc.mlp.up_proj")
            x = x + self.linear(F.silu(up), "fc.mlp.down_proj")
            out, kept = self.layer(x, x, "layers.0.", rows, [p[0] for p in earlier])
            return out[:, : self.hidden], out[:, self.hidden :], features, [kept]
        if self.is_eagle3:
            g = features if earlier else self.linear(features, "fc")
            normed = self.norm(g, EAGLE3_PREFIX + "hidden_norm")
            x = torch.cat([self.norm(e, EAGLE3_PREFIX + "input_layernorm"), normed], -1)
            residual = normed if self.config.get("norm_before_residual") else g
            out, kept = self.layer(x, residual, EAGLE3_PREFIX, rows, [p[0] for p in earlier])
            return out, out, g, [kept]
        x = self.linear(torch.cat([e, features], -1), "fc")
        kept = []
        for index in range(self.config.get("num_hidden_layers", 1)):
            prefix = f"layers.{index}."
            has_norm = prefix + "input_layernorm.weight" in self.tensors
            normed = self.norm(x, prefix + "input_layernorm") if has_norm else x
            x, own = self.layer(normed, x, prefix, rows, [p[index] for p in earlier])
            kept.append(own)
        return x, x, features, kept

    def logits(self, predicted):
        if self.is_eagle3:
            predicted = self.norm(predicted, "norm")
        return F.linear(predicted, self.tensors.get("lm_head.weight", self.target_head))

    def target_logits(self, features):
        logits = F.linear(features, self.target_head)
        return logits if self.target_ids is None else logits[:, self.target_ids]

    def own(self, tokens):
        """The draft's own ids of tokens, -1 where it has none."""
        return tokens if self.target_ids is None else self.own_ids[tokens]

    def shifted(self, regressed, entered, rows):
        moved = torch.cat([entered[:1], regressed[:-1]])
        if not self.is_eagle3:
            moved, entered = moved.detach(), entered.detach()
        return torch.where((rows.positions == 0)[:, None], entered, moved)
