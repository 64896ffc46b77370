"""decode: one token through 7B-shaped layers against a streaming read of the same bytes."""

import subprocess

PACKAGE = ["--package-path", "scripts/microbenchmarks", "--scratch-path", ".build-bench", "-c", "release"]


def main(griffin, work, arguments):
    subprocess.run(["swift", "build", *PACKAGE, "--quiet"], check=True)
    place = subprocess.run(["swift", "build", *PACKAGE, "--show-bin-path"], check=True, capture_output=True, text=True)
    subprocess.run([f"{place.stdout.strip()}/decode", *arguments], check=True)
