"""decode: one token through 7B-shaped layers against a streaming read of the same bytes."""

import subprocess

from measuring import microbenchmark


def main(griffin, work, arguments):
    subprocess.run([microbenchmark("decode"), *arguments], check=True)
