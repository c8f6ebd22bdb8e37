"""What in the table names a customer, and what stays of it without them. docs/erasure.md has the same as a table.

An item that is not listed here names no customer: references, tallies, throughput, marks. An erasure
names its own until it is done.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple

from boto3.dynamodb.types import Binary

from getthrough.adapters import batch_items, dispatch_items, schedule_items, table_keys
from getthrough.adapters.dynamo_status_events import COMPLETED
from getthrough.adapters.plan_items import json_text
from getthrough.adapters.table import Attributes
from getthrough.domain.contact.contact import ERASED, ERASED_CONTACT, PHONE, Contact
from getthrough.domain.contact.mentions import named_by
from getthrough.domain.dispatch.erased_dispatch import erased_dispatch, erased_step
from getthrough.domain.event.erased_event import erased_body, is_erased
from getthrough.domain.event.webhook import parse_inbound, parse_status
from getthrough.domain.ports import Personal
from getthrough.domain.values.errors import MalformedWebhookError

Contacts = frozenset[Contact]
Find = Callable[[str], Contacts]

_NO_ONE: Contacts = frozenset()
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


class Without(NamedTuple):
    """An item without a customer (None: it is deleted), and the attributes that must still be as they were read."""

    item: Attributes | None
    unchanged: tuple[str, ...] = ()


def personal(item: Attributes, find: Find, *, of_erased: bool = False) -> Personal | None:
    """Whom an item names. `find` is for texts that nothing else understands. `of_erased` is true for an event of a
    dispatch that was erased, which names its customer however it calls them."""
    kind, contacts = _named(item, find)
    if kind == "events" and of_erased and not is_erased(item["body"]):
        return Personal(kind, contacts | {ERASED_CONTACT}, item)
    return Personal(kind, contacts, item) if contacts else None


def _named(item: Attributes, find: Find) -> tuple[str, Contacts]:
    pk, sk = item["pk"], item["sk"]
    kind = pk.partition("#")[0]
    if sk.startswith(table_keys.EVENT_PREFIX):
        return "events", _of_status(item["body"])
    if kind == "CONTACT":
        return _in_thread(item)
    readers: Mapping[str, tuple[str, Callable[[Attributes, Find], Contacts]]] = {
        "DISPATCH": ("dispatches", _of_dispatch),
        "CONSENT": ("consents", _of_consent),
        "INBOUND": ("notes", _of_place),
        "SCHEDULE": ("schedules", _of_schedule),
        "BATCH": ("batches", _of_mailing),
        "RECIPIENTS": ("recipients", _of_recipients),
        "QUARANTINE": ("quarantined", _of_quarantined),
    }
    if kind not in readers:
        return kind, _NO_ONE
    name, read = readers[kind]
    return name, read(item, find)


def _of_dispatch(item: Attributes, find: Find) -> Contacts:
    if "erased_at" in item:
        return _NO_ONE
    dispatch = dispatch_items.from_attributes(item)
    return frozenset({*dispatch.contacts, *(step.contact for step in dispatch.steps)})


def _of_status(body: str) -> Contacts:
    if is_erased(body):
        return _NO_ONE
    try:
        event = parse_status(json.loads(body), received_at=_ANY_TIME)
    except MalformedWebhookError:
        return _NO_ONE
    contacts = {*event.aliases, *([event.contact] if event.contact else [])}
    return frozenset(contacts)


def _in_thread(item: Attributes) -> tuple[str, Contacts]:
    """Everything in a contact's thread names the contact, and some of it others."""
    sk, owner = item["sk"], table_keys.contact_of(item["pk"])
    if sk.startswith(table_keys.RECEIVED_PREFIX):
        return "messages", frozenset({owner}) | _of_message(item["body"])
    if sk == "ALIAS":
        return "aliases", frozenset({owner, Contact(PHONE, item["phone_number"])})
    if sk.startswith(table_keys.ALIAS_PREFIX):
        return "aliases", frozenset({owner, table_keys.contact_of(sk)})
    return ("consents" if sk.startswith(table_keys.CONSENT_PREFIX) else "notes"), frozenset({owner})


def _of_message(body: str) -> Contacts:
    try:
        message = parse_inbound(json.loads(body), received_at=_ANY_TIME)
    except MalformedWebhookError:
        return _NO_ONE
    return frozenset({message.contact, *message.aliases})


def _of_consent(item: Attributes, find: Find) -> Contacts:
    if "contact" not in item:
        return _NO_ONE
    said_at = named_by(item.get("address"))
    return frozenset({Contact(**item["contact"])}) | said_at


def _of_place(item: Attributes, find: Find) -> Contacts:
    return frozenset({table_keys.contact_of(item["place_pk"])}) if "place_pk" in item else _NO_ONE


def _of_schedule(item: Attributes, find: Find) -> Contacts:
    schedule = schedule_items.from_attributes(item)
    return frozenset(step.contact for step in schedule.steps) | _of_mailing(item, find)


def _of_mailing(item: Attributes, find: Find) -> Contacts:
    """Those whom the message of a batch names itself, beside its recipients."""
    steps = _mailing_steps(json.loads(item["message"])) if "message" in item else []
    return frozenset[Contact]().union(*(named_by(step.get("to")) for step in steps))


def _mailing_steps(message: Attributes) -> list[Attributes]:
    failover = message.get("failover")
    return [message, *(step for step in (failover if isinstance(failover, list) else []) if isinstance(step, dict))]


def _of_recipients(item: Attributes, find: Find) -> Contacts:
    return frozenset[Contact]().union(*(_of_recipient(fields) for fields in json.loads(item["recipients"])))


def _of_recipient(fields: list[Any]) -> Contacts:
    """A recipient's address may stand in a variable, or be one that only the whole message shows."""
    to, variables, _, *reaches = fields
    return frozenset[Contact]().union(*map(named_by, (to, *variables.values(), *chain(*reaches))))


def _of_quarantined(item: Attributes, find: Find) -> Contacts:
    return find(bytes(item["body"]).decode(errors="replace"))


def without(found: Personal, whom: Contacts, at: datetime, retention: timedelta) -> Without:
    """What stays of something that was found, without some of those whom it names. `retention` is for what ends now."""
    item = dict(found.attributes)
    kind = item["pk"].partition("#")[0]
    match found.kind:
        case "dispatches":
            return Without(_dispatch_without(item, at), ("version",))
        case "events":
            return Without({**item, "body": erased_body(item["body"])}, ("body",))
        case "consents" if kind == "CONSENT":
            return _consent_without(item)
        case "notes" if kind == "INBOUND":
            # Copies of the message are recognised. Once it is completed, they have no effect.
            stays = ("pk", "sk", "expires_at", "jti", COMPLETED)
            return Without({name: item[name] for name in stays if name in item}, ("place_pk",))
        case "schedules":
            return Without(_schedule_without(item, whom, at, retention), ("version",))
        case "batches":
            return Without(_batch_without(item, whom, at), ("version",))
        case "recipients":
            return Without({**item, "recipients": _recipients_without(item, whom)}, ("recipients",))
    return Without(None)


def _dispatch_without(item: Attributes, at: datetime) -> Attributes:
    dispatch = dispatch_items.from_attributes(item)
    erased = replace(erased_dispatch(dispatch, at), version=dispatch.version + 1)
    return dispatch_items.to_attributes(erased, timedelta()) | {"expires_at": item["expires_at"]}


def _consent_without(item: Attributes) -> Without:
    """An opt-out stays in force without the address. Without an opt-out there is nothing to keep."""
    read = ("changed_at", "opted_out")  # of two changes at one moment, the opt-out replaces the opt-in
    if not item["opted_out"]:
        return Without(None, read)
    stays = ("pk", "sk", "opted_out", "changed_at", "by", "channel", "copied")
    return Without({name: item[name] for name in stays} | {"why": ERASED}, read)


def _schedule_without(item: Attributes, whom: Contacts, at: datetime, retention: timedelta) -> Attributes:
    schedule = schedule_items.from_attributes(item)
    mailing = schedule.mailing
    ended = replace(
        schedule,
        steps=tuple(map(erased_step, schedule.steps)),
        mailing=replace(mailing, message=_message_without(mailing.message, whom)) if mailing else None,
        cancelled_at=schedule.cancelled_at or at,
        request_sha256=None,
        version=schedule.version + 1,
    )
    return schedule_items.to_attributes(ended, retention)


def _batch_without(item: Attributes, whom: Contacts, at: datetime) -> Attributes:
    batch = batch_items.from_attributes(item)
    ended = replace(
        batch,
        mailing=replace(batch.mailing, message=_message_without(batch.mailing.message, whom)),
        cancelled_at=batch.cancelled_at or at,
        request_sha256=None,
        version=batch.version + 1,
    )
    return batch_items.to_attributes(ended, timedelta()) | {"expires_at": item["expires_at"]}


def _message_without(message: Mapping[str, Any], whom: Contacts) -> Attributes:
    changed: Attributes = json.loads(json.dumps(message))
    for step in _mailing_steps(changed):
        if named_by(step.get("to")) & whom:
            step["to"] = ERASED
    return changed


def _recipients_without(item: Attributes, whom: Contacts) -> str:
    """The places of the others stay, because a dispatch is known by its recipient's number."""
    recipients = json.loads(item["recipients"])
    return json_text([[ERASED, {}, None] if _of_recipient(fields) & whom else fields for fields in recipients])


_EMBEDDED = ("plan", "body", "message", "recipients", "problem")
_NOT_PERSONAL = re.compile(r"pk|sk|newest_.*|due_.*|layout|version|expires_at|place_.*|claim_id|write_id")


def exported(found: Personal, whom: Contacts) -> dict[str, Any]:
    """What was found as a line of an export: its kind, its key, and all that it says of a customer."""
    item = dict(found.attributes)
    if found.kind == "dispatches":
        item = dispatch_items.in_full(item)
    if found.kind == "recipients":
        recipients = json.loads(item["recipients"])
        item["recipients"] = json_text([fields for fields in recipients if _of_recipient(fields) & whom])
    says = {name: _readable(name, value) for name, value in item.items() if not _NOT_PERSONAL.fullmatch(name)}
    return {"kind": found.kind, "id": f"{item['pk']}/{item['sk']}", **says}


def _readable(name: str, value: Any) -> Any:
    match value:
        case Mapping():
            return {inner: _readable(inner, part) for inner, part in value.items()}
        case list():
            return [_readable("", part) for part in value]
        case Decimal():
            return int(value) if value == value.to_integral_value() else str(value)
        case str() if name in _EMBEDDED:
            return json.loads(value)
    return bytes(value).decode(errors="replace") if isinstance(value, Binary) else value  # type: ignore[call-overload]
