"""The webhook functions on AWS in memory, with dispatches that broken webhooks may name, and what must hold of them."""

import base64
import hashlib
import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import boto3
import pytest

from getthrough.adapters import table_keys
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.domain.contact.contact import Contact
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.event.webhook import InboundMessage, StatusEvent, parse_inbound, parse_status
from getthrough.domain.values import identifiers, strict_json
from getthrough.domain.values.errors import MalformedWebhookError
from getthrough.handlers import _webhook
from getthrough.handlers._http import MAX_BODY
from getthrough.observability import logger
from tests.aws_calls import Answer, Call, around_calls
from tests.builders import basic, message, status_payload
from tests.functional.aws_in_memory import Aws, aws_in_memory, bearer
from tests.fuzz.direct_table import DirectTable
from tests.fuzz.mutations import broken
from tests.secret import CLIENT, CLIENT_SECRET, hash_of
from tests.webhook_samples import all_samples

BYSTANDER = "447700900999"
"""Whom no webhook names."""

FORGERS_SECRET = "a-forgers-secret-of-sufficient-length"


class BrokenPromiseError(AssertionError):
    """What a webhook did that none may do."""


@dataclass
class World:
    """`reported` are the dispatches as the kernel makes them of what was understood, `references` the provider's ids of
    their messages, `seen` the digests of what was understood. `counts` says what became of the webhooks."""

    stack: Aws
    table: DirectTable
    dispatches: DynamoDispatches
    reported: dict[str, Dispatch]
    references: dict[str, str]
    seen: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    aliases: set[Contact] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("understood", "quarantined", "refused"), 0))

    @property
    def known(self) -> Sequence[str]:
        """Our own ids and addresses, for webhooks to name."""
        named = [dispatch for dispatch in self.reported.values() if dispatch.steps[0].contact.address != BYSTANDER]
        ids = [dispatch.message_uuid(number) for dispatch in named for number in range(3)]
        references = [reference for reference, one in self.references.items() if one in ids]
        return [*ids, *references, *(step.contact.address for dispatch in named for step in dispatch.steps)]

    def receive(self, path: str, body: bytes, random: Random) -> None:
        """One webhook, mostly signed; BrokenPromiseError if it does what it must not."""
        self.table.writes.clear()
        chance = random.random()
        if chance < 0.03:
            self._refused(path, body, {}, 503)
        elif chance < 0.06:
            self._refused(path, body, {"authorization": bearer(body, FORGERS_SECRET)}, 401)
        else:
            self._signed(path, body)

    def _refused(self, path: str, body: bytes, headers: dict[str, str], status: int) -> None:
        answer = self.stack.post(path, body, **headers)
        too_large = len(body) > MAX_BODY
        kept = f"QUARANTINE#{_sha256(body)}"
        expected = {kept} - self.kept if status == 401 and not too_large else set()
        self.kept |= expected
        self._check(answer["statusCode"] == (413 if too_large else status), f"{answer['statusCode']} for {status}")
        self._check({pk for pk, _ in self.table.writes} == expected, f"wrote {self.table.writes}")
        self.counts["refused"] += 1

    def _signed(self, path: str, body: bytes) -> None:
        answer = self.stack.post(path, body, authorization=bearer(body))
        if len(body) > MAX_BODY:
            self._check((answer["statusCode"], self.table.writes) == (413, []), "too large, and taken")
            self.counts["refused"] += 1
            return
        self._check(answer["statusCode"] == 200, f"answered {answer['statusCode']}")
        understood = _understood(path, body)
        written = {pk for pk, _ in self.table.writes}
        if understood is None:
            self._check(written == {f"QUARANTINE#{_sha256(body)}"}, f"quarantined, and wrote {written}")
            self.kept |= written
            self.counts["quarantined"] += 1
            return
        must, may = self._expected(understood)
        if understood.digest in self.seen:
            must, may = set(), must | may
        self.seen.add(understood.digest)
        self._check(must <= written <= must | may, f"wrote {written}, not {must} and at most {may}")
        for uuid in self.reported:
            if f"DISPATCH#{uuid}" in written:
                self._check_reported(uuid)
        self.counts["understood"] += 1

    def _expected(self, understood: StatusEvent | InboundMessage) -> tuple[set[str], set[str]]:
        """The keys that must be written for it, and those that may be; what the kernel makes of it is noted."""
        self.aliases |= set(understood.aliases)
        if isinstance(understood, InboundMessage):
            place, pk = table_keys.inbound(understood.digest)["pk"], table_keys.contact(understood.contact)
            others = self.aliases or understood.quotes
            may = {pk} | self._of_customers() if others else self._of(understood.contact)
            return ({place} if pk in may else {place, pk}), may | {_consent(understood.contact)}
        ours = understood.dispatch_uuid, understood.step
        if ours[0] is None:
            named = identifiers.parse_message_uuid(self.references.get(understood.vonage_message_uuid))
            ours = named or (None, None)
        uuid, step = ours
        if uuid is None or step is None:
            return {f"VONAGE#{understood.vonage_message_uuid}"}, set()
        may = set[str]()
        if uuid in self.reported:
            event = replace(understood, dispatch_uuid=uuid, step=step)
            self.reported[uuid] = failover.apply(self.reported[uuid], event)
            if understood.opted_out and step < len(self.reported[uuid].steps):
                contact = self.reported[uuid].steps[step].contact
                may = {_consent(contact), *self._of(contact)}
            if understood.aliases or (understood.opted_out and self.aliases):
                may |= self._of_customers()
        return {f"DISPATCH#{uuid}"}, may

    def _of(self, contact: Contact) -> set[str]:
        """Dispatches that an opt-out or an answer of this contact may change."""
        return {
            f"DISPATCH#{uuid}"
            for uuid, dispatch in self.reported.items()
            if any(step.contact == contact for step in dispatch.steps)
        }

    def _of_customers(self) -> set[str]:
        """What webhooks may change that show two addresses to be one customer's: all but the bystander's."""
        contacts = {step.contact for dispatch in self.reported.values() for step in dispatch.steps}
        customers = self.aliases | {contact for contact in contacts if contact.address != BYSTANDER}
        of_them = set[str]().union(*(self._of(contact) for contact in customers))
        return of_them | {pk for contact in customers for pk in (table_keys.contact(contact), _consent(contact))}

    def check_all(self) -> None:
        """At the end every dispatch is as its webhooks say, and one without webhooks is unchanged."""
        for uuid, dispatch in self.reported.items():
            stored = self._check_reported(uuid)
            if dispatch.steps[0].contact.address == BYSTANDER:
                self._check(stored == dispatch, "a dispatch that no webhook named has changed")

    def _check_reported(self, uuid: str) -> Dispatch | None:
        stored = self.dispatches.get(uuid)
        self._check(
            stored is not None and _facts(stored) == _facts(self.reported[uuid]), f"{uuid} is not as its webhooks say"
        )
        return stored

    def _check(self, holds: bool, why: str) -> None:
        if not holds:
            raise BrokenPromiseError(why)


def _understood(path: str, body: bytes) -> StatusEvent | InboundMessage | None:
    try:
        payload = strict_json.parse_repaired(body)
        return (parse_status if path == "/status" else parse_inbound)(payload, received_at=datetime.now(UTC))
    except (ValueError, MalformedWebhookError):
        return None


def _facts(dispatch: Dispatch) -> tuple[Any, ...]:
    """All that a status can change, and all that no webhook may; not the customer's own doing (a stop, an answer)."""
    own = [replace(attempt, replied_at=None, stopped_at=None) for attempt in dispatch.attempts]
    return dispatch.dispatch_uuid, dispatch.client_name, dispatch.created_at, dispatch.steps, own


def _consent(contact: Contact) -> str:
    return table_keys.newest_consent(hash_of(contact))["pk"]


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@contextmanager
def world() -> Iterator[World]:
    """Four dispatches: under way, gone on to its last step, waiting for an answer, and one that no webhook names."""
    with pytest.MonkeyPatch.context() as monkeypatch, aws_in_memory(monkeypatch) as stack:
        table = DirectTable(boto3.client("dynamodb"), "123456789012", os.environ["AWS_DEFAULT_REGION"])

        def answer(service: str, operation: str, parameters: dict[str, Any], call: Call) -> Answer:
            match service:
                case "dynamodb":
                    return table.call(operation, **parameters)
                case "sqs":  # takes every timer: what is looked at here is the table
                    return {"Successful": [{"Id": entry["Id"]} for entry in parameters["Entries"]]}
            return call(**parameters)

        around_calls(monkeypatch, answer)
        monkeypatch.setattr(_webhook, "_KEPT_A_MINUTE", sys.maxsize)
        for handler in logger.handlers:
            monkeypatch.setattr(handler, "stream", io.StringIO())
        dispatches = DynamoDispatches(stack.table_name)
        sent = [_sent(stack, f"fuzz-{number}", **fields) for number, fields in enumerate(_PLANS)]
        rejected = json.dumps(status_payload("rejected", client_ref=f"{sent[1][:-2]}01")).encode()
        stack.post("/status", rejected, authorization=bearer(rejected))
        stack.fire(json.dumps({"uuid": sent[1], "due_at": "2026-03-02T12:00:00.000Z"}))
        reported = {uuid: stored for uuid in sent if (stored := dispatches.get(uuid)) is not None}
        references = {
            attempt.answer.vonage_message_uuid: dispatch.message_uuid(number)
            for dispatch in reported.values()
            for number, attempt in enumerate(dispatch.attempts)
            if attempt.answer and attempt.answer.vonage_message_uuid
        }
        table.writes.clear()
        yield World(stack, table, dispatches, reported, references)


_PLANS: Sequence[dict[str, Any]] = (
    {"failover": [message(to="447700900002")]},
    {"failover": [message(channel="whatsapp")]},
    {"to": "447700900003", "condition_status": "replied"},
    {"to": BYSTANDER, "failover": [message(to=BYSTANDER)]},
)


def _sent(stack: Aws, key: str, **fields: Any) -> str:
    """The dispatch_uuid, which follows from the key: the same webhooks name the same dispatches in every world."""
    body = json.dumps(message(**fields)).encode()
    headers = {**basic(CLIENT, CLIENT_SECRET), "idempotency-key": key}
    answer = stack.post("/v1/messages", body, **headers)
    return str(answer["body"]["message_uuid"])[:-2] + "00"


def corpus() -> list[tuple[str, Any]]:
    """(route, payload) of every sample."""
    return [(sample.path, sample.payload) for sample in all_samples()]


def play(seed: int, number: int) -> dict[str, int]:
    """So many broken webhooks in one world, the same ones for the same seed; what became of them."""
    random, samples = Random(seed), corpus()
    with world() as here:
        for count in range(number):
            path, payload = random.choice(samples)
            if path == "/status":
                ours = random.choice(("client_ref", "client_ref", "message_uuid", "about an unknown message"))
                payload = {**payload, ours: random.choice(here.known)}
            body = broken(payload, random, here.known)
            if random.random() < 0.02:
                path = random.choice(("/status", "/inbound"))
            try:
                here.receive(path, body, random)
            except Exception as error:
                shown = base64.b64encode(body[:3000]).decode()
                error.add_note(f"seed {seed}, webhook {count}, POST {path}, {len(body)} bytes, base64: {shown}")
                raise
        here.check_all()
        return here.counts
