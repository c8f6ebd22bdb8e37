"""What both floors need: a botocore client that repeats the calls of our handlers."""

import base64
from contextlib import suppress
from typing import Any

import boto3
from botocore.config import Config

_CONFIG = Config(parameter_validation=False, user_agent="floor", tcp_keepalive=True)
_client: Any = boto3.client("dynamodb", config=_CONFIG)


def repeat(calls: list[tuple[str, dict[str, Any]]]) -> None:
    for name, params in calls:
        with suppress(_client.exceptions.ConditionalCheckFailedException):
            _client._make_api_call(name, params)


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
