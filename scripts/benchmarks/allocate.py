"""allocate: what choosing types for a 7B shape takes in memory of its own, how long it says that it will take, and that a killed run goes on."""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

from shapes import make_pair

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Words for the sample, so that the program measures on its built-in text.
TOKENIZER = ROOT / "Tests/Fixtures/golden/llama2-tiny/target"
BOUND = 512 << 20


def anonymous(process):
    """Bytes that a process has of its own, beside files that it maps; 0 once it has ended."""
    try:
        found = re.search(r"RssAnon:\s+(\d+) kB", pathlib.Path(f"/proc/{process}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) << 10 if found else 0


def measurements(partial):
    """How many losses and whole choices were noted."""
    return max(len(partial.read_bytes().splitlines()) - 1, 0) if partial.exists() else 0


def watched(command, log, partial, until):
    """Seconds, the peak of its own memory and the exit status of a command, which is killed once `until` losses are noted."""
    peak, start = 0, time.monotonic()
    with open(log, "wb") as errors:
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=errors)
        while process.poll() is None:
            peak = max(peak, anonymous(process.pid))
            if until is not None and measurements(partial) >= until:
                process.send_signal(signal.SIGKILL)
                process.wait()
            time.sleep(0.02)
    return time.monotonic() - start, peak, process.returncode


def main(griffin, work, arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench allocate", description=__doc__)
    parser.add_argument("--layers", type=int, default=2, help="layers of the 7B-shaped target (default 2; 32 are all)")
    parser.add_argument("--shape", choices=["full", "quarter"], default="full", help="quarter: of a quarter of the width (default full)")
    parser.add_argument("--holes", action="store_true", help="weights of zero that take no disk: memory is as with others, seconds are not")
    parser.add_argument("--tokens", type=int, default=1024)
    parser.add_argument("--size", default=None, help="default: three tenths of the weights")
    parser.add_argument("--types", default="q2_k,q3_k,q4_k,q6_k,q8_0")
    parser.add_argument("--kill-after", type=int, default=6, metavar="LOSSES", help="losses noted before the kill (default 6)")
    parser.add_argument("--stop-after", type=int, metavar="LOSSES", help="end the resumed run there too (default: it runs to its end)")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args(arguments)
    name = "7B" if options.shape == "full" else options.shape
    pair = work / f"pair-{name.lower()}{'-holes' if options.holes else ''}"
    shards = make_pair(pair, options.layers, options.shape, options.holes)
    for name in ["tokenizer.json", "tokenizer_config.json"]:
        shutil.copy(TOKENIZER / name, pair / "target" / name)
    total = sum(shard.stat().st_size for shard in shards)
    output, log = work / "allocated.json", work / "allocate.log"
    partial = output.with_name(output.name + ".partial.state")
    files = [output, partial, output.with_name(output.name + ".partial")]
    for path in files:
        path.unlink(missing_ok=True)
    command = [
        griffin, "allocate", pair / "target", "--draft", pair / "draft", "-o", output, "--size", options.size or total * 3 // 10,
        "--tokens", options.tokens, "--types", options.types, "--threads", options.threads, "--json"]
    print(f"{name} shape, {options.layers} layers{' of holes' if options.holes else ''} and a draft, {total / 1e9:.1f} GB, {options.tokens} tokens, {options.threads} threads")
    seconds, peak, status = watched(command, log, partial, options.kill_after)
    said = re.search(r"measuring will take (.*)", log.read_text(errors="replace"))
    before = partial.read_bytes() if partial.exists() else b""
    count = measurements(partial)
    print(f"said: {said[1].strip() if said else 'nothing'}; killed ({status}) after {seconds:.0f} s with {count} losses noted; {describe(peak)}", flush=True)
    again, peak, status = watched(command + ["--resume"], log, partial, None if options.stop_after is None else count + options.stop_after)
    if options.stop_after is None:
        print(f"resumed to its end ({status}) in {again:.0f} s, {seconds + again:.0f} s in all; {describe(peak)}")
        if status:
            print(log.read_text(errors="replace")[-2000:])
    else:
        kept = partial.exists() and partial.read_bytes().startswith(before)
        print(
            f"resumed, {measurements(partial) - count} losses in {again:.0f} s more; those before are {'kept' if kept else 'lost'}; {describe(peak)}")
    for path in files:
        path.unlink(missing_ok=True)


def describe(peak):
    return f"{peak / (1 << 20):.0f} MiB of its own ({'within' if peak <= BOUND else 'over'} {BOUND >> 20} MiB)"
