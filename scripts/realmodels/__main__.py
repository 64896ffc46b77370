"""The table of scripts/real-models: every part's rows, and whether all agree."""
import importlib
import os
import pathlib
import subprocess
import sys
import zipfile

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent


class Context:
    """What the parts share: the built command, a work folder and packages of the index."""

    def __init__(self):
        self.griffin = os.environ["GRIFFIN"]
        self.folder = ROOT / ".build-real-models"
        self.packages = pathlib.Path(os.environ.get("GRIFFIN_REAL_PACKAGES", self.folder / "packages"))
        self.packages.mkdir(parents=True, exist_ok=True)

    def archive(self, package):
        """The path of a package's sources, as they are on the index."""
        name = package.replace("-", "_")
        if not list(self.packages.glob(f"{name}-*.tar.gz")):
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", package, package]
            subprocess.run([*command, "-d", self.packages], check=True)
        return sorted(self.packages.glob(f"{name}-*.tar.gz"))[-1]

    def wheel(self, package):
        """The opened wheel of a package."""
        name = package.replace("-", "_")
        if not list(self.packages.glob(f"{name}-*.whl")):
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", package, "-d", self.packages], check=True)
        return zipfile.ZipFile(sorted(self.packages.glob(f"{name}-*.whl"))[-1])

    def run(self, *arguments):
        """What griffin prints."""
        done = subprocess.run([self.griffin, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8")
        if done.returncode:
            raise RuntimeError(done.stderr.strip().splitlines()[0] if done.stderr.strip() else f"exit code {done.returncode}")
        return done.stdout


def main():
    sys.path.insert(0, str(FOLDER.parent))
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
