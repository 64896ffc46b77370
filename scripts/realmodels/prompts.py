"""Prompts that griffin makes of conversations, texts and ids, against transformers' apply_chat_template: for the golden pairs with their
own templates, for the templates of released models, and for those of the tests.
"""
import datetime
import json
import pathlib
import shutil
import subprocess

import transformers

from . import behaviours, templates
from .program import Program
from .tiny import compared

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "Tests/Fixtures/golden"
USER, AGAIN = {"role": "user", "content": "Once upon a time, who's \"Zoë\"?\n"}, {"role": "user", "content": " And 2 < 3?"}
SYSTEM, ANSWER = {"role": "system", "content": " Be brief. "}, {"role": "assistant", "content": "A friend & more."}
THOUGHT = {"role": "assistant", "content": "<think>\nLet me see.\n</think>\n\nA friend."}
TALKS = [
    [USER], [SYSTEM, USER], [USER, ANSWER, AGAIN], [SYSTEM, USER, ANSWER, AGAIN], [USER, THOUGHT, AGAIN],
    [USER, ANSWER, AGAIN, ANSWER, USER], [USER, AGAIN],
]


def expected(tokenizer, talk, template=None):
    """transformers' text and ids; None twice where the template has none for the conversation."""
    options = {"chat_template": template, "add_generation_prompt": True}
    try:
        text = tokenizer.apply_chat_template(talk, tokenize=False, **options)
    except Exception:  # The template's refusal, and whatever else Python raises while it runs.
        return None, None
    return text, tokenizer.apply_chat_template(talk, tokenize=True, return_dict=False, **options)


def rows(name, program, bundle, tokenizer, today, template=None):
    """The row of a bundle whose template is the tokenizer's own or `template`."""
    answer = program.answer({"bundle": str(bundle), "talks": TALKS, "date": today})
    wanted = [expected(tokenizer, talk, template) for talk in TALKS]
    if "ids" not in answer:
        refused = all(text is None for text, _ in wanted)
        return f"prompts of {name}", len(TALKS), len(TALKS) if refused else 0, answer["message"]
    found = list(zip(answer["written"], answer["ids"]))
    return f"prompts of {name}", *compared(TALKS, found, wanted, f"{sum(text is not None for text, _ in wanted)} texts, and their ids")


def generated(context, name, bundle, tokenizer, today):
    """The prompts of a conversation of two turns that the command decodes."""
    prompts = context.folder / "prompts"
    turns = [USER["content"], AGAIN["content"]]
    prompts.write_text(json.dumps({"turns": turns}) + "\n")
    answers = json.loads(context.run("generate", bundle, "--prompts", prompts, "--max-new-tokens", 12, "--date", today, "--json"))
    talk, found, wanted = [], [], []
    for turn, answer in zip(turns, answers):
        talk.append({"role": "user", "content": turn})
        found.append(answer["prompt_ids"])
        wanted.append(expected(tokenizer, talk)[1])
        said = tokenizer.decode(answer["ids"], skip_special_tokens=True, clean_up_tokenization_spaces=False).strip()
        talk.append({"role": "assistant", "content": said})
    return f"turns of {name}, the command", *compared(turns, found, wanted, "prompt_ids of generate")


def targets(folder):
    """The golden pairs' targets that have a template, by their pairs' names; those that are packed are unpacked."""
    folder.mkdir(exist_ok=True)
    for path in sorted(GOLDEN.iterdir()):
        name = path.name.removesuffix(".tar.zst")
        if path.is_file():
            subprocess.run(["tar", "-xf", path, "-C", folder], check=True)
        target = (folder / name if path.is_file() else path) / "target"
        config = target / "tokenizer_config.json"
        if config.exists() and "chat_template" in json.loads(config.read_text()):
            yield name, target


def run(context):
    """The rows of the table: what was compared, how many, how many agree, and what does not."""
    program, today, tokenizers = Program(context.program("encode")), datetime.date.today().isoformat(), {}
    bundle, folder = context.folder / "golden.griffin", context.folder / "golden"
    for name, target in targets(folder):
        tokenizers[name] = transformers.AutoTokenizer.from_pretrained(target)
        context.run("convert", "--target", target, "-o", bundle, "--force")
        yield rows(name, program, bundle, tokenizers[name], today)
        yield generated(context, name, bundle, tokenizers[name], today)
    source = context.folder / "templated"
    shutil.copytree(folder / "llama31-tiny/target", source, dirs_exist_ok=True)
    released = sorted(templates.templates(context.archive(templates.PACKAGE)))
    for name, template in released + sorted(behaviours.TEMPLATES.items()):
        (source / "chat_template.jinja").write_text(template, encoding="utf-8", newline="")
        context.run("convert", "--target", source, "-o", bundle, "--force")
        yield rows(f"the template {name}", program, bundle, tokenizers["llama31-tiny"], today, template)
    bundle.unlink()
