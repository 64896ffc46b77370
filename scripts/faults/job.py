"""Commands that are broken off, each with its undisturbed result."""

import hashlib
import json
import subprocess
import sys
import time


def file_digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Job:
    """One command with its undisturbed result."""

    # What a second run is told, whether a run that is interrupted or short of room leaves its work, and whether it says what room it takes.
    again, keeps, foretells = ["--resume"], True, True

    def __init__(self, name, arguments, output):
        self.name, self.arguments, self.output = name, arguments, output
        self.partial = output.with_name(output.name + ".partial")
        self.state = output.with_name(output.name + ".partial.state")

    def command(self, *more):
        return [*self.arguments, "-o", str(self.output), *more]

    def run(self, *more):
        return subprocess.run(self.command(*more), capture_output=True, text=True)

    def written(self):
        """The files whose system calls count, beside the folder's."""
        return [self.partial, self.state]

    def remove(self):
        """Takes away what runs leave."""
        for path in [*self.written(), self.output]:
            path.unlink(missing_ok=True)

    def clear(self):
        """The state before a run."""
        self.remove()

    def done(self):
        """Whether the result is there."""
        return self.output.exists()

    def is_as_before(self):
        """Whether nothing is there that was not there before a run."""
        return not any(self.output.parent.iterdir())

    def too_small(self, runs):
        """Disks from almost nothing to a page too few."""
        return [max(4096, int(self.byte_count * (run + 1) / runs) // 4096 * 4096 - 4096) for run in range(runs)]

    def roomy(self):
        """A disk that a run fits on, with little to spare."""
        return self.byte_count + (4 << 20)

    def measure(self):
        """Runs undisturbed: what the result is, and how long it takes at most."""
        times = []
        for _ in range(3):
            self.clear()
            start = time.monotonic()
            outcome = self.run("--json")
            times.append(time.monotonic() - start)
            if outcome.returncode != 0:
                sys.exit(f"{self.name} fails undisturbed: {outcome.stderr}")
        self.seconds = max(times)
        self.digest = json.loads(outcome.stdout)["digest"]
        self.file_digest = file_digest(self.output)
        self.byte_count = self.output.stat().st_size
        self.remove()

    def problem_of_output(self):
        """What is wrong with the file under the final name; None where there is none or it is whole."""
        if not self.output.exists():
            return None
        verified = subprocess.run([self.arguments[0], "verify", str(self.output), "--integrity"], capture_output=True, text=True)
        if verified.returncode != 0:
            return f"{self.name}: what is under the final name does not verify: {verified.stderr}{verified.stdout}"
        if file_digest(self.output) != self.file_digest:
            return f"{self.name}: what is under the final name is not what an undisturbed run gives"
        return None

    def finish(self):
        """Runs again to the end. Returns the payloads that were kept (None where nothing was there to keep) and a problem."""
        outcome = self.run(*self.again, "--json")
        if outcome.returncode != 0:
            return None, f"{self.name}: {' '.join(self.again)} ends with {outcome.returncode}: {outcome.stderr.strip()}"
        document = json.loads(outcome.stdout)
        if document["digest"] != self.digest or file_digest(self.output) != self.file_digest:
            return None, f"{self.name}: a second run gives another file"
        left = [path.name for path in self.output.parent.iterdir() if path != self.output]
        if left:
            return None, f"{self.name}: {', '.join(left)} left beside the finished file"
        resumed = document.get("resumed")
        return (resumed["kept_payloads"] if resumed else None), None


class Unpacking(Job):
    """A run that begins anew where another was broken off."""

    again, keeps = ["--force"], False


class Packing(Unpacking):
    """Likewise, and how large an archive gets is known when it is written."""

    foretells = False
