"""The events that the client's own systems get for each change."""

import json
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.dispatch.dispatch import Attempt as Sent
from getthrough.domain.dispatch.dispatch import Because, Closing, Dispatch, Outcome
from getthrough.domain.event.webhook import Usage, parse_inbound, parse_status
from getthrough.domain.message.status import Status
from getthrough.domain.notification import client_events
from getthrough.domain.notification.client_events import (
    ClientEvent,
    consent_event,
    of_message,
    of_outcome,
    of_status,
)
from getthrough.domain.values.errors import MalformedWebhookError
from tests.builders import DISPATCH_UUID, FIRST, FROM, NOON, SECOND, at, dispatch, status_event, status_payload, step
from tests.described import violations_of_event

VONAGE_UUID = "0c4d9a52-3b1f-4e7e-8a55-77c0ffee0001"
NAMES = ["channel", "to", "from", "timestamp", "status", "error", "errors", "usage", "title", "code", "detail", "price"]
NAMES += ["currency", "message", "content", "type", "number", "text", "message_type", "context", "msisdn", "truncated"]
OPT_OUT = OptOut(
    contact=contact_of("sms", FIRST),
    address=Address("sms", FIRST),
    opted_out=True,
    changed_at=at(60),
    why="said stop",
    by="customer",
)


def body_of(event: ClientEvent | None) -> dict[str, Any]:
    """What a receiver reads, after it has been found to be of its schema."""
    assert event is not None
    body: dict[str, Any] = json.loads(json.dumps(client_events.envelope(event)))
    assert violations_of_event(body) == []
    return body


def data_of(event: ClientEvent | None) -> dict[str, Any]:
    data: dict[str, Any] = body_of(event)["data"]
    return data


def finished(**fields: Any) -> Dispatch:
    """Two steps were sent; the second one was delivered."""
    sent: dict[str, Any] = {"claim_id": "c", "because": Because.FIRST, "window_from": NOON, "tried_at": NOON}
    usage = Usage(Decimal("0.0333"), "EUR")
    attempts = (
        Sent(claimed_at=NOON, status=Status.REJECTED, **sent),
        Sent(claimed_at=at(5), status=Status.DELIVERED, usage=usage, **sent),
    )
    return replace(dispatch(attempts=attempts, version=7), **fields)


# message.status


def test_a_status_comes_in_vonages_shape_with_our_ids_and_the_clients_reference() -> None:
    reported = dispatch(step(client_ref="order 7"), step(to=SECOND))

    event = of_status(status_event("delivered", usage={"currency": "EUR", "price": "0.0333"}, sms={"n": 1}), reported)

    assert body_of(event) == {
        "type": "message.status",
        "timestamp": "2026-03-02T12:00:01.000Z",
        "data": {
            "message_uuid": DISPATCH_UUID[:-2] + "01",
            "vonage_message_uuid": VONAGE_UUID,
            "dispatch_uuid": DISPATCH_UUID,
            "step": 0,
            "client_ref": "order 7",
            "channel": "sms",
            "to": FIRST,
            "from": FROM,
            "timestamp": "2026-03-02T12:00:01.000Z",
            "status": "delivered",
            "usage": {"currency": "EUR", "price": "0.0333"},
            "sms": {"n": 1},
        },
    }


def test_a_status_of_a_fallback_has_its_own_address_and_the_first_messages_reference() -> None:
    reported = dispatch(step(client_ref="order 7"), step(to=SECOND))
    data = data_of(of_status(status_event("submitted", step=1), reported))
    assert (data["message_uuid"], data["step"], data["to"]) == (DISPATCH_UUID[:-2] + "02", 1, SECOND)
    assert data["client_ref"] == "order 7"


@pytest.mark.parametrize(
    "error",
    [
        {"title": "1240", "detail": "no", "type": "https://x.invalid", "instance": "i"},
        {"title": 1240, "detail": "no", "type": "https://x.invalid", "instance": "i"},
    ],
)
def test_an_error_of_v1_keeps_all_its_fields(error: dict[str, Any]) -> None:
    data = data_of(of_status(status_event("rejected", error=error), dispatch()))
    assert data["error"] == {"title": "1240", "detail": "no", "type": "https://x.invalid", "instance": "i"}


@pytest.mark.parametrize(
    "field", [{"error": {"code": 1240, "reason": "no"}}, {"errors": [{"code": 1240, "reason": "no"}]}]
)
def test_an_error_of_v0_1_is_reported_as_v1_does(field: dict[str, Any]) -> None:
    data = data_of(of_status(status_event("rejected", **field), dispatch()))
    assert data["error"] == {"title": "1240", "detail": "no"}
    assert "errors" not in data


def test_an_error_without_a_code_keeps_its_words() -> None:
    data = data_of(of_status(status_event("rejected", error={"title": "Out of order", "detail": "no"}), dispatch()))
    assert data["error"] == {"title": "Out of order", "detail": "no"}


def test_the_cost_of_a_message_is_reported_only_if_it_can_be_parsed() -> None:
    good = {"currency": "EUR", "price": "0.0333", "more": 1}
    assert data_of(of_status(status_event("delivered", usage=good), dispatch()))["usage"] == good
    assert "usage" not in data_of(of_status(status_event("delivered", usage={"price": 3}), dispatch()))


def test_a_status_of_v0_1_is_reported_in_the_shape_of_v1() -> None:
    party = {"type": "sms", "number": "\t" + FIRST}
    fields: dict[str, Any] = {"to": party, "from": party, "channel": None, "_links": {"dispatch": {}}}
    event = status_event("delivered", **fields)
    data = data_of(of_status(event, dispatch()))
    assert (data["channel"], data["to"], data["from"]) == ("sms", FIRST, FROM)
    assert "_links" not in data


def test_a_status_that_is_not_known_is_passed_on() -> None:
    assert data_of(of_status(status_event("teleported"), dispatch()))["status"] == "teleported"


def test_a_status_without_a_time_has_that_of_its_arrival() -> None:
    assert data_of(of_status(status_event("read", seconds=9, timestamp=None), dispatch()))["timestamp"] == (
        "2026-03-02T12:00:09.000Z"
    )


def test_a_status_of_a_step_that_there_is_not_is_no_event() -> None:
    assert of_status(status_event("delivered", step=5), dispatch()) is None
    assert of_status(parse_status(status_payload("read", client_ref="x"), received_at=NOON), dispatch()) is None


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        (None, None, [None, None]),
        ("https://a.invalid", None, ["https://a.invalid", "https://a.invalid"]),
        ("https://a.invalid", "https://b.invalid", ["https://a.invalid", "https://b.invalid"]),
        (None, "https://b.invalid", [None, "https://b.invalid"]),
    ],
)
def test_a_webhook_goes_where_its_message_says_else_where_the_first_one_does(
    first: str | None, second: str | None, wanted: list[str | None]
) -> None:
    reported = dispatch(step(webhook_url=first), step(webhook_url=second))
    events = [of_status(status_event("read", step=number), reported) for number in (0, 1)]
    assert [event and event.webhook_url for event in events] == wanted
    assert of_outcome(reported, NOON).webhook_url == first


# dispatch.finished


def test_a_finished_dispatch_is_reported_with_its_results() -> None:
    event = of_outcome(finished(steps=(step(client_ref="order 7"), step(to=SECOND))), at(9))
    body = body_of(event)
    assert (body["type"], body["timestamp"]) == ("dispatch.finished", "2026-03-02T12:00:09.000Z")
    assert body["data"] == {
        "dispatch_uuid": DISPATCH_UUID,
        "created_at": "2026-03-02T12:00:00.000Z",
        "client_name": "bakery",
        "client_ref": "order 7",
        "batch_uuid": None,
        "canary": False,
        "test": False,
        "outcome": "succeeded",
        "succeeded_by": 1,
        "late": False,
        "double_messages": 0,
        "usage": [{"currency": "EUR", "price": "0.0333"}],
        "to": [{"channel": "sms", "address": FIRST}, {"channel": "sms", "address": SECOND}],
        "steps_total": 2,
        "steps_sent": 2,
        "status": "delivered",
    }


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_of_the_schema(outcome: Outcome) -> None:
    last = replace(finished().attempts[0], status=None)
    closed = dispatch(step(), attempts=(last,), closed=Closing(outcome, at(20)))
    assert data_of(of_outcome(closed, at(20)))["outcome"] == outcome


# message.received


def inbound(**fields: Any) -> ClientEvent:
    payload = {"message_uuid": "v-1", "timestamp": "2026-03-02T12:00:30Z", "to": FROM, **fields}
    return of_message(parse_inbound(payload, received_at=at(31)), "our-message")


def test_a_customers_message_comes_in_vonages_shape() -> None:
    event = inbound(channel="sms", **{"from": FIRST}, text="On my way", sms={"num_messages": "1"})
    assert body_of(event) == {
        "type": "message.received",
        "timestamp": "2026-03-02T12:00:31.000Z",
        "data": {
            "message_uuid": "v-1",
            "channel": "sms",
            "from": FIRST,
            "to": FROM,
            "timestamp": "2026-03-02T12:00:30.000Z",
            "message_type": "text",
            "text": "On my way",
            "answers": "our-message",
            "sms": {"num_messages": "1"},
        },
    }
    assert event.webhook_url is None


def test_a_message_of_v0_1_comes_in_the_shape_of_v1() -> None:
    content = {"type": "image", "image": {"url": "https://x.invalid/1.png"}}
    sides = {"from": {"type": "whatsapp", "number": FIRST}, "to": {"type": "whatsapp", "number": FROM}}
    data = data_of(inbound(**sides, message={"content": content}, direction="inbound"))
    assert data == {
        "message_uuid": "v-1",
        "channel": "whatsapp",
        "from": FIRST,
        "to": FROM,
        "timestamp": "2026-03-02T12:00:30.000Z",
        "message_type": "image",
        "image": {"url": "https://x.invalid/1.png"},
        "text": None,
        "answers": "our-message",
    }


def test_a_message_of_the_sms_api_comes_in_the_shape_of_v1() -> None:
    payload = {"msisdn": FIRST, "to": FROM, "messageId": "v-2", "text": "hi", "type": "text", "keyword": "HI"}
    data = data_of(of_message(parse_inbound(payload, received_at=NOON), None))
    assert (data["message_uuid"], data["channel"], data["from"], data["to"]) == ("v-2", "sms", FIRST, FROM)
    assert (data["message_type"], data["text"], data["answers"]) == ("text", "hi", None)
    assert "msisdn" not in data


# contact.opted_out, contact.opted_in


@pytest.mark.parametrize(("opted_out", "kind"), [(True, "contact.opted_out"), (False, "contact.opted_in")])
def test_a_contacts_consent_is_reported_with_who_changed_it(opted_out: bool, kind: str) -> None:
    assert body_of(consent_event(replace(OPT_OUT, opted_out=opted_out))) == {
        "type": kind,
        "timestamp": "2026-03-02T12:01:00.000Z",
        "data": {
            "channel": "sms",
            "address": FIRST,
            "changed_at": "2026-03-02T12:01:00.000Z",
            "why": "said stop",
            "by": "customer",
        },
    }


# Whatever Vonage sends

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6))
def test_every_status_that_is_understood_makes_an_event_of_its_schema(fields: dict[str, Any]) -> None:
    payload = {**status_payload("delivered"), **fields, "client_ref": DISPATCH_UUID[:-2] + "01"}
    with suppress(MalformedWebhookError):
        data_of(of_status(parse_status(payload, received_at=NOON), dispatch()))


@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6))
def test_every_message_that_is_understood_makes_an_event_of_its_schema(fields: dict[str, Any]) -> None:
    payload = {"message_uuid": "v-1", "channel": "sms", "from": FIRST, "to": FROM, "text": "hi", **fields}
    with suppress(MalformedWebhookError):
        data_of(of_message(parse_inbound(payload, received_at=NOON), None))


# Ids


def test_the_same_change_makes_the_same_event() -> None:
    def events() -> list[ClientEvent | None]:
        return [
            of_status(status_event("read"), dispatch()),
            of_outcome(finished(), NOON),
            inbound(channel="sms", **{"from": FIRST}),
            consent_event(OPT_OUT),
        ]

    assert events() == events()


def test_each_change_has_an_id_of_its_own_which_a_signature_can_hold() -> None:
    events = [
        of_status(status_event("delivered"), dispatch()),
        of_status(status_event("read"), dispatch()),
        of_status(status_event("read", step=1), dispatch()),
        of_outcome(finished(), NOON),
        of_outcome(finished(version=8), NOON),
        inbound(channel="sms", **{"from": FIRST}),
        inbound(channel="sms", **{"from": FIRST}, message_uuid="v-2"),
        consent_event(OPT_OUT),
        consent_event(replace(OPT_OUT, opted_out=False)),
        consent_event(replace(OPT_OUT, changed_at=at(61))),
    ]
    ids = [event.id for event in events if event]
    assert len(set(ids)) == len(events)
    assert all(identifier.startswith("evt_") and identifier.isascii() and "." not in identifier for identifier in ids)


# Too long


def test_what_is_too_long_keeps_what_its_schema_requires_and_says_so() -> None:
    long = "é" * 60_000
    status = of_status(status_event("read", extra=long), dispatch())
    message = inbound(channel="sms", **{"from": FIRST}, text=long)

    for event in (status, message):
        data = data_of(event)
        assert not {"extra", "text"} & set(data)
        assert data["truncated"] is True
        assert len(json.dumps(data)) < client_events.LONGEST_DATA


LONG = st.sampled_from(["é" * 65_000, "\u2003" * 43_000, "\U0001f9c1" * 30_000, "x" * 128_000])


def whatever(last: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return last | st.dictionaries(st.sampled_from(["type", "number", "id", "text"]), last, max_size=3)


@given(st.dictionaries(st.sampled_from(NAMES), whatever(st.text(max_size=5) | LONG), max_size=6))
def test_no_event_is_too_long_for_the_bus_however_long_what_vonage_sends(fields: dict[str, Any]) -> None:
    reported = {**status_payload("delivered"), **fields, "client_ref": DISPATCH_UUID[:-2] + "01"}
    received = {"message_uuid": "v-1", "channel": "sms", "from": FIRST, "to": FROM, "text": "hi", **fields}
    with suppress(MalformedWebhookError):
        data_of_bounded(of_status(parse_status(reported, received_at=NOON), dispatch()))
    with suppress(MalformedWebhookError):
        data_of_bounded(of_message(parse_inbound(received, received_at=NOON), None))


@pytest.mark.parametrize(("to", "reported"), [("é" * 65_000, None), ({"number": "é" * 65_000}, None), (FROM, FROM)])
def test_an_impossible_address_is_not_reported(to: Any, reported: str | None) -> None:
    assert data_of_bounded(inbound(channel="sms", **{"from": FIRST}, to=to))["to"] == reported


def test_a_status_is_reported_without_the_blanks_around_it() -> None:
    assert (
        data_of_bounded(of_status(status_event("delivered" + "\u2003" * 43_000), dispatch()))["status"] == "delivered"
    )


def data_of_bounded(event: ClientEvent | None) -> dict[str, Any]:
    data = data_of(event)
    assert len(json.dumps(data)) <= client_events.LONGEST_DATA
    return data


def test_what_just_fits_is_whole() -> None:
    def event(length: int) -> ClientEvent:
        return inbound(channel="sms", **{"from": FIRST}, text="x" * length)

    spare = client_events.LONGEST_DATA - len(json.dumps(event(0).data))
    assert "truncated" not in data_of(event(spare))
    assert "truncated" in data_of(event(spare + 1))
