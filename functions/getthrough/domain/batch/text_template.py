"""Texts with variables: `Hello {{ name }}`, in a safe subset of MiniJinja's language.

The braces contain an expression: a variable, `{{ name | default("customer") }}`,
`{{ "tomorrow" if late else "today" }}`. There are no statements, loops, functions or methods, only the filters FILTERS
and the tests TESTS. There is no multiplication, because multiplying texts could fill the memory. So rendering is fast
and has no access to anything else.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from minijinja import Environment, TemplateError

from getthrough.domain.batch.batch_body import MOST_VARIABLES

FILTERS = frozenset({"capitalize", "d", "default", "lower", "round", "title", "trim", "upper"})

_OTHER_FILTERS = frozenset(
    """
    abs attr batch bool chain count dictsort e escape filesizeformat first float format groupby indent int items join
    last length lines list lstrip map max min pluralize pprint reject rejectattr replace reverse rstrip safe select
    selectattr slice sort split string striptags sum tojson truncate unique urlencode wordcount wordwrap zip
    """.split()  # noqa: SIM905 - sixty lines of names otherwise
)
"""MiniJinja's other filters, which are removed. MiniJinja cannot list them; a test compares this with its docs."""

TESTS = frozenset({"defined", "undefined"})
"""What may follow `is`."""

_OTHER_TESTS = frozenset(
    """
    != < <= == > >= boolean containing divisibleby endingwith eq equalto escaped even false filter float ge greaterthan
    gt in integer iterable le lessthan lower lt mapping ne none number odd safe sameas sequence startingwith string test
    true upper
    """.split()  # noqa: SIM905
)
"""MiniJinja's other tests, which are removed: `4 is divisibleby(0)` ends the process."""

_EXPRESSION = re.compile(r"""\{\{(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^"'{}*]){0,500}\}\}""", re.DOTALL)
"""Quoted strings and any characters except braces and stars. MiniJinja ends an expression at the same place. The limit
of 500 characters matters: 20,000 operators would overflow its stack and crash the process."""

_SHORT = 2_000
"""Characters. MiniJinja can safely parse any text of this length."""

_UNDEFINED = re.compile(r"`([A-Za-z_][A-Za-z0-9_]*)[^`]*` is undefined")

_TEXT = "<text>"
"""The name of a text that is parsed once and rendered several times."""

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
    with _panics_are_errors():
        return _render(text, variables)


@contextmanager
def _panics_are_errors() -> Iterator[None]:
    """A bug in MiniJinja raises a PanicException, which is no Exception and has no public name: `{{ missing[::-1] }}`
    does. Left alone it ends the process."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise WrongTemplateError("cannot be filled in.") from None


def _render(text: str, variables: Variables) -> str:
    environment = _environment()
    if not _is_bounded(text) and (len(text) > _SHORT or _parses(text)):
        raise WrongTemplateError("must have no brace, no * and at most 500 characters inside {{ … }}.")
    # MiniJinja does not see self as a variable.
    known = {name: value for name, value in variables.items() if name != "self"}
    try:
        return environment.render_str(text, **known)
    except TemplateError as error:
        first = _reason(error)
    if missing := _missing(text, first, known):
        raise MissingVariableError(sorted(missing))
    raise WrongTemplateError(f"cannot be filled in: {first}.")


def _reason(error: TemplateError) -> str:
    return str(error).partition(" (in <")[0]


def _missing(text: str, reason: str, known: dict[str, Any]) -> list[str]:
    """All variables that are missing in a text which fails for a reason. MiniJinja names one at a time, so each one
    that it names gets a value. The text is parsed once for that, and has at most as many variables as a recipient."""
    environment = _environment()
    if not _UNDEFINED.search(reason):
        return []
    environment.add_template(_TEXT, text)
    used = environment.undeclared_variables_in_template(_TEXT)
    if len(used) > MOST_VARIABLES:
        raise WrongTemplateError(f"has {len(used)} variables, and at most {MOST_VARIABLES} are allowed.")
    missing: list[str] = []
    while (undefined := _UNDEFINED.search(reason)) and undefined[1] not in (*known, "self"):
        missing.append(undefined[1])
        known[undefined[1]] = ""
        try:
            environment.render_template(_TEXT, **known)
        except TemplateError as error:
            reason = _reason(error)
        else:
            break
    return missing


def effort(text: str) -> tuple[int, int]:
    """What its expressions take: some bytes, and some for each byte of a recipient's longest value. Each filter goes
    through what is before it, which `~` and `+` make longer."""
    fixed, for_each = 0, 0
    for expression in _expressions(text):
        passes = 1 + expression.count("|")
        fixed += passes * len(expression)
        for_each += passes * (1 + expression.count("~") + expression.count("+"))
    return fixed, for_each


def _is_bounded(text: str) -> bool:
    """True if every expression is one that _EXPRESSION describes."""
    return "" not in _expressions(text)


def _expressions(text: str) -> Iterator[str]:
    """The expressions, up to the first that is not one that _EXPRESSION describes; an empty one stands for that. Each
    match begins where the last one ended, so the time is linear."""
    place = text.find("{{")
    while place >= 0:
        expression = _EXPRESSION.match(text, place)
        yield expression[0] if expression else ""
        place = text.find("{{", expression.end()) if expression else -1


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
    for name in _OTHER_TESTS:
        environment.remove_test(name)
    for name in list(environment.globals):
        environment.remove_global(name)
    return environment
