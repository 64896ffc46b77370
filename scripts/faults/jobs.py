"""A made-up pair of some 60 MB, and the commands that are broken off."""

import hashlib
import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "benchmarks"))
from shapes import write_safetensors  # noqa: E402

HIDDEN, WIDE, VOCABULARY, HEADS, LAYERS = 512, 1536, 4000, 8, 8


def attention(prefix):
    return {f"{prefix}self_attn.{name}_proj.weight": [HIDDEN, HIDDEN] for name in "qkvo"}


def feed_forward(prefix, outputs):
    return {
        f"{prefix}mlp.gate_proj.weight": [WIDE, HIDDEN],
        f"{prefix}mlp.up_proj.weight": [WIDE, HIDDEN],
        f"{prefix}mlp.down_proj.weight": [outputs, WIDE],
    }


def target_tensors():
    tensors = {"model.embed_tokens.weight": [VOCABULARY, HIDDEN]}
    for layer in range(LAYERS):
        prefix = f"model.layers.{layer}."
        tensors |= {prefix + "input_layernorm.weight": [HIDDEN]} | attention(prefix)
        tensors |= {prefix + "post_attention_layernorm.weight": [HIDDEN]} | feed_forward(prefix, HIDDEN)
    return tensors | {"model.norm.weight": [HIDDEN], "lm_head.weight": [VOCABULARY, HIDDEN]}


def draft_tensors():
    tensors = {
        "embed_tokens.weight": [VOCABULARY, HIDDEN],
        "fc.fc.weight": [HIDDEN, 2 * HIDDEN],
        "fc.fc.bias": [HIDDEN],
        "fc.post_attention_layernorm.weight": [HIDDEN],
        "fc.mlp.input_layernorm.weight": [HIDDEN],
        "fc.mlp.up_proj.weight": [WIDE, 2 * HIDDEN],
        "fc.mlp.down_proj.weight": [HIDDEN, WIDE],
    }
    tensors |= attention("layers.0.") | {"layers.0.post_attention_layernorm.weight": [HIDDEN]}
    return tensors | feed_forward("layers.0.", 2 * HIDDEN)


def file_digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Job:
    """One command with its undisturbed result."""

    def __init__(self, name, arguments, output):
        self.name, self.arguments, self.output = name, arguments, output
        self.partial = output.with_name(output.name + ".partial")
        self.state = output.with_name(output.name + ".partial.state")

    def command(self, *more):
        return [*self.arguments, "-o", str(self.output), *more]

    def run(self, *more):
        return subprocess.run(self.command(*more), capture_output=True, text=True)

    def clear(self):
        for path in [self.output, self.partial, self.state]:
            path.unlink(missing_ok=True)

    def measure(self):
        """Runs undisturbed: what the result is, and how long it takes at most."""
        times = []
        for _ in range(3):
            self.clear()
            start = time.monotonic()
            outcome = self.run("--json")
            times.append(time.monotonic() - start)
            if outcome.returncode != 0:
                sys.exit(f"{self.name} fails undisturbed: {outcome.stderr}")
        self.seconds = max(times)
        self.digest = json.loads(outcome.stdout)["digest"]
        self.file_digest = file_digest(self.output)
        self.byte_count = self.output.stat().st_size
        self.clear()

    def problem_of_output(self):
        """What is wrong with the file under the final name; None where there is none or it is whole."""
        if not self.output.exists():
            return None
        verified = subprocess.run([self.arguments[0], "verify", str(self.output), "--integrity"], capture_output=True, text=True)
        if verified.returncode != 0:
            return f"{self.name}: what is under the final name does not verify: {verified.stderr}{verified.stdout}"
        if file_digest(self.output) != self.file_digest:
            return f"{self.name}: what is under the final name is not what an undisturbed run gives"
        return None

    def finish(self):
        """Resumes to the end. Returns the payloads that were kept (None where nothing was there to keep) and a problem."""
        outcome = self.run("--resume", "--json")
        if outcome.returncode != 0:
            return None, f"{self.name}: --resume ends with {outcome.returncode}: {outcome.stderr.strip()}"
        document = json.loads(outcome.stdout)
        if document["digest"] != self.digest or file_digest(self.output) != self.file_digest:
            return None, f"{self.name}: a resumed run gives another file"
        left = [path.name for path in self.output.parent.iterdir() if path != self.output]
        if left:
            return None, f"{self.name}: {', '.join(left)} left beside the finished file"
        resumed = document.get("resumed")
        return (resumed["kept_payloads"] if resumed else None), None


class Jobs:
    """convert and quantize, each copying and encoding, on one thread and on two."""

    def __init__(self, folder, griffin):
        self.folder = folder
        (folder / "out").mkdir(parents=True, exist_ok=True)
        self.make_pair()
        base = folder / "base.griffin"
        sources = ["--target", str(folder / "target"), "--draft", str(folder / "draft")]
        if subprocess.run([griffin, "convert", *sources, "-o", str(base), "--force"], capture_output=True).returncode != 0:
            sys.exit("the made-up pair does not convert")
        self.commands = {
            "convert, copy": [griffin, "convert", *sources, "--threads", "1"],
            "convert, q4_k_m": [griffin, "convert", *sources, "--quantize", "q4_k_m", "--stats"],
            "quantize, q6_k": [griffin, "quantize", str(base), "--recipe", "q6_k", "--threads", "1"],
        }

    def make_pair(self):
        for half, tensors, seed in [("target", target_tensors(), 1), ("draft", draft_tensors(), 2)]:
            path = self.folder / half
            if (path / "config.json").exists():
                continue
            path.mkdir(exist_ok=True)
            write_safetensors(path / "model.safetensors", tensors, seed)
            config = {
                "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "hidden_size": HIDDEN,
                "intermediate_size": WIDE, "num_attention_heads": HEADS, "num_key_value_heads": HEADS, "vocab_size": VOCABULARY,
                "num_hidden_layers": LAYERS if half == "target" else 1, "max_position_embeddings": 2048, "rms_norm_eps": 1e-5,
                "tie_word_embeddings": False, "torch_dtype": "float16", "bos_token_id": 1, "eos_token_id": 2,
            }
            (path / "config.json").write_text(json.dumps(config))

    def measured(self, folder=None):
        """The jobs, with their outputs in a folder of their own."""
        jobs = [Job(name, arguments, (folder or self.folder / "out") / "out.griffin") for name, arguments in self.commands.items()]
        for job in jobs:
            job.measure()
        return jobs


def kept(counts):
    """Least to most of the payloads that resumed runs kept."""
    return f"{min(counts)} to {max(counts)}" if counts else "-"
