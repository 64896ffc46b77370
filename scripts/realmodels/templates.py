"""Chat templates of released models, from the sources of llama-cpp-python: griffin's interpreter against jinja2.

Every template is rendered over a set of conversations: with and without a system message, over one and several turns, with and
without the beginning of an answer, with tools, tool calls and reasoning. Where jinja2 makes text, griffin has to make the same
bytes; where the template refuses a conversation, griffin has to refuse it in the same words.
"""
import json
import os
import pathlib
import tarfile

from .program import Program

PACKAGE = "llama-cpp-python"
FOLDER = "models/templates/"

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a place, now & <soon>.",
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string", "description": "Name of the place"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
                "days": {"type": "integer"},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["place"],
        },
    },
}


def conversations():
    """(name, variables) of every conversation."""
    user, more = {"role": "user", "content": "Hi there, who's \"Zoë\"?\n"}, {"role": "user", "content": "And 2 < 3?"}
    system, answer = {"role": "system", "content": " Be brief. "}, {"role": "assistant", "content": "A friend & more."}
    thought = {"role": "assistant", "content": "<think>\nLet me see.\n</think>\n\nA friend."}
    reasoning = {"role": "assistant", "content": "A friend.", "reasoning_content": "Let me see."}
    call = {
        "role": "assistant", "content": "",
        "tool_calls": [{"id": "abcdef123", "type": "function",
                        "function": {"name": "get_weather", "arguments": {"place": "Köln", "days": 2, "tags": ["a", "b"]}}}],
    }
    written = json.loads(json.dumps(call))
    written["tool_calls"][0]["function"]["arguments"] = json.dumps(call["tool_calls"][0]["function"]["arguments"])
    result = {"role": "tool", "name": "get_weather", "tool_call_id": "abcdef123", "content": "{\"degrees\": 21.5}"}
    parts = {"role": "user", "content": [{"type": "text", "text": "Hi in parts."}]}
    talks = {
        "one turn": [user],
        "two turns": [user, answer, more],
        "three turns": [user, answer, more, {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "Thanks"}],
        "ends with the answer": [user, answer],
        "a thought": [user, thought, more],
        "reasoning": [user, reasoning, more],
        "parts": [parts],
        "two of the user's": [user, more],
        "no messages": [],
        "a tool's answer": [user, call, result],
        "a tool's answer, arguments as text": [user, written, result],
        "after a tool": [user, call, result, answer, more],
    }
    for name, messages in talks.items():
        for with_system in (False, True):
            for prompts in (False, True):
                for tools in (None, [WEATHER]):
                    for extra in ({}, {"enable_thinking": False}, {"enable_thinking": True}):
                        if extra and tools:
                            continue
                        title = ", ".join(filter(None, [
                            name, "a system message" if with_system else "", "a prompt" if prompts else "", "tools" if tools else "",
                            str(extra) if extra else ""]))
                        yield title, {
                            "messages": ([system] if with_system else []) + messages, "tools": tools, "documents": None,
                            "add_generation_prompt": prompts, "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
                            "pad_token": "<pad>", **extra}


def templates(archive):
    """(name, text) of every template in the sources."""
    with tarfile.open(archive) as sources:
        for member in sources.getmembers():
            if member.isfile() and FOLDER in member.name and member.name.endswith(".jinja"):
                yield pathlib.PurePath(member.name).stem, sources.extractfile(member).read().decode()


class Renderer(Program):
    """griffin's interpreter."""

    def render(self, template, variables, date="2024-07-26"):
        answer = self.answer({"template": template, "variables": variables, "date": date})
        if "text" in answer:
            return "text", answer["text"]
        return "raised" if answer["kind"] == "inconsistent" else answer["kind"], answer["message"]


REFUSES = ": the template refuses these messages: "


def agrees(expected, found):
    if expected[0] == "raised":
        return found[0] == "raised" and found[1].split(REFUSES, 1)[-1] == expected[1]
    if expected[0] == "failed":
        return found[0] not in ("text", "raised")
    return expected == found


def compare(archive, program):
    """Rows (template, conversations, text, raised, failed, what disagrees first)."""
    from . import jinja
    renderer = Renderer(program)
    for name, template in sorted(templates(archive)):
        counts, first, wrong = {"text": 0, "raised": 0, "failed": 0}, "", 0
        for title, variables in conversations():
            expected, found = jinja.render(template, variables), renderer.render(template, variables)
            counts[expected[0]] += 1
            if not agrees(expected, found):
                wrong += 1
                if os.environ.get("SHOW"):
                    print(f"{name}: {title}\n  jinja2:  {expected}\n  griffin: {found}")
                first = first or f"{title}: jinja2 {expected[0]} {expected[1][-80:]!r}, griffin {found[0]} {found[1][-120:]!r}"
        yield name, counts, wrong, first


def run(context):
    """The rows of the table: what was compared, how many, how many agree, and what does not."""
    rows = []
    for name, counts, wrong, first in compare(context.archive(PACKAGE), context.program("render")):
        total = sum(counts.values())
        note = first or f"{counts['text']} texts, {counts['raised']} refusals of its own, {counts['failed']} failures"
        rows.append((f"template {name}", total, total - wrong, note))
    return rows
