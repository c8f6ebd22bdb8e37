"""AWS in memory (moto), with the table of infra/storage.yaml. What takes long to build is built once for all tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws
from samtranslator.yaml_helper import yaml_parse

from getthrough.adapters import aws

_STORAGE = Path(__file__).parents[1] / "infra" / "storage.yaml"
_TABLE_FIELDS = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")


@contextmanager
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty AWS, for the functions and for boto3."""
    with mock_aws(config={"core": {"reset_boto3_session": False}}):
        credentials_of_a_test(monkeypatch)
        keep_clients(monkeypatch, "memory")
        yield
        aws.client.cache_clear()


def credentials_of_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


def keep_clients(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """boto3's clients of one place (AWS in memory, or the URL of a DynamoDB Local) serve all tests there."""
    monkeypatch.setattr(boto3, "client", partial(_kept, place))
    aws.client.cache_clear()


def own_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test that hooks into a client: no other test gets it."""
    monkeypatch.setattr(boto3, "client", _NEW)
    aws.client.cache_clear()


_NEW: Any = boto3.client


_PATIENT = Config(connect_timeout=60, read_timeout=60)
"""A machine with much else to do answers late, which says nothing about the code."""


@cache
def _kept(place: str, service: str, config: Config = _PATIENT) -> Any:
    return _NEW(service, config=config.merge(_PATIENT))


def table_schema() -> dict[str, Any]:
    """What `create_table` takes, beside the name."""
    resource = storage_table()
    return {field: resource[field] for field in _TABLE_FIELDS}


@cache
def storage_table() -> dict[str, Any]:
    """The table's properties in infra/storage.yaml."""
    properties: dict[str, Any] = yaml_parse(_STORAGE.read_text())["Resources"]["Table"]["Properties"]
    return properties
