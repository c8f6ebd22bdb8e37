"""Tests that watch, change or answer our functions' calls of AWS. What tests call themselves is left alone."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from getthrough.adapters import aws_client

Answer = dict[str, Any]
Call = Callable[..., Answer]

Around = Callable[[str, str, dict[str, Any], Call], Answer]
"""Gets the service, the operation, its parameters, and the call itself, which takes the parameters."""


def around_calls(monkeypatch: pytest.MonkeyPatch, around: Around) -> None:
    """Each call goes through `around` from now on."""
    real = aws_client.Client.call

    def call(client: aws_client.Client, operation: str, /, **parameters: Any) -> Answer:
        return around(client.service, operation, parameters, partial(real, client, operation))

    monkeypatch.setattr(aws_client.Client, "call", call)


def operations_called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that grows with each call."""
    called: list[str] = []

    def note(_service: str, operation: str, parameters: dict[str, Any], call: Call) -> Answer:
        called.append(operation)
        return call(**parameters)

    around_calls(monkeypatch, note)
    return called
