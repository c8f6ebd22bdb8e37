"""What the table's stream tells, for what the real adapters write; and the template's filters, which let it through."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest

from getthrough.adapters.table_stream import change_of, sequence_number
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Because, Dispatch, Outcome
from getthrough.domain.event.webhook import InboundMessage, parse_inbound, parse_status
from getthrough.domain.notification.client_events import (
    ConsentChanged,
    MessageStored,
    OutcomeChanged,
    StatusStored,
)
from tests.builders import FIRST, FROM, NOON, at, dispatch, save_claim, status_event, status_payload
from tests.functional.events_in_memory import Events, events_in_memory
from tests.functional.stream_filters import filters_of, passes

FILTERS = filters_of("Changes")
OPT_OUT = OptOut(
    contact=contact_of("sms", FIRST),
    address=Address("sms", FIRST),
    opted_out=True,
    changed_at=NOON,
    why="said stop",
    by="customer",
)


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Iterator[Events]:
    with events_in_memory(monkeypatch) as events:
        yield events


def reported(events: Events) -> list[Any]:
    """What the records tell, after each that tells something was found to pass the filters."""
    changes = [(record, change_of(record)) for record in events.records()]
    assert all(any(passes(item, record) for item in FILTERS) for record, change in changes if change is not None)
    return [change for _, change in changes if change is not None]


def sent(events: Events) -> Dispatch:
    first = dispatch()
    claimed = failover.claim(first, failover.Send(0, Because.FIRST), claim_id="c", now=NOON)
    return save_claim(events.dispatches, claimed, 0)


def inbound() -> InboundMessage:
    payload = {"message_uuid": "v-1", "channel": "sms", "from": FIRST, "to": FROM, "text": "hi"}
    return parse_inbound({**payload, "timestamp": "2026-03-02T12:00:30Z"}, received_at=at(31))


def test_a_status_event_is_published_once_whatever_is_noted_about_it_later(events: Events) -> None:
    event = status_event("delivered")
    for _ in range(3):
        events.status_events.add(event)
    events.status_events.complete(event)

    assert reported(events) == [StatusStored(event)]


def test_a_status_event_that_no_one_claims_is_not_published(events: Events) -> None:
    events.status_events.add(parse_status(status_payload("read", client_ref="x"), received_at=NOON))
    assert reported(events) == []


def test_a_dispatch_is_published_when_its_outcome_changes_and_only_then(events: Events) -> None:
    under_way = sent(events)
    submitted = events.dispatches.save(failover.apply(under_way, status_event("submitted")))
    exhausted = events.dispatches.save(failover.finish(submitted, Outcome.EXHAUSTED, at(20)))
    noted = events.dispatches.save(replace(exhausted, on_unknown=exhausted.on_unknown))
    late = events.dispatches.save(failover.apply(noted, status_event("delivered")))

    changes = reported(events)

    assert [change.dispatch for change in changes] == [exhausted, late]
    assert [change.dispatch.outcome for change in changes] == [Outcome.EXHAUSTED, Outcome.SUCCEEDED]
    assert all(isinstance(change, OutcomeChanged) and change.at.microsecond == 0 for change in changes)


def test_a_dispatch_that_ends_where_it_begins_is_published(events: Events) -> None:
    events.dispatches.save(failover.finish(dispatch(), Outcome.CANCELLED, NOON))
    assert [change.dispatch.outcome for change in reported(events)] == [Outcome.CANCELLED]


def test_a_customers_message_is_published_once_and_what_was_sent_is_not(events: Events) -> None:
    sent(events)
    for _ in range(2):
        events.conversations.add(inbound(), "our-message")
    events.conversations.complete(inbound())

    assert reported(events) == [MessageStored(inbound(), "our-message")]


def test_a_contacts_consent_is_published_when_it_changes_and_only_then(events: Events) -> None:
    consents = [
        replace(OPT_OUT, changed_at=at(second), opted_out=opted_out, why=why)
        for second, opted_out, why in [
            (0, False, "start before any stop"),
            (1, True, "stop"),
            (2, True, "stop again"),
            (3, False, "start"),
            (4, False, "start again"),
            (5, True, "stop"),
        ]
    ]
    for consent in consents:
        assert events.opt_outs.change(consent)

    assert reported(events) == [ConsentChanged(consents[number]) for number in (1, 3, 5)]


def test_what_is_deleted_is_not_published(events: Events) -> None:
    events.status_events.add(status_event("delivered"))
    events.conversations.add(inbound())
    events.opt_outs.change(OPT_OUT)
    events.dispatches.save(failover.finish(dispatch(), Outcome.CANCELLED, NOON))
    before = reported(events)
    client = boto3.client("dynamodb")
    for item in client.scan(TableName="table")["Items"]:
        client.delete_item(TableName="table", Key={name: item[name] for name in ("pk", "sk")})

    assert len(before) == 4
    assert reported(events) == before
    assert [record["eventName"] for record in events.records()].count("REMOVE") == 9


def test_the_filters_keep_away_what_a_dispatch_does_before_it_ends(events: Events) -> None:
    """Otherwise each write of each step would invoke the function."""
    under_way = sent(events)
    events.dispatches.save(failover.apply(under_way, status_event("submitted")))
    events.dispatches.refer("vonage-1", under_way.message_uuid(0), NOON)

    assert [any(passes(item, record) for item in FILTERS) for record in events.records()] == [False] * 5


def test_records_have_places(events: Events) -> None:
    events.opt_outs.change(OPT_OUT)
    events.opt_outs.change(replace(OPT_OUT, changed_at=at(1)))
    assert len({sequence_number(record) for record in events.records()}) == 6
