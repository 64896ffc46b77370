"""The table of scripts/real-models: every part's rows, and whether all agree."""
import importlib
import os
import pathlib
import subprocess
import sys
import zipfile

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
sys.path.insert(0, str(FOLDER.parent))

from benchmarks.vocabularies import download  # noqa: E402


class Context:
    """What the parts share: the built command, a work folder and packages of the index."""

    def __init__(self):
        self.griffin = os.environ["GRIFFIN"]
        self.folder = ROOT / ".build-real-models"
        self.packages = pathlib.Path(os.environ.get("GRIFFIN_REAL_PACKAGES", self.folder / "packages"))
        self.packages.mkdir(parents=True, exist_ok=True)

    def archive(self, package):
        """The path of a package's sources, as they are on the index."""
        return download(package, self.packages, sources=True)

    def wheel(self, package):
        """The opened wheel of a package."""
        return zipfile.ZipFile(download(package, self.packages))

    def program(self, name):
        """The path of a program of `programs`, built."""
        build = ["swift", "build", "-c", "release", "--package-path", FOLDER / "programs", "--scratch-path", self.folder / "programs"]
        subprocess.run(build, check=True, stdout=sys.stderr)
        shown = subprocess.run([*build, "--show-bin-path"], check=True, capture_output=True, text=True)
        return pathlib.Path(shown.stdout.strip()) / name

    def run(self, *arguments):
        """What griffin prints."""
        done = subprocess.run([self.griffin, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8")
        if done.returncode:
            raise RuntimeError(done.stderr.strip().splitlines()[0] if done.stderr.strip() else f"exit code {done.returncode}")
        return done.stdout


def main():
    helpers = {"__main__", "__init__"}
    parts = sys.argv[1:] or sorted(
        path.stem for path in FOLDER.glob("*.py") if path.stem not in helpers and "def run(context)" in path.read_text())
    context, wrong = Context(), 0
    print("| what | compared | agree | note |\n| --- | --- | --- | --- |")
    for part in parts:
        for name, count, agreeing, note in importlib.import_module(f"realmodels.{part}").run(context):
            wrong += count - agreeing
            print(f"| {name} | {count} | {agreeing} | {note} |", flush=True)
    sys.exit(1 if wrong else 0)


main()
