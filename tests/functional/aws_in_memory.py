"""The functions with their real adapters on AWS in memory (moto), made of infra/storage.yaml. No sockets."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import boto3
import pytest

from getthrough.adapters import secrets, tokens
from getthrough.domain.client.attempts import Attempts
from getthrough.handlers import _sending, _sign_in, _webhook, advance, inbound, send, status, tally
from getthrough.observability import metrics
from tests.builders import api_event, webhook_token
from tests.fakes import FakeGateway
from tests.in_memory import create_queue, create_secret, create_table, memory
from tests.secret import API_KEY, CLIENT, SIGNATURE_SECRET, secret_document

OTHER_CLIENT = "florist"
"""Has the same secret, since no test is about that."""

HANDLERS = {
    "/status": status.handler,
    "/inbound": inbound.handler,
    "/v1/messages": send.handler,
    "/v0.1/dispatch": send.handler,
}


class Context:
    """What Lambda hands to a handler, as far as it is read."""

    aws_request_id = "request-1"
    function_name = "function"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:function"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


CONTEXT: Any = Context()


@dataclass(frozen=True)
class Aws:
    """`gateway` is the provider, for the functions that send."""

    table_name: str
    queue_url: str
    secret_id: str
    gateway: FakeGateway

    def post(self, path: str, body: bytes, **headers: str) -> dict[str, Any]:
        """The answer of the function behind a route, with its decoded body."""
        answer = HANDLERS[path](api_event(f"POST {path}", headers=headers, body=body), CONTEXT)
        return {**answer, "body": json.loads(answer["body"])}

    def fire(self, *bodies: str) -> dict[str, Any]:
        """What AdvanceFunction answers to timers with these bodies; the first one's id is `timer-0`."""
        records = [{"messageId": f"timer-{number}", "body": body} for number, body in enumerate(bodies)]
        answer: dict[str, Any] = advance.handler({"Records": records}, CONTEXT)
        return answer

    def tally(self) -> None:
        """TallyFunction hears of all dispatches, as if each were new."""
        dispatches = [item for item in self.items() if item["sk"]["S"] == "DISPATCH"]
        records = [
            {"eventName": "INSERT", "dynamodb": {"SequenceNumber": str(number), "NewImage": item}}
            for number, item in enumerate(dispatches)
        ]
        assert tally.handler({"Records": records}, CONTEXT) == {"batchItemFailures": []}

    def items(self) -> list[dict[str, Any]]:
        """All but the audit trail."""
        return [item for item in self.everything() if not item["pk"]["S"].startswith("AUDIT#")]

    def everything(self) -> list[dict[str, Any]]:
        return sorted(boto3.client("dynamodb").scan(TableName=self.table_name)["Items"], key=str)

    def kinds(self) -> list[str]:
        """What is in the table: DISPATCH, EVENT, REFERENCE, CONTACT, QUARANTINE."""
        keys = [(item["pk"]["S"].partition("#")[0], item["sk"]["S"].partition("#")[0]) for item in self.items()]
        return sorted(pk if pk in ("CONTACT", "QUARANTINE") else sk for pk, sk in keys)

    def timers(self) -> int:
        """How many there are, ringing or not."""
        return self.ringing() + self._number_of("ApproximateNumberOfMessagesDelayed")

    def ringing(self) -> int:
        return self._number_of("ApproximateNumberOfMessages")

    def _number_of(self, name: Literal["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]) -> int:
        found = boto3.client("sqs").get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=[name])
        return int(found["Attributes"][name])

    def without_table(self) -> None:
        boto3.client("dynamodb").delete_table(TableName=self.table_name)

    def without_queue(self) -> None:
        boto3.client("sqs").delete_queue(QueueUrl=self.queue_url)

    def without_secret(self) -> None:
        boto3.client("secretsmanager").delete_secret(SecretId=self.secret_id, ForceDeleteWithoutRecovery=True)


def bearer(body: bytes, signature_secret: str = SIGNATURE_SECRET) -> str:
    """The Authorization of a webhook of Vonage's, or of a sender with another secret."""
    return "Bearer " + webhook_token(body, signature_secret, api_key=API_KEY)


@contextmanager
def aws_in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """A fresh table, queue and secret, and functions that have not run yet."""
    gateway = FakeGateway()
    with memory(monkeypatch):
        clients = secret_document()["clients"]
        secret = secret_document(clients={**clients, OTHER_CLIENT: clients[CLIENT]})
        created = Aws("getthrough", create_queue("timers"), create_secret("getthrough", secret), gateway)
        create_table(created.table_name)
        for name, value in {
            "TABLE_NAME": created.table_name,
            "QUEUE_URL": created.queue_url,
            "SECRET_ID": created.secret_id,
            "VONAGE_API_URL": "https://vonage.invalid",
            "RETENTION_DAYS": "90",
            "MESSAGES_PER_SECOND": "30",
            "CALLBACK_DEAD_LETTER_QUEUE_URL": "https://queue.invalid/dead-callbacks",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(metrics.provider, "namespace", "Getthrough")
        monkeypatch.setattr(_sending, "VonageGateway", lambda *_: gateway)
        forget()
        yield created
        forget()


def forget() -> None:
    """Drop what an execution environment keeps, which is the last test's: the secret, composed ports."""
    for reader in secrets.READERS:
        reader.cache_clear()
    _webhook._kept.clear()
    _sign_in.attempts = Attempts()
    tokens.tokens.cache_clear()
    for name in [name for name in sys.modules if name.startswith("getthrough.handlers.") and "._" not in name]:
        for kept in vars(sys.modules[name]).values():
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()
