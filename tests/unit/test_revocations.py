"""Taking back what has been passed over: RCS messages, once something else is on its way, and only once."""

from typing import Any

import pytest

from getthrough.domain.dispatch import description, failover
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Dispatch, Outcome, Revocation
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.ports import REVOKED
from getthrough.usecases.send_step import Sent
from tests.builders import SECOND, at, dispatch, status_event, step
from tests.fakes import FakeGateway
from tests.unit.stories import ACCEPTED, REFUSED, UNAVAILABLE, UNKNOWN, claimed, reported, sent
from tests.unit.world import CrashError, World, crash, fail

RCS: dict[str, Any] = {"channel": "rcs", "from": "Bakery"}


def passed_over(first: dict[str, Any] = RCS, kind: AnswerKind = ACCEPTED, **fields: Any) -> Dispatch:
    """An RCS message was accepted, nothing was heard of it, and its fallback was answered 15 seconds later."""
    out = sent(dispatch(step(15, **first), step(to=SECOND)), vonage_message_uuid="theirs")
    return sent(out, kind, 15, **fields)


def revocable(subject: Dispatch) -> list[tuple[int, str]]:
    return list(failover.revocable(subject))


# The kernel


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(ACCEPTED, [(0, "theirs")]), (UNKNOWN, []), (REFUSED, []), (UNAVAILABLE, [])],
)
def test_it_is_taken_back_once_its_fallback_is_out(kind: AnswerKind, expected: list[tuple[int, str]]) -> None:
    assert revocable(passed_over(kind=kind)) == expected


def test_as_long_as_the_fallback_has_no_answer_nothing_is_taken_back() -> None:
    out = sent(dispatch(step(15, **RCS), step()), vonage_message_uuid="theirs")
    assert [revocable(out), revocable(claimed(out, 15))] == [[], []]


def test_a_fallback_to_someone_who_opted_out_takes_nothing_back() -> None:
    assert revocable(passed_over(kind=AnswerKind.OPTED_OUT)) == []


@pytest.mark.parametrize("channel", ["sms", "mms", "whatsapp", "messenger", "viber_service"])
def test_what_is_no_rcs_message_cannot_be_taken_back(channel: str) -> None:
    assert revocable(passed_over({"channel": channel})) == []


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.SUBMITTED, [(0, "theirs")]),
        (Status.REJECTED, []),
        (Status.UNDELIVERABLE, []),
        (Status.DELIVERED, []),
        (Status.READ, []),
    ],
)
def test_what_has_arrived_or_failed_is_left_alone(status: Status, expected: list[tuple[int, str]]) -> None:
    assert revocable(reported(passed_over(), status_event(status))) == expected


def test_what_the_customer_answered_is_left_alone() -> None:
    out = sent(dispatch(step(15, Condition.REPLIED, **RCS), step()), vonage_message_uuid="theirs")
    assert revocable(failover.reply(sent(out, seconds=15), 0, at(16))) == []


def test_what_vonage_gave_no_id_cannot_be_taken_back() -> None:
    out = sent(dispatch(step(15, **RCS), step()), UNKNOWN)
    assert revocable(sent(out, seconds=15)) == []


@pytest.mark.parametrize("accepted", [True, False])
def test_it_is_tried_once_whatever_comes_of_it(accepted: bool) -> None:
    tried = failover.record_revocation(passed_over(), 0, Revocation(at(16), accepted))
    assert revocable(tried) == []


def test_all_that_were_passed_over_are_taken_back_and_never_the_last() -> None:
    out = dispatch(*(step(15, **RCS) for _ in range(3)))
    for number in range(3):
        out = sent(out, seconds=15 * number, vonage_message_uuid=f"theirs-{number}")
    assert revocable(out) == [(0, "theirs-0"), (1, "theirs-1")]


def test_a_message_that_was_taken_back_and_arrives_all_the_same_counts_as_late() -> None:
    tried = failover.record_revocation(passed_over(), 0, Revocation(at(16), accepted=True))
    arrived = reported(tried, status_event(Status.DELIVERED))
    assert (arrived.outcome, arrived.late(0)) == (Outcome.SUCCEEDED, True)


# The use-case


@pytest.fixture
def world() -> World:
    """An RCS message was accepted as `theirs`, and its window has just ended."""
    world = World()
    world.store(sent(dispatch(step(15, **RCS), step(to=SECOND)), vonage_message_uuid="theirs"))
    world.clock.advance(15)
    return world


def sending(world: World) -> Sent:
    result = world.advance()
    assert isinstance(result, Sent)
    return result


def test_after_the_fallback_is_accepted_the_first_message_is_taken_back_and_that_is_recorded(world: World) -> None:
    result = sending(world)
    assert world.gateway.updates == [("theirs", {"status": "revoked"})]
    assert REVOKED == {"status": "revoked"}
    assert (result.recorded, result.dispatch) == (True, world.stored())
    assert [attempt.revocation for attempt in world.stored().attempts] == [Revocation(at(15), accepted=True), None]
    assert world.calls[-4:] == ["events.pending", "gateway.update", "dispatches.get", "dispatches.save"]


@pytest.mark.parametrize("kind", [REFUSED, UNAVAILABLE, UNKNOWN])
def test_after_a_fallback_that_was_not_accepted_or_may_not_have_been_it_is_left(world: World, kind: AnswerKind) -> None:
    world.gateway.answers = [Answer(kind=kind)]
    sending(world)
    assert world.gateway.updates == []


def test_a_first_message_that_arrived_meanwhile_is_left(world: World) -> None:
    delivered = status_event(Status.DELIVERED)
    world.after["gateway.submit"] = lambda: world.store(reported(world.stored(), delivered))
    sending(world)
    assert world.gateway.updates == []


class Refusing(FakeGateway):
    def update(self, vonage_message_uuid: str, change: Any) -> Answer:
        super().update(vonage_message_uuid, change)
        return Answer(kind=REFUSED, http_status=422)


def test_that_vonage_would_not_take_it_back_is_recorded_too_and_not_tried_again() -> None:
    world = World(gateway=Refusing())
    world.store(sent(dispatch(step(15, **RCS), step(15), step()), vonage_message_uuid="theirs"))
    for _ in range(2):
        world.clock.advance(15)
        sending(world)
    assert world.stored().attempts[0].revocation == Revocation(at(15), accepted=False)
    assert world.gateway.updates == [("theirs", REVOKED)]


def test_a_webhook_that_comes_while_it_is_taken_back_is_kept(world: World) -> None:
    submitted = status_event(Status.SUBMITTED)
    world.after["gateway.update"] = lambda: world.store(reported(world.stored(), submitted))
    sending(world)
    attempt = world.stored().attempts[0]
    assert (attempt.status, attempt.revocation) == (Status.SUBMITTED, Revocation(at(15), accepted=True))


def test_when_it_cannot_be_recorded_nothing_raises(world: World) -> None:
    world.after["gateway.update"] = lambda: world.before.update({"dispatches.get 2": fail})
    assert sending(world).recorded is False


def test_a_dispatch_whose_sender_died_before_it_took_anything_back_goes_on(world: World) -> None:
    world.before["gateway.update"] = crash
    with pytest.raises(CrashError):
        world.advance()
    world.record(status_event(Status.DELIVERED, step=1))
    assert world.stored().succeeded_by == 1


def test_the_timeline_says_that_it_was_taken_back_and_whether_vonage_will() -> None:
    for accepted in (True, False):
        subject = failover.record_revocation(passed_over(), 0, Revocation(at(16), accepted))
        revoked = [entry for entry in description.describe(subject, [])["timeline"] if entry["event"] == "revoked"]
        assert revoked == [{"at": "2026-03-02T12:00:16.000Z", "step": 0, "event": "revoked", "accepted": accepted}]
