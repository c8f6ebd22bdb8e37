"""Clients of AWS with this project's settings. Their failures become the domain's errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from http.client import HTTPException
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from getthrough.adapters.aws_client import Client
from getthrough.domain.values.errors import UnavailableError

TRIES = 3
"""Three tries of at most three seconds must fit into the shortest function's time limit, with the rest of its work: see
tests/template/test_time_limits.py."""

_BATCH, _BATCH_BYTES = 10, 250_000
"""SQS and EventBridge accept at most ten entries in one call, and 256 KB (262,144 bytes) for the whole request."""


@cache
def client(service: str, *, one_try: bool = False) -> Client:
    """The client of a service, created on first use and shared in this execution environment. With `one_try` it is one
    that gives up at once, for what can be done again later."""
    return Client(service, 1 if one_try else TRIES)


def error_code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))


@contextmanager
def unavailable(service: str) -> Iterator[None]:
    """Turn every remaining AWS failure into UnavailableError, which holds only the error's code."""
    try:
        yield
    except ClientError as error:
        raise UnavailableError(f"{service}: {error_code(error)}") from error
    except (BotoCoreError, HTTPException, OSError) as error:
        raise UnavailableError(f"{service}: {type(error).__name__}") from error


def batches(entries: Iterable[dict[str, Any]], text: str) -> Iterator[list[dict[str, Any]]]:
    """Split entries into batches that SQS and EventBridge accept. `text` is the field that holds nearly all of an
    entry."""
    batch: list[dict[str, Any]] = []
    size = 0
    for entry in entries:
        length = len(entry[text].encode())
        if batch and (len(batch) == _BATCH or size + length > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += length
    if batch:
        yield batch
