"""The jinja2 package set up as transformers sets it up for chat templates: the oracle of griffin's interpreter."""
import datetime
import functools
import json

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.sandbox


class Generation(jinja2.ext.Extension):
    """`{% generation %}…{% endgeneration %}`: what it holds is printed, in a scope of its own."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_print"), [], [], body).set_lineno(line)

    def _print(self, caller):
        return caller()


def environment(day):
    """- day: the datetime.date that strftime_now tells."""
    def refuse(message):
        raise jinja2.exceptions.TemplateError(message)

    def to_json(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    result = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
    result.filters["tojson"] = to_json
    result.globals["raise_exception"] = refuse
    moment = datetime.datetime(day.year, day.month, day.day)
    result.globals["strftime_now"] = lambda format: moment.strftime(format)
    return result


@functools.lru_cache(maxsize=4)
def compiled(template, date):
    return environment(datetime.date.fromisoformat(date)).from_string(template)


def render(template, variables, date="2024-07-26"):
    """What jinja2 makes of a template: ("text", TEXT), ("raised", MESSAGE) where the template itself refuses, else
    ("failed", MESSAGE)."""
    try:
        text = compiled(template, date).render(**variables)
        text.encode()
        return "text", text
    except jinja2.exceptions.TemplateError as error:
        if type(error) is jinja2.exceptions.TemplateError:
            return "raised", str(error)
        return "failed", f"{type(error).__name__}: {error}"
    except Exception as error:  # Whatever Python raises while a template runs.
        return "failed", f"{type(error).__name__}: {error}"
