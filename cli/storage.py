"""The storage of a stack: a nested stack with the table, the queues, the bus and the secret, which outlives it.

A stack that uses storage that was kept has a nested stack all the same. That one only passes on the other's names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cli.errors import OperatorError
from cli.stack import NESTED, NOT_YET, Names

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Storage:
    """`name` is the storage stack with the data. `passing_on` are stacks that only pass its names on to this stack.
    `used_by` are other stacks that use it. Unless it `is_own`, nothing but `passing_on` says that it is this stack's.
    """

    name: str
    passing_on: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()
    is_own: bool = True


def storage_of(cloudformation: Any, stack: str) -> Storage | None:
    """The storage that a stack of this name uses, or left behind; None if there is none. OperatorError if it left
    several behind."""
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    stacks = [one for page in pages for one in page["Stacks"]]
    created = any(one["StackName"] == stack and one["StackStatus"] != NOT_YET for one in stacks)
    return found_in(stacks, stack, _nested(cloudformation, stack) if created else "")


def found_in(stacks: Iterable[Json], stack: str, nested: str = "") -> Storage | None:
    """The same, among all stacks of an account and region. `nested` is the storage stack in a stack that is there."""
    every = {str(one["StackName"]): one for one in stacks if one["StackStatus"] != "DELETE_COMPLETE"}
    uses = {name: _kept(one) for name, one in every.items()}
    own = re.compile(re.escape(f"{stack}-{Names.STORAGE}-") + f"(?!{Names.STORAGE}-).+")
    ours = [name for name, one in every.items() if own.fullmatch(name) and one["StackStatus"] != NOT_YET]
    names = sorted({uses[name] or name for name in ([nested] if nested in every else ours)})
    if len(names) > 1:
        raise OperatorError(
            f"the stack {stack} has left several storages behind ({', '.join(names)}): name the one to use with "
            f"`getthrough up --stack {stack} --parameter {Names.KEPT_STORAGE}=...`, or delete the others."
        )
    if not names:
        return None
    [name] = names
    parent = every.get(name, {}).get("ParentId")
    users = {other for other, one in every.items() if uses[other] == name or (parent and one.get("StackId") == parent)}
    passing_on = users.intersection(ours)
    others = users - passing_on - {stack}
    return Storage(name, tuple(sorted(passing_on)), tuple(sorted(others)), is_own=bool(own.fullmatch(name)))


def _nested(cloudformation: Any, stack: str) -> str:
    """The name of the storage stack in a stack that is there; empty if it has none, or none any more."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    ids = (
        str(resource.get("PhysicalResourceId", ""))
        for page in pages
        for resource in page["StackResourceSummaries"]
        if (resource["LogicalResourceId"], resource["ResourceType"]) == (Names.STORAGE, NESTED)
    )
    return next((arn.split("/")[1] for arn in ids if "/" in arn), "")


def _kept(stack: Json) -> str:
    given = stack.get("Parameters", [])
    return next((str(one["ParameterValue"]) for one in given if one["ParameterKey"] == Names.KEPT_STORAGE), "")
