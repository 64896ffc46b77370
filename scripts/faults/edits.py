"""Edits that are broken off: the bundle is the old one or the new one, or none with what the next edit puts back beside it."""

import shutil

from job import Job, file_digest


class Edit(Job):
    """A run on a copy of a bundle, under one name before and after."""

    again, keeps, foretells = [], False, False

    def __init__(self, base, name, arguments, output):
        super().__init__(name, arguments, output)
        self.base, self.base_digest = base, file_digest(base)
        self.undo = output.with_name(output.name + ".undo")

    def command(self, *more):
        griffin, edit, *changes = self.arguments
        return [griffin, edit, str(self.output), *changes, *more]

    def written(self):
        return [*super().written(), self.output, self.undo]

    def clear(self):
        self.remove()
        shutil.copyfile(self.base, self.output)

    def done(self):
        return self.output.exists() and file_digest(self.output) == self.file_digest

    def is_as_before(self):
        return list(self.output.parent.iterdir()) == [self.output] and file_digest(self.output) == self.base_digest

    def problem_of_output(self):
        if not self.output.exists():
            return f"{self.name}: the bundle is gone"
        if file_digest(self.output) in (self.base_digest, self.file_digest) or self.undo.exists():
            return None
        return f"{self.name}: neither the old bundle nor the new one, and nothing to put back"

    def room(self):
        """Bytes that a run takes beside the old bundle."""
        raise NotImplementedError

    def too_small(self, runs):
        # Room for the old bundle and its folder, and from none to a page too few for what comes beside it.
        least = (self.base.stat().st_size // 4096 + 2) * 4096
        pages = self.room() // 4096 - 1
        return [least + pages * run // runs * 4096 for run in range(runs)]

    def roomy(self):
        return self.base.stat().st_size + self.room() + (4 << 20)


class EditingInPlace(Edit):
    """An edit that fits between header and payloads."""

    def room(self):
        return int.from_bytes(self.base.read_bytes()[32:40], "little")


class EditingAnew(Edit):
    """An edit for which the bundle is written again."""

    def room(self):
        return self.byte_count
