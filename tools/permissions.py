"""`python -m tools.permissions` writes docs/permissions.md: which function may do what, as template.yaml grants it.

With `--check` it says whether the stored page is current.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "permissions.md"

_INTRODUCTION = """\
# Who may do what in AWS

`make permissions` makes this page of `template.yaml`, and `make check` compares both. `make grants` compares each grant
with the calls that the tests see: a grant that nothing uses is an error.

The secret has five parts, each a version with a staging label of its own. A function can read only the parts whose
labels its policy names (`secretsmanager:VersionStage`). In the table, it can write only items whose partition keys
begin as its policy says (`dynamodb:LeadingKeys`). For the parts of a transaction AWS does not document that, and no one
has verified it on AWS. [Decision 45](decisions/0045-parts-of-the-secret.md) says why, and what to do.
"""


_VERBS = {"BatchGetItem": "get many", "BatchWriteItem": "write many"}


class Grant(NamedTuple):
    """`parts` are what a condition narrows it to: labels of the secret, or beginnings of keys."""

    function: str
    resource: str
    action: str
    parts: tuple[str, ...]


def grants(template: Mapping[str, Any]) -> Iterator[Grant]:
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        for policy in resource["Properties"].get("Policies", []):
            for statement in policy["Statement"]:
                parts = tuple(
                    part for of in statement.get("Condition", {}).values() for it in of.values() for part in it
                )
                for action in _listed(statement["Action"]):
                    for target in _listed(statement["Resource"]):
                        yield Grant(name.removesuffix("Function"), _name(target), action.partition(":")[2], parts)


def page(template: Mapping[str, Any]) -> str:
    found = list(grants(template))
    functions = list(dict.fromkeys(it.function for it in found))
    secret = {(it.function, part): "reads" for it in found if it.resource == "Secret" for part in it.parts}
    table: dict[tuple[str, str], str] = {}
    for it in found:
        if it.resource.startswith("Table"):
            for part in it.parts or (it.resource.replace("Table", "all items", 1),):
                table[it.function, part] = ", ".join(filter(None, (table.get((it.function, part)), _verb(it.action))))
    others: dict[tuple[str, str], str] = {}
    for it in found:
        if it.resource != "Secret" and not it.resource.startswith("Table"):
            others[it.function, it.resource] = ", ".join(
                filter(None, (others.get((it.function, it.resource)), it.action))
            )
    rows = [f"| {function} | {resource} | {what} |" for (function, resource), what in others.items()]
    of_table = [
        f"| {function} | {f'`{part}`' if '#' in part else part.replace('/index/', ', index ')} | {what} |"
        for (function, part), what in table.items()
    ]
    return "\n".join(
        [
            _INTRODUCTION,
            "## The secret\n",
            *_matrix(functions, list(dict.fromkeys(part for _, part in secret)), secret),
            "\n## The table\n",
            "| function | items | may |",
            "|---|---|---|",
            *of_table,
            "\n## Queues, the bus and the stream\n",
            "| function | resource | may |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _matrix(functions: list[str], columns: list[str], cells: Mapping[tuple[str, str], str]) -> Iterator[str]:
    yield f"| function | {' | '.join(f'`{column}`' for column in columns)} |"
    yield "|---" * (len(columns) + 1) + "|"
    for function in functions:
        row = [cells.get((function, column), "") for column in columns]
        if any(row):
            yield f"| {function} | {' | '.join(row)} |"


def _verb(action: str) -> str:
    return _VERBS.get(action, action.removesuffix("Item").lower())


def _name(resource: Mapping[str, Any] | str) -> str:
    if isinstance(resource, str):
        return f"every one (`{resource}`)"
    text = str(resource.get("Fn::Sub") or resource["Fn::GetAtt"][1])
    [(name, rest)] = re.findall(r"Outputs\.(\w+)\}?(.*)", text)
    return f"{re.sub('(Arn|Id)$', '', name)}{rest}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def main(arguments: list[str]) -> str | None:
    """None, or what is wrong."""
    text = page(yaml_parse((ROOT / "template.yaml").read_text()))
    if arguments != ["--check"]:
        FILE.write_text(text)
        return None
    current = FILE.exists() and FILE.read_text() == text
    return None if current else f"{FILE.name} is out of date. Run `make permissions` and commit the file."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
