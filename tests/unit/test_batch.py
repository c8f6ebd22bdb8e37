"""A batch as data: when its recipients get their dispatches, and what its view shows."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.batch.batch import (
    CHUNK,
    LEAD,
    LONGEST_ROUND,
    Batch,
    Note,
    State,
    Tally,
    dispatch_of,
    dispatch_uuid,
    earliest_slot,
    estimated_end,
    made,
    next_round,
    note_of,
    recipients_in_chunks,
    wake_at,
)
from getthrough.domain.batch.batch_view import describe
from getthrough.domain.batch.mailing_request import request_for
from getthrough.domain.dispatch.dispatch import AnswerKind, Dispatch, InBatch, Outcome
from getthrough.domain.dispatch.failover import Send, WaitUntil, decide
from getthrough.domain.message.status import Status
from getthrough.domain.values.identifiers import is_dispatch_uuid
from tests.builders import BATCH_UUID, NOON, SCHEDULE_UUID, at, batch, dispatch, message, recipients, status_event
from tests.unit.stories import answered, claimed, reported

NOTHING = Tally(0, 0, 0, 0, {})


@pytest.mark.parametrize(
    ("now", "given_batch", "numbers"),
    [
        (at(-0.001), batch(100), range(0)),
        (at(0), batch(100), range(20)),
        (at(0), batch(3), range(3)),
        (at(0), batch(1_000, rate=1_000), range(50)),
        (at(0), batch(1_000, rate=1), range(2)),
        (at(0), batch(100, made=45), range(45, 50)),
        (at(0), batch(100, made=50), range(50, 70)),
        (at(0), batch(100, made=99), range(99, 100)),
        (at(0), batch(100, made=100), range(0)),
        (at(0), batch(100, made=20, cancelled_at=NOON), range(0)),
        (at(59), batch(100, next_at=at(60)), range(0)),
        (at(86_400), batch(100, next_at=at(60)), range(20)),
    ],
)
def test_a_round_is_two_seconds_or_a_chunk_or_what_is_left(now: datetime, given_batch: Batch, numbers: range) -> None:
    assert next_round(given_batch, now) == numbers


@pytest.mark.parametrize(
    ("stored", "state", "wakes_at"),
    [
        (batch(), State.WAITING, NOON),
        (batch(next_at=at(60)), State.WAITING, at(60)),
        (batch(made=1), State.SENDING, NOON),
        (batch(made=3), State.SENT, None),
        (batch(cancelled_at=NOON), State.CANCELLED, None),
        (batch(made=3, cancelled_at=NOON), State.CANCELLED, None),
    ],
)
def test_its_state_follows_from_how_far_it_is(stored: Batch, state: State, wakes_at: datetime | None) -> None:
    assert (stored.state, wake_at(stored)) == (state, wakes_at)


def test_the_next_dispatches_are_made_some_seconds_before_their_slots() -> None:
    after = made(batch(100), range(20), at(0))

    assert after == replace(batch(100), made=20, next_at=at(2) - LEAD)
    assert earliest_slot(after, at(0)) == at(2)
    assert next_round(after, after.next_at) == range(20, 40)
    assert earliest_slot(after, at(60)) == at(60), "nothing is made up for"


@given(total=st.integers(1, 300), rate=st.integers(1, 1_000), late=st.lists(st.floats(0, 10), max_size=20))
def test_each_recipient_has_one_slot_within_the_rate(total: int, rate: int, late: list[float]) -> None:
    """Timers may fire at any time after the moment they were armed for."""
    current, now, slots, seen = batch(total, rate), NOON, list[datetime](), list[int]()
    while (moment := wake_at(current)) is not None:
        now = max(now, moment) + timedelta(seconds=late.pop() if late else 0)
        numbers = next_round(current, now)
        first = earliest_slot(current, now)
        slots += [first + place * current.mailing.spacing for place in range(len(numbers))]
        seen += numbers
        current = made(current, numbers, first)
        assert len(numbers) <= min(CHUNK, rate * LONGEST_ROUND.total_seconds())
        assert numbers.start // CHUNK == (numbers.stop - 1) // CHUNK

    assert seen == list(range(total))
    assert all(after - before >= current.mailing.spacing for before, after in pairwise(slots))
    assert current.state is State.SENT


def test_a_recipients_dispatch_is_the_same_in_every_run() -> None:
    stored, [_, recipient] = batch(2, client_name="florist"), recipients(2)
    request = request_for(stored.mailing.message, recipient)

    one = dispatch_of(stored, 1, request, at(1), NOON)

    assert one == Dispatch(
        dispatch_uuid=dispatch_uuid(BATCH_UUID, 1),
        client_name="florist",
        created_at=NOON,
        steps=request.steps,
        batch=InBatch(BATCH_UUID, 1),
        slot_at=at(1),
    )
    assert [step.message["text"] for step in one.steps] == ["Hello Customer 1"]
    assert one.dispatch_uuid == dispatch_of(stored, 1, request, at(9), at(9)).dispatch_uuid
    assert (decide(one, at(0.999)), type(decide(one, at(1)))) == (WaitUntil(at(1)), Send)


def test_every_recipient_has_an_id_of_its_own() -> None:
    other = BATCH_UUID.replace("5f1a", "6f1a")
    identifiers = {dispatch_uuid(whose, number) for whose in (BATCH_UUID, other) for number in range(10_000)}
    assert len(identifiers) == 20_000
    assert all(is_dispatch_uuid(identifier) for identifier in identifiers)


@pytest.mark.parametrize(("total", "lengths"), [(1, [1]), (50, [50]), (51, [50, 1]), (120, [50, 50, 20])])
def test_recipients_are_kept_in_chunks(total: int, lengths: list[int]) -> None:
    chunks = list(recipients_in_chunks(recipients(total)))
    assert [len(chunk) for chunk in chunks] == lengths
    assert [recipient for chunk in chunks for recipient in chunk] == recipients(total)


@pytest.mark.parametrize(
    ("stored", "now", "ends_at"),
    [
        (batch(100), NOON, at(10)),
        (batch(100, next_at=at(60)), NOON, at(70)),
        (batch(100, made=20, next_at=at(2) - LEAD), at(1), at(2 + 8)),
        (batch(100, made=20), at(60), at(60 + 8)),
        (batch(100, made=100), NOON, None),
        (batch(100, cancelled_at=NOON), NOON, None),
    ],
)
def test_its_end_is_estimated_by_its_rate(stored: Batch, now: datetime, ends_at: datetime | None) -> None:
    assert estimated_end(stored, now) == ends_at


def member(**fields: Any) -> Dispatch:
    return replace(dispatch(), batch=InBatch(BATCH_UUID, 7), **fields)


def noted(*, sent: bool, outcome: Outcome | None = None, cost: str | None = None) -> Note:
    return Note(BATCH_UUID, 7, NOON, sent, outcome, [("EUR", Decimal(cost))] if cost else [])


def test_what_has_become_of_a_recipient_is_noted() -> None:
    out = claimed(member())
    priced = reported(answered(out), status_event(Status.SUBMITTED, usage={"price": "0.05", "currency": "EUR"}))

    assert note_of(dispatch()) is None
    assert note_of(member()) == noted(sent=False)
    assert note_of(out) == noted(sent=False)  # until it is known that its contact has not opted out
    assert note_of(answered(out)) == noted(sent=True)
    assert note_of(priced) == noted(sent=True, cost="0.05")
    assert note_of(reported(priced, status_event(Status.DELIVERED))) == noted(
        sent=True, outcome=Outcome.SUCCEEDED, cost="0.05"
    )


def test_what_was_not_posted_was_not_sent() -> None:
    opted_out = answered(claimed(member(steps=dispatch().steps[:1])), AnswerKind.OPTED_OUT)
    assert note_of(opted_out) == noted(sent=False, outcome=Outcome.STOPPED)


def test_it_is_described_with_how_far_it_is() -> None:
    fallback = message(to=None, channel="whatsapp", message_type="image", text=None)
    stored = batch(100, rate=10, made=20, next_at=at(2) - LEAD, send_at=NOON, schedule_uuid=SCHEDULE_UUID)
    stored = replace(stored, mailing=replace(stored.mailing, message={**message(), "failover": [fallback]}))

    assert describe(stored, Tally(20, 20, 15, 2, {"USD": Decimal("1E+1"), "EUR": Decimal("0.10")}), at(1)) == {
        "batch_uuid": BATCH_UUID,
        "schedule_uuid": SCHEDULE_UUID,
        "created_at": "2026-03-02T12:00:00.000Z",
        "state": "sending",
        "send_at": "2026-03-02T12:00:00.000Z",
        "cancelled_at": None,
        "estimated_end_at": "2026-03-02T12:00:10.000Z",
        "accepted": 100,
        "sent": 20,
        "delivered": 15,
        "failed": 2,
        "cost": [{"currency": "EUR", "price": "0.10"}, {"currency": "USD", "price": "10"}],
        "rate": 10,
        "steps": [
            {"channel": "sms", "message_type": "text", "text": "The cupcakes are ready!"},
            {"channel": "whatsapp", "message_type": "image", "text": None},
        ],
    }


def test_a_cancelled_one_is_described_with_when_that_was() -> None:
    described = describe(batch(cancelled_at=at(1.5)), NOTHING, at(60))
    assert [described[name] for name in ("state", "cancelled_at", "estimated_end_at", "send_at", "cost")] == [
        "cancelled",
        "2026-03-02T12:00:01.500Z",
        None,
        None,
        [],
    ]
