"""AWS in memory (moto), with the table of infra/storage.yaml. What takes long to build is built once for all tests."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
import requests
from botocore.config import Config
from moto import mock_aws
from moto.core.models import botocore_stubber
from moto.dynamodb.models import dynamodb_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sqs.models import sqs_backends
from samtranslator.yaml_helper import yaml_parse

from cli.secret import parts
from getthrough.adapters import aws, aws_client

_STORAGE = Path(__file__).parents[1] / "infra" / "storage.yaml"
_TABLE_FIELDS = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
_REGION, _ACCOUNT = "eu-west-1", "123456789012"


@contextmanager
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty AWS, for the functions and for boto3."""
    with patched() as mocked:
        mocked.reset()
        credentials_of_a_test(monkeypatch)
        keep_clients(monkeypatch, "memory")
        monkeypatch.setattr(aws_client.Client, "_exchange", _exchange)
        yield
        aws.client.cache_clear()


def patched() -> Any:
    """moto in the place of AWS. To put it there takes as long as a short test, unless it is there already."""
    return mock_aws(config={"core": {"reset_boto3_session": False}})


def credentials_of_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", _REGION)


def keep_clients(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """boto3's clients of one place (AWS in memory, or the URL of a DynamoDB Local) serve all tests there."""
    monkeypatch.setattr(boto3, "client", partial(_kept, place))
    monkeypatch.setattr(aws_client, "CONNECT_SECONDS", _PATIENCE)
    monkeypatch.setattr(aws_client, "READ_SECONDS", _PATIENCE)
    aws.client.cache_clear()


def _exchange(client: aws_client.Client, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """What moto answers to our client. By itself, moto notices only boto3's requests."""
    prepared = requests.Request("POST", client.url, headers, data=body).prepare()
    answer = botocore_stubber.process_prepared_request(prepared)
    assert answer is not None
    status, _, content = answer
    return status, content.encode() if isinstance(content, str) else content


_NEW: Any = boto3.client


_PATIENCE = 60
"""A machine with much else to do answers late, which says nothing about the code."""

_PATIENT = Config(connect_timeout=_PATIENCE, read_timeout=_PATIENCE)


@cache
def _kept(place: str, service: str, config: Config = _PATIENT) -> Any:
    return _NEW(service, config=config.merge(_PATIENT))


# What almost every test begins with is made in moto itself: through boto3 it takes longer than what is tested.


def create_table(name: str, stream: dict[str, Any] | None = None) -> str | None:
    """The ARN of its stream, if it has one. The contract tests create the same table as a deployment does."""
    schema = table_schema()
    table = dynamodb_backends[_ACCOUNT][_REGION].create_table(
        name,
        schema=schema["KeySchema"],
        throughput=None,
        attr=schema["AttributeDefinitions"],
        global_indexes=schema["GlobalSecondaryIndexes"],
        indexes=[],
        streams=stream,
        billing_mode=schema["BillingMode"],
        sse_specification=None,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
    arn: str | None = table.describe()["TableDescription"].get("LatestStreamArn")
    return arn


def create_queue(name: str) -> str:
    """Its URL."""
    sqs_backends[_ACCOUNT][_REGION].create_queue(name)
    return f"https://sqs.{_REGION}.amazonaws.com/{_ACCOUNT}/{name}"


def create_secret(name: str, content: dict[str, Any]) -> str:
    """Its ARN. All its parts are stored, as an operator does it."""
    made = secretsmanager_backends[_ACCOUNT][_REGION].create_secret(
        name,
        secret_string=None,
        secret_binary=None,
        description=None,
        tags=None,
        kms_key_id=None,
        client_request_token=None,
        replica_regions=[],
        force_overwrite=False,
    )
    arn = str(json.loads(made)["ARN"])
    parts.write(_NewSecret, arn, {}, content)
    return arn


class _NewSecret:
    """Secrets Manager, as far as it is asked when a new secret is filled: there is nothing to read."""

    @staticmethod
    def get_secret_value(**_: str) -> dict[str, str]:
        return {}

    @staticmethod
    def put_secret_value(**fields: Any) -> None:
        backend, none = secretsmanager_backends[_ACCOUNT][_REGION], cast(str, None)
        backend.put_secret_value(fields["SecretId"], fields["SecretString"], none, none, fields["VersionStages"])


def table_schema() -> dict[str, Any]:
    """What `create_table` takes, beside the name."""
    resource = storage_table()
    return {field: resource[field] for field in _TABLE_FIELDS}


@cache
def storage_table() -> dict[str, Any]:
    """The table's properties in infra/storage.yaml."""
    properties: dict[str, Any] = yaml_parse(_STORAGE.read_text())["Resources"]["Table"]["Properties"]
    return properties
