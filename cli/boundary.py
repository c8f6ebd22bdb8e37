"""The permissions boundary that an administrator made for stacks of one beginning (infra/deployer.yaml)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError


def boundary_of(client: Callable[[str], Any], stack: str) -> str | None:
    """The ARN of the boundary for a stack of this name, such as `getthrough-boundary` for getthrough-dev; else None.

    A deployer may look at their own only, which is the one that their stacks need."""
    _, partition, _, _, account, _ = client("sts").get_caller_identity()["Arn"].split(":", 5)
    words = stack.split("-")
    for count in range(len(words), 0, -1):
        arn = f"arn:{partition}:iam::{account}:policy/{'-'.join(words[:count])}-boundary"
        try:
            client("iam").get_policy(PolicyArn=arn)
        except (BotoCoreError, ClientError):
            continue
        return arn
    return None
