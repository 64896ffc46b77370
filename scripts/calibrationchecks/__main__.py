"""The table of scripts/check-calibration: the largest difference of a column, by pair, half and oracle."""
import argparse
import json
import pathlib
import sys
import tempfile

import gguf
import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
sys.path.insert(0, str(FOLDER.parent))

from exportchecks.__main__ import Context  # noqa: E402
from calibrationchecks import names  # noqa: E402

PAIRS = [
    "llama2-wide", "llama31-tiny", "qwen2-tiny", "mixtral-tiny", "vicuna-tiny", "llama2-eagle2", "llama3-eagle3", "smollm2",
]
CHUNKS, BOUND = 3, 0.01
# A text that stays as it is.
TEXT = ROOT / "LICENSE"
FIXTURE = "llama2-wide"
FIXTURE_TENSORS = [
    "target/model.layers.1.mlp.down_proj.weight", "target/model.layers.3.self_attn.q_proj.weight", "draft/fc.fc.weight",
    "draft/layers.0.mlp.down_proj.weight",
]


def matrix(path):
    """Means and counts by the names that the file has, as the gguf package reads it."""
    tensors = {tensor.name: np.array(tensor.data, dtype=np.float64) for tensor in gguf.GGUFReader(path).tensors}
    counts = {name.removesuffix(".counts"): data.reshape(-1) for name, data in tensors.items() if name.endswith(".counts")}
    means = {name: tensors[name + ".in_sum2"].reshape(len(count), -1) / np.maximum(count, 1)[:, None] for name, count in counts.items()}
    return means, counts


def compare(ours, theirs):
    """The largest relative difference of a column over all entries of the oracle, and how many those are; missing ones are infinite."""
    worst, where, columns = 0.0, "-", 0
    (means, counts), (expected, expected_counts) = ours, theirs
    for name, values in expected.items():
        if name not in means:
            return float("inf"), f"no entry for {name}", columns
        if means[name].shape != values.shape:
            return float("inf"), f"{name}: {means[name].shape} for {values.shape}", columns
        if not (abs(counts[name] - expected_counts[name]) <= 0.01 * np.maximum(expected_counts[name], 1)).all():
            return float("inf"), f"{name}: counts {counts[name]} for {expected_counts[name]}", columns
        difference = np.abs(means[name] - values) / np.maximum(values, 1e-30)
        difference[(means[name] == 0) & (values == 0)] = 0
        columns += values.size
        if difference.max() > worst:
            worst, where = difference.max(), name
    return worst, where, columns


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--golden", type=pathlib.Path)
    parser.add_argument("--fixtures", action="store_true")
    parser.add_argument("pairs", nargs="*", metavar="PAIR")
    arguments = parser.parse_args()
    context = Context(arguments.golden)
    rows, is_good = [], True
    for name in arguments.pairs or PAIRS:
        with tempfile.TemporaryDirectory(dir=context.folder) as folder:
            for row in check(context, name, pathlib.Path(folder), arguments.fixtures and name == FIXTURE):
                rows.append(row)
                is_good = is_good and row[3] <= BOUND
                print("%-14s %-8s %-10s %8.5f %%  of %6d  %s" % (*row[:3], 100 * row[3], row[4], row[5]), flush=True)
    print("all within 1 %" if is_good else "columns differ by more than 1 %")
    sys.exit(not is_good)


def check(context, name, folder, writes_fixture):
    from calibrationchecks import in_llama_cpp

    is_pair = name != "smollm2"
    source = context.pair(name) / "target" if is_pair else context.smollm2()
    draft = ["--draft", context.pair(name) / "draft"] if is_pair else []
    bundle, output, exported = folder / "pair.griffin", folder / "imatrix.gguf", folder / "f32.gguf"
    # The same float32 weights on both sides: products with others would round what they are multiplied with.
    context.run("convert", "--target", source, *draft, "--quantize", "f32", "--draft-quantize", "f32", "--allow-requantize", "-o", bundle)
    context.run("calibrate", bundle, "--text", TEXT, "--chunks", CHUNKS, "-o", output)
    context.run("export", bundle, "--format", "gguf", "--component", "target", "--no-check", "-o", exported)
    ours = matrix(output)
    means, counts, chunks = in_llama_cpp.collect(exported, TEXT.read_text(), CHUNKS)
    target = {key: value for key, value in means.items()}
    yield name, "target", "llama.cpp", *swap(compare(ours, (target, counts)))
    if not is_pair:
        return
    from calibrationchecks import in_torch

    is_mixture = any("_exps" in key for key in means)
    released = context.pair(name)
    expected, expected_counts, differences, cases = in_torch.collect(released / "target", released / "draft", chunks)
    # What torch computes is believed where it drafts the trees that the released code did.
    yield name, "draft", "its trace", float("inf") if differences else 0, cases, (differences or ["torch repeats the released code's cases"])[0]
    ours = tuple({names.canonical(key): value for key, value in part.items()} for part in ours)
    for half in ["draft"] if is_mixture else ["target", "draft"]:
        part = {key: value for key, value in expected.items() if key.startswith(half)}
        yield name, half, "torch", *swap(compare(ours, (part, expected_counts)))
    if writes_fixture:
        document = {
            "made_by": "scripts/check-calibration --fixtures", "pair": name, "chunks": chunks,
            "tensors": {
                key: {"count": int(expected_counts[key][0]), "means": [float(f"{value:.7g}") for value in expected[key][0]]}
                for key in FIXTURE_TENSORS
            },
        }
        place = ROOT / "Tests/Fixtures/calibration"
        place.mkdir(exist_ok=True)
        (place / f"{name}.json").write_text(json.dumps(document) + "\n")


def swap(result):
    worst, where, columns = result
    return worst, columns, where


if __name__ == "__main__":
    main()
