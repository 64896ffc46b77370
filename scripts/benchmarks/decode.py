"""decode: passes of a 7B-shaped target against llama.cpp's llama_decode on the same GGUF, beside a streaming read and sgemm."""

import argparse
import ctypes
import ctypes.util
import os
import statistics
import subprocess
import sys
import threading
import time

from measuring import microbenchmark, run, spread
from quantize import FILE_TYPES, MIXES, needs_importance, write_gguf, write_importance
from shapes import FULL, make_pair

# The other side, with the same commands: library, GGUF, threads.
PEER = r"""
import ctypes, sys, time
from llama_cpp import llama_cpp as l
l.llama_backend_init()
quiet = l.llama_log_callback(lambda *_: None)
l.llama_log_set(quiet, None)
parameters = l.llama_model_default_params()
parameters.n_gpu_layers = 0
model = l.llama_model_load_from_file(sys.argv[1].encode(), parameters)
settings = l.llama_context_default_params()
settings.n_ctx, settings.n_batch, settings.n_ubatch = 1024, 512, 512
settings.n_threads = settings.n_threads_batch = int(sys.argv[2])
context = l.llama_init_from_model(model, settings)
vocabulary = l.llama_vocab_n_tokens(l.llama_model_get_vocab(model))
memory = l.llama_get_memory(context)
batch = l.llama_batch_init(512, 0, 1)
def decode(count, start, all_logits):
    batch.n_tokens = count
    for i in range(count):
        batch.token[i] = 3 + i * 7919 % (vocabulary - 3)
        batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0] = start + i, 1, 0
        batch.logits[i] = all_logits or i == count - 1
    begin = time.perf_counter()
    assert l.llama_decode(context, batch) == 0
    l.llama_synchronize(context)
    return time.perf_counter() - begin
length = 0
print("ready", flush=True)
for line in sys.stdin:
    name, count = line.split()
    if name == "prompt":
        l.llama_memory_clear(memory, True)
        length = int(count)
        print(decode(length, 0, False), flush=True)
    else:
        if length < 64:
            decode(64, 0, False)
            length = 64
        l.llama_memory_seq_rm(memory, 0, 64, -1)
        length = 64
        print(decode(int(count), 64, True), flush=True)
        l.llama_memory_seq_rm(memory, 0, 64, -1)
"""


# Every type that a matrix may have: as pure recipes, and those that are made in mixes.
RECIPES = [
    "f16", *FILE_TYPES, "q3_k_m", "q4_k_m", "q5_k_m", "iq3_s", "iq3_xxs", "iq2_s", "iq2_xs", "iq2_xxs", "iq1_m", "iq1_s", "tq1_0", "tq2_0",
]


class Side:
    """A process that times what it is told."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.greeting = self.process.stdout.readline().split()
        if not self.greeting:
            sys.exit(f"{command[0]} did not start: run it by hand with {command[1:]}")

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return [float(word) for word in self.process.stdout.readline().split()]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Sgemm:
    """512-wide products of OpenBLAS, one on each thread."""

    def __init__(self, threads):
        name = ctypes.util.find_library("openblas")
        if name is None:
            sys.exit("the probe is missing: libopenblas")
        self.library, self.threads = ctypes.CDLL(name), threads
        self.library.openblas_set_num_threads(1)
        self.library.cblas_sgemm.argtypes = (
            [ctypes.c_int] * 6 + [ctypes.c_float, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
            + [ctypes.c_float, ctypes.c_void_p, ctypes.c_int])
        self.matrices = [[(ctypes.c_float * 512**2)(*([0.5] * 512**2)) for _ in range(3)] for _ in range(threads)]

    def rate(self, rounds=8):
        """FLOP/s."""

        def work(a, b, c):
            for _ in range(rounds):
                self.library.cblas_sgemm(101, 111, 112, 512, 512, 512, 1, a, 512, b, 512, 0, c, 512)

        workers = [threading.Thread(target=work, args=matrices) for matrices in self.matrices]
        begin = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return 2 * 512**3 * rounds * self.threads / (time.perf_counter() - begin)


def main(griffin, work, arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench decode", description=__doc__)
    parser.add_argument("--layers", type=int, default=2, help="layers of the 7B-shaped target (default 2; 32 are all)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each pass, alternating (default 5)")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--recipes", default=",".join(RECIPES), help="f16, pure types and mixes, with commas")
    parser.add_argument("--passes", default="1,8,32,64", help="tokens of a pass, with commas (default 1,8,32,64)")
    parser.add_argument("--prompt", type=int, default=512, help="tokens of a prompt, at most 512; 0 leaves it out (default 512)")
    parser.add_argument("--cold", action="store_true", help="a first token of a bundle outside the page cache, and nothing else")
    parser.add_argument("--alone", action="store_true", help="without llama.cpp, beside the probes only")
    options = parser.parse_args(arguments)
    recipes = options.recipes.lower().split(",")
    if unknown := set(recipes) - set(FILE_TYPES | MIXES) - {"f16"}:
        sys.exit(f"unknown recipes: {', '.join(sorted(unknown))}")
    program = microbenchmark("decode")
    pair = work / "pair-7b"
    make_pair(pair, options.layers)
    shards = sorted((pair / "target").glob("*.safetensors"))
    whole = work / f"target-7b-{options.layers}.gguf"
    if not whole.exists() or whole.stat().st_mtime < shards[0].stat().st_mtime:
        write_gguf(whole, shards, FULL.config(options.layers))
    write_importance(work / "importance.dat", FULL.config(options.layers))
    sgemm = Sgemm(options.threads)
    for recipe in recipes:
        gguf, bundle = work / f"decode-{recipe}.gguf", work / f"decode-{recipe}.griffin"
        if recipe == "f16":
            gguf = whole
            run([griffin, "convert", "--target", gguf, "-o", bundle, "--force"])
        else:
            quantize(griffin, whole, recipe, bundle, gguf, work / "importance.dat")
        if options.cold:
            measure_cold(recipe, program, bundle, options)
        else:
            measure(recipe, program, gguf, bundle, sgemm, options)
        bundle.unlink()
        if gguf != whole:
            gguf.unlink()


def quantize(griffin, whole, recipe, bundle, gguf, importance):
    """Both sides' file with the same blocks, which are those of llama-quantize (`scripts/check-exports` says so)."""
    flags = ["--imatrix", importance] if needs_importance(recipe) else []
    run([griffin, "convert", "--target", whole, "-o", bundle, "--quantize", recipe, *flags, "--force"])
    run([griffin, "export", bundle, "--format", "gguf", "-o", gguf, "--force"])


def drop(path):
    """Takes a file out of the page cache; what is not written yet is written first."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def seconds_to_read(path):
    """Reading a file from start to end, as cat does."""
    buffer = bytearray(8 << 20)
    begin = time.perf_counter()
    with open(path, "rb", buffering=0) as file:
        while file.readinto(buffer):
            pass
    return time.perf_counter() - begin


def measure_cold(recipe, program, bundle, options):
    """The first token of a process against reading the same file, neither in the page cache."""
    size, tokens, reads = bundle.stat().st_size, [], []
    for _ in range(options.runs):
        drop(bundle)
        reads.append(seconds_to_read(bundle))
        drop(bundle)
        ours = Side([program, bundle, options.threads])
        tokens.append(ours.ask("prompt 1")[0])
        ours.close()
    text = f"{recipe}, {options.layers} layers, cold: a first token {spread(tokens, ' s')}, the file read {spread(reads, ' s')}: "
    text += f"{statistics.median(size / value for value in tokens) / 1e9:.2f} GB/s, "
    print(text + spread([b / a for a, b in zip(tokens, reads)], " x the rate of reading"), flush=True)


def measure(recipe, program, gguf, bundle, sgemm, options):
    ours = Side([program, bundle, options.threads])
    theirs = None if options.alone else Side([sys.executable, "-c", PEER, gguf, options.threads])
    weights = FULL.hidden * FULL.hidden * 4 + FULL.hidden * FULL.wide * 3
    flops = 2 * (options.layers * weights + FULL.hidden * FULL.vocabulary)
    lines = [("pass", int(count)) for count in options.passes.split(",")]
    if options.prompt:
        lines.append(("prompt", options.prompt))
    print(f"{recipe}, {options.layers} layers, {options.threads} threads, {ours.greeting[-1]}")
    for name, count in lines:
        mine, peers, reads, products = [], [], [], []
        for number in range(options.runs + 1):
            size, seconds, _ = ours.ask("read")
            product = sgemm.rate()
            other = theirs.ask(f"{name} {count}")[0] if theirs else None
            own = ours.ask(f"{name} {count}")[0]
            # The first of each warms caches up.
            if number:
                mine.append(own)
                peers.append(other)
                reads.append(size / seconds)
                products.append(product)
        work = flops * count if name == "pass" else flops * count - 2 * FULL.hidden * FULL.vocabulary * (count - 1)
        text = f"  {name} of {count:3}: {spread([1000 * value for value in mine], ' ms', 1)}"
        if theirs:
            text += f", llama.cpp {spread([1000 * value for value in peers], ' ms', 1)}: "
            text += spread([b / a for a, b in zip(mine, peers)], " x as fast")
        if count == 1:
            rates = [size / value for value in mine]
            text += f"; {statistics.median(rates) / 1e9:.1f} GB/s, "
            text += f"{100 * statistics.median(a / b for a, b in zip(rates, reads)):.0f} % of a streaming read"
        else:
            rates = [work / value for value in mine]
            text += f"; {statistics.median(rates) / 1e9:.0f} GFLOP/s, "
            text += f"{100 * statistics.median(a / b for a, b in zip(rates, products)):.0f} % of sgemm"
        print(text, flush=True)
    ours.close()
    if theirs:
        theirs.close()
