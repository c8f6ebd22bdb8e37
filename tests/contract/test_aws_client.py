"""Our client sends what boto3 sends, and understands the answers as boto3 does. How it treats connections and failures
is shown on a server of the test's own."""

import ast
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.client import HTTPException, RemoteDisconnected
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import Mock

import boto3
import botocore.auth
import pytest
from boto3.dynamodb.types import Binary
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError
from botocore.retries.standard import ThrottledRetryableChecker
from cryptography.hazmat.primitives.asymmetric import rsa
from urllib3.util.wait import wait_for_read

from getthrough.adapters import aws, aws_client
from getthrough.adapters.aws_client import SERVICES, THROTTLED, Client
from getthrough.adapters.table import attributes_of
from tests.contract.conftest import REAL
from tests.in_memory import credentials_of_a_test
from tests.unit.certificate import certificate_of

FUNCTIONS = Path(aws_client.__file__).parents[1]
KEY = {"pk": {"S": "DISPATCH#1"}, "sk": {"S": "DISPATCH"}}
ITEM = {
    **KEY,
    "text": {"S": 'Crème brûlée is ready 🧁, "Ann" \\ \x7f </script>'},
    "empty": {"S": ""},
    "body": {"B": b"\x00\xff{}"},
    "version": {"N": "3.0333"},
    "steps": {"L": [{"M": {"to": {"S": "447700900101"}, "tried": {"BOOL": False}}}, {"NULL": True}]},
}
EVENT = {"EventBusName": "bus", "Source": "getthrough", "DetailType": "dispatch.succeeded", "Detail": '{"id": "é"}'}
QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/timers"

CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("dynamodb", "GetItem", {"TableName": "table", "Key": KEY, "ConsistentRead": True}),
    (
        "dynamodb",
        "PutItem",
        {
            "TableName": "table",
            "Item": ITEM,
            "ConditionExpression": "version = :read",
            "ExpressionAttributeValues": {":read": {"N": "2"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    ),
    (
        "dynamodb",
        "UpdateItem",
        {"TableName": "table", "Key": KEY, "UpdateExpression": "REMOVE text", "ReturnValues": "UPDATED_NEW"},
    ),
    ("dynamodb", "DeleteItem", {"TableName": "table", "Key": KEY}),
    (
        "dynamodb",
        "Query",
        {
            "TableName": "table",
            "IndexName": "newest",
            "KeyConditionExpression": "newest_shard = :shard",
            "ExpressionAttributeValues": {":shard": {"S": "DISPATCHES#1"}},
            "ScanIndexForward": False,
            "Limit": 20,
        },
    ),
    ("dynamodb", "Scan", {"TableName": "table", "ConsistentRead": True, "ExclusiveStartKey": KEY}),
    ("dynamodb", "BatchGetItem", {"RequestItems": {"table": {"Keys": [KEY], "ConsistentRead": False}}}),
    ("dynamodb", "BatchWriteItem", {"RequestItems": {"table": [{"PutRequest": {"Item": ITEM}}]}}),
    (
        "dynamodb",
        "TransactWriteItems",
        {"TransactItems": [{"Put": {"TableName": "table", "Item": ITEM}}], "ClientRequestToken": "token"},
    ),
    ("secretsmanager", "GetSecretValue", {"SecretId": "arn:aws:secretsmanager:secret", "VersionStage": "clients"}),
    ("sqs", "SendMessage", {"QueueUrl": QUEUE, "MessageBody": "{}"}),
    ("sqs", "SendMessageBatch", {"QueueUrl": QUEUE, "Entries": [{"Id": "0", "MessageBody": "é", "DelaySeconds": 15}]}),
    ("sqs", "ReceiveMessage", {"QueueUrl": QUEUE, "MaxNumberOfMessages": 10, "VisibilityTimeout": 0}),
    ("sqs", "DeleteMessageBatch", {"QueueUrl": QUEUE, "Entries": [{"Id": "0", "ReceiptHandle": "handle"}]}),
    ("sqs", "GetQueueAttributes", {"QueueUrl": QUEUE, "AttributeNames": ["ApproximateNumberOfMessages"]}),
    ("events", "PutEvents", {"Entries": [{**EVENT, "Time": 1_772_452_800}]}),
    ("events", "ListRules", {"EventBusName": "bus", "Limit": 1}),
]

OF_BOTO3_ALONE = {"amz-sdk-invocation-id", "amz-sdk-request", "x-amzn-query-mode"}
"""What no service needs: ids of tries, and SQS's way to name errors as it did before JSON."""


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials_of_a_test(monkeypatch)
    monkeypatch.setattr(aws_client, "random", lambda: 0.0)
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC).replace(tzinfo=None)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: noon)


# Requests


def test_every_operation_that_the_functions_call_is_compared() -> None:
    called = {
        node.args[0].value
        for file in FUNCTIONS.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "call"
        if node.args and isinstance(node.args[0], ast.Constant)
    }

    assert called == {operation for _, operation, _ in CALLS}


@pytest.mark.parametrize(("service", "operation", "parameters"), CALLS, ids=lambda value: str(value)[:20])
@pytest.mark.parametrize("token", [None, "a session's token"])
def test_a_request_is_the_one_that_boto3_sends(
    service: str, operation: str, parameters: dict[str, Any], token: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = Credentials("AKIAEXAMPLE", "secret", token)
    monkeypatch.setattr(aws_client._session(), "get_credentials", lambda: credentials)
    expected, sent = (
        sent_by_boto3(service, operation, parameters, credentials),
        sent_by_us(service, operation, parameters),
    )

    assert (sent.url, sent.body) == (expected.url, expected.body)
    unsigned = OF_BOTO3_ALONE | {"authorization", "user-agent", "content-length"}
    assert {name: value for name, value in sent.headers.items() if name not in unsigned} == {
        name: value for name, value in expected.headers.items() if name not in unsigned
    }
    assert sent.signed == expected.signed - OF_BOTO3_ALONE


class Sent(NamedTuple):
    url: str
    headers: dict[str, str]
    body: Any

    @property
    def signed(self) -> set[str]:
        """The names of the headers that the signature covers."""
        [names] = [part for part in self.headers["authorization"].split(", ") if part.startswith("SignedHeaders=")]
        return set(names.removeprefix("SignedHeaders=").split(";"))


def sent_by_us(service: str, operation: str, parameters: dict[str, Any]) -> Sent:
    client, sent = Client(service, 1), list[Sent]()

    def exchange(headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        sent.append(Sent(client.url, {name.lower(): value for name, value in headers.items()}, json.loads(body)))
        return 200, b"{}"

    client._exchange = exchange  # type: ignore[method-assign]
    client.call(operation, **parameters)
    return sent[0]


def sent_by_boto3(service: str, operation: str, parameters: dict[str, Any], credentials: Credentials) -> Sent:
    session = boto3.Session(credentials.access_key, credentials.secret_key, credentials.token, "eu-west-1")
    client: Any = session.client(service)  # type: ignore[call-overload]
    sent = list[Sent]()

    def answer(request: Any, **_: Any) -> Any:
        headers = {
            name.lower(): str(value, "ascii") if isinstance(value, bytes) else value
            for name, value in request.headers.items()
        }
        sent.append(Sent(request.url, headers, json.loads(request.body)))
        return AWSResponse(request.url, 200, HTTPHeaders(), Mock(stream=lambda: [b"{}"]))

    client.meta.events.register("before-send", answer)
    client._make_api_call(operation, parameters)
    return sent[0]


@pytest.mark.parametrize("service", SERVICES)
def test_names_and_endpoints_are_botocores_in_every_region_that_reaches_vonage(service: str) -> None:
    """Those of the isolated partitions don't."""
    session = boto3.Session("key", "secret")
    for partition in ("aws", "aws-cn", "aws-us-gov", "aws-eusc"):
        for region in session.get_available_regions(service, partition):
            client: Any = session.client(service, region)  # type: ignore[call-overload]
            assert aws_client._url(service, region) == f"{client.meta.endpoint_url}/"
    model = client.meta.service_model
    assert SERVICES[service] == (
        model.metadata["targetPrefix"],
        model.metadata["jsonVersion"],
        model.service_id.replace(" ", "_").upper(),
    )
    assert model.signing_name == service


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({"AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://127.0.0.1:4566"}, "http://127.0.0.1:4566/"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"}, "http://127.0.0.1:4566/"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/aws"}, "http://127.0.0.1:4566/aws/"),
        ({"AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:4566"}, "https://secretsmanager.eu-west-1.amazonaws.com/"),
    ],
)
def test_an_endpoint_can_be_named(variables: dict[str, str], url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert Client("secretsmanager", 1).url == url
    assert f"{boto3.client('secretsmanager').meta.endpoint_url.rstrip('/')}/" == url


def test_lambdas_trace_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)

    assert sent_by_us("sqs", "SendMessage", {}).headers["x-amzn-trace-id"] == trace


def test_without_credentials_or_region_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_client._session(), "get_credentials", lambda: None)
    with pytest.raises(NoCredentialsError):
        Client("dynamodb", 3).call("GetItem")

    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setattr(aws_client._session(), "get_config_variable", lambda _name: None)
    with pytest.raises(NoRegionError):
        Client("dynamodb", 3)


def test_what_json_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError, match="not JSON: datetime"):
        Client("events", 1).call("PutEvents", Entries=[{"Time": datetime.now(UTC)}])


# Answers


@REAL
def test_an_item_comes_back_as_boto3_gives_it(store: str) -> None:
    aws.client("dynamodb").call("PutItem", TableName=store, Item=ITEM)

    ours = aws.client("dynamodb").call("GetItem", TableName=store, Key=KEY)["Item"]
    theirs = boto3.client("dynamodb").get_item(TableName=store, Key=KEY)["Item"]

    assert theirs == ITEM
    assert ours == {**ITEM, "body": {"B": "AP97fQ=="}}
    assert attributes_of(ours)["body"] == Binary(b"\x00\xff{}")


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("GetItem", {"TableName": "unknown", "Key": KEY}),
    ("GetItem", {"TableName": "STORE", "Key": {"pk": {"S": "1"}}}),
    (
        "PutItem",
        {
            "TableName": "STORE",
            "Item": KEY,
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    ),
    (
        "TransactWriteItems",
        {
            "TransactItems": [
                {"Put": {"TableName": "STORE", "Item": KEY, "ConditionExpression": "attribute_not_exists(pk)"}},
                {"Put": {"TableName": "STORE", "Item": {**KEY, "sk": {"S": "other"}}}},
            ]
        },
    ),
]


@REAL
@pytest.mark.parametrize(("operation", "parameters"), REFUSED)
def test_a_refusal_is_the_error_that_boto3_raises(store: str, operation: str, parameters: dict[str, Any]) -> None:
    filled = json.loads(json.dumps(parameters).replace("STORE", store))
    aws.client("dynamodb").call("PutItem", TableName=store, Item={**KEY, "text": {"S": "stored"}})

    ours, theirs = refusal_of(aws.client("dynamodb").call, operation, filled), refusal_of_boto3(operation, filled)

    assert ours["Error"] == theirs["Error"]
    assert (ours.get("Item"), ours.get("CancellationReasons")) == (
        theirs.get("Item"),
        theirs.get("CancellationReasons"),
    )


def refusal_of(call: Callable[..., Any], operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    with pytest.raises(ClientError) as raised:
        call(operation, **parameters)
    return dict(raised.value.response)


def refusal_of_boto3(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    client: Any = boto3.client("dynamodb")
    return refusal_of(lambda name, **given: client._make_api_call(name, given), operation, parameters)


# Connections and failures


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
NO_ANSWER, HANG = b"", None


def refused(status: int, code: str) -> bytes:
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "why"}).encode()
    return b"HTTP/1.1 %d No\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


class Request(NamedTuple):
    connection: int
    """Which one of the server's, counted from 0."""

    headers: dict[str, str]
    body: bytes


class Server:
    """Answers requests with these bytes, one after the other. It closes a connection instead of giving `NO_ANSWER`, and
    keeps it open without a word for `HANG`."""

    def __init__(self, answers: list[bytes | None], wrap: Callable[[socket.socket], socket.socket]) -> None:
        self.requests: list[Request] = []
        self._answers, self._wrap = list(answers), wrap
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.opened: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for sock in (self._listening, *self.opened):
            sock.close()

    def _accept(self) -> None:
        for number in range(20):
            try:
                connection = self._wrap(self._listening.accept()[0])
            except OSError:
                continue
            self.opened.append(connection)
            threading.Thread(target=self._serve, args=(number, connection), daemon=True).start()

    def _serve(self, number: int, connection: socket.socket) -> None:
        with suppress(ConnectionError):  # of a client that has hung up
            self._answer(number, connection)

    def _answer(self, number: int, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        while stream.readline():
            lines = iter(lambda: stream.readline().strip().decode(), "")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            self.requests.append(Request(number, headers, stream.read(int(headers["content-length"]))))
            answer = self._answers.pop(0)
            if answer is HANG:
                return
            connection.sendall(answer or NO_ANSWER)
            if answer in (NO_ANSWER, CLOSING):
                connection.shutdown(socket.SHUT_RDWR)
                return


@contextmanager
def serving(
    monkeypatch: pytest.MonkeyPatch,
    *answers: bytes | None,
    wrap: Callable[[socket.socket], socket.socket] | None = None,
) -> Iterator[Server]:
    server = Server(list(answers), wrap or (lambda sock: sock))
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"{'https' if wrap else 'http'}://127.0.0.1:{server.port}")
    try:
        yield server
    finally:
        server.close()


def connections(server: Server) -> list[int]:
    return [request.connection for request in server.requests]


def test_what_arrives_carries_the_signature_of_what_was_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """http.client adds headers of its own. They change none that is signed."""
    with serving(monkeypatch, OK) as server:
        Client("dynamodb", 1).call("PutItem", TableName="table", Item=ITEM)
    [request] = server.requests

    signed = Sent("", request.headers, "").signed
    again = AWSRequest("POST", f"http://127.0.0.1:{server.port}/", {}, request.body)
    for name in signed - {"host", "x-amz-date"}:
        again.headers[name] = request.headers[name]
    botocore.auth.SigV4Auth(Credentials("testing", "testing"), "dynamodb", "eu-west-1").add_auth(again)
    assert again.headers["Authorization"] == request.headers["authorization"]
    assert (request.headers["host"], again.headers["X-Amz-Date"]) == (
        f"127.0.0.1:{server.port}",
        request.headers["x-amz-date"],
    )


def test_one_connection_serves_all_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(monkeypatch, OK, OK, OK) as server:
        client = Client("dynamodb", 1)
        assert [client.call("GetItem") for _ in range(3)] == [{}, {}, {}]

    assert connections(server) == [0, 0, 0]


def test_a_connection_that_the_server_closes_with_its_answer_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(monkeypatch, CLOSING, OK) as server:
        client = Client("dynamodb", 1)
        client.call("GetItem")
        client.call("GetItem")

    assert connections(server) == [0, 1]


def test_after_an_interim_answer_a_connection_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(monkeypatch, b"HTTP/1.1 103 Early Hints\r\n\r\n", OK) as server:
        client = Client("dynamodb", 1)
        with pytest.raises(ClientError):
            client.call("GetItem")
        assert client.call("GetItem") == {}

    assert connections(server) == [0, 1]


@pytest.mark.parametrize(
    "disturb",
    [lambda sock: sock.shutdown(socket.SHUT_RDWR), lambda sock: sock.sendall(OK)],
    ids=["closed", "with an answer to nothing"],
)
def test_an_idle_connection_that_can_be_read_is_not_used_again(
    disturb: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(monkeypatch, OK, OK) as server:
        client = Client("dynamodb", 1)
        client.call("GetItem")
        disturb(server.opened[0])
        assert wait_for_read(client._idle[0].sock, timeout=60)
        client.call("GetItem")

    assert connections(server) == [0, 1]


def test_calls_at_the_same_time_have_connections_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(monkeypatch, OK, OK) as server:
        client = Client("dynamodb", 1)
        in_use = client._connection()
        client.call("GetItem")
        client._idle.append(in_use)
        client.call("GetItem")

    assert connections(server) == [1, 0]
    assert len(client._idle) == 2


@pytest.mark.parametrize(
    "answer",
    [
        NO_ANSWER,
        refused(500, "InternalServerError"),
        b"HTTP/1.1 503 Slow\r\nContent-Length: 6\r\n\r\n<html>",
        refused(400, "ProvisionedThroughputExceededException"),
        refused(400, "ThrottlingException"),
        refused(400, "TransactionInProgressException"),
        refused(400, "ThrottlingException:http://internal.amazon.com/coral/com.amazon.coral.availability/#x"),
        refused(409, "ReplicatedWriteConflictException"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull",
    ],
)
def test_what_may_go_well_the_next_time_is_tried_three_times(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(monkeypatch, answer, answer, OK) as server:
        assert aws.client("dynamodb").call("GetItem", TableName="table") == {}
    with serving(monkeypatch, answer, answer, answer) as server:
        aws.client.cache_clear()
        with pytest.raises((ClientError, HTTPException, OSError)):
            aws.client("dynamodb").call("GetItem", TableName="table")

    assert [request.body for request in server.requests] == [b'{"TableName": "table"}'] * 3
    aws.client.cache_clear()


@pytest.mark.parametrize("code", ["ConditionalCheckFailedException", "ValidationException", "AccessDeniedException"])
def test_what_would_be_refused_again_is_not_tried_again(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(monkeypatch, refused(400, code)) as server, pytest.raises(ClientError) as raised:
        Client("dynamodb", 3).call("PutItem")

    assert raised.value.response["Error"] == {"Code": code, "Message": "why"}
    assert len(server.requests) == 1


def test_a_code_that_botocore_takes_for_too_many_calls_is_one_here() -> None:
    theirs: Any = ThrottledRetryableChecker
    assert set(theirs._THROTTLED_ERROR_CODES) <= THROTTLED


def test_a_member_that_is_null_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    body = b'{"Messages": null, "Attributes": {"pk": {"NULL": true}}}'
    with serving(monkeypatch, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)):
        assert Client("sqs", 1).call("ReceiveMessage") == {"Attributes": {"pk": {"NULL": True}}}


def test_a_client_with_one_try_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(monkeypatch, NO_ANSWER) as server, pytest.raises(RemoteDisconnected):
        Client("dynamodb", 1).call("UpdateItem")

    assert len(server.requests) == 1


def test_the_waits_double_and_are_longer_where_aws_throttles(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(aws_client, "random", lambda: 1.0)
    monkeypatch.setattr(time, "sleep", waits.append)
    throttled = refused(400, "ThrottlingException")
    with serving(monkeypatch, *[NO_ANSWER] * 3, *[throttled] * 3):
        client = Client("dynamodb", 3)
        for _ in range(2):
            with pytest.raises((ClientError, HTTPException, OSError)):
                client.call("GetItem")

    assert waits == [0.05, 0.1, 1.0, 2.0]


def test_a_server_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_client, "READ_SECONDS", 0.05)
    with serving(monkeypatch, HANG, HANG) as server, pytest.raises(TimeoutError):
        Client("dynamodb", 2).call("GetItem")

    assert connections(server) == [0, 1]


def test_where_no_server_listens_the_call_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(ConnectionRefusedError):
            Client("dynamodb", 3).call("GetItem")


@pytest.mark.parametrize("trusted", [True, False])
def test_a_server_has_to_prove_who_it_is(
    trusted: bool, key: rsa.RSAPrivateKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_of(key, tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if trusted:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    aws_client._tls.cache_clear()

    with serving(monkeypatch, OK, wrap=lambda sock: context.wrap_socket(sock, server_side=True)) as server:
        if trusted:
            assert Client("dynamodb", 1).call("GetItem") == {}
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                Client("dynamodb", 1).call("GetItem")

    assert len(server.requests) == trusted
    aws_client._tls.cache_clear()


def test_every_failure_is_one_that_adapters_expect() -> None:
    """`aws.unavailable` turns these into the domain's error."""
    assert issubclass(NoCredentialsError, BotoCoreError)
    assert issubclass(ssl.SSLCertVerificationError, OSError)
    assert issubclass(TimeoutError, OSError)
