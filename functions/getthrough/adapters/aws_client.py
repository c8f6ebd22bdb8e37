"""Calls of AWS services that speak JSON over HTTP. A call takes less than half of the processor time that botocore's
clients take (decision 71). Credentials and signatures are botocore's.

Source: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html. tests/contract/test_aws_client.py compares each
request with boto3's.
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from os import environ
from random import random
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import certifi
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError
from botocore.session import Session
from urllib3.util.wait import wait_for_read

CONNECT_SECONDS, READ_SECONDS = 1, 2

WAIT_SECONDS = 0.05
"""A call that failed is tried again after a random part of this time, then of twice as much."""

THROTTLED_WAIT_SECONDS = 1.0
"""The same for a call that was refused because there were too many."""

THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""The codes that AWS's SDKs take for that. https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html"""

PASSING = frozenset({"ReplicatedWriteConflictException", "RequestTimeout", "RequestTimeoutException"})
"""Other refusals that may be over a moment later."""


class Service(NamedTuple):
    target: str
    """What the header that names the operation begins with."""

    json_version: str
    endpoint: str
    """What the variable of another endpoint ends with: `AWS_ENDPOINT_URL_DYNAMODB`."""


SERVICES = {
    "dynamodb": Service("DynamoDB_20120810", "1.0", "DYNAMODB"),
    "events": Service("AWSEvents", "1.1", "EVENTBRIDGE"),
    "secretsmanager": Service("secretsmanager", "1.1", "SECRETS_MANAGER"),
    "sqs": Service("AmazonSQS", "1.0", "SQS"),
}


class Client:
    """Calls one service. Its connections stay open, and threads may share it.

    Each step of a connection (an address, the handshake, the silence before the next byte) has a time-out of its own. A
    server that sends a byte at a time would not be given up. Those of AWS don't.
    """

    def __init__(self, service: str, tries: int) -> None:
        self._idle: list[HTTPConnection] = []
        self.service, self._tries = service, tries
        self._region = _session().get_config_variable("region")
        if not self._region:
            raise NoRegionError
        self.url = _url(service, self._region)
        self._at = urlsplit(self.url)

    def __del__(self) -> None:
        for connection in self._idle:
            connection.close()

    def call(self, operation: str, /, **parameters: object) -> dict[str, Any]:
        """What the service answers, without members that are null. Binary values are base64 texts.

        Raises ClientError if it refuses, OSError or HTTPException if it gives no answer, and BotoCoreError without
        credentials."""
        body = json.dumps(parameters, default=_base64).encode()
        for attempt in range(self._tries):
            failure: Exception
            try:
                status, content = self._post(operation, body)
                if status == 200:
                    return _answer(content)
                failure = _refusal(operation, status, content)
                wait = _wait_after(status, failure.response["Error"]["Code"])
            except (OSError, HTTPException) as error:
                failure, wait = error, WAIT_SECONDS
            if not wait or attempt + 1 == self._tries:
                break
            time.sleep(random() * wait * 2**attempt)  # noqa: S311 - jitter
        raise failure

    def _post(self, operation: str, body: bytes) -> tuple[int, bytes]:
        service = SERVICES[self.service]
        headers = {
            "Content-Type": f"application/x-amz-json-{service.json_version}",
            "User-Agent": "getthrough",
            "X-Amz-Target": f"{service.target}.{operation}",
            **_trace(),
        }
        return self._exchange(self._signed(headers, body), body)

    def _signed(self, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        credentials = _session().get_credentials()
        if credentials is None:
            raise NoCredentialsError
        request = AWSRequest("POST", self.url, headers, body)
        SigV4Auth(credentials.get_frozen_credentials(), self.service, self._region).add_auth(request)
        return dict(request.headers.items())

    def _exchange(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        connection = self._connection()
        try:
            connection.request("POST", self._at.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except BaseException:
            connection.close()
            raise
        if answer.status < 200:  # the answer itself is yet to come, and is none to the next call
            connection.close()
        if connection.sock is not None:  # the server keeps it open
            self._idle.append(connection)
        return answer.status, content

    def _connection(self) -> HTTPConnection:
        """An idle one. One that can be read has been closed by the server, or has something that is no answer."""
        while self._idle:
            connection = self._idle.pop()
            if not wait_for_read(connection.sock, timeout=0):
                return connection
            connection.close()
        return self._connect()

    def _connect(self) -> HTTPConnection:
        host, port = self._at.hostname or "", self._at.port
        if self._at.scheme == "https":
            connection: HTTPConnection = HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=_tls())
        else:
            connection = HTTPConnection(host, port, timeout=CONNECT_SECONDS)
        connection.connect()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.sock.settimeout(READ_SECONDS)
        return connection


def _url(service: str, region: str) -> str:
    """https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html"""
    named = environ.get(f"AWS_ENDPOINT_URL_{SERVICES[service].endpoint}") or environ.get("AWS_ENDPOINT_URL")
    suffix = _SUFFIXES.get(region.partition("-")[0], "amazonaws.com")
    return f"{named.rstrip('/')}/" if named else f"https://{service}.{region}.{suffix}/"


_SUFFIXES = {"cn": "amazonaws.com.cn", "eusc": "amazonaws.eu"}


def _trace() -> dict[str, str]:
    """Lambda's trace of this invocation, so that SQS and EventBridge hand it on."""
    trace = environ.get("_X_AMZN_TRACE_ID")
    return {"X-Amzn-Trace-Id": trace} if trace else {}


def _answer(content: bytes) -> dict[str, Any]:
    try:
        members = json.loads(content or b"{}")
    except ValueError:
        raise HTTPException("an answer that is not JSON") from None
    if not isinstance(members, dict):
        raise HTTPException("an answer that is not an object")
    return {name: value for name, value in members.items() if value is not None}


def _refusal(operation: str, status: int, content: bytes) -> ClientError:
    try:
        fields = json.loads(content)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        fields = {}
    message = fields.get("message") or fields.get("Message") or ""
    return ClientError({**fields, "Error": {"Code": _code(fields) or str(status), "Message": message}}, operation)  # type: ignore[typeddict-item]


def _wait_after(status: int, code: str) -> float:
    """How long to wait before the next try. 0 means that there is no next try, because the answer would be the same."""
    if code in THROTTLED:
        return THROTTLED_WAIT_SECONDS
    return WAIT_SECONDS if status >= 500 or code in PASSING else 0.0


def _code(fields: Mapping[str, Any]) -> str:
    """`ValidationException`, also of `com.amazon.coral.validate#ValidationException:http://internal.amazon.com/…`."""
    return str(fields.get("__type") or "").partition(":")[0].rpartition("#")[2]


def _base64(value: object) -> str:
    if not isinstance(value, bytes):
        raise TypeError(f"not JSON: {type(value).__name__}")
    return b64encode(value).decode()


@cache
def _session() -> Session:
    return Session()


@cache
def _tls() -> ssl.SSLContext:
    """Reads the CA bundle once, as it takes 15 ms of processor time."""
    return ssl.create_default_context(cafile=environ.get("AWS_CA_BUNDLE") or certifi.where())
