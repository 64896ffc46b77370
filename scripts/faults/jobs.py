"""A made-up pair of some 60 MB, and the commands that are broken off."""

import hashlib
import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "benchmarks"))
from shapes import Shape, write_safetensors  # noqa: E402

SHAPE, LAYERS = Shape(hidden=512, wide=1536, vocabulary=4000, heads=8, positions=2048), 8


def file_digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Job:
    """One command with its undisturbed result."""

    # What a second run is told, whether a run that is interrupted or short of room leaves its work, and whether it says what room it takes.
    again, keeps, foretells = ["--resume"], True, True

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
        """Runs again to the end. Returns the payloads that were kept (None where nothing was there to keep) and a problem."""
        outcome = self.run(*self.again, "--json")
        if outcome.returncode != 0:
            return None, f"{self.name}: {' '.join(self.again)} ends with {outcome.returncode}: {outcome.stderr.strip()}"
        document = json.loads(outcome.stdout)
        if document["digest"] != self.digest or file_digest(self.output) != self.file_digest:
            return None, f"{self.name}: a second run gives another file"
        left = [path.name for path in self.output.parent.iterdir() if path != self.output]
        if left:
            return None, f"{self.name}: {', '.join(left)} left beside the finished file"
        resumed = document.get("resumed")
        return (resumed["kept_payloads"] if resumed else None), None


class Unpacking(Job):
    """A run that begins anew where another was broken off."""

    again, keeps = ["--force"], False


class Packing(Unpacking):
    """Likewise, and how large an archive gets is known when it is written."""

    foretells = False


class Jobs:
    """convert and quantize, each copying and encoding, on one thread and on two; pack and unpack."""

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
        }
        self.kinds = {"pack": Packing, "unpack": Unpacking}

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
