"""PublishFunction: from the table's stream to the bus and the queue of webhooks, with nothing lost on the way."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from getthrough.adapters.aws import batches
from getthrough.adapters.channel_health import DynamoChannelHealth
from getthrough.adapters.event_bus import NEW_RULE, EventBridgeBus
from getthrough.adapters.system import utc_now
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Because, Outcome
from getthrough.domain.dispatch.failover import Send
from getthrough.domain.event.webhook import parse_inbound
from getthrough.domain.notification import client_events
from getthrough.domain.values.errors import UnavailableError
from tests.aws_calls import Answer, Call, around_calls
from tests.builders import DISPATCH_UUID, FIRST, FROM, NOON, SECOND, at, dispatch, status_event, step
from tests.fakes import FakeClock
from tests.functional.events_in_memory import Events, events_in_memory, leave_the_bus, listen_to_the_bus

HERE, STACK = "https://shop.invalid/events", "https://stack.invalid/events"
TELLTALE = "strawberry"
OPT_OUT = OptOut(
    contact=contact_of("sms", FIRST),
    address=Address("sms", FIRST),
    opted_out=True,
    changed_at=NOON,
    why="said stop",
    by="customer",
)
DONE: dict[str, Any] = {"batchItemFailures": []}
CHANNELS = {"pk": {"S": "CHANNELS#"}, "sk": {"S": "CHANNELS"}}


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Iterator[Events]:
    with events_in_memory(monkeypatch, CALLBACK_URL=STACK) as events:
        yield events


@pytest.fixture
def without_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[Events]:
    with events_in_memory(monkeypatch, CALLBACK_URL="") as events:
        yield events


def report_everything(events: Events, **fields: Any) -> None:
    """A dispatch that is delivered, a customer's message, and an opt-out: one event of each type."""
    events.dispatches.save(dispatch(step(**fields), step(to=SECOND)))
    events.status_events.add(status_event("delivered"))
    stored = events.dispatches.get(DISPATCH_UUID)
    assert stored is not None
    events.dispatches.save(failover.finish(stored, Outcome.CANCELLED, at(2)))
    payload = {"message_uuid": "v-1", "channel": "sms", "from": FIRST, "to": FROM, "text": TELLTALE}
    events.conversations.add(parse_inbound(payload, received_at=at(3)))
    events.opt_outs.change(OPT_OUT)


KINDS = ["message.status", "dispatch.finished", "message.received", "contact.opted_out"]


def test_each_change_is_an_event_on_the_bus_and_a_webhook(events: Events) -> None:
    report_everything(events, webhook_url=HERE)

    assert events.publish(events.records()) == DONE

    heard, callbacks = events.on_bus(), events.callbacks()
    assert [event["detail-type"] for event in heard] == KINDS
    assert {event["source"] for event in heard} == {"getthrough"}
    assert [callback["body"]["type"] for callback in callbacks] == KINDS
    assert [callback["url"] for callback in callbacks] == [HERE, HERE, STACK, STACK]
    assert [event["detail"] for event in heard] == [
        {"id": callback["event_id"], **callback["body"]["data"]} for callback in callbacks
    ]
    assert {callback["tries"] for callback in callbacks} == {0}


def test_without_any_address_there_are_only_events_on_the_bus(without_url: Events) -> None:
    report_everything(without_url)
    assert without_url.publish(without_url.records()) == DONE
    assert ([event["detail-type"] for event in without_url.on_bus()], without_url.callbacks()) == (KINDS, [])


@pytest.mark.parametrize("outcome", Outcome)
def test_a_dispatch_that_ended_is_counted_under_its_outcome(
    events: Events, outcome: Outcome, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = failover.claim(dispatch(step()), Send(0, Because.FIRST), claim_id="claim-1", now=NOON)
    events.dispatches.save(failover.finish(events.dispatches.save(sent), outcome, at(2)))

    assert events.publish(events.records()) == DONE

    counted = capsys.readouterr().out
    assert [other for other in Outcome if f'"Dispatch{other.capitalize()}":[1.0]' in counted] == [outcome]


def outcome(events: Events, number: int, status: str) -> None:
    """A dispatch whose message came to this, without a word of the dispatches before it."""
    dispatch_uuid = f"{number:08x}{DISPATCH_UUID[8:]}"
    sent = failover.claim(dispatch(step(), dispatch_uuid=dispatch_uuid), Send(0, Because.FIRST), claim_id="c", now=NOON)
    events.dispatches.save(sent)
    event = status_event(status, message_uuid=str(number))
    events.status_events.add(replace(event, dispatch_uuid=dispatch_uuid, received_at=utc_now()))


def test_a_channel_on_which_all_fail_is_down_and_what_arrives_costs_no_write(
    events: Events, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        outcome(events, number, "delivered")
    events.publish(events.records())
    assert boto3.client("dynamodb").get_item(TableName="table", Key=CHANNELS).get("Item") is None

    before = len(events.records())
    for number in range(100, 145):
        outcome(events, number, "rejected")
    assert events.publish(events.records()[before:]) == DONE

    printed = capsys.readouterr().out
    assert printed.count('"ChannelDown":[1.0]') == 1
    stored = boto3.client("dynamodb").get_item(TableName="table", Key=CHANNELS)["Item"]
    assert list(stored["channels"]["M"]) == ["sms 44"]
    assert stored["channels"]["M"]["sms 44"]["M"]["down"] == {"BOOL": True}


def test_a_table_that_fails_keeps_no_event_back(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise UnavailableError("dynamodb: InternalServerError")

    monkeypatch.setattr(DynamoChannelHealth, "note", fail)
    outcome(events, 1, "rejected")

    assert events.publish(events.records()) == DONE
    assert len(events.on_bus()) == 1


def test_the_same_records_again_make_the_same_events_again(events: Events) -> None:
    report_everything(events)
    events.publish(events.records())
    first = [event["detail"] for event in events.on_bus()]
    events.publish(events.records())
    assert [event["detail"] for event in events.on_bus()] == first


def test_a_status_of_a_dispatch_that_there_is_not_is_nobodys_event(events: Events) -> None:
    events.status_events.add(status_event("delivered"))
    assert events.publish(events.records()) == DONE
    assert (events.on_bus(), events.callbacks(), events.given_up()) == ([], [], [])


def test_no_records_are_no_work(events: Events) -> None:
    assert events.publish([]) == DONE


def many_consents(events: Events, number: int) -> list[dict[str, Any]]:
    for index in range(number):
        address = Address("sms", f"4477009001{index:02}")
        events.opt_outs.change(replace(OPT_OUT, contact=address.contact, address=address))
    return [record for record in events.records() if record["dynamodb"]["Keys"]["sk"]["S"] == "CONTACT"]


def test_more_than_ten_go_out_in_their_order(events: Events) -> None:
    records = many_consents(events, 23)
    assert events.publish(records) == DONE
    addresses = [f"4477009001{index:02}" for index in range(23)]
    assert [event["detail"]["address"] for event in events.on_bus()] == addresses
    assert len(events.callbacks()) == 23


def test_what_the_bus_does_not_take_comes_again_with_all_after_it(
    events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = many_consents(events, 23)
    calls = 0

    def take_nine(_service: str, operation: str, parameters: dict[str, Any], call: Call) -> Answer:
        nonlocal calls
        calls += operation == "PutEvents"
        if operation == "PutEvents" and calls == 2:
            return {"FailedEntryCount": 1, "Entries": [{"EventId": "1"}] * 9 + [{"ErrorCode": "InternalFailure"}]}
        return call(**parameters)

    around_calls(monkeypatch, take_nine)

    failed = events.publish(records)
    assert failed == {"batchItemFailures": [{"itemIdentifier": records[10]["dynamodb"]["SequenceNumber"]}]}
    assert len(events.callbacks()) == 10

    assert events.publish(records[10:]) == DONE
    assert len(events.on_bus()) == 23
    assert len(events.callbacks()) == 13


@pytest.mark.parametrize("lost", ["queue", "table"])
def test_nothing_is_taken_for_done_while_aws_fails(events: Events, lost: str) -> None:
    report_everything(events)
    records = events.records()
    if lost == "queue":
        boto3.client("sqs").delete_queue(QueueUrl=events.callback_queue_url)
    else:
        boto3.client("dynamodb").delete_table(TableName="table")
    assert events.publish(records) == {
        "batchItemFailures": [{"itemIdentifier": records[0]["dynamodb"]["SequenceNumber"]}]
    }


def test_a_record_that_cannot_be_understood_goes_aside_and_the_others_go_on(events: Events) -> None:
    records = many_consents(events, 3)
    del records[1]["dynamodb"]["NewImage"]["changed_at"]

    assert events.publish(records) == DONE

    assert [event["detail"]["address"] for event in events.on_bus()] == ["447700900100", "447700900102"]
    assert events.given_up() == [records[1]]


def test_of_a_record_that_is_too_long_only_the_keys_go_aside(events: Events) -> None:
    [record] = many_consents(events, 1)
    record["dynamodb"]["NewImage"] = {"why": {"S": "x" * 300_000}}

    assert events.publish([record]) == DONE
    assert events.given_up() == [{"dynamodb": {"Keys": record["dynamodb"]["Keys"]}}]


def test_what_went_aside_can_be_published_later_as_it_is(events: Events) -> None:
    """A person invokes the function with it, once the error is fixed."""
    [record] = many_consents(events, 1)
    image = record["dynamodb"]["NewImage"]
    record["dynamodb"]["NewImage"] = {**image, "opted_out": {"S": "a word of tomorrow"}, "changed_at": {"BOOL": True}}
    events.publish([record])
    [aside] = events.given_up()
    aside["dynamodb"]["NewImage"] = image

    assert events.publish([aside]) == DONE
    assert [event["detail-type"] for event in events.on_bus()] == ["contact.opted_out"]


def test_nothing_personal_is_logged(
    events: Events, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    report_everything(events, webhook_url=f"{HERE}?key={TELLTALE}", client_ref=TELLTALE, text=TELLTALE)
    records = events.records()
    records.append({**records[-1], "dynamodb": {**records[-1]["dynamodb"], "NewImage": {"pk": {"S": TELLTALE}}}})
    events.publish(records)
    boto3.client("sqs").delete_queue(QueueUrl=events.callback_queue_url)
    events.publish(records)

    text = "\n".join([*(str(record.__dict__) for record in caplog.records), capsys.readouterr().out])
    assert all(line in text for line in ("events published", "change not understood", "changes not published yet"))
    assert "EventPublished" in text
    assert [word for word in (TELLTALE, FIRST, SECOND, FROM, "invalid") if word in text] == []


# A bus without a rule


def test_while_no_rule_listens_nothing_is_put_on_the_bus_and_webhooks_leave_all_the_same(events: Events) -> None:
    leave_the_bus()
    report_everything(events)

    assert events.publish(events.records()) == DONE
    assert events.on_bus() == []
    assert [callback["body"]["type"] for callback in events.callbacks()] == KINDS


def test_a_new_rule_hears_everything_a_moment_later(events: Events) -> None:
    leave_the_bus()
    bus, event = EventBridgeBus("bus", clock := FakeClock()), client_events.consent_event(OPT_OUT)
    bus.put([event])
    listen_to_the_bus()
    clock.advance(NEW_RULE.total_seconds() + 1)
    bus.put([event])

    assert len(events.on_bus()) == 1


def test_if_it_cannot_be_known_whether_a_rule_listens_everything_is_put_on_the_bus(
    events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_service: str, operation: str, parameters: dict[str, Any], call: Call) -> Answer:
        if operation == "ListRules":
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "m"}}, "ListRules")
        return call(**parameters)

    leave_the_bus()
    around_calls(monkeypatch, refuse)
    report_everything(events)

    assert events.publish(events.records()) == DONE
    assert len(events.on_bus()) == len(KINDS)


# Batches


def test_a_batch_has_ten_entries_at_most_and_fits_into_a_call() -> None:
    small = [{"text": "x"} for _ in range(25)]
    large = [{"text": "é" * 60_000} for _ in range(5)]

    assert [len(batch) for batch in batches(small, "text")] == [10, 10, 5]
    assert [len(batch) for batch in batches(large, "text")] == [2, 2, 1]
    assert [entry for batch in batches(small + large, "text") for entry in batch] == small + large
    assert list(batches([], "text")) == []


def test_the_longest_event_fits_into_a_call_with_all_around_it() -> None:
    """256 KB are 262,144 bytes; an address has 2,000 characters at most, and each may be written as six."""
    around = len(
        json.dumps({"url": "", "event_id": "", "body": {"type": "", "timestamp": "", "data": {}}, "until": ""})
    )
    assert client_events.LONGEST_DATA + 6 * 2000 + around + 500 < 250_000


def test_a_refusal_of_the_whole_call_is_unavailable_too(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_service: str, operation: str, parameters: dict[str, Any], call: Call) -> Answer:
        if operation == "PutEvents":
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "m"}}, "PutEvents")
        return call(**parameters)

    around_calls(monkeypatch, refuse)
    records = many_consents(events, 1)
    assert events.publish(records) != DONE
