"""boto3 clients as this project wants them, and their failures in the domain's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from getthrough.domain.values.errors import UnavailableError

# Three tries of at most three seconds must fit into the shortest function's time limit, with the work around them: see
# tests/template/test_time_limits.py. The waits between tries are short, since the template sets AWS_NEW_RETRIES_2026.
# Neither checking our own parameters again nor describing ourselves at length with every call is worth a tenth of a
# webhook's processor time.
_CONFIG = Config(
    parameter_validation=False,
    user_agent="getthrough",
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 3},
    tcp_keepalive=True,
)


_BATCH, _BATCH_BYTES = 10, 250_000
"""SQS and EventBridge take at most ten entries in one call, and 256 KB (262,144 bytes) with all around them."""


@cache
def client(service: str) -> Any:
    """The one client of a service in this execution environment, built when it is first needed."""
    return boto3.client(service, config=_CONFIG)  # type: ignore[call-overload]


def error_code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))


@contextmanager
def unavailable(service: str) -> Iterator[None]:
    """Turn every failure of AWS that is left into UnavailableError, which names its code and nothing else."""
    try:
        yield
    except ClientError as error:
        raise UnavailableError(f"{service}: {error_code(error)}") from error
    except BotoCoreError as error:
        raise UnavailableError(f"{service}: {type(error).__name__}") from error


def batches(entries: Iterable[dict[str, Any]], text: str) -> Iterator[list[dict[str, Any]]]:
    """The entries in batches that SQS and EventBridge take; `text` names the field that has nearly all of an entry."""
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
