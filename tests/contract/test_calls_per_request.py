"""What each request costs, in calls to AWS: counted, so that none is added unnoticed."""

from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar

import pytest

from getthrough.adapters.channel_health import DynamoChannelHealth
from getthrough.adapters.dynamo_batches import DynamoBatches, DynamoRecipientLists, DynamoTallies
from getthrough.adapters.dynamo_contacts import DynamoAliases, DynamoOptOuts
from getthrough.adapters.dynamo_conversations import DynamoConversations
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_figures import DynamoFigures
from getthrough.adapters.dynamo_marks import DynamoMarks
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.adapters.limit_counters import DynamoCounters
from getthrough.adapters.throughput import DynamoThroughput
from getthrough.adapters.timers import SqsTimers
from getthrough.domain.batch.batch import Note, note_of
from getthrough.domain.batch.batch import dispatch_uuid as batch_member
from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.dispatch.defaults import NONE
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.dispatch.figures import QUARTER, Figure, Kind
from getthrough.domain.dispatch.request import parse_messages_request
from getthrough.domain.event.webhook import parse_inbound, parse_status
from getthrough.domain.limit.limits import NO_LIMITS, LimitReachedError, limits_of
from getthrough.domain.ports import REVOKED, DispatchFilter, NewId, Timer
from getthrough.domain.values.identifiers import message_uuid
from getthrough.domain.values.page import PageRequest
from getthrough.usecases.advance_dispatch import advance_dispatch
from getthrough.usecases.change_batch import cancel_batch, create_batch
from getthrough.usecases.change_dispatch import cancel_dispatch
from getthrough.usecases.ports import (
    Advancing,
    Batching,
    Changing,
    Listening,
    Reading,
    Recording,
    RunningBatches,
    Sending,
    Ticking,
)
from getthrough.usecases.queue_due import queue_due
from getthrough.usecases.read import read_conversation, read_message
from getthrough.usecases.receive_inbound import receive_inbound
from getthrough.usecases.record_status import record_status
from getthrough.usecases.retrying import Origin
from getthrough.usecases.run_batch import run_batch
from getthrough.usecases.send_dispatch import send_dispatch
from tests.aws_calls import operations_called
from tests.builders import FIRST, FROM, NOON, SECOND, message, recipients, status_payload
from tests.contract.conftest import RETENTION, create_table
from tests.fakes import FakeClock, FakeGateway, FakeIds, ports_of
from tests.in_memory import create_queue
from tests.secret import event_hash_of, hash_of
from tests.unit import stories as story

B = TypeVar("B")


class Counted:
    """The use-cases on the real adapters, and every call that they make."""

    def __init__(self, table: str, queue_url: str, calls: list[str]) -> None:
        self.clock, self.gateway, self.calls = FakeClock(), FakeGateway(), calls
        self.ids: NewId = FakeIds()
        self.table, self.dispatches = table, DynamoDispatches(table, RETENTION, hash_of)
        self.events = DynamoStatusEvents(table, RETENTION, event_hash_of)
        self.conversations = DynamoConversations(table, RETENTION)
        self.opt_outs = DynamoOptOuts(table, hash_of)
        self.aliases = DynamoAliases(table)
        self.channels = DynamoChannelHealth(table, self.clock)
        self.counters, self.limits = DynamoCounters(table, hash_of), NO_LIMITS
        self.marks = DynamoMarks(table, hash_of)
        self.batches = DynamoBatches(table, RETENTION)
        self.lists = DynamoRecipientLists(table, RETENTION)
        self.tallies = DynamoTallies(table, RETENTION)
        self.throughput = DynamoThroughput(table, 30)
        self.timers = SqsTimers(queue_url, self.clock)

    def of(self, work: Any) -> list[str]:
        self.calls.clear()
        work()
        return list(self.calls)

    def send(self, **fields: Any) -> str:
        request = parse_messages_request(message(**fields))
        return send_dispatch(self.ports(Sending), request, Origin("bakery")).dispatch.dispatch_uuid

    def advance(self, dispatch_uuid: str) -> None:
        advance_dispatch(self.ports(Advancing), Timer(dispatch_uuid, self.clock()))

    def accept(self, total: int, key: str | None = None) -> str:
        people = [{"to": one.to, "variables": one.variables} for one in recipients(total)]
        body = {"message": message(to=None, text="Hello {{ name }}"), "recipients": people, "rate": 10}
        return create_batch(self.ports(Batching), body, Origin("bakery", key)).batch.batch_uuid

    def run(self, batch_uuid: str) -> None:
        """A timer of a batch, a second later."""
        self.clock.advance(1)
        run_batch(self.ports(RunningBatches), Timer(batch_uuid, self.clock()))

    def member(self, batch_uuid: str, number: int) -> Dispatch:
        found = self.dispatches.get(batch_member(batch_uuid, number))
        assert found is not None
        return found

    def tell(self, dispatch_uuid: str | None, status: str, step: int = 0, **fields: Any) -> None:
        """A status webhook; without our id if no dispatch is named."""
        client_ref = message_uuid(dispatch_uuid, step) if dispatch_uuid else None
        event = parse_status(status_payload(status, client_ref=client_ref, **fields), received_at=self.clock())
        record_status(self.ports(Recording), event)

    def say(self, text: str, **fields: Any) -> None:
        """An inbound message, of the minute of the clock."""
        timestamp = self.clock().isoformat()
        payload = {"channel": "sms", "message_uuid": "in-1", "from": FIRST, "to": FROM, "text": text, **fields}
        said = parse_inbound({**payload, "timestamp": timestamp}, received_at=self.clock())
        receive_inbound(self.ports(Listening), said)

    def ports(self, kind: type[B]) -> B:
        return ports_of(self, kind, new_id=self.ids, messages_per_second=30, defaults=NONE)


@pytest.fixture
def counted(in_memory: None, monkeypatch: pytest.MonkeyPatch) -> Counted:
    return Counted(create_table(), create_queue("timers"), operations_called(monkeypatch))


CLAIM, NOTE, LOOK, ANSWER, REFERENCE, PENDING = "PutItem", "PutItem", "GetItem", "PutItem", "PutItem", "Query"
PLAIN_SEND = [CLAIM, NOTE, LOOK, ANSWER, REFERENCE, PENDING]
"""The claim, its note in the contact's conversation, and the look whether the contact has opted out; then the rest."""
TAKE_ROOM = GIVE_BACK = "UpdateItem"
"""Of the counter of one limit. Without limits, a send makes the calls above and no more."""
STORE, COMPLETE, MARK = "PutItem", "UpdateItem", "GetItem"
READ, SAVE, ARM, SENT = "GetItem", "PutItem", "SendMessageBatch", "Query"
KEEP = ["PutItem", "PutItem"]
"""An inbound message: where it is, by Vonage's id, and in its conversation."""
CONSENT = ["PutItem", "PutItem", "PutItem", "Query", "Query", SENT]
"""Recorded, stored for its channel and for all, the customer's other addresses looked up, read back, and what was sent
to the contact looked up."""


# Sending


def test_a_plain_send_is_a_claim_with_its_note_and_look_an_answer_a_reference_and_a_look_for_what_came_before_it(
    counted: Counted,
) -> None:
    assert counted.of(counted.send) == PLAIN_SEND


def test_a_limit_is_a_write_more_for_each_counter_and_what_one_refuses_is_given_back_to_the_others(
    counted: Counted,
) -> None:
    counted.limits = limits_of({"messages_per_day": 2, "messages_per_minute": 1})
    refused = pytest.raises(LimitReachedError)

    assert counted.of(counted.send) == [TAKE_ROOM, TAKE_ROOM, *PLAIN_SEND]
    with refused:
        counted.send()
    assert counted.calls[-5:] == [TAKE_ROOM, TAKE_ROOM, GIVE_BACK, READ, READ]


def test_a_limit_on_spending_is_a_read_and_a_write_more_and_two_writes_for_a_price(counted: Counted) -> None:
    usage = {"currency": "EUR", "price": "0.04"}
    dispatch_uuid = counted.send()
    without = counted.of(lambda: counted.tell(dispatch_uuid, "delivered", usage=usage))
    counted.limits = limits_of({"spending_per_day": "5 EUR"})

    assert counted.of(counted.send) == [READ, TAKE_ROOM, *PLAIN_SEND]
    dispatch_uuid = counted.send()
    counted.clock.advance(1)
    calls = counted.of(lambda: counted.tell(dispatch_uuid, "delivered", usage=usage, message_uuid="another"))
    assert sorted(calls) == sorted([*without, "UpdateItem", "UpdateItem"])


def test_a_dispatch_that_waits_for_a_limit_is_two_reads_a_place_in_the_queue_a_timer_and_a_write(
    counted: Counted,
) -> None:
    counted.limits = limits_of({"messages_per_minute": 1})
    dispatch_uuid = counted.send(expiry_time=15, failover=[message()])
    counted.tell(dispatch_uuid, "submitted")
    counted.clock.advance(16)

    assert counted.of(lambda: counted.advance(dispatch_uuid)) == [READ, TAKE_ROOM, READ, *QUEUE, ARM, SAVE]


def test_a_short_window_arms_two_timers(counted: Counted) -> None:
    assert counted.of(lambda: counted.send(expiry_time=15)) == [ARM, CLAIM, NOTE, LOOK, ANSWER, ARM, REFERENCE, PENDING]


def test_a_fallback_is_a_read_and_what_a_send_is(counted: Counted) -> None:
    dispatch_uuid = counted.send(expiry_time=15, failover=[message()])
    counted.tell(dispatch_uuid, "submitted")
    counted.clock.advance(16)

    assert counted.of(lambda: counted.advance(dispatch_uuid)) == [READ, *PLAIN_SEND]


def test_where_nothing_at_all_was_heard_it_is_looked_once_more_for_what_came_too_early(counted: Counted) -> None:
    dispatch_uuid = counted.send(expiry_time=15, failover=[message()])
    counted.clock.advance(16)

    assert counted.of(lambda: counted.advance(dispatch_uuid)) == [READ, REFERENCE, PENDING, *PLAIN_SEND]


def test_taking_an_rcs_message_back_is_a_read_and_a_write_more(counted: Counted) -> None:
    rcs = {"channel": "rcs", "from": "Bakery", "expiry_time": 15}
    dispatch_uuid = counted.send(**rcs, failover=[message()])
    counted.tell(dispatch_uuid, "submitted")
    counted.clock.advance(16)

    assert counted.of(lambda: counted.advance(dispatch_uuid)) == [READ, *PLAIN_SEND, READ, SAVE]
    assert counted.gateway.updates == [("vonage-1", REVOKED)]


def test_an_event_that_waited_for_its_message_is_stored_under_it_and_applied(counted: Counted) -> None:
    counted.tell(None, "delivered", message_uuid="vonage-1")

    assert counted.of(counted.send) == [*PLAIN_SEND, STORE, READ, SAVE]


def test_a_message_that_may_be_left_to_its_fallback_is_a_read_more_every_ten_seconds(counted: Counted) -> None:
    numbers = count(1)
    counted.ids = lambda: f"01000000-0000-4000-8000-{next(numbers):010x}00"  # no probe
    fields = {"when_down": "skip", "expiry_time": 600, "failover": [message(channel="whatsapp", **{"from": FIRST})]}

    calls = counted.of(lambda: [counted.send(**fields) for _ in range(20)])

    assert calls.count(READ) == 20 * PLAIN_SEND.count(READ) + 1


def test_a_step_to_a_contact_that_opted_out_is_a_claim_with_its_note_a_look_an_answer_and_the_note_again(
    counted: Counted,
) -> None:
    counted.say("STOP")

    assert counted.of(counted.send) == [CLAIM, NOTE, LOOK, ANSWER, NOTE]
    assert counted.gateway.sent == []


def test_cancelling_is_a_read_and_a_write_and_cancelling_again_a_read(counted: Counted) -> None:
    dispatch_uuid = counted.send()
    cancel = lambda: cancel_dispatch(counted.ports(Changing), dispatch_uuid)  # noqa: E731

    assert [counted.of(cancel), counted.of(cancel)] == [[READ, SAVE], [READ]]


# Timers


def test_a_timer_for_what_is_over_is_one_read(counted: Counted) -> None:
    dispatch_uuid = counted.send()
    counted.tell(dispatch_uuid, "delivered")

    assert counted.of(lambda: counted.advance(dispatch_uuid)) == [READ]


def test_an_idle_tick_is_two_queries_per_shard(counted: Counted) -> None:
    tick = lambda: queue_due(counted.ports(Ticking))  # noqa: E731

    assert counted.of(tick) == ["Query"] * 8


# Batches

QUEUE = TAKE = ["UpdateItem", "UpdateItem"]
"""A moment in the past is advanced: the first conditional update is refused."""


def test_a_batch_is_a_write_of_each_twenty_five_chunks_a_timer_and_a_write(counted: Counted) -> None:
    assert counted.of(lambda: counted.accept(100)) == ["BatchWriteItem", ARM, SAVE]
    assert counted.of(lambda: counted.accept(1_251)) == ["BatchWriteItem", "BatchWriteItem", ARM, SAVE]


def test_a_batch_with_a_key_is_a_read_more_and_the_same_one_again_is_two_reads(counted: Counted) -> None:
    accept = lambda: counted.accept(3, "spring")  # noqa: E731

    assert counted.of(accept) == [READ, "BatchWriteItem", ARM, SAVE]
    assert counted.of(accept) == [READ, READ]


def test_a_round_takes_slots_reads_a_chunk_saves_each_dispatch_and_arms_ten_timers_at_once(counted: Counted) -> None:
    batch_uuid = counted.accept(20)
    one_round = [*QUEUE, READ, *[SAVE] * 20, ARM, ARM]

    assert counted.of(lambda: counted.run(batch_uuid)) == [READ, *one_round, SAVE]
    assert counted.of(lambda: counted.run(batch_uuid)) == [READ]


def test_a_send_of_a_batch_is_a_read_and_tokens_more(counted: Counted) -> None:
    batch_uuid = counted.accept(3)
    counted.run(batch_uuid)
    member = counted.member(batch_uuid, 0).dispatch_uuid

    assert counted.of(lambda: counted.advance(member)) == [READ, READ, *TAKE, *TAKE, *PLAIN_SEND]


def test_where_a_batch_sends_seldom_each_token_is_one_write_from_the_second_message_on(counted: Counted) -> None:
    batch_uuid = counted.accept(3)
    counted.run(batch_uuid)
    counted.advance(counted.member(batch_uuid, 0).dispatch_uuid)
    counted.clock.advance(2)
    member = counted.member(batch_uuid, 1).dispatch_uuid

    assert counted.of(lambda: counted.advance(member)) == [READ, READ, *["UpdateItem"] * 2, *PLAIN_SEND]


def test_where_each_message_finds_the_bucket_idle_its_token_is_one_write_from_the_second_message_on(
    counted: Counted,
) -> None:
    batch_uuid = counted.accept(3)
    counted.run(batch_uuid)
    for number in range(2):
        counted.advance(counted.member(batch_uuid, number).dispatch_uuid)
        counted.clock.advance(0.5)
    member = counted.member(batch_uuid, 2).dispatch_uuid

    assert counted.of(lambda: counted.advance(member)) == [READ, READ, *["UpdateItem"] * 2, *PLAIN_SEND]


def notes(dispatches: list[Dispatch]) -> list[Note]:
    return [note for dispatch in dispatches if (note := note_of(dispatch)) is not None]


def test_a_tally_is_a_write_for_each_fifty_recipients_and_reading_it_a_query(counted: Counted) -> None:
    batch_uuid = counted.accept(3)
    counted.run(batch_uuid)
    members = [counted.member(batch_uuid, number) for number in range(3)]
    sent = [story.sent(one, seconds=60) for one in members]

    assert counted.of(lambda: counted.tallies.note(notes(members))) == []
    assert counted.of(lambda: counted.tallies.note(notes(sent))) == ["UpdateItem"]
    assert counted.of(lambda: counted.tallies.of(batch_uuid)) == ["Query"]


def test_cancelling_a_batch_is_a_read_and_a_write_however_many_it_is_for(counted: Counted) -> None:
    batch_uuid = counted.accept(100)
    cancel = lambda: cancel_batch(counted.ports(Batching), batch_uuid)  # noqa: E731

    assert [counted.of(cancel), counted.of(cancel)] == [[READ, SAVE], [READ]]


# Status webhooks


def test_a_webhook_is_stored_and_applied(counted: Counted) -> None:
    dispatch_uuid = counted.send()

    assert counted.of(lambda: counted.tell(dispatch_uuid, "submitted")) == [READ, STORE, SAVE]


def test_a_webhook_that_changes_nothing_is_not_saved(counted: Counted) -> None:
    dispatch_uuid = counted.send()
    counted.tell(dispatch_uuid, "delivered")

    assert counted.of(lambda: counted.tell(dispatch_uuid, "submitted")) == [READ, STORE]


def test_a_copy_of_a_webhook_is_a_read_and_one_conditional_write(counted: Counted) -> None:
    dispatch_uuid = counted.send()
    counted.tell(dispatch_uuid, "submitted")

    assert counted.of(lambda: counted.tell(dispatch_uuid, "submitted")) == [READ, STORE]  # which fails


def test_a_webhook_that_sets_off_the_next_step_arms_one_timer_more(counted: Counted) -> None:
    dispatch_uuid = counted.send(failover=[message()])

    assert counted.of(lambda: counted.tell(dispatch_uuid, "rejected")) == [READ, STORE, SAVE, ARM]


def test_a_webhook_that_opts_its_contact_out_does_what_a_stop_does(counted: Counted) -> None:
    dispatch_uuid = counted.send(failover=[message(to=SECOND)])
    error = {"title": "1240", "detail": "no"}

    calls = counted.of(lambda: counted.tell(dispatch_uuid, "rejected", error=error))

    assert calls == [READ, STORE, SAVE, ARM, *CONSENT, READ, SAVE, ARM, COMPLETE]


def test_a_webhook_without_our_id_is_looked_up_by_vonages(counted: Counted) -> None:
    counted.send()

    assert counted.of(lambda: counted.tell(None, "submitted", message_uuid="vonage-1")) == [
        "GetItem",
        READ,
        STORE,
        SAVE,
    ]


def test_a_webhook_of_nobodys_message_is_looked_up_before_and_after_it_is_stored(counted: Counted) -> None:
    assert counted.of(lambda: counted.tell(None, "submitted")) == ["GetItem", MARK, STORE, "GetItem"]


# Inbound webhooks


def test_an_inbound_message_is_stored_and_completed_when_nothing_waits_for_it(
    counted: Counted,
) -> None:
    assert counted.of(lambda: counted.say("On my way")) == [*KEEP, SENT, COMPLETE]


def test_a_quoting_message_is_looked_up_first(counted: Counted) -> None:
    quoting = {"context": {"message_uuid": "vonage-1"}}

    assert counted.of(lambda: counted.say("Yes please", **quoting)) == ["GetItem", *KEEP, SENT, COMPLETE]


def test_an_answer_that_quotes_a_message_is_two_reads_before_it_is_stored(counted: Counted) -> None:
    counted.send()
    quoting = {"context": {"message_uuid": "vonage-1"}}

    assert counted.of(lambda: counted.say("Yes please", **quoting)) == ["GetItem", READ, *KEEP, READ, SAVE, COMPLETE]


def test_a_whatsapp_user_id_is_a_read_more_and_learning_whose_it_is_some_writes_once(counted: Counted) -> None:
    hidden = {"channel": "whatsapp", "from": "GB.13491208655302741918"}
    shown = {"channel": "whatsapp", "whatsapp": {"user_id": hidden["from"]}}
    learnt = ["GetItem", "PutItem", "PutItem", "Query", "Query", "PutItem"]

    assert counted.of(lambda: counted.say("Hello", **hidden)) == ["GetItem", *KEEP, SENT, COMPLETE]
    assert counted.of(lambda: counted.say("It is me", message_uuid="in-2", **shown)) == [
        *learnt,
        *KEEP,
        SENT,
        SENT,
        COMPLETE,
    ]
    assert counted.of(lambda: counted.say("Again", message_uuid="in-3", **shown)) == [
        "GetItem",
        *KEEP,
        SENT,
        SENT,
        COMPLETE,
    ]


def test_an_awaited_answer_is_a_read_and_a_write_more(counted: Counted) -> None:
    counted.send(condition_status="replied", failover=[message(to=SECOND)], expiry_time=600)

    assert counted.of(lambda: counted.say("Yes please")) == [*KEEP, SENT, READ, SAVE, COMPLETE]


def test_a_stop_is_stored_and_reaches_each_dispatch_that_sent_something(counted: Counted) -> None:
    assert counted.of(lambda: counted.say("STOP", message_uuid="in-0")) == [*KEEP, *CONSENT, COMPLETE]

    counted.clock.advance(1)
    counted.say("START")
    counted.send(failover=[message(to=SECOND)])
    counted.send()
    counted.clock.advance(1)

    assert counted.of(lambda: counted.say("STOP", message_uuid="in-2")) == [
        *KEEP,
        *CONSENT,
        READ,
        SAVE,
        READ,
        SAVE,
        ARM,
        COMPLETE,
    ]


@pytest.mark.parametrize("text", ["On my way", "STOP", "START"])
def test_a_copy_of_a_completed_message_is_one_conditional_write_and_nothing_more(counted: Counted, text: str) -> None:
    counted.send(condition_status="replied", failover=[message(to=SECOND)], expiry_time=600)
    counted.say(text)

    assert counted.of(lambda: counted.say(text)) == [STORE]  # which fails


# Reading


def test_a_timeline_is_a_read_and_a_query(counted: Counted) -> None:
    dispatch_uuid = counted.send()
    counted.tell(dispatch_uuid, "delivered")

    reading = counted.of(lambda: (counted.dispatches.get(dispatch_uuid), counted.events.of(dispatch_uuid)))

    assert reading == [READ, "Query"]


@pytest.mark.parametrize(("identifier", "calls"), [(None, [READ]), ("vonage-1", ["GetItem", READ])])
def test_a_message_is_a_read_and_by_vonages_id_two(counted: Counted, identifier: str | None, calls: list[str]) -> None:
    ours = message_uuid(counted.send(), 0)

    assert counted.of(lambda: read_message(counted.ports(Reading), identifier or ours)) == calls


@pytest.mark.parametrize(
    ("only", "calls"),
    [
        (DispatchFilter(), ["Query"] * 4),
        (DispatchFilter(outcome="open"), [*["Query"] * 8, "BatchGetItem"]),
        (DispatchFilter(outcome="succeeded"), [*["Query"] * 4, "BatchGetItem"]),
        (DispatchFilter(outcome="stopped"), ["Query"] * 4),
        (DispatchFilter(contacts=(contact_of("sms", FIRST),)), ["Query", "Query"]),
        (DispatchFilter(contacts=(contact_of("sms", FIRST),), outcome="open"), ["Query", "Query", "BatchGetItem"]),
    ],
    ids=["all", "open", "succeeded", "an outcome", "a contact", "a contact and an outcome"],
)
def test_a_list_is_one_query_per_shard_or_one_of_a_contact_and_a_read_of_what_is_shown(
    counted: Counted, only: DispatchFilter, calls: list[str]
) -> None:
    counted.send()

    listing = counted.of(lambda: counted.dispatches.newest(20, None, only))

    shown = [] if only.outcome in ("succeeded", "stopped") else ["BatchGetItem"]
    assert listing == [*calls, *shown]


def test_a_day_is_one_query_however_much_was_sent_on_it_and_two_at_the_turn_of_a_month(counted: Counted) -> None:
    figures = DynamoFigures(counted.table)
    for number in range(101):
        figures.add({NOON + number * QUARTER: {Figure(Kind.DISPATCHES): Decimal(number)}}, f"{number}")

    assert counted.of(lambda: figures.between(NOON, NOON + timedelta(days=1))) == ["Query"]
    assert counted.of(lambda: figures.between(NOON, NOON + timedelta(days=40))) == ["Query", "Query"]


def test_what_came_from_anybody_is_one_query_per_shard_and_a_read_of_what_is_shown(counted: Counted) -> None:
    counted.say("On my way")

    listing = counted.of(lambda: counted.conversations.newest(20))

    assert listing == [*["Query"] * 4, "BatchGetItem"]


def test_a_conversation_is_four_queries_a_read_of_what_was_sent_and_one_of_the_contact(counted: Counted) -> None:
    counted.send()
    counted.say("On my way")
    read = lambda: read_conversation(counted.ports(Reading), Address("sms", FIRST), PageRequest(20, None))  # noqa: E731

    assert counted.of(read) == ["Query", "Query", "Query", "BatchGetItem", "GetItem", "Query"]


def test_removing_what_was_sent_is_one_read_and_one_write(counted: Counted) -> None:
    counted.dispatches = DynamoDispatches(counted.table, RETENTION, hash_of, texts=timedelta(days=7))
    dispatch_uuid = counted.send()
    counted.tell(dispatch_uuid, "delivered")
    counted.clock.advance(7 * 24 * 3600)
    assert [counted.of(lambda: counted.advance(dispatch_uuid)) for _ in range(2)] == [
        ["GetItem", "PutItem"],
        ["GetItem"],
    ]
