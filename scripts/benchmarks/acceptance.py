"""acceptance: what quantizing either half costs in acceptance length, on the wide sample pair of this repository."""

import argparse
import json
import os
import pathlib
import subprocess

GOLDEN = pathlib.Path("Tests/Fixtures/golden/llama2-wide")
TARGETS, DRAFTS = ["copy", "q8_0", "q6_k", "q4_k_m"], ["copy", "q8_0", "q4_k"]


def main(griffin, work, arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench acceptance", description=__doc__)
    parser.add_argument("--lengths", default="12,24", help="ids of each document that are a prompt (default 12,24)")
    parser.add_argument("--new-tokens", type=int, default=64, help="tokens decoded per prompt (default 64)")
    options = parser.parse_args(arguments)
    documents = json.loads((GOLDEN / "debug" / "kacc.json").read_text())["documents"]
    prompts = [document[: int(length)] for length in options.lengths.split(",") for document in documents]
    output = work / "acceptance.griffin"
    print(f"llama2-wide, {len(prompts)} prompts of {len(documents)} held-out documents, tree 60/5/10, {options.new_tokens} tokens each")
    print("| target | draft | acceptance length | cycles | KL mean | same best token | positions |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for target in TARGETS:
        for draft in DRAFTS:
            convert = ["convert", "--target", GOLDEN / "target", "--draft", GOLDEN / "draft", "--force", "-o", output]
            run(griffin, *convert, "--quantize", target, "--draft-quantize", draft)
            flags = [flag for prompt in prompts for flag in ["--prompt-ids", ",".join(map(str, prompt))]]
            report = json.loads(
                run(
                    griffin, "verify", output, *flags, "--max-new-tokens", options.new_tokens, "--json",
                    "--against", GOLDEN / "target", "--against-draft", GOLDEN / "draft", check=False,
                )
            )
            assert all(case["identical"] for case in report["cases"]), "speculative decoding differs from vanilla"
            cycles = sum(case["cycles"] for case in report["cases"])
            fidelity = report["fidelity"]
            print(
                f"| {target} | {draft} | {report['summary']['acceptance_length']:.3f} | {cycles} | {fidelity['kl_mean']:.5f} "
                f"| {100 * fidelity['top1_agreement']:.2f} % | {fidelity['positions']} |"
            )
    os.unlink(output)


def run(*command, check=True):
    return subprocess.run([str(word) for word in command], check=check, capture_output=True, text=True).stdout
