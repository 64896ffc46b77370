"""Converts from nginx and from an S3-compatible server over a counted line, and holds digests, bytes, memory and rate against what is promised."""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

# At the end: a program there has the name of a module of Python's.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "benchmarks"))

import servers
import shapes
from line import Line

MEBIBYTE = 1 << 20
BYTES_ALLOWED = 1.02
MEMORY_ALLOWED = 256 * MEBIBYTE
LINE_RATE, LINE_LATENCY, LINE_USE_NEEDED = 100e6, 0.020, 0.85


class Checks:
    def __init__(self, griffin, work):
        self.griffin, self.work, self.failures = griffin, work, 0

    def outcome(self, *arguments, **environment):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "HF_", "SSL_")) and "proxy" not in name.lower()}
        return subprocess.run(
            [self.griffin, *map(str, arguments), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean | environment)

    def run(self, *arguments, **environment):
        done = self.outcome(*arguments, **environment)
        if done.returncode:
            sys.exit(f"griffin {' '.join(map(str, arguments))}: {done.returncode}\n{done.stderr}")
        return json.loads(done.stdout)

    def say(self, what, value, unit, holds):
        self.failures += not holds
        print(f"{'ok  ' if holds else 'FAIL'}  {what:<74} {value:10.4g} {unit}", flush=True)


def tensor_bytes(folder):
    """Bytes of all tensors of a folder's safetensors files, by their headers."""
    total = 0
    for path in folder.glob("*.safetensors"):
        with open(path, "rb") as file:
            total += path.stat().st_size - 8 - int.from_bytes(file.read(8), "little")
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=2, help="layers of the 7B-shaped pair that is converted")
    parser.add_argument("--python", default=sys.executable, help="a Python with moto's server and boto3")
    options = parser.parse_args()
    work = pathlib.Path(os.environ.get("GRIFFIN_REMOTE_FOLDER", ".build-remote")).absolute()
    shutil.rmtree(work, ignore_errors=True)
    (work / "www").mkdir(parents=True)
    checks = Checks(os.environ["GRIFFIN"], work)
    pair = work / "www/pair"
    shapes.make_pair(pair, options.layers)
    with contextlib.ExitStack() as ends:
        ends.callback(shutil.rmtree, work, ignore_errors=True)
        nginx = servers.Nginx(work, work / "www")
        ends.callback(nginx.stop)
        moto = servers.Moto(work, options.python)
        ends.callback(moto.stop)
        look(checks, work, nginx)
        convert_in_private(checks, work, pair, nginx)
        convert_from_store(checks, work, moto, options.python)
        convert_all(checks, work, pair, nginx)
    print(f"{checks.failures} failures")
    return 1 if checks.failures else 0


def convert_all(checks, work, pair, nginx):
    weights = tensor_bytes(pair / "target")
    both = weights + tensor_bytes(pair / "draft")
    local = {
        recipe: checks.run("convert", "--target", pair / "target", "--quantize", recipe, "-o", work / "here.griffin", "--force")["digest"]
        for recipe in ("copy", "q4_k_m")
    }
    here = checks.run("convert", "--target", pair / "target", "--draft", pair / "draft", "-o", work / "here.griffin", "--force")["digest"]

    plain = Line(nginx.port)
    address = f"http://127.0.0.1:{plain.port}/pair"
    for recipe, digest in local.items():
        plain.reset()
        made = checks.run("convert", "--target", f"{address}/target", "--quantize", recipe, "-o", work / "far.griffin", "--force")
        name = f"nginx, target, {recipe}"
        checks.say(f"{name}: the digest of a local conversion", made["digest"] == digest, "", made["digest"] == digest)
        checks.say(f"{name}: bytes received / bytes of tensors", plain.sent / weights, "x", plain.sent <= BYTES_ALLOWED * weights)
        peak = made["peak_memory_bytes"]
        checks.say(f"{name}: peak memory", peak / MEBIBYTE, "MiB", peak <= MEMORY_ALLOWED)
    plain.reset()
    made = checks.run("convert", "--target", f"{address}/target", "--draft", f"{address}/draft", "-o", work / "far.griffin", "--force")
    checks.say("nginx, pair, copy: the digest of a local conversion", made["digest"] == here, "", made["digest"] == here)
    checks.say("nginx, pair, copy: bytes received / bytes of tensors", plain.sent / both, "x", plain.sent <= BYTES_ALLOWED * both)
    checks.say("nginx, pair, copy: peak memory", made["peak_memory_bytes"] / MEBIBYTE, "MiB", made["peak_memory_bytes"] <= MEMORY_ALLOWED)

    slow = Line(nginx.port, LINE_RATE, LINE_LATENCY)
    made = checks.run("convert", "--target", f"http://127.0.0.1:{slow.port}/pair/target", "-o", work / "far.griffin", "--force")
    rate = weights / made["seconds"]
    checks.say("nginx at 100 MB/s and 20 ms, target, copy: share of the line, opening and end included", rate / LINE_RATE, "", rate >= LINE_USE_NEEDED * LINE_RATE)
    used = slow.sent / (slow.last - slow.first)
    checks.say("nginx at 100 MB/s and 20 ms, target, copy: share of the line while bytes come", used / LINE_RATE, "", used >= LINE_USE_NEEDED * LINE_RATE)
    checks.say("nginx at 100 MB/s and 20 ms: the digest of a local conversion", made["digest"] == local["copy"], "", made["digest"] == local["copy"])


def convert_from_store(checks, work, moto, python):
    """moto copies a whole object for each range of it, so the target is a small one, in several shards."""
    pair = work / "store"
    shapes.write_pair(pair, 16, shapes.Shape(hidden=1024, wide=2816, vocabulary=32000, heads=16), shard_bytes=64 << 20)
    weights = tensor_bytes(pair / "target")
    here = checks.run("convert", "--target", pair / "target", "-o", work / "here.griffin", "--force")["digest"]
    moto.put(python, "models", "releases/pair", pair)
    store = Line(moto.port)
    made = checks.run(
        "convert", "--target", "s3://models/releases/pair/target", "-o", work / "far.griffin", "--force", AWS_ENDPOINT_URL=f"http://127.0.0.1:{store.port}",
        AWS_ACCESS_KEY_ID="made", AWS_SECRET_ACCESS_KEY="up")
    checks.say("moto, target, copy: the digest of a local conversion", made["digest"] == here, "", made["digest"] == here)
    checks.say("moto, target, copy: bytes received / bytes of tensors", store.sent / weights, "x", store.sent <= BYTES_ALLOWED * weights)
    checks.say("moto, target, copy: peak memory", made["peak_memory_bytes"] / MEBIBYTE, "MiB", made["peak_memory_bytes"] <= MEMORY_ALLOWED)


def convert_in_private(checks, work, pair, nginx):
    """Over TLS, with a certificate that the user names, and without."""
    here = checks.run("convert", "--draft", pair / "draft", "-o", work / "here.griffin", "--force")["digest"]
    convert = ["convert", "--draft", f"https://localhost:{nginx.secure_port}/pair/draft", "-o", work / "far.griffin", "--force"]
    made = checks.run(*convert, SSL_CERT_FILE=str(nginx.certificate))
    checks.say("nginx over TLS, draft, SSL_CERT_FILE: the digest of a local conversion", made["digest"] == here, "", made["digest"] == here)
    refused = checks.outcome(*convert)
    holds = refused.returncode == 66 and "not trusted" in refused.stderr
    checks.say("nginx over TLS without it: the certificate is refused, exit code", refused.returncode, "", holds)


def look(checks, work, nginx):
    """A model of 70B, made of holes: 15 shards, of which headers alone are read."""
    folder = work / "www/large"
    shapes.make_holes(folder, shapes.LLAMA_70B, layers=80, shards=15)
    line = Line(nginx.port)
    described = checks.run("inspect", f"http://127.0.0.1:{line.port}/large")
    checks.say("inspect of a 70B-shaped model: parameters", described["target"]["parameters"] / 1e9, "G", described["target"]["parameters"] > 60e9)
    checks.say("inspect of a 70B-shaped model: bytes received", line.sent / 1000, "kB", line.sent < 600_000)


if __name__ == "__main__":
    sys.exit(main())
