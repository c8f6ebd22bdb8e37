"""What a function prepares while Lambda starts it. Init runs on a full processor, an invocation only on the share that
its memory buys. So the slow work of a first invocation belongs here."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from os import environ

from getthrough.adapters.aws import client
from getthrough.adapters.secrets import Part
from getthrough.config import ApiConfig


def during_init(*services: str, also: tuple[Callable[[], object], ...] = ()) -> None:
    """Build the clients of these AWS services, then do the rest. Outside Lambda this does nothing.

    A failure is left to the first invocation, which meets it again and reports it.
    """
    if "AWS_LAMBDA_INITIALIZATION_TYPE" not in environ:
        return
    clients: list[Callable[[], object]] = [partial(client, service) for service in services]
    for prepare in (*clients, *also):
        with suppress(Exception):
            prepare()


def load(config: ApiConfig, *parts: Callable[[str], Part[object]]) -> None:
    """Read parts of the stack's secret, for `during_init`: once, since Lambda ends an init that takes ten seconds."""
    for part in parts:
        part(config.secret_id).reload(one_try=True)
