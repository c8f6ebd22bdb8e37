"""Texts with variables in them: `Hello {{ name }}`, the language of MiniJinja without anything that could do harm.

What stands between the braces is an expression: a variable, `{{ name | default("customer") }}`,
`{{ "tomorrow" if late else "today" }}`. There are no statements, no loops, no functions and no methods, only the
filters FILTERS, and no multiplication (of texts and lists, it would fill the memory), so that a text takes no time to
speak of and can reach nothing.
"""

import re
from collections.abc import Mapping
from functools import cache

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

_EXPRESSION = re.compile(r"""\{\{(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^"'{}*])*\}\}""", re.DOTALL)
"""Texts in quotes, and whatever is no brace and no star: MiniJinja, too, sees its end where this ends."""

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
    if "{{" in _EXPRESSION.sub(" ", text) and _parses(text):
        raise WrongTemplateError("has a brace or a * inside of {{ … }}, which is not known here.")
    known = {name: value for name, value in variables.items() if name != "self"}  # which names no variable there
    try:
        return environment.render_str(text, **known)
    except TemplateError as error:
        missing = sorted(environment.undeclared_variables_in_str(text) - variables.keys()) if _parses(text) else []
        if missing and "undefined" in str(error):
            raise MissingVariableError(missing) from None
        reason, _, _ = str(error).partition(" (in <")
        raise WrongTemplateError(f"cannot be filled in: {reason}.") from None


def _parses(text: str) -> bool:
    try:
        _environment().undeclared_variables_in_str(text)
    except TemplateError:
        return False
    return True


@cache
def _environment() -> Environment:
    environment = Environment(
        undefined_behavior="strict",
        fuel=_FUEL,
        pycompat=False,  # methods of texts, such as replace
        debug=False,  # would quote the lines around a fault
        auto_escape_callback=lambda _: False,
        keep_trailing_newline=True,
    )
    for name in _OTHER_FILTERS:
        environment.remove_filter(name)
    for name in list(environment.globals):
        environment.remove_global(name)
    return environment
