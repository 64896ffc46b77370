import argparse, json, os, pathlib, subprocess, sys, tarfile, tempfile

from .catalogue import CATALOGUE
from .model import Model

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GRIFFIN = os.environ.get("GRIFFIN", str(ROOT / ".build/release/griffin"))
GOLDEN = ROOT / "Tests/Fixtures/golden"
# A target and a draft that were not trained for each other: of one shape, which a diagnosis tells, and of two, which are not converted.
STRANGERS = [
    ("llama2-tiny", "vicuna-tiny", "draft_unrelated"), ("vicuna-tiny", "llama2-tiny", "draft_unrelated"),
    ("llama31-tiny", "qwen2-tiny", "refused"),
]
TEMPLATES = {
    "[INST]": "{% for m in messages %}[INST] {{ m['content'] }} [/INST]{% endfor %}",
    "chat": "{% for m in messages %}### {{ m['role'] }}: {{ m['content'] }}\n{% endfor %}### assistant: ",
}


def griffin(*arguments):
    # Tiny pairs gain nothing from a second thread.
    return subprocess.run([GRIFFIN, *map(str, arguments), "--threads", "1"], capture_output=True, text=True)


class Bench:
    def __init__(self, scratch, options):
        self.scratch, self.options, self.rows, self.clean = scratch, options, [], 0

    def pair(self, folder):
        """The halves of a pair as folders of safetensors."""
        halves = {}
        for half in ("target", "draft"):
            source = folder / half
            if half == "target" and not source.exists():
                source = self.folder("llama2-tiny") / half
            packed, out = self.scratch / f"{folder.name}-{half}.griffin", self.scratch / f"{folder.name}-{half}"
            for arguments in (("convert", f"--{half}", source, "-o", packed, "--force"), ("export", packed, "--format", "safetensors", "-o", out, "--force")):
                result = griffin(*arguments)
                if result.returncode:
                    sys.exit(result.stderr)
            halves[half] = out / half if (out / half).exists() else out
        return halves["target"], halves["draft"]

    def folder(self, name):
        if (GOLDEN / name).is_dir():
            return GOLDEN / name
        out = self.scratch / "unpacked"
        if not (out / name).exists():
            out.mkdir(exist_ok=True)
            data = subprocess.run(["zstd", "-dc", GOLDEN / f"{name}.tar.zst"], capture_output=True, check=True).stdout
            (out / "archive.tar").write_bytes(data)
            with tarfile.open(out / "archive.tar") as archive:
                archive.extractall(out, filter="data")
        return out / name

    def verify(self, label, pair, target, draft, source, kinds, half, recipe=(), draft_recipe=(), mayHold=False):
        bundle = self.scratch / "planted.griffin"
        result = griffin("convert", "--target", target, "--draft", draft, "-o", bundle, "--force", *recipe, *draft_recipe)
        if result.returncode:
            self.rows.append((pair, label, f"refused ({result.returncode})", "refused", kinds == ["refused"], result.stderr.splitlines()[0]))
            return self.show()
        against = () if source is None else ("--against", source[0], "--against-draft", source[1])
        result = griffin("verify", bundle, *against, "--json")
        if result.returncode not in (0, 1):
            self.rows.append((pair, label, f"error {result.returncode}", result.stderr[:80], False, ""))
            return self.show()
        report = json.loads(result.stdout)
        found = report["diagnosis"]
        first = found[0]["kind"] if found else "-"
        if not kinds:
            isRight = not found and report["ok"]
        else:
            isRight = bool(found) and first in kinds and (half in found[0]["cause"] or "prompts" in found[0]["cause"]) and (source is None or not report["ok"])
        tau = report["summary"]["acceptance_length"]
        other = report["fidelity"]["acceptance_length_source"] if report["fidelity"] else None
        verdict = ("ok" if report["ok"] else "FAILED") + f" {tau:.2f}" + (f"/{other:.2f}" if other else "")
        if source is None and kinds:
            # By itself a pair is only looked into where it accepts little.
            isRight = isRight if found or tau < 0.6 * self.clean else None
        elif source is None:
            self.clean = tau
        # What holds within its tolerance is no defect.
        if mayHold and report["ok"]:
            isRight = None if not found else False
        self.rows.append((pair, label, verdict, first, isRight, found[0]["cause"] if found else ""))
        self.show()

    def show(self):
        pair, label, verdict, first, isRight, cause = self.rows[-1]
        mark = "-" if isRight is None else "right" if isRight else "WRONG"
        print(f"{pair:15} {label:30} {verdict:18} {first:30} {mark:6} {cause if self.options.causes or isRight is False else ''}", flush=True)

    def plant(self, folder):
        target, draft = self.pair(folder)
        source = None if self.options.without_source else (target, draft)
        kind = json.loads(griffin("inspect", self.scratch / f"{folder.name}-draft.griffin", "--json").stdout)["draft"]["kind"]
        name = folder.name
        for recipe in self.options.recipes.split(","):
            arguments = ("--quantize", recipe) if recipe != "copy" else ()
            if not self.options.only:
                self.verify(f"clean {recipe}", name, target, draft, source, [], "", arguments)
            for label, half, drafts, kinds, function in CATALOGUE:
                if kind not in drafts or self.options.only and self.options.only not in label:
                    continue
                model = Model(target if half == "target" else draft)
                if function(model) is False:
                    continue
                planted = model.write(self.scratch / "planted")
                halves = (planted, draft) if half == "target" else (target, planted)
                self.verify(label + ("" if recipe == "copy" else f" {recipe}"), name, *halves, source, kinds, half, arguments)
            if not self.options.only or self.options.only in "fc_stored_as_q2_k":
                self.verify("fc_stored_as_q2_k", name, target, draft, source, ["fc_quantized"], "draft", arguments, ("--tensor-type", "draft/fc*.weight=q2_k"), mayHold=True)
            if not self.options.only or self.options.only in "template":
                self.template(name, target, draft, source, arguments)
        for one, other, kind in STRANGERS:
            if name == one and (not self.options.only or self.options.only in "draft_of_another_target"):
                self.verify("draft_of_another_target", name, target, self.pair(self.folder(other))[1], source, [kind], "draft")

    def template(self, name, target, draft, source, arguments):
        for label, text in TEMPLATES.items():
            model = Model(target)
            planted = model.write(self.scratch / "planted")
            for extra in ("chat_template.jinja", "chat_template.json"):
                (planted / extra).unlink(missing_ok=True)
            file = planted / "tokenizer_config.json"
            config = json.loads(file.read_text()) if file.exists() else {}
            config["chat_template"] = text
            file.write_text(json.dumps(config))
            self.verify(f"template {label}", name, planted, draft, source, ["template"], "target", arguments)


def main():
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=pathlib.Path)
    parser.add_argument("--only", help="defects whose name contains this")
    parser.add_argument("--without-source", action="store_true", help="verify the pair by itself")
    parser.add_argument("--recipes", default="copy")
    parser.add_argument("--causes", action="store_true", help="print the first cause of each in full")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(pathlib.Path(scratch), options)
        for folder in options.folders or [bench.folder(n) for n in ("llama2-tiny", "llama2-eagle2", "llama3-eagle3", "qwen2-tiny", "llama31-tiny")]:
            bench.plant(folder)
        judged = [row for row in bench.rows if row[4] is not None]
        wrong = [row for row in judged if not row[4]]
        print(f"{len(judged) - len(wrong)} of {len(judged)} right")
    return 1 if wrong else 0
