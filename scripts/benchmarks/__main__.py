"""scripts/bench NAME [options]: see the modules beside this file."""

import importlib
import os
import pathlib
import sys

NAMES = sorted(
    path.stem for path in pathlib.Path(__file__).parent.glob("*.py") if path.stem not in {"__main__", "shapes", "measuring", "vocabularies", "hostile_twins"}
)


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        sys.exit(f"usage: scripts/bench {'|'.join(NAMES)} [options]")
    work = pathlib.Path(os.environ.get("GRIFFIN_BENCH_FOLDER", ".build/bench"))
    work.mkdir(parents=True, exist_ok=True)
    importlib.import_module(sys.argv[1]).main(os.environ["GRIFFIN"], work, sys.argv[2:])


main()
