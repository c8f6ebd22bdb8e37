"""The storage of a stack: a nested stack with the table, the queues, the bus and the secret, which outlives it.

A stack that uses storage that was kept has a nested stack all the same. That one only passes on the other's names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cli.errors import OperatorError
from cli.stack import Names

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Storage:
    """`name` is the storage stack with the data. `passing_on` are stacks that only pass its names on."""

    name: str
    passing_on: tuple[str, ...] = ()


def storage_of(cloudformation: Any, stack: str) -> Storage | None:
    """The storage that a stack of this name uses, or left behind; None if there is none. OperatorError if there are
    several."""
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    return found_in([one for page in pages for one in page["Stacks"]], stack)


def found_in(stacks: Iterable[Json], stack: str) -> Storage | None:
    """The same, among all stacks of an account and region."""
    uses = {
        str(one["StackName"]): _kept(one)
        for one in stacks
        if one["StackName"].startswith(f"{stack}-{Names.STORAGE}-") and one["StackStatus"] != "DELETE_COMPLETE"
    }
    names = sorted({used or name for name, used in uses.items()})
    if len(names) > 1:
        raise OperatorError(
            f"the stack {stack} has left several storages behind ({', '.join(names)}): name the one to use with "
            f"--parameter {Names.KEPT_STORAGE}=..., or delete the others."
        )
    return Storage(names[0], tuple(sorted(name for name, used in uses.items() if used))) if names else None


def _kept(stack: Json) -> str:
    given = stack.get("Parameters", [])
    return next((str(one["ParameterValue"]) for one in given if one["ParameterKey"] == Names.KEPT_STORAGE), "")
