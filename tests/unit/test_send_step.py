"""The protocol: arm, claim, note, look, send, record; and what is left when it breaks off at any point."""

from dataclasses import replace

import pytest

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Because, Dispatch, OnUnknown, Outcome
from getthrough.domain.dispatch.erased_dispatch import erased_dispatch
from getthrough.domain.dispatch.failover import Finish, Send, WaitUntil, decide
from getthrough.domain.message.status import Status
from getthrough.domain.ports import Timer
from getthrough.domain.values.errors import UnavailableError, VersionConflictError
from getthrough.usecases.retrying import CONFLICTS
from getthrough.usecases.send_step import POST_TIME, Sent
from tests.builders import DISPATCH_UUID, FIRST, FROM, SECOND, at, dispatch, status_event, step
from tests.unit.stories import ACCEPTED, REFUSED, UNAVAILABLE, UNKNOWN, answered, claimed, reported, sent
from tests.unit.world import CrashError, World, crash, fail

PROTOCOL = [
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


@pytest.fixture
def world() -> World:
    """A dispatch of two steps is stored, of which none was sent."""
    world = World()
    world.store(dispatch())
    return world


def sending(world: World) -> Sent:
    result = world.advance()
    assert isinstance(result, Sent)
    return result


def test_a_step_is_armed_then_claimed_then_noted_before_opt_outs_are_looked_for_then_sent_then_recorded(
    world: World,
) -> None:
    sending(world)
    assert world.calls == ["dispatches.get", *PROTOCOL]


def test_the_timer_is_armed_for_the_end_of_the_window_before_anything_else(world: World) -> None:
    world.after["timers.arm"] = crash
    with pytest.raises(CrashError):
        world.advance()
    assert world.timers.armed == [Timer(DISPATCH_UUID, at(15) + POST_TIME)]


def test_the_claim_is_stored_before_the_message_goes_out(world: World) -> None:
    stored: list[Dispatch] = []
    world.before["gateway.submit"] = lambda: stored.append(world.stored())
    sending(world)
    [seen] = stored
    assert seen == replace(claimed(dispatch(), claim_id=seen.attempts[0].claim_id), version=2)


def test_what_goes_out_is_the_clients_message_with_our_id(world: World) -> None:
    sending(world)
    assert world.gateway.sent == [
        {
            "channel": "sms",
            "message_type": "text",
            "to": FIRST,
            "from": FROM,
            "text": "The cupcakes are ready!",
            "client_ref": f"{DISPATCH_UUID[:-2]}01",
            "webhook_version": "v1",
        }
    ]


def test_the_second_step_goes_out_with_its_own_id(world: World) -> None:
    world.store(sent(world.stored()))
    world.clock.advance(15)
    sending(world)
    [message] = world.gateway.sent
    assert (message["to"], message["client_ref"]) == (SECOND, f"{DISPATCH_UUID[:-2]}02")


def test_an_accepted_step_is_stored_with_its_answer_its_timer_and_the_providers_id(world: World) -> None:
    world.before["gateway.submit"] = lambda: world.clock.advance(0.5)
    result = sending(world)
    answer = Answer(kind=ACCEPTED, http_status=202, vonage_message_uuid="vonage-1")
    claim_id = result.dispatch.attempts[0].claim_id
    expected = replace(
        answered(
            claimed(dispatch(), claim_id=claim_id), ACCEPTED, 0.5, http_status=202, vonage_message_uuid="vonage-1"
        ),
        version=3,
    )
    assert result == Sent(expected, Send(0, Because.FIRST), answer, recorded=True)
    assert world.stored() == expected
    assert world.timers.armed[1:] == [Timer(DISPATCH_UUID, at(15.5))]
    assert world.dispatches.references == {"vonage-1": f"{DISPATCH_UUID[:-2]}01"}


def test_two_claims_never_have_the_same_id(world: World) -> None:
    sending(world)
    world.clock.advance(20)
    sending(world)
    first, second = world.stored().attempts
    assert first.claim_id != second.claim_id


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [(Answer(kind=REFUSED, http_status=422), 0), (Answer(kind=UNKNOWN), 15)],
)
def test_after_the_answer_a_timer_fires_when_the_kernel_wants_it(world: World, answer: Answer, seconds: float) -> None:
    world.gateway.answers = [answer]
    sending(world)
    assert world.timers.armed[1:] == [Timer(DISPATCH_UUID, at(seconds))]
    assert world.dispatches.references == {}


def test_an_unavailable_provider_is_tried_again_by_a_timer(world: World) -> None:
    world.gateway.answers = [Answer(kind=UNAVAILABLE, http_status=503)]
    result = sending(world)
    retry_at = result.dispatch.attempts[0].retry_at
    assert retry_at is not None
    assert world.timers.armed[1:] == [Timer(DISPATCH_UUID, retry_at)]


def test_a_last_step_that_is_refused_needs_no_timer_any_more() -> None:
    world = World()
    world.store(dispatch(step()))
    world.gateway.answers = [Answer(kind=REFUSED, http_status=422)]
    sending(world)
    assert len(world.timers.armed) == 1  # the one from before the claim


# A crash: nothing is sent, or a timer brings it forward

CRASHES = [
    ("before", "timers.arm", False, Send(0, Because.FIRST)),
    ("after", "timers.arm", True, Send(0, Because.FIRST)),
    ("before", "dispatches.save_claim", True, Send(0, Because.FIRST)),
    ("after", "dispatches.save_claim", True, WaitUntil(at(15))),
    ("before", "dispatches.note_claim", True, WaitUntil(at(15))),
    ("after", "dispatches.note_claim", True, WaitUntil(at(15))),
    ("after", "dispatches.has_opted_out", True, WaitUntil(at(15))),
    ("before", "gateway.submit", True, WaitUntil(at(15))),
    ("after", "gateway.submit", True, WaitUntil(at(15))),
    ("before", "dispatches.save", True, WaitUntil(at(15))),
    ("after", "dispatches.save", True, WaitUntil(at(15))),
    ("before", "timers.arm 2", True, WaitUntil(at(15))),
    ("after", "dispatches.refer", True, WaitUntil(at(15))),
    ("after", "events.pending", True, WaitUntil(at(15))),
]


@pytest.mark.parametrize(("when", "call", "armed", "decision"), CRASHES, ids=[" ".join(case[:2]) for case in CRASHES])
def test_after_a_crash_the_step_is_not_claimed_or_a_timer_is_armed_and_it_is_never_sent_again(
    world: World, when: str, call: str, armed: bool, decision: object
) -> None:
    getattr(world, when)[call] = crash
    with pytest.raises(CrashError):
        world.advance()
    stored = world.stored()
    assert decide(stored, world.clock()) == decision
    assert bool(world.timers.armed) is armed
    assert armed or not stored.attempts
    world.before.clear()
    world.after.clear()
    sent_before = len(world.gateway.sent)
    world.clock.advance(16)
    sending(world)
    to = [message["to"] for message in world.gateway.sent]
    assert to in ([FIRST], [SECOND], [FIRST, SECOND])
    assert len(to) == sent_before + 1


def test_an_unknown_after_a_crash_is_sent_again_once_where_the_client_said_so() -> None:
    world = World()
    world.store(dispatch(step(300), on_unknown=OnUnknown.RESEND))
    world.before["gateway.submit"] = crash
    with pytest.raises(CrashError):
        world.advance()
    assert world.timers.armed == [Timer(DISPATCH_UUID, at(seconds) + POST_TIME) for seconds in (60, 300)]
    world.clock.advance(61)
    sending(world)
    assert [message["to"] for message in world.gateway.sent] == [FIRST]


# AWS fails


@pytest.mark.parametrize("call", ["timers.arm", "dispatches.save_claim"])
def test_when_aws_fails_before_the_claim_nothing_is_sent_and_the_failure_is_reported(world: World, call: str) -> None:
    world.before[call] = fail
    with pytest.raises(UnavailableError):
        world.advance()
    assert world.gateway.sent == []
    assert world.stored() == replace(dispatch(), version=1)


@pytest.mark.parametrize("call", ["dispatches.save", "timers.arm 2", "dispatches.refer"])
def test_when_aws_fails_after_the_claim_it_is_sent_and_nothing_raises(world: World, call: str) -> None:
    world.before[call] = fail
    result = sending(world)
    assert (result.recorded, result.answer.kind, len(world.gateway.sent)) == (False, ACCEPTED, 1)
    assert result.dispatch.attempts[0].answer == result.answer
    assert world.timers.armed


@pytest.mark.parametrize("call", ["dispatches.note_claim", "dispatches.has_opted_out"])
def test_a_step_of_which_it_is_not_known_whether_it_may_go_out_is_tried_again(world: World, call: str) -> None:
    world.before[call] = fail
    result = sending(world)
    retry_at = result.dispatch.attempts[0].retry_at
    assert retry_at is not None
    assert (result.answer, world.gateway.sent) == (Answer(kind=UNAVAILABLE), [])
    assert world.timers.armed[1:] == [Timer(DISPATCH_UUID, retry_at)]

    world.before.clear()
    world.clock.advance((retry_at - world.clock()).total_seconds())
    assert sending(world).answer.kind is ACCEPTED
    assert [sent.message_uuid for sent in world.conversations.claimed.values()] == [f"{DISPATCH_UUID[:-2]}01"]


def test_when_that_cannot_be_stored_either_the_failure_is_reported(world: World) -> None:
    world.before["dispatches.note_claim"] = world.before["dispatches.save"] = fail
    with pytest.raises(UnavailableError):
        world.advance()
    assert (world.gateway.sent, decide(world.stored(), world.clock())) == ([], WaitUntil(at(15)))


def test_what_is_looked_at_is_the_claim_even_if_an_erasure_has_taken_the_address_since(world: World) -> None:
    def erased() -> None:
        world.dispatches.stored[DISPATCH_UUID] = erased_dispatch(world.stored(), at(0))
        conflict()

    world.after["dispatches.save_claim"] = erased
    contact = contact_of("sms", FIRST)
    stop = OptOut(contact=contact, address=Address("sms", FIRST), opted_out=True, changed_at=at(0), why="", by="client")
    world.opt_outs.change(stop)
    assert sending(world).answer.kind is AnswerKind.OPTED_OUT
    assert world.gateway.sent == []


# Another writer was faster


def conflict() -> None:
    raise VersionConflictError("another writer stored the dispatch first")


def other_claim(world: World, claim_id: str = "theirs") -> None:
    world.store(claimed(world.stored(), claim_id=claim_id))


def test_who_loses_the_claim_sends_nothing(world: World) -> None:
    world.before["dispatches.save_claim"] = lambda: other_claim(world)
    result = world.advance()
    assert isinstance(result, Dispatch)
    assert world.gateway.sent == []
    assert world.stored().attempts[0].claim_id == "theirs"


@pytest.mark.parametrize("read_back_fails", [False, True])
def test_a_claim_whose_confirmation_was_lost_is_ours_if_it_is_stored(world: World, read_back_fails: bool) -> None:
    """The write took place, its answer did not come: UnavailableError after the fact."""
    world.after["dispatches.save_claim"] = fail
    if read_back_fails:
        world.before["dispatches.get 2"] = fail
        with pytest.raises(UnavailableError):
            world.advance()
        assert world.gateway.sent == []
        return
    assert sending(world).recorded
    assert len(world.gateway.sent) == 1
    assert world.calls == ["dispatches.get", *PROTOCOL[:2], "dispatches.get", *PROTOCOL[2:]]


def test_a_conflict_with_our_own_claim_is_none(world: World) -> None:
    """boto3 tried again by itself after a lost answer, and the second try found the first."""
    world.after["dispatches.save_claim"] = conflict
    assert sending(world).recorded
    assert len(world.gateway.sent) == 1


def test_a_success_that_comes_between_reading_and_claiming_stops_the_step(world: World) -> None:
    world.store(sent(world.stored()))
    world.clock.advance(15)
    world.before["dispatches.save_claim"] = lambda: world.store(
        reported(world.stored(), status_event(Status.DELIVERED))
    )
    result = world.advance()
    assert isinstance(result, Dispatch)
    assert (result.outcome, world.gateway.sent) == ("succeeded", [])


def test_a_webhook_that_comes_before_the_answer_is_stored_is_kept(world: World) -> None:
    world.after["gateway.submit"] = lambda: world.store(reported(world.stored(), status_event(Status.DELIVERED)))
    result = sending(world)
    attempt = world.stored().attempts[0]
    assert (result.recorded, attempt.status, attempt.answer) == (True, Status.DELIVERED, result.answer)
    assert decide(world.stored(), at(99)) == Finish(Outcome.SUCCEEDED)


def test_an_answer_is_stored_in_spite_of_many_webhooks_but_not_of_endless_ones(world: World) -> None:
    def another_webhook() -> None:
        newer = world.stored()
        world.dispatches.stored[DISPATCH_UUID] = replace(newer, version=newer.version + 1)

    for count in range(1, CONFLICTS):
        world.before[f"dispatches.save {count}"] = another_webhook
    assert sending(world).recorded

    endless = World()
    endless.store(dispatch())
    for count in range(1, CONFLICTS + 2):
        endless.before[f"dispatches.save {count}"] = lambda: endless.dispatches.stored.update(
            {DISPATCH_UUID: replace(endless.stored(), version=endless.stored().version + 1)}
        )
    assert not sending(endless).recorded


def test_an_answer_that_is_stored_already_is_not_stored_again(world: World) -> None:
    world.after["dispatches.save"] = conflict
    result = sending(world)
    assert (result.recorded, world.stored().version) == (True, 3)
    assert (world.calls.count("dispatches.save_claim"), world.calls.count("dispatches.save")) == (1, 1)


def test_an_answer_to_a_claim_that_was_superseded_meanwhile_is_dropped() -> None:
    world = World()
    world.store(dispatch(step(300), on_unknown=OnUnknown.RESEND))

    def resent_by_another() -> None:
        stored = world.stored()
        world.store(failover.claim(stored, Send(0, Because.RETRY), claim_id="theirs", now=at(60)))

    world.after["gateway.submit"] = resent_by_another
    assert sending(world).recorded
    attempt = world.stored().attempts[0]
    assert (attempt.claim_id, attempt.answer) == ("theirs", None)
