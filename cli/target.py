"""Which stack a command is about, and how it is called: the options that such commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from cli.api import Api, credentials
from cli.errors import OperatorError
from cli.stack import Stack, deployed, local, local_folder


@dataclass(frozen=True)
class Reached:
    stack: Stack
    api: Api


Target = Callable[[], Reached]
"""Finds the stack. A command calls it after it has checked what was typed."""


def with_target(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name a stack; the command gets them as one argument, `target`."""

    @click.option("--stack", metavar="NAME", help="A deployed stack, by its CloudFormation name.")
    @click.option("--local", "is_local", is_flag=True, help="The stack of `make run`.")
    @click.option("--region", metavar="REGION", help="AWS region, instead of the one of your AWS configuration.")
    @click.option("--profile", metavar="NAME", help="Profile of your AWS configuration.")
    @wraps(command)
    def with_options(
        *args: Any, stack: str | None, is_local: bool, region: str | None, profile: str | None, **options: Any
    ) -> Any:
        if bool(stack) == is_local:
            raise OperatorError("name either a deployed stack with --stack NAME, or --local.")

        def reach() -> Reached:
            found = local(local_folder()) if stack is None else deployed(stack, region=region, profile=profile)
            return Reached(found, Api(found.api_url, credentials(found), through_proxies=not is_local))

        return command(*args, target=reach, **options)

    return with_options


as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")
