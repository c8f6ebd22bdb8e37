"""Port Dispatches: what every store of dispatches does."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import (
    Answer,
    AnswerKind,
    Because,
    ClientSuccess,
    Closing,
    Dispatch,
    OnUnknown,
    Outcome,
    Revocation,
)
from getthrough.domain.dispatch.failover import Send
from getthrough.domain.event.webhook import Usage
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.ports import Dispatches, Timer
from getthrough.domain.values.errors import VersionConflictError
from tests.builders import DISPATCH_UUID, NOON, SECOND, at, dispatch, status_event, step
from tests.contract.conftest import RACES

FIRST = Send(0, Because.FIRST)


def uuid(number: int) -> str:
    return f"{number:08x}-8d47-4b60-9c11-a1b2c3d4e500"


def claimed(subject: Dispatch, claim_id: str = "me") -> Dispatch:
    return failover.claim(subject, FIRST, claim_id=claim_id, now=NOON)


def full() -> Dispatch:
    """A dispatch with every field filled."""
    steps = (
        step(channel="whatsapp", condition_status=Condition.REPLIED, custom={"pi": 3.14, "ü": [None, True]}),
        step(to=SECOND),
    )
    subject = claimed(dispatch(*steps, on_unknown=OnUnknown.RESEND))
    answer = Answer(kind=AnswerKind.UNAVAILABLE, http_status=429, problem={"title": "Rate Limit Hit"}, account=True)
    subject = failover.record_answer(subject, 0, answer, claim_id="me", now=at(1))
    subject = failover.claim(subject, Send(1, Because.WINDOW_ENDED), claim_id="again", now=at(15.25))
    accepted = Answer(kind=AnswerKind.ACCEPTED, http_status=202, vonage_message_uuid="theirs")
    subject = failover.record_answer(subject, 1, accepted, claim_id="again", now=at(15.5))
    usage = {"price": "0.03330", "currency": "EUR"}
    subject = failover.apply(subject, status_event(Status.DELIVERED, step=1, usage=usage))
    subject = failover.reply(subject, 0, at(70.5))
    subject = failover.record_revocation(subject, 0, Revocation(at(16), accepted=False))
    subject = replace(
        subject,
        attempts=(
            subject.attempts[0],
            replace(subject.attempts[1], stopped_at=at(80.25), throttled=frozenset({"one", "two"}), throttled_before=1),
        ),
    )
    success = ClientSuccess(at(85.5), "paid")
    return replace(subject, closed=Closing(Outcome.CANCELLED, at(90)), client_success=success)


def test_a_dispatch_comes_back_as_it_was_saved(dispatches: Dispatches) -> None:
    saved = dispatches.save(full())

    assert saved == replace(full(), version=1)
    assert dispatches.get(DISPATCH_UUID) == saved
    assert saved.attempts[1].usage == Usage(Decimal("0.03330"), "EUR")


def test_what_was_never_saved_is_none(dispatches: Dispatches) -> None:
    assert dispatches.get(DISPATCH_UUID) is None
    assert dispatches.resolve("no one") is None


def test_each_save_is_the_next_version(dispatches: Dispatches) -> None:
    first = dispatches.save(claimed(dispatch()))
    second = dispatches.save(failover.apply(first, status_event(Status.SUBMITTED)))

    assert (first.version, second.version) == (1, 2)
    assert dispatches.get(DISPATCH_UUID) == second


def test_a_new_dispatch_does_not_overwrite_one_that_is_there(dispatches: Dispatches) -> None:
    mine = dispatches.save(claimed(dispatch(), "me"))

    with pytest.raises(VersionConflictError):
        dispatches.save(claimed(dispatch(), "someone else"))

    assert dispatches.get(DISPATCH_UUID) == mine


def test_a_version_that_someone_else_replaced_cannot_be_saved(dispatches: Dispatches) -> None:
    read = dispatches.save(claimed(dispatch()))
    newer = dispatches.save(failover.apply(read, status_event(Status.DELIVERED)))

    with pytest.raises(VersionConflictError):
        dispatches.save(failover.claim(read, Send(1, Because.WINDOW_ENDED), claim_id="late", now=at(15)))

    assert dispatches.get(DISPATCH_UUID) == newer


def test_a_dispatch_that_was_deleted_cannot_be_saved(dispatches: Dispatches) -> None:
    with pytest.raises(VersionConflictError):
        dispatches.save(replace(claimed(dispatch()), version=3))

    assert dispatches.get(DISPATCH_UUID) is None


@RACES
def test_of_many_claims_at_once_exactly_one_wins(dispatches: Dispatches) -> None:
    read = dispatches.save(dispatch())

    def win(number: int) -> str | None:
        try:
            return dispatches.save(claimed(read, f"claimer {number}")).attempts[0].claim_id
        except VersionConflictError:
            return None

    with ThreadPoolExecutor(8) as threads:
        winners = [name for name in threads.map(win, range(24)) if name]

    stored = dispatches.get(DISPATCH_UUID)
    assert stored is not None
    assert winners == [stored.attempts[0].claim_id]


def test_a_reference_leads_from_the_providers_id_to_ours(dispatches: Dispatches) -> None:
    dispatches.refer("theirs", f"{DISPATCH_UUID[:-2]}02", NOON)
    dispatches.refer("theirs", f"{DISPATCH_UUID[:-2]}02", NOON)

    assert dispatches.resolve("theirs") == f"{DISPATCH_UUID[:-2]}02"


@pytest.mark.parametrize("later", [0, 3_600])
def test_due_is_what_is_under_way_and_wakes_in_time(dispatches: Dispatches, later: int) -> None:
    for number, seconds in enumerate((15, 30, 45, 60)):
        dispatches.save(claimed(dispatch(step(later + seconds), step(), dispatch_uuid=uuid(number))))
    over = claimed(dispatch(step(15), dispatch_uuid=uuid(9)))
    dispatches.save(failover.finish(over, Outcome.CANCELLED, NOON))

    assert sorted(dispatches.due(at(later + 45), at(later + 45)), key=lambda due: due.at) == [
        Timer(uuid(0), at(later + 15)),
        Timer(uuid(1), at(later + 30)),
        Timer(uuid(2), at(later + 45)),
    ]


def test_what_got_its_timer_when_it_was_stored_is_due_once_it_is_overdue(dispatches: Dispatches) -> None:
    dispatches.save(claimed(dispatch(step(840), step(), dispatch_uuid=uuid(0))))
    dispatches.save(claimed(dispatch(step(841), step(), dispatch_uuid=uuid(1))))

    assert list(dispatches.due(at(839), at(1_000))) == [Timer(uuid(1), at(841))]
    assert sorted(dispatches.due(at(840), at(1_000))) == [Timer(uuid(0), at(840)), Timer(uuid(1), at(841))]


def test_a_dispatch_that_ends_is_not_due_any_more(dispatches: Dispatches) -> None:
    read = dispatches.save(claimed(dispatch()))
    assert list(dispatches.due(at(15), at(15))) == [Timer(DISPATCH_UUID, at(15))]

    delivered = status_event(Status.DELIVERED)
    dispatches.save(failover.apply(replace(read, attempts=(replace(read.attempts[0], status=None),)), delivered))

    assert list(dispatches.due(at(10_000), at(10_000))) == []


def test_many_are_got_at_once_and_those_that_are_not_there_are_left_out(dispatches: Dispatches) -> None:
    saved = [dispatches.save(dispatch(dispatch_uuid=uuid(number))) for number in range(3)]

    found = dispatches.get_many([uuid(2), uuid(7), uuid(0), uuid(2)])

    assert found == {uuid(0): saved[0], uuid(2): saved[2]}
    assert dispatches.get_many([]) == {}


def test_a_hundred_are_got_at_once(dispatches: Dispatches) -> None:
    for number in range(100):
        dispatches.save(dispatch(dispatch_uuid=uuid(number)))

    assert sorted(dispatches.get_many(map(uuid, range(100)))) == list(map(uuid, range(100)))
