"""Which stack a command is about, and how it is called: the options that the commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click
from botocore.exceptions import NoCredentialsError, NoRegionError

from cli.api import Api, api_at, api_of
from cli.errors import OperatorError
from cli.stack import Stack, deployed, local, local_folder

DEFAULT_STACK = "getthrough"
"""The name that `make deploy` gives a stack too."""

Command = Callable[..., Any]


@dataclass(frozen=True)
class Target:
    """Which stack a command is about. `named` is None unless the caller named one."""

    named: str | None
    is_local: bool
    region: str | None
    profile: str | None

    @property
    def name(self) -> str:
        return self.named or DEFAULT_STACK

    def stack(self) -> Stack:
        """Looked up now; OperatorError if it cannot be."""
        if self.is_local:
            return local(local_folder())
        try:
            return deployed(self.name, region=self.region, profile=self.profile)
        except OperatorError as error:
            if not self.named and isinstance(error.__cause__, NoRegionError | NoCredentialsError):
                raise OperatorError(f"{error} For the stack of `make run`, give --local.") from error
            raise

    def api(self) -> Api:
        """The stack's API. With GETTHROUGH_API, for callers without AWS credentials, no stack is looked up."""
        url = os.environ.get("GETTHROUGH_API")
        return api_at(url) if url and not self.named and not self.is_local else api_of(self.stack())


def with_target(command: Command) -> Command:
    """--stack, --local, --region and --profile, as the argument `target`."""

    @click.option("--stack", metavar="NAME", envvar="GETTHROUGH_STACK", help="A deployed stack (default: getthrough).")
    @click.option("--local", "is_local", is_flag=True, help="The stack of `make run`.")
    @click.option("--region", metavar="REGION", help="AWS region, instead of the one of your AWS configuration.")
    @click.option("--profile", metavar="NAME", help="Profile of your AWS configuration.")
    @wraps(command)
    def with_options(stack: str | None, is_local: bool, region: str | None, profile: str | None, **given: Any) -> Any:
        if stack is not None and is_local:
            raise OperatorError("--stack and --local are two stacks: name one of them.")
        return command(target=Target(stack, is_local, region, profile), **given)

    return with_options


as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")

dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
