"""inflate: plain and speculative decoding at real cost, of a tiny trained pair made as wide and deep as a real one."""

import argparse
import json
import pathlib
import subprocess
import sys

from measuring import microbenchmark

GOLDEN = pathlib.Path("Tests/Fixtures/golden/llama2-tiny")


def main(griffin, work, arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench inflate", description=__doc__)
    parser.add_argument("--widening", type=int, default=16, help="times as wide: hidden columns and heads (default 16: 2048)")
    parser.add_argument("--intermediate", type=int, default=5632, help="columns of the feed-forward networks (default 5632)")
    parser.add_argument("--layers", type=int, default=22, help="layers of the target (default 22)")
    parser.add_argument("--recipes", default="copy,q8_0,q4_k_m", help="recipes of the target (default copy, which is f16, q8_0, q4_k_m)")
    parser.add_argument("--new-tokens", type=int, default=48, help="tokens decoded per prompt (default 48)")
    parser.add_argument("--prompts", type=int, default=8, help="prompts (default 8)")
    parser.add_argument("--threads", type=int, help="threads (default: all processors)")
    options = parser.parse_args(arguments)
    folder = work / f"inflated-{options.widening}-{options.intermediate}-{options.layers}"
    if not (folder / "target" / "config.json").exists():
        sizes = [options.widening, options.intermediate, options.layers]
        subprocess.run([microbenchmark("inflate"), GOLDEN / "target", GOLDEN / "draft", folder, *map(str, sizes)], check=True)
    documents = json.loads((GOLDEN / "debug" / "kacc.json").read_text())["documents"][: options.prompts]
    prompts = [flag for document in documents for flag in ["--prompt-ids", ",".join(map(str, document[:16]))]]
    flags = [*prompts, "--max-new-tokens", options.new_tokens, "--json"]
    if options.threads:
        flags += ["--threads", options.threads]
    print(f"hidden {128 * options.widening}, {options.layers} layers, {len(documents)} prompts, {options.new_tokens} tokens each")
    print("| target | plain tokens/s | tree | tokens a cycle | expected | measured | default tree 60/5/10 | 24/3/4 | 8/2/2 |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for recipe in options.recipes.split(","):
        bundle = work / f"inflated-{recipe}.griffin"
        run(griffin, "convert", "--target", folder / "target", "--draft", folder / "draft", "--quantize", recipe, "--force", "-o", bundle)
        tuned = json.loads(run(griffin, "tune", bundle, *flags))
        speedup, others = tuned["measured_speedup"], []
        for tree in ["60/5/10", "24/3/4", "8/2/2"]:
            nodes, depth, width = tree.split("/")
            report = json.loads(run(griffin, "verify", bundle, *flags, "--total-tokens", nodes, "--depth", depth, "--top-k", width))
            if not all(case["identical"] for case in report["cases"]):
                sys.exit(f"{recipe}: speculative decoding differs from plain decoding")
            others.append(f"{report['summary']['speedup']:.2f} x")
        shape = f"{tuned['total_tokens']}/{tuned['depth']}/{tuned['top_k']}"
        print(
            f"| {recipe} | {1 / tuned['plain_token_seconds']:.1f} | {shape} | {tuned['tokens_per_cycle']:.2f} | {tuned['expected_speedup']:.2f} x "
            f"| {speedup['median']:.2f} x ({speedup['least']:.2f} to {speedup['most']:.2f}) | {' | '.join(others)} |", flush=True)
        bundle.unlink()


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command[1]} ended with {done.returncode}: {done.stderr}")
    return done.stdout
