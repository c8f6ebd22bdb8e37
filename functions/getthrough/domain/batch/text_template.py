"""Texts with variables in them: `Hello {{ name }}`, the language of MiniJinja without anything that could do harm.

What stands between the braces is an expression: a variable, `{{ name | default("customer") }}`,
`{{ "tomorrow" if late else "today" }}`. There are no statements, no loops, no functions and no methods, only the
filters FILTERS, and no multiplication (of texts and lists, it would fill the memory), so that a text takes no time to
speak of and can reach nothing.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from minijinja import Environment, TemplateError

FILTERS = frozenset({"capitalize", "d", "default", "lower", "round", "title", "trim", "upper"})

_OTHER_FILTERS = frozenset(
    """
    abs attr batch bool chain count dictsort e escape filesizeformat first float format groupby indent int items join
    last length lines list lstrip map max min pluralize pprint reject rejectattr replace reverse rstrip safe select
    selectattr slice sort split string striptags sum tojson truncate unique urlencode wordcount wordwrap zip
    """.split()  # noqa: SIM905 - sixty lines of names otherwise
)
"""What MiniJinja has besides. It cannot list its filters; a test holds this against its documentation."""

_EXPRESSION = re.compile(r"""\{\{(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^"'{}*]){0,500}\}\}""", re.DOTALL)
"""Texts in quotes, and whatever is no brace and no star: MiniJinja, too, sees its end where this ends. One of 20,000
operators would overflow its stack, which no exception tells."""

_SHORT = 2_000
"""Characters of a text that MiniJinja can read, whatever they are."""

_UNDEFINED = re.compile(r"`([A-Za-z_][A-Za-z0-9_]*)[^`]*` is undefined")

_FUEL = 1_000
"""Instructions for one text. A variable takes two."""

Variables = Mapping[str, str | int | float | bool]


class WrongTemplateError(Exception):
    """Says what is wrong with a text, to whoever wrote it. It may quote the text, and values that were put into it."""


class MissingVariableError(WrongTemplateError):
    """`names` are the variables that the text needs and was not given."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"needs {', '.join(names)}")
        self.names = names


def render(text: str, variables: Variables) -> str:
    """The text with its variables filled in. MissingVariableError or another WrongTemplateError if that cannot be."""
    if "{{" not in text and "{#" not in text and "{%" not in text:
        return text
    for other in ("{%", "{#"):
        if other in text:
            raise WrongTemplateError(f"has {other}: only {{{{ … }}}} is known here.")
    environment = _environment()
    if "{{" in _EXPRESSION.sub(" ", text) and (len(text) > _SHORT or _parses(text)):
        raise WrongTemplateError("must have no brace, no * and at most 500 characters inside of {{ … }}.")
    known = {name: value for name, value in variables.items() if name != "self"}  # which names no variable there
    missing: list[str] = []
    rendered = ""
    while True:
        try:
            rendered = environment.render_str(text, **known)
        except TemplateError as error:
            reason, _, _ = str(error).partition(" (in <")
            undefined = _UNDEFINED.search(reason)
            if undefined is not None and undefined[1] not in (*known, "self"):
                missing.append(undefined[1])
                known[undefined[1]] = ""  # to see what else is missing
                continue
            if missing:
                break
            raise WrongTemplateError(f"cannot be filled in: {reason}.") from None
        else:
            break
    if missing:
        raise MissingVariableError(sorted(missing))
    return rendered


def _parses(text: str) -> bool:
    try:
        _environment().undeclared_variables_in_str(text)
    except TemplateError:
        return False
    return True


def _as_in_the_request(value: Any) -> Any:
    """True and false as JSON writes them; nothing for an `if` without `else`."""
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return ""
        case _:
            return value


@cache
def _environment() -> Environment:
    environment = Environment(
        undefined_behavior="strict",
        fuel=_FUEL,
        pycompat=False,  # methods of texts, such as replace
        debug=True,  # else errors name no variable; the lines that they quote are cut off
        auto_escape_callback=lambda _: False,
        keep_trailing_newline=True,
        finalizer=_as_in_the_request,
    )
    for name in _OTHER_FILTERS:
        environment.remove_filter(name)
    for name in list(environment.globals):
        environment.remove_global(name)
    return environment
