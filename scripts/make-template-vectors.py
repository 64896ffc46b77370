#!/usr/bin/env python3
"""Writes programs of the grammar of chat templates at random, and what jinja2 makes of them, for the tests of griffin's interpreter.

  make-template-vectors.py                      writes Tests/Fixtures/templates (needs jinja2)
  make-template-vectors.py --compare COMMAND --count 20000 --seed 7
                                                renders that many more with COMMAND (the program render of scripts/realmodels) and compares

A case is [template, context, text]; text is null where jinja2 fails, where griffin has to fail too.
"""
import argparse
import json
import pathlib
import random
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

CONTEXTS = [
    {"messages": [{"role": "system", "content": " Be brief.\n"}, {"role": "user", "content": "Zoë's \"1 < 2\""},
                  {"role": "assistant", "content": "Yes\nno\r\nmaybe"}],
     "s": "Hello, World", "t": " a b  c ", "u": "ÄÖß-ǆx ŉ", "n": 7, "m": -3, "f": 2.5, "g": 1e20, "b": True, "z": None,
     "xs": [3, 1, 2], "ys": ["b", "A", "c", "a"], "es": [], "d": {"k": "v", "b": 2, "A": [1, None]}, "eos": "</s>"},
    {"messages": [], "s": "", "t": "\t\n", "u": "日本語", "n": 0, "m": 10, "f": -0.5, "g": 1e-7, "b": False, "z": None,
     "xs": [1, 1, 2.0, True], "ys": ["x"], "es": [[1, 2], [3]], "d": {}, "eos": "<|end|>"},
]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.loops = 0
        self.macros = []

    def pick(self, *choices):
        return self.random.choice(choices)

    # Expressions by what they mostly are.

    def text(self, depth):
        if depth <= 0:
            return self.pick("s", "t", "u", "eos", "'ab'", "\"x'y\"", "''", "'a,b,,c'", "'<&>'", "'\\n|\\t'", "nothing", "z")
        r = lambda: self.text(depth - 1)
        i = lambda: self.number(depth - 1)
        return self.pick(
            lambda: f"({r()} + {r()})", lambda: f"({self.any(depth - 1)} ~ {r()})",
            lambda: f"{r()}.{self.pick('upper', 'lower', 'strip', 'title', 'capitalize', 'swapcase', 'lstrip', 'rstrip')}()",
            lambda: f"{r()}.{self.pick('strip', 'lstrip', 'rstrip')}({self.pick(chr(39) + 'ab H' + chr(39), chr(39) + '.' + chr(39))})",
            lambda: f"{r()}.replace({r()}, {r()}{self.pick('', ', 1')})",
            lambda: f"{r()}[{self.slice()}]", lambda: f"{r()}[{i()}]",
            lambda: f"({r()} if {self.truth(depth - 1)} else {r()})", lambda: f"({r()} if {self.truth(depth - 1)})",
            lambda: f"({self.any(depth - 1)} | {self.pick('string', 'trim', 'upper', 'lower', 'title', 'capitalize', 'tojson', 'e', 'safe')})",
            lambda: f"({self.list(depth - 1)} | join({r()}))", lambda: f"{r()}.join({self.list(depth - 1)})",
            lambda: f"({r()} * {self.pick('0', '1', '3', '-1')})",
            lambda: f"({r()} | default({r()}{self.pick('', ', true')}))", lambda: f"({r()} | replace({r()}, {r()}))",
            lambda: f"({r()} | indent({self.pick('2', chr(39) + '>' + chr(39) + ', true', '3, blank=true')}))",
            lambda: f"({self.any(depth - 1)} | tojson({self.pick('indent=2', 'ensure_ascii=true', 'sort_keys=true', 'separators=(chr, chr)'.replace('chr', repr(':')))}))",
            lambda: f"('{self.pick('%s', '%s-%s', '%5s|%-4s', '%r', '%d', '%03d')}' % {self.pick('(' + r() + ', ' + i() + ')', r(), i())})",
            lambda: f"'{self.pick('{}', '{0}{0}', '{}{}', '{a}', '{!r}', '{:>6}', '{{}}')}'.format({r()}{self.pick('', ', a=' + i())})",
            lambda: f"{r()}.{self.pick('center', 'ljust', 'rjust', 'zfill')}({self.pick('0', '9', '14')})",
            lambda: f"{r()}.{self.pick('removeprefix', 'removesuffix')}({r()})",
            lambda: f"({self.list(depth - 1)} | {self.pick('first', 'last')})",
            lambda: f"{self.dictionary(depth - 1)}{self.pick('.k', '[' + r() + ']', '.get(' + r() + ')', '.get(' + r() + ', ' + r() + ')', '.items', '.nope')}",
        )()

    def number(self, depth):
        if depth <= 0:
            return self.pick("n", "m", "f", "g", "1", "0", "-2", "2.0", "0.1", "b", "100", "nothing")
        i = lambda: self.number(depth - 1)
        return self.pick(
            lambda: f"({i()} {self.pick('+', '-', '*', '/', '//', '%')} {i()})", lambda: f"({self.pick('2', '3', 'm')} ** {self.pick('2', '0', '5')})",
            lambda: f"-{i()}", lambda: f"({self.any(depth - 1)} | length)", lambda: f"({self.list(depth - 1)} | {self.pick('sum', 'min', 'max', 'count')})",
            lambda: f"({self.any(depth - 1)} | {self.pick('int', 'float', 'int(5)')})", lambda: f"({i()} | {self.pick('abs', 'round', 'round(0, ' + repr('ceil') + ')')})",
            lambda: f"{self.text(depth - 1)}.{self.pick('count', 'find', 'rfind', 'index')}({self.text(depth - 1)})",
            lambda: f"({self.text(depth - 1)} | wordcount)", lambda: f"({i()} if {self.truth(depth - 1)} else {i()})",
        )()

    def list(self, depth):
        if depth <= 0:
            return self.pick("xs", "ys", "es", "[]", "[1, 'a', none]", "(1, 2)", "('x',)", "range(3)", "range(5, 0, -2)", "messages", "nothing", "'abc'")
        xs = lambda: self.list(depth - 1)
        return self.pick(
            lambda: f"[{self.any(depth - 1)}, {self.any(depth - 1)}]", lambda: f"({self.any(depth - 1)}, {self.any(depth - 1)})",
            lambda: f"({xs()} + {xs()})", lambda: f"{xs()}[{self.slice()}]", lambda: f"({xs()} * 2)",
            lambda: f"({xs()} | {self.pick('list', 'sort', 'unique | list', 'reverse | list', 'sort(reverse=true)', 'sort(case_sensitive=true)')})",
            lambda: f"({xs()} | map('{self.pick('upper', 'string', 'length', 'tojson')}') | list)",
            lambda: f"({xs()} | {self.pick('select', 'reject')}({self.pick('', repr('string'), repr('odd'), repr('defined'), repr('in') + ', ' + xs())}) | list)",
            lambda: f"(messages | {self.pick('selectattr', 'rejectattr')}('role', 'equalto', '{self.pick('user', 'system')}') | {self.pick('list', 'map(attribute=' + repr('content') + ') | list')})",
            lambda: f"(messages | map(attribute='{self.pick('role', 'content', 'none', 'content.0')}') | list)",
            lambda: f"(messages | {self.pick('groupby', 'sort(attribute=')}{self.pick('(', '')}'role')" if False else f"(messages | groupby('role'))",
            lambda: f"({xs()} | {self.pick('batch(2)', 'batch(2, ' + repr('-') + ')', 'slice(2)', 'slice(3, 0)')} | list)",
            lambda: f"{self.text(depth - 1)}.{self.pick('split', 'rsplit')}({self.pick('', repr(','), repr(' '), repr('a') + ', 1', 'none, 1')})",
            lambda: f"{self.text(depth - 1)}.{self.pick('splitlines()', 'partition(' + repr(',') + ')', 'rpartition(' + repr('l') + ')')}",
            lambda: f"({self.dictionary(depth - 1)} | {self.pick('dictsort', 'items | list', 'list', 'dictsort(by=' + repr('value') + ')')})",
            lambda: f"{self.dictionary(depth - 1)}.{self.pick('keys()', 'values()', 'items()')}",
        )()

    def dictionary(self, depth):
        if depth <= 0:
            return self.pick("d", "{}", "{'k': 1}", "messages[0]", "dict(k=n, j='x')", "{1: 'a', true: 'b', 'k': 2.0}")
        return self.pick(
            lambda: "{" + f"{self.text(depth - 1)}: {self.any(depth - 1)}, 'k': {self.any(depth - 1)}" + "}",
            lambda: f"dict({self.dictionary(depth - 1)}, q={self.any(depth - 1)})", lambda: self.dictionary(0))()

    def truth(self, depth):
        if depth <= 0:
            return self.pick("b", "true", "false", "s", "n", "es", "nothing", "z is none", "s is defined", "nothing is undefined")
        return self.pick(
            lambda: f"({self.any(depth - 1)} {self.pick('==', '!=')} {self.any(depth - 1)})",
            lambda: f"({self.number(depth - 1)} {self.pick('<', '<=', '>', '>=')} {self.number(depth - 1)})",
            lambda: f"({self.number(depth - 1)} < {self.number(depth - 1)} <= {self.number(depth - 1)})",
            lambda: f"({self.text(depth - 1)} {self.pick('in', 'not in')} {self.pick(self.text, self.list, self.dictionary)(depth - 1)})",
            lambda: f"({self.truth(depth - 1)} {self.pick('and', 'or')} {self.truth(depth - 1)})", lambda: f"(not {self.truth(depth - 1)})",
            lambda: f"({self.any(depth - 1)} is {self.pick('', 'not ')}{self.pick('defined', 'none', 'string', 'number', 'integer', 'float', 'boolean', 'mapping', 'iterable', 'sequence', 'true', 'false', 'upper', 'lower', 'callable')})",
            lambda: f"({self.number(depth - 1)} is {self.pick('odd', 'even', 'divisibleby 3', 'eq 1', 'gt(2)')})",
            lambda: f"{self.text(depth - 1)}.{self.pick('startswith', 'endswith')}({self.text(depth - 1)})",
            lambda: f"{self.text(depth - 1)}.{self.pick('isdigit', 'isalpha', 'isupper', 'islower', 'isspace', 'isalnum')}()",
        )()

    def any(self, depth):
        return self.pick(self.text, self.text, self.number, self.list, self.dictionary, self.truth)(depth)

    def slice(self):
        part = lambda: self.pick("", "", "0", "1", "-1", "2", "-3", "9")
        return f"{part()}:{part()}" + self.pick("", "", f":{self.pick('', '1', '2', '-1', '-2')}")

    # Statements.

    def tag(self, inside):
        return "{%" + self.pick("", "", "-", "+") + " " + inside + " " + self.pick("", "", "-", "+") + "%}"

    def output(self, depth):
        return "{{" + self.pick(" ", " ", "- ") + self.any(depth) + self.pick(" ", " ", " -") + "}}"

    def gap(self):
        return self.pick("", "", "\n", "  ", " \n  ", "x", "\n\n", "{# a comment #}", "{#- b -#}\n", " , ")

    def body(self, depth, statements=2):
        return "".join(self.gap() + self.statement(depth) for _ in range(self.random.randint(1, statements))) + self.gap()

    def statement(self, depth):
        if depth <= 0:
            return self.output(2)
        return self.pick(
            lambda: self.output(3), lambda: self.output(2), lambda: self.tag(f"set {self.pick('x', 's', 'n', 'y')} = {self.any(2)}"),
            lambda: self.tag(f"if {self.truth(2)}") + self.body(depth - 1) + self.pick(
                "", self.tag("else") + self.body(depth - 1), self.tag(f"elif {self.truth(1)}") + self.body(depth - 1)) + self.tag("endif"),
            lambda: self.loop(depth), lambda: self.loop(depth),
            lambda: self.tag("set ns = namespace(c=0, t='')") + self.tag(f"for i in {self.list(1)}") + self.tag("set ns.c = ns.c + loop.index")
            + self.tag(f"set ns.t = ns.t ~ i") + self.tag("endfor") + "{{ ns.c }}{{ ns.t }}",
            lambda: self.tag("set y") + self.body(depth - 1) + self.tag("endset") + "{{ y }}",
            lambda: self.tag("macro h(a, b='q', c=a)") + "{{ a }}|{{ b }}|{{ c }}" + self.pick("", "{{ varargs }}{{ kwargs }}", "{{ caller is defined }}")
            + self.tag("endmacro") + "{{ h(" + self.pick("1", "s, n", "b=s", "1, 2, 3, 4", "1, c=2, e=3", "") + ") }}",
            lambda: self.tag("macro g(a)") + "<{{ a }}{{ caller(a) }}>" + self.tag("endmacro") + self.tag("call(v) g(" + self.any(1) + ")") + "{{ v }}!" + self.tag("endcall"),
            lambda: self.tag(f"with q = {self.any(2)}, r = n") + "{{ q }}{{ r }}" + self.body(depth - 1, 1) + self.tag("endwith"),
            lambda: self.tag(f"filter {self.pick('upper', 'trim', 'replace(' + repr('a') + ', ' + repr('b') + ')')}") + self.body(depth - 1) + self.tag("endfilter"),
            lambda: self.tag("generation") + self.body(depth - 1) + self.tag("endgeneration"),
            lambda: "{% raw %}{{ x }} {% if %}{% endraw %}",
            lambda: self.tag(f"set p, q = {self.list(1)}") + "{{ p }}{{ q }}",
        )()

    def loop(self, depth):
        item = self.pick("i", "j")
        extras = self.pick(
            "{{ loop.index }}", "{{ loop.first }}{{ loop.last }}", "{{ loop.length }}{{ loop.revindex0 }}", "{{ loop.previtem }}", "{{ loop.nextitem }}",
            "{{ loop.cycle('a', 'b') }}", "{{ loop.changed(n) }}", "", "", self.tag("if loop.index0 == 1") + self.tag(self.pick("break", "continue")) + self.tag("endif"))
        condition = self.pick("", "", f" if {self.pick(item, item + ' is string', self.truth(1))}")
        return (self.tag(f"for {item} in {self.list(2)}{condition}") + extras + "{{ " + item + " }}" + self.body(depth - 1, 1)
                + self.pick("", self.tag("else") + "none") + self.tag("endfor"))


def cases(seed, count):
    from realmodels import jinja
    for index in range(count):
        maker = Maker(seed * 1_000_003 + index)
        template = maker.body(2, 3)
        context = index % len(CONTEXTS)
        kind, text = jinja.render(template, CONTEXTS[context])
        # Addresses of Python's objects are nothing to compare with.
        if kind == "text" and ("object at 0x" in text or "built-in method" in text or len(text) > 4000):
            continue
        yield template, context, text if kind == "text" else None, text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", metavar="COMMAND")
    parser.add_argument("--count", type=int, default=1100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.compare:
        from realmodels.templates import Renderer
        renderer = Renderer(arguments.compare)
        wrong, texts, total, stricter = 0, 0, 0, {}
        for template, context, text, message in cases(arguments.seed, arguments.count):
            found = renderer.render(template, CONTEXTS[context])
            total += 1
            texts += text is not None
            if (found[0] == "text", found[1] if found[0] == "text" else None) == (text is not None, text):
                continue
            if text is not None and found[0] in ("unsupported", "unsafe"):
                what = found[1].split(": ", 1)[-1]
                stricter[what] = stricter.get(what, 0) + 1
                continue
            wrong += 1
            if wrong <= 25:
                print(json.dumps({"template": template, "context": context}, ensure_ascii=False))
                print("  jinja2: ", repr(text) if text is not None else message)
                print("  griffin:", found)
        print(f"{total} programs, {texts} of them texts: {wrong} differ; refused by name: {sum(stricter.values())} {stricter}")
        return 1 if wrong else 0
    chosen, texts, bytes_left = [], 0, 130_000
    for template, context, text, _ in cases(arguments.seed, arguments.count):
        if text is None and len(chosen) - texts > texts / 4:
            continue
        size = len(json.dumps([template, context, text], ensure_ascii=False).encode())
        if size > 900 or size > bytes_left:
            continue
        bytes_left -= size
        texts += text is not None
        chosen.append([template, context, text])
    path = ROOT / "Tests/Fixtures/templates/programs.json"
    path.parent.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in chosen)
    path.write_text('{"contexts": ' + json.dumps(CONTEXTS, ensure_ascii=False) + ',\n"cases": [\n' + lines + "\n]}\n")
    from realmodels import behaviours, jinja
    document = json.dumps(behaviours.document(jinja.render), ensure_ascii=False, indent=1)
    (path.parent / "behaviours.json").write_text(document + "\n")
    print(f"{path}: {len(chosen)} programs, {texts} of them texts, {path.stat().st_size} bytes")


if __name__ == "__main__":
    sys.exit(main())
