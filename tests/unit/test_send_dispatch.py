"""Accepting a dispatch: its first claim is its creation."""

from uuid import UUID

import pytest

from getthrough.domain.dispatch.dispatch import Answer, Because, Dispatch, OnUnknown, Outcome
from getthrough.domain.dispatch.failover import Send
from getthrough.domain.values import identifiers
from getthrough.domain.values.errors import UnavailableError
from tests.builders import NOON, SECOND, step
from tests.unit.stories import ACCEPTED, REFUSED, UNAVAILABLE, UNKNOWN
from tests.unit.world import World, fail


def test_a_dispatch_is_stored_with_its_first_step_claimed_then_sent() -> None:
    world = World()
    steps = step(), step(to=SECOND)
    sent = world.send(*steps, on_unknown=OnUnknown.RESEND)
    dispatch = sent.dispatch
    assert dispatch == Dispatch(
        dispatch_uuid=dispatch.dispatch_uuid,
        client_name="bakery",
        created_at=NOON,
        steps=steps,
        attempts=dispatch.attempts,
        on_unknown=OnUnknown.RESEND,
        version=2,
    )
    assert (sent.send, sent.answer.kind, sent.recorded) == (Send(0, Because.FIRST), ACCEPTED, True)
    assert world.dispatches.stored == {dispatch.dispatch_uuid: dispatch}
    assert [message["client_ref"] for message in world.gateway.sent] == [dispatch.message_uuid(0)]


def test_the_protocol_begins_with_the_timer_and_the_creation_is_the_claim() -> None:
    world = World()
    sent = world.send(step())
    assert world.calls == [
        "timers.arm",
        "dispatches.save_claim",
        "dispatches.note_claim",
        "dispatches.has_opted_out",
        "gateway.submit",
        "dispatches.save",
        "timers.arm",
        "dispatches.refer",
        "events.pending",
    ]
    assert {due.uuid for due in world.timers.armed} == {sent.dispatch.dispatch_uuid}


def test_its_id_is_a_new_one_of_ours() -> None:
    world = World()
    ids = [world.send(step()).dispatch.dispatch_uuid for _ in range(3)]
    assert len(set(ids)) == 3
    assert all(identifiers.is_dispatch_uuid(dispatch_uuid) for dispatch_uuid in ids)


def test_an_id_may_be_any_uuid() -> None:
    uuid = "7b0e6a52-3f0c-4d7a-9f0e-0123456789ab"
    assert identifiers.dispatch_uuid_from(UUID(uuid)) == uuid[:-2] + "00"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(kind=REFUSED, http_status=422, problem={"title": "Invalid sender"}), Outcome.EXHAUSTED),
        (Answer(kind=UNAVAILABLE, http_status=503), None),
        (Answer(kind=UNAVAILABLE, http_status=402, account=True), None),
        (Answer(kind=UNKNOWN), None),
        (Answer(kind=ACCEPTED, http_status=202), None),
    ],
    ids=["refused", "unavailable", "account", "unknown", "accepted"],
)
def test_whatever_the_provider_answers_it_is_stored(answer: Answer, outcome: Outcome | None) -> None:
    world = World()
    world.gateway.answers = [answer]
    sent = world.send(step())
    assert (sent.answer, sent.recorded, sent.dispatch.outcome) == (answer, True, outcome)
    assert world.stored(sent.dispatch.dispatch_uuid).attempts[0].answer == answer


@pytest.mark.parametrize("call", ["timers.arm", "dispatches.save_claim"])
def test_what_cannot_be_stored_is_not_sent_and_the_client_may_try_again(call: str) -> None:
    world = World()
    world.before[call] = fail
    with pytest.raises(UnavailableError):
        world.send(step())
    assert (world.gateway.sent, world.dispatches.stored) == ([], {})


@pytest.mark.parametrize("call", ["dispatches.save", "timers.arm 2", "dispatches.refer"])
def test_once_it_is_stored_the_client_gets_its_answer_also_if_the_providers_cannot_be_stored(call: str) -> None:
    world = World()
    world.before[call] = fail
    sent = world.send(step())
    assert (sent.recorded, sent.answer.kind) == (False, ACCEPTED)
    assert list(world.dispatches.stored) == [sent.dispatch.dispatch_uuid]
    assert world.timers.armed
