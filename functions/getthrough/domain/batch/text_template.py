"""Texts with variables: `Hello {{ name }}`, in a safe subset of MiniJinja's language.

The braces contain an expression: a variable, `{{ name | default("customer") }}`,
`{{ "tomorrow" if late else "today" }}`. There are no statements, loops, functions or methods, only the filters FILTERS.
There is no multiplication, because multiplying texts could fill the memory. So rendering is fast and has no access to
anything else.
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
"""MiniJinja's other filters, which are removed. MiniJinja cannot list them; a test compares this with its docs."""

_EXPRESSION = re.compile(r"""\{\{(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^"'{}*]){0,500}\}\}""", re.DOTALL)
"""Quoted strings and any characters except braces and stars. MiniJinja ends an expression at the same place. The limit
of 500 characters matters: 20,000 operators would overflow its stack and crash the process."""

_SHORT = 2_000
"""Characters. MiniJinja can safely parse any text of this length."""

_UNDEFINED = re.compile(r"`([A-Za-z_][A-Za-z0-9_]*)[^`]*` is undefined")

_FUEL = 1_000
"""Instructions for one text. A variable needs two."""

Variables = Mapping[str, str | int | float | bool]


class WrongTemplateError(Exception):
    """The reason why a text is invalid, for its author. It can quote the text and the variables' values."""


class MissingVariableError(WrongTemplateError):
    """`names` are the variables that the text needs and that are missing."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"needs {', '.join(names)}")
        self.names = names


def render(text: str, variables: Variables) -> str:
    """The text with its variables filled in. MissingVariableError or another WrongTemplateError if that fails."""
    if "{{" not in text and "{#" not in text and "{%" not in text:
        return text
    for other in ("{%", "{#"):
        if other in text:
            raise WrongTemplateError(f"has {other}. Only {{{{ … }}}} is allowed.")
    environment = _environment()
    if not _is_bounded(text) and (len(text) > _SHORT or _parses(text)):
        raise WrongTemplateError("must have no brace, no * and at most 500 characters inside {{ … }}.")
    known = {
        name: value for name, value in variables.items() if name != "self"
    }  # MiniJinja does not see it as a variable
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
                known[undefined[1]] = ""  # to find other missing variables
                continue
            if missing:
                break
            raise WrongTemplateError(f"cannot be filled in: {reason}.") from None
        else:
            break
    if missing:
        raise MissingVariableError(sorted(missing))
    return rendered


def _is_bounded(text: str) -> bool:
    """True if every expression is one that _EXPRESSION describes. Stops at the first that is not: each match begins
    where the last one ended, so the time is linear."""
    place = text.find("{{")
    while place >= 0:
        expression = _EXPRESSION.match(text, place)
        if expression is None:
            return False
        place = text.find("{{", expression.end())
    return True


def _parses(text: str) -> bool:
    try:
        _environment().undeclared_variables_in_str(text)
    except TemplateError:
        return False
    return True


def _as_in_the_request(value: Any) -> Any:
    """True and false as in JSON. Nothing for an `if` without `else`."""
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
        pycompat=False,  # no methods of strings, such as replace
        debug=True,  # so that errors name variables; the lines that they quote are cut off
        auto_escape_callback=lambda _: False,
        keep_trailing_newline=True,
        finalizer=_as_in_the_request,
    )
    for name in _OTHER_FILTERS:
        environment.remove_filter(name)
    for name in list(environment.globals):
        environment.remove_global(name)
    return environment
