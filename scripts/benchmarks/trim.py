"""trim: what a head over a part of the vocabulary costs in acceptance length and saves in time, on the wide sample pair of this repository."""

import argparse
import json
import os
import pathlib
import subprocess

GOLDEN = pathlib.Path("Tests/Fixtures/golden/llama2-wide")


def main(griffin, work, arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench trim", description=__doc__)
    parser.add_argument("--parts", default="2,4,8", help="what part of the vocabulary stays: a half, a quarter, an eighth (default 2,4,8)")
    parser.add_argument("--new-tokens", type=int, default=64, help="tokens decoded per prompt (default 64)")
    options = parser.parse_args(arguments)
    documents = json.loads((GOLDEN / "debug" / "kacc.json").read_text())["documents"]
    size = json.loads((GOLDEN / "target" / "config.json").read_text())["vocab_size"]
    counted, decoded = documents[::2], documents[1::2]
    whole, trimmed, text = work / "whole.griffin", work / "trimmed.griffin", work / "trim.txt"
    convert = ["convert", "--target", GOLDEN / "target", "--draft", GOLDEN / "draft", "--force"]
    run(griffin, *convert, "-o", whole)
    # What is counted: every other held-out document, and what the target makes of its beginning.
    pieces = [json.loads(run(griffin, "tokenize", whole, "--decode", ",".join(map(str, ids)), "--json"))["text"] for ids in counted]
    for ids in counted:
        made = json.loads(run(griffin, "generate", whole, "--prompt-ids", ",".join(map(str, ids[:8])), "--max-new-tokens", 200, "--json"))
        pieces.append(made["text"])
    text.write_text("\n".join(pieces) + "\n")
    prompts = [document[:length] for length in (12, 24) for document in decoded]
    flags = [flag for prompt in prompts for flag in ["--prompt-ids", ",".join(map(str, prompt))]]
    print(f"llama2-wide, {len(prompts)} prompts of {len(decoded)} documents that are not counted, {options.new_tokens} tokens each")
    print("| tokens of the head | acceptance length | of the whole head's | drafting, s | all, s |\n| --- | --- | --- | --- | --- |")
    base = None
    for part in [1, *map(int, options.parts.split(","))]:
        bundle = whole if part == 1 else trimmed
        if part > 1:
            run(griffin, *convert, "-o", trimmed, "--trim-vocab", size // part, "--text", text)
        reports = [json.loads(run(griffin, "verify", bundle, *flags, "--max-new-tokens", options.new_tokens, "--threads", 1, "--json")) for _ in range(3)]
        assert all(case["identical"] for report in reports for case in report["cases"]), "speculative decoding differs from vanilla"
        length = reports[0]["summary"]["acceptance_length"]
        base = base or length
        seconds = min(sum(case["seconds_speculative"] for case in report["cases"]) for report in reports)
        drafting = min(sum(case["phase_seconds"]["drafting"] for case in report["cases"]) for report in reports)
        print(f"| {size // part} | {length:.3f} | {100 * length / base:.1f} % | {drafting:.3f} | {seconds:.3f} |")
    for path in (whole, trimmed, text):
        path.unlink(missing_ok=True)


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout
