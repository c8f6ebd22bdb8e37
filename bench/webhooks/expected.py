"""The table as it must be after the backlog: made by the kernel of the events themselves, and compared item by item."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

import boto3
from boto3.dynamodb.types import TypeDeserializer

from bench.webhooks.backlog import Kind, Webhook
from bench.webhooks.day import RETENTION, Day
from getthrough.adapters import table_keys
from getthrough.adapters.dispatch_items import from_attributes, to_attributes
from getthrough.adapters.system import utc_now
from getthrough.adapters.table import Attributes
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Contact, address_of, opt_outs_of
from getthrough.domain.contact.opt_out_words import opts_out
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.dispatch.failover import Send
from getthrough.domain.event.webhook import InboundMessage, StatusEvent, parse_inbound, parse_status
from getthrough.domain.values import identifiers
from getthrough.domain.values.rfc3339 import to_text
from tests.secret import event_hash_of, hash_of

Thing = TypeVar("Thing")
Group = TypeVar("Group")

Key = tuple[str, str]
Items = Mapping[Key, Attributes]

_BY_CHANCE = {
    table_keys.DISPATCH: {"version"},
    "EVENT": {"received_at", "expires_at", "jti"},
    "INBOUND": {"expires_at", "jti"},
    "RECEIVED": {"received_at", "expires_at", "newest_shard", "newest_at", "jti"},
    table_keys.CONTACT: {"newest_shard", "newest_at"},
    "QUARANTINE": {"received_at", "expires_at", "newest_shard", "newest_at", "reason", "size", "authorization"},
}
"""What of each kind of item depends on when and by which copy it was written, or says nothing new."""


def scan(table_name: str) -> dict[Key, Attributes]:
    """The whole table."""
    deserialize = TypeDeserializer().deserialize
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=table_name, ConsistentRead=True)
    items = ({name: deserialize(value) for name, value in item.items()} for page in pages for item in page["Items"])
    return {(item["pk"], item["sk"]): item for item in items}


def expected(before: Items, day: Day, webhooks: Iterable[Webhook]) -> dict[Key, Attributes]:
    """What the table must hold after these webhooks, each once or often, in any order."""
    now = utc_now()
    references = {key[0]: item["message_uuid"] for key, item in before.items() if key[1] == table_keys.REFERENCE}
    events = [_addressed(parse_status(payload, received_at=now), references) for payload in day.statuses]
    messages = [parse_inbound(payload, received_at=now) for payload in day.messages]
    answers = {message.digest: references.get(_reference(message.quotes)) for message in messages}
    dispatches = {
        dispatch.dispatch_uuid: dispatch
        for dispatch in (from_attributes(item) for (_, sk), item in before.items() if sk == table_keys.DISPATCH)
    }
    of_dispatch = _grouped(events, lambda event: event.dispatch_uuid)
    of_contact = _grouped(messages, lambda message: message.contact)
    said = sorted([*_said(messages), *_barred(events, dispatches)], key=lambda opt_out: opt_out.changed_at)
    consents = {opt_out.contact: opt_out for opt_out in said}
    on_channels = {(opt_out.contact, opt_outs_of(opt_out.address.channel)): opt_out for opt_out in said}
    items = dict(before)
    for dispatch in dispatches.values():
        reported = failover.rebuild(dispatch, of_dispatch.get(dispatch.dispatch_uuid, ()))
        reported = _stopped(_answered(reported, of_contact, answers), consents)
        items |= _keyed(to_attributes(reported, RETENTION))
    for event in events:
        items |= _keyed(_event_item(event, known=event.dispatch_uuid in dispatches))
    for message in messages:
        for item in _conversation_items(message, answers[message.digest]):
            items |= _keyed(item)
    for opt_out in consents.values():
        items |= _keyed(_contact_item(opt_out))
    for (_, channel), opt_out in on_channels.items():
        items |= _keyed(_contact_item(opt_out, channel))
    for opt_out in said:
        items |= _keyed(_consent_item(opt_out))
    for webhook in webhooks:
        if webhook.kind is Kind.FORGED:
            items |= _keyed(_quarantine_item(webhook))
    return items


def differences(expected_items: Items, after: Items) -> list[str]:
    """What is not as it must be, one line for each item: its key, and where it differs."""
    lines = [f"missing: {' '.join(key)}" for key in expected_items.keys() - after.keys()]
    lines += [f"no one's: {' '.join(key)}" for key in after.keys() - expected_items.keys()]
    for key in expected_items.keys() & after.keys():
        if unlike := list(_unlike("", _certain(after[key]), _certain(expected_items[key]))):
            lines.append(f"differs: {' '.join(key)}: {'; '.join(unlike)}")
    return sorted(lines)


def _unlike(name: str, stored: object, must: object) -> Iterator[str]:
    if isinstance(stored, dict) and isinstance(must, dict):
        for field in sorted(stored.keys() | must.keys()):
            yield from _unlike(f"{name}.{field}" if name else field, stored.get(field), must.get(field))
    elif isinstance(stored, list) and isinstance(must, list) and len(stored) == len(must):
        for number, (one, other) in enumerate(zip(stored, must, strict=True)):
            yield from _unlike(f"{name}[{number}]", one, other)
    elif stored != must:
        yield f"{name} is {stored!r}, must be {must!r}"


def unarmed(after: Items, armed: set[str]) -> list[str]:
    """Dispatches whose next step is due because the last one failed, but that have no timer."""
    stored = (from_attributes(item) for (_, sk), item in after.items() if sk == table_keys.DISPATCH)
    due = (dispatch for dispatch in stored if dispatch.attempts[-1].failed and _sends(dispatch))
    return sorted(f"no timer: {dispatch.dispatch_uuid}" for dispatch in due if dispatch.dispatch_uuid not in armed)


def _sends(dispatch: Dispatch) -> bool:
    return isinstance(failover.decide(dispatch, utc_now()), Send)


def _grouped(things: Iterable[Thing], group: Callable[[Thing], Group]) -> Mapping[Group, list[Thing]]:
    groups = defaultdict[Group, list[Thing]](list)
    for thing in things:
        groups[group(thing)].append(thing)
    return groups


def _certain(item: Attributes) -> Attributes:
    by_chance = _BY_CHANCE.get(item["sk"].partition("#")[0], set())
    return {name: value for name, value in item.items() if name not in by_chance}


def _keyed(item: Attributes) -> dict[Key, Attributes]:
    return {(item["pk"], item["sk"]): item}


# What follows from the events


def _addressed(event: StatusEvent, references: Mapping[str, str]) -> StatusEvent:
    if event.dispatch_uuid is not None:
        return event
    ours = identifiers.parse_message_uuid(references.get(_reference(event.vonage_message_uuid)))
    return replace(event, dispatch_uuid=ours[0], step=ours[1]) if ours else event


def _reference(vonage_message_uuid: str | None) -> str:
    return table_keys.reference(vonage_message_uuid or "")["pk"]


def _answered(
    dispatch: Dispatch, of_contact: Mapping[Contact, Iterable[InboundMessage]], answers: Mapping[str, str | None]
) -> Dispatch:
    """The dispatch with its answers. A message that quotes one of ours answers that one, whatever its clock says: the
    customer must have had it. One that quotes none answers each step that was sent to the contact before."""
    for step, attempt in enumerate(dispatch.attempts):
        for message in of_contact.get(dispatch.steps[step].contact, ()):
            quoted = answers[message.digest]
            after = message.happened_at >= attempt.claimed_at  # a second's tolerance: nothing here is that close
            meant = quoted == dispatch.message_uuid(step) if quoted else after
            if meant and opts_out(message.text) is None:
                dispatch = failover.reply(dispatch, step, message.happened_at, quoted=quoted is not None)
            elif quoted and meant and opts_out(message.text):
                dispatch = failover.stop_by_answer(dispatch, step, message.happened_at)
    return dispatch


def _stopped(dispatch: Dispatch, consents: Mapping[Contact, OptOut]) -> Dispatch:
    newest = consents.get(dispatch.steps[len(dispatch.attempts) - 1].contact)
    if newest is None or not newest.opted_out:
        return dispatch
    return failover.stop(dispatch, newest.contact, newest.changed_at)


def _said(messages: Iterable[InboundMessage]) -> Iterator[OptOut]:
    for message in messages:
        opted_out = opts_out(message.text)
        if opted_out is not None:
            why = f"{message.address.channel} message {message.vonage_message_uuid}"
            yield OptOut(
                contact=message.contact,
                address=message.address,
                opted_out=opted_out,
                changed_at=message.happened_at,
                why=why,
                by="customer",
                words=message.text,
            )


def _barred(events: Iterable[StatusEvent], dispatches: Mapping[str, Dispatch]) -> Iterator[OptOut]:
    for event in events:
        if event.opted_out and event.error and event.dispatch_uuid is not None and event.step is not None:
            sent = dispatches[event.dispatch_uuid].steps[event.step].message
            address = address_of(sent["channel"], sent["to"])
            why = f"error {event.error.code}"
            yield OptOut(
                contact=address.contact,
                address=address,
                opted_out=True,
                changed_at=event.happened_at,
                why=why,
                by="vonage",
            )


# Items


def _event_item(event: StatusEvent, *, known: bool) -> Attributes:
    if event.dispatch_uuid is None:
        return {**table_keys.pending_event(event.vonage_message_uuid, event_hash_of(event.digest)), "body": event.body}
    key = table_keys.event(event.dispatch_uuid, event_hash_of(event.digest))
    marked = known and event.error is not None and event.opted_out
    return {**key, "body": event.body, "step": event.step, **({"completed": True} if marked else {})}


def _conversation_items(message: InboundMessage, answers: str | None) -> Iterator[Attributes]:
    key = table_keys.received(message.contact, message.timestamp, message.digest)
    place = {**table_keys.inbound(message.digest), "place_pk": key["pk"], "place_sk": key["sk"]}
    yield {**place, "completed": True}
    item = {**key, "digest": message.digest, "channel": message.address.channel, "body": message.body}
    yield {**item, "answers": answers} if answers else item


def _contact_item(opt_out: OptOut, channel: str | None = None) -> Attributes:
    return {
        **table_keys.newest_consent(hash_of(opt_out.contact), channel),
        **_what_was_said(opt_out),
        "copied": opt_out.copied,
    }


def _consent_item(opt_out: OptOut) -> Attributes:
    said = _what_was_said(opt_out)
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    words = {"words": opt_out.words} if opt_out.words is not None else {}
    return {**table_keys.consent(opt_out.contact, opt_out.changed_at, digest), **said, **words}


def _what_was_said(opt_out: OptOut) -> Attributes:
    return {
        "contact": opt_out.contact._asdict(),
        "opted_out": opt_out.opted_out,
        "changed_at": to_text(opt_out.changed_at),
        "why": opt_out.why,
        "by": opt_out.by,
        "channel": opt_out.address.channel,
        "address": opt_out.address.address,
    }


def _quarantine_item(webhook: Webhook) -> Attributes:
    key = table_keys.quarantine(hashlib.sha256(webhook.body).hexdigest())
    return {**key, "route": f"POST {webhook.path}", "body": webhook.body}
