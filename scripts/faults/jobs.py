"""A made-up pair of some 60 MB, and the commands that are broken off."""

import functools
import json
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "benchmarks"))
from shapes import Shape, write_safetensors  # noqa: E402

from edits import EditingAnew, EditingInPlace  # noqa: E402
from job import Job, Packing, Unpacking  # noqa: E402

SHAPE, LAYERS = Shape(hidden=512, wide=1536, vocabulary=4000, heads=8, positions=2048), 8


class Jobs:
    """convert and quantize, each copying and encoding, on one thread and on two; pack and unpack; edit, in place and anew."""

    def __init__(self, folder, griffin):
        self.folder = folder
        (folder / "out").mkdir(parents=True, exist_ok=True)
        self.make_pair()
        base = folder / "base.griffin"
        sources = ["--target", str(folder / "target"), "--draft", str(folder / "draft")]
        if subprocess.run([griffin, "convert", *sources, "-o", str(base), "--force"], capture_output=True).returncode != 0:
            sys.exit("the made-up pair does not convert")
        packed = folder / "base.tar.zst"
        if subprocess.run([griffin, "pack", str(base), "-o", str(packed), "--force"], capture_output=True).returncode != 0:
            sys.exit("the made-up pair does not pack")
        self.commands = {
            "convert, copy": [griffin, "convert", *sources, "--threads", "1"],
            "convert, q4_k_m": [griffin, "convert", *sources, "--quantize", "q4_k_m", "--stats"],
            "quantize, q6_k": [griffin, "quantize", str(base), "--recipe", "q6_k", "--threads", "1"],
            "pack": [griffin, "pack", str(base)],
            "unpack": [griffin, "unpack", str(packed), "--threads", "1"],
            "edit, in place": [griffin, "edit", "--set", "note=changed"],
            "edit, anew": [griffin, "edit", "--attach", str(self.attachment())],
        }
        self.kinds = {
            "pack": Packing,
            "unpack": Unpacking,
            "edit, in place": functools.partial(EditingInPlace, base),
            "edit, anew": functools.partial(EditingAnew, base),
        }

    def attachment(self):
        """A file that fits in no slack."""
        path = self.folder / "attached.bin"
        path.write_bytes(random.Random(3).randbytes(8 << 20))
        return path

    def make_pair(self):
        for half, tensors, layers, seed in [
            ("target", SHAPE.target_tensors(LAYERS), LAYERS, 1),
            ("draft", SHAPE.draft_tensors(), 1, 2),
        ]:
            path = self.folder / half
            if (path / "config.json").exists():
                continue
            path.mkdir(exist_ok=True)
            write_safetensors(path / "model.safetensors", tensors, seed)
            (path / "config.json").write_text(json.dumps(SHAPE.config(layers)))

    def measured(self, folder=None):
        """The jobs, with their outputs in a folder of their own."""
        jobs = [self.kinds.get(name, Job)(name, arguments, (folder or self.folder / "out") / "out.griffin") for name, arguments in self.commands.items()]
        for job in jobs:
            job.measure()
        return jobs


def kept(counts):
    """Least to most of the payloads that resumed runs kept."""
    return f"{min(counts)} to {max(counts)}" if counts else "-"
