"""The exported EAGLE-3 pair under llama.cpp's draft-eagle3 speculation: the target's greedy ids, and how much is accepted."""
import importlib.metadata
import json
import pathlib
import subprocess
import sys
import tarfile

import llama_cpp

DEPTH, TOKENS = 7, 64
FILES = [
    "common", "sampling", "speculative", "log", "json", "unicode", "fit", "reasoning-budget", "ngram-cache", "ngram-map", "ngram-mod",
    "trie"]
INFO = "".join(f'const char * llama_{name}(void) {{ return ""; }}\n' for name in ("commit", "compiler", "build_target", "build_info"))


def built(context):
    """The program beside this file, with llama.cpp's speculation and the library that llama-cpp-python has."""
    folder = context.folder / "speculate"
    program = folder / "speculate"
    if program.exists():
        return program
    folder.mkdir(exist_ok=True)
    package = f"llama-cpp-python=={importlib.metadata.version('llama-cpp-python')}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "llama-cpp-python", "--dest", folder, package]
    if not list(folder.glob("llama_cpp_python-*.tar.gz")):
        subprocess.run(command, check=True, stdout=sys.stderr)
    with tarfile.open(*folder.glob("llama_cpp_python-*.tar.gz")) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.glob("*/vendor/llama.cpp")
    library = pathlib.Path(llama_cpp.__file__).parent / "lib"
    (folder / "info.cpp").write_text("int llama_build_number(void) { return 0; }\n" + INFO)
    files = [source / "common" / f"{name}.cpp" for name in FILES] + [folder / "info.cpp", pathlib.Path(__file__).with_name("speculate.cpp")]
    include = [f"-I{source / part}" for part in ("common", "include", "ggml/include", "vendor", "src")]
    link = [f"-L{library}", "-lllama", "-lggml", "-lggml-base", "-lggml-cpu", f"-Wl,-rpath,{library}", "-lpthread"]
    subprocess.run(["c++", "-std=c++17", "-O1", *include, *files, *link, "-o", program], check=True)
    return program


def run(context):
    pair = context.pair("llama3-eagle3")
    bundle = context.bundle("eagle3", pair / "target", "--draft", pair / "draft", "--quantize", "f32", "--draft-quantize", "f32")
    target, draft = context.export(bundle)
    prompts = [case["prompt_ids"] for case in json.loads((pair / "trace.json").read_text())["cases"]][:10]
    text = "".join(" ".join(map(str, prompt)) + "\n" for prompt in prompts)
    done = subprocess.run(
        [built(context), target, draft, str(DEPTH), str(TOKENS)], input=text, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    agreeing, mine_cycles, notes, lengths = 0, 0, [], [0, 0]
    # A chain is a tree of one branch.
    shape = ["--total-tokens", DEPTH + 1, "--depth", DEPTH, "--top-k", 1]
    for prompt, answer in zip(prompts, answers):
        mine = context.json(
            "generate", bundle, "--prompt-ids", ",".join(map(str, prompt)), "--max-new-tokens", TOKENS, *shape)
        theirs = answer["ids"][:TOKENS]
        agreeing += mine["ids"] == theirs
        notes += [] if mine["ids"] == theirs else [f"{mine['ids']}, in llama.cpp {theirs}"]
        mine_cycles += mine["cycles"]
        lengths = [lengths[0] + len(theirs), lengths[1] + len(mine["ids"])]
    # There a prompt's last token begins the first cycle; here the token after it does, which is up to a cycle less.
    rates = lengths[0] / sum(answer["cycles"] for answer in answers), lengths[1] / mine_cycles
    note = f"{rates[0]:.3f} tokens a cycle in llama.cpp, {rates[1]:.3f} here, chains of {DEPTH}"
    yield "llama3-eagle3 draft-eagle3", len(prompts), agreeing if len(answers) == len(prompts) else 0, "; ".join(notes[:1]) or note
