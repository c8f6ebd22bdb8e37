"""One key, one dispatch; and what a client, or a customer, has stopped stays stopped."""

import pytest

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.dispatch import description, responses
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, ClientSuccess, Outcome
from getthrough.domain.event.webhook import parse_inbound
from getthrough.domain.ports import Seen
from getthrough.domain.values.errors import IdempotencyConflictError, InvalidRequestError, NotFoundError
from getthrough.usecases.receive_inbound import Received
from getthrough.usecases.send_dispatch import Replayed
from getthrough.usecases.send_step import Sent
from tests.builders import FIRST, FROM, NOON, SECOND, at, step
from tests.unit.world import CrashError, World, crash


def said_stop(address: str) -> OptOut:
    return OptOut(
        contact=contact_of("sms", address),
        address=Address("sms", address),
        opted_out=True,
        changed_at=NOON,
        why="said so",
        by="customer",
    )


def test_the_same_request_with_the_same_key_is_the_same_dispatch() -> None:
    world = World()
    first, again = (world.request(step(), key="order 7") for _ in range(2))

    assert isinstance(first, Sent)
    assert again == Replayed(first.dispatch)
    assert len(world.gateway.sent) == 1


def test_another_request_with_the_same_key_is_refused() -> None:
    world = World()
    world.request(step(), key="order 7", sha256="one")

    with pytest.raises(IdempotencyConflictError):
        world.request(step(), key="order 7", sha256="another")
    assert len(world.gateway.sent) == 1


def test_other_keys_and_no_keys_are_other_dispatches() -> None:
    world = World()
    for key in ("order 7", "order 8", None, None):
        assert isinstance(world.request(step(), key=key), Sent)

    assert len(world.dispatches.stored) == len(world.gateway.sent) == 4


def test_a_request_that_died_in_the_middle_is_not_sent_a_second_time() -> None:
    world = World()
    world.after["gateway.submit"] = crash
    with pytest.raises(CrashError):
        world.request(step(), key="order 7")
    world.after.clear()

    assert isinstance(world.request(step(), key="order 7"), Replayed)
    assert len(world.gateway.sent) == 1


def test_what_is_cancelled_is_not_sent_any_more() -> None:
    world = World()
    sent = world.send(step(15), step(to=SECOND))

    cancelled = world.cancel(sent.dispatch.dispatch_uuid)
    world.clock.advance(60)
    world.advance(sent.dispatch.dispatch_uuid)

    assert cancelled.outcome is Outcome.CANCELLED
    assert [message["to"] for message in world.gateway.sent] == [FIRST]


def test_a_dispatch_that_is_over_stays_as_it_ended() -> None:
    world = World(clock=World().clock)
    world.gateway.answers = [Answer(kind=AnswerKind.REFUSED, http_status=422)]
    sent = world.send(step())

    cancelled = world.cancel(sent.dispatch.dispatch_uuid)

    assert cancelled == world.stored(sent.dispatch.dispatch_uuid)
    assert cancelled.outcome is Outcome.EXHAUSTED


def test_nothing_can_be_cancelled_that_is_not_there() -> None:
    world = World()

    with pytest.raises(NotFoundError):
        world.cancel("nobodys")


def test_nothing_is_sent_once_the_client_knows_that_the_customer_has_acted() -> None:
    world = World()
    sent = world.send(step(15), step(to=SECOND))

    succeeded = world.succeed(sent.dispatch.dispatch_uuid, reason="paid")
    world.clock.advance(60)
    world.advance(sent.dispatch.dispatch_uuid)

    assert (succeeded.outcome, succeeded.succeeded_by) == (Outcome.SUCCEEDED, None)
    assert succeeded.client_success == ClientSuccess(NOON, "paid")
    assert responses.describe_ended(succeeded)["steps_stopped"] == [1]
    assert [message["to"] for message in world.gateway.sent] == [FIRST]


def test_a_success_of_the_client_between_reading_and_claiming_stops_the_step() -> None:
    world = World()
    sent = world.send(step(15), step(to=SECOND))
    world.clock.advance(60)
    world.before["dispatches.save_claim 2"] = lambda: world.succeed(sent.dispatch.dispatch_uuid)
    world.advance(sent.dispatch.dispatch_uuid)

    assert world.stored(sent.dispatch.dispatch_uuid).outcome is Outcome.SUCCEEDED
    assert [message["to"] for message in world.gateway.sent] == [FIRST]


def test_the_first_success_of_the_client_counts_and_a_copy_changes_nothing() -> None:
    world = World()
    sent = world.send(step(15), step(to=SECOND))
    first = world.succeed(sent.dispatch.dispatch_uuid, reason="paid")
    world.clock.advance(5)

    assert world.succeed(sent.dispatch.dispatch_uuid, reason="logged in") == first
    assert world.cancel(sent.dispatch.dispatch_uuid) == first


def test_a_success_of_the_client_counts_after_the_end_too() -> None:
    world = World()
    world.gateway.answers = [Answer(kind=AnswerKind.REFUSED, http_status=422)]
    sent = world.send(step())
    assert sent.dispatch.outcome is Outcome.EXHAUSTED

    assert world.succeed(sent.dispatch.dispatch_uuid).outcome is Outcome.SUCCEEDED


def test_the_timeline_tells_when_and_why_the_client_reported_a_success() -> None:
    world = World()
    sent = world.send(step(15), step(to=SECOND))
    shown = description.describe(world.succeed(sent.dispatch.dispatch_uuid, reason="paid"), [])

    now = "2026-03-02T12:00:00.000Z"
    assert shown["timeline"][-2:] == [
        {"at": now, "step": None, "event": "client_success", "reason": "paid"},
        {"at": now, "step": None, "event": "finished", "outcome": "succeeded"},
    ]


@pytest.mark.parametrize("body", [{"reason": ""}, {"reason": "x" * 501}, {"reason": 7}, {"why": "paid"}])
def test_a_wrong_report_of_a_success_changes_nothing(body: dict[str, object]) -> None:
    world = World()
    sent = world.send(step(15), step(to=SECOND))

    with pytest.raises(InvalidRequestError):
        world.succeed(sent.dispatch.dispatch_uuid, **body)
    assert world.stored(sent.dispatch.dispatch_uuid).outcome is None


def test_nothing_can_succeed_that_is_not_there() -> None:
    with pytest.raises(NotFoundError):
        World().succeed("nobodys")
    with pytest.raises(NotFoundError):
        World().succeed()


def test_a_step_to_a_contact_that_opted_out_is_passed_over() -> None:
    world = World()
    world.opt_outs.change(said_stop(FIRST))
    sent = world.send(step(15), step(to=SECOND))
    world.advance(sent.dispatch.dispatch_uuid)

    stored = world.stored(sent.dispatch.dispatch_uuid)
    assert [attempt.opted_out for attempt in stored.attempts] == [True, False]
    assert [message["to"] for message in world.gateway.sent] == [SECOND]


def test_a_dispatch_whose_last_contact_opted_out_is_stopped() -> None:
    world = World()
    world.opt_outs.change(said_stop(SECOND))
    sent = world.send(step(15), step(to=SECOND))
    world.clock.advance(60)
    world.advance(sent.dispatch.dispatch_uuid)

    assert world.stored(sent.dispatch.dispatch_uuid).outcome is Outcome.STOPPED
    assert [message["to"] for message in world.gateway.sent] == [FIRST]


@pytest.mark.parametrize(
    "shape",
    [
        {"channel": "sms", "from": FIRST, "to": FROM, "text": "STOP"},
        {
            "from": {"type": "sms", "number": FIRST},
            "to": {"type": "sms", "number": FROM},
            "message": {"content": {"type": "text", "text": "STOP"}},
        },
    ],
)
def test_a_stop_is_obeyed_in_both_shapes_and_its_copies_change_nothing(shape: dict[str, object]) -> None:
    world = World()
    payload = {**shape, "message_uuid": "in-1", "timestamp": "2026-03-02T12:00:01Z"}
    stop = parse_inbound(payload, received_at=at(2))

    results = [world.receive(stop) for _ in range(2)]

    assert results == [Received(Seen(new=True), opted_out=True), Received(Seen(new=False, completed=True))]
    contact = contact_of("sms", FIRST)
    said = OptOut(
        contact=contact,
        address=Address("sms", FIRST),
        opted_out=True,
        changed_at=at(1.999),
        why="sms message in-1",
        by="customer",
    )
    assert world.opt_outs.stored == {contact: said}


def test_the_timeline_of_a_stopped_dispatch_says_so() -> None:
    world = World()
    world.opt_outs.change(said_stop(FIRST))
    sent = world.send(step(15))

    reported = description.describe(sent.dispatch, [])

    assert reported["outcome"] == "stopped"
    assert reported["timeline"] == [
        {"at": "2026-03-02T12:00:00.000Z", "step": None, "event": "accepted"},
        {"at": "2026-03-02T12:00:00.000Z", "step": 0, "event": "opted_out"},
        {"at": "2026-03-02T12:00:00.000Z", "step": None, "event": "finished", "outcome": "stopped"},
    ]
