"""Prompts and text that every machine with Python has: functions of its standard library, by their first line and docstring."""

import ast
import pathlib
import random
import sys
import sysconfig


def _files():
    root = pathlib.Path(sysconfig.get_paths()["stdlib"])
    for name in sorted(sys.stdlib_module_names):
        for path in [root / f"{name}.py", *sorted((root / name).glob("*.py"))]:
            if path.is_file() and "test" not in path.parts:
                yield path


def _functions():
    """Every function that says what it does: its file's lines, where it stands among them, and its docstring."""
    for path in _files():
        source = path.read_text(errors="ignore")
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            continue
        lines = source.splitlines()
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and (said := ast.get_docstring(node)):
                yield lines, node, said


def functions(count, seed=0):
    """So many starts of functions: the line that defines one and how its docstring begins."""
    found = []
    for lines, node, said in _functions():
        words = said.split()
        found.append(f'{lines[node.lineno - 1].strip()}\n    """{" ".join(words[: min(6, len(words))])}')
    random.Random(seed).shuffle(found)
    return list(dict.fromkeys(found))[:count]


def text(characters, seed=0, without=()):
    """Docstrings and functions, one after the other, but for those whose first line is that of one of some prompts."""
    held_out = {prompt.split("\n", 1)[0] for prompt in without}
    functions = ((lines, node) for lines, node, _ in _functions() if lines[node.lineno - 1].strip() not in held_out)
    parts = ["\n".join(lines[node.lineno - 1 : node.end_lineno]).strip() for lines, node in functions]
    random.Random(seed).shuffle(parts)
    return "\n\n".join(parts)[:characters]
