"""A step that was claimed and noted, and then not sent: money, lists, conversations, batches and retries know it."""

from dataclasses import replace

import pytest

from getthrough.domain.batch.batch import note_of
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Dispatch, InBatch, OnUnknown
from getthrough.domain.event.webhook import parse_inbound
from getthrough.domain.limit.limits import limits_of
from getthrough.domain.message.channels import OptOutScope
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.ports import DispatchFilter
from getthrough.domain.values.page import PageRequest
from getthrough.usecases.know_customer import link_accounts
from getthrough.usecases.ports import Listening, Reading
from getthrough.usecases.read import read_conversation
from getthrough.usecases.send_step import Sent
from tests.builders import BATCH_UUID, FIRST, at, batch, dispatch, step
from tests.fakes import FakeTallies
from tests.unit.test_links import MESSENGER, PHONE, TO_MESSENGER, linked
from tests.unit.test_links import stop as stop_message
from tests.unit.test_spending import report, spent
from tests.unit.world import World, fail

LIMITS = limits_of({"messages_per_day": 5, "spending_per_day": "9 EUR", "price_ceiling": "0.30"})
UNKNOWN, UNAVAILABLE = Answer(kind=AnswerKind.UNKNOWN), Answer(kind=AnswerKind.UNAVAILABLE, http_status=503)


def stop(world: World, channel: str = "sms", seconds: float = 0, *, opted_out: bool = True) -> None:
    contact, address = contact_of(channel, FIRST), Address(channel, FIRST)
    world.opt_outs.change(
        OptOut(contact=contact, address=address, opted_out=opted_out, changed_at=at(seconds), why="", by="client")
    )


def throttled(world: World) -> str:
    """A step that Vonage accepted and then threw out, so that it is due again."""
    dispatch_uuid = world.send(step(600)).dispatch.dispatch_uuid
    report(world, dispatch_uuid, Status.SUBMITTED)
    [attempt] = world.stored(dispatch_uuid).attempts
    changed = replace(world.stored(dispatch_uuid), attempts=(replace(attempt, throttled=frozenset({"1010"})),))
    world.dispatches.stored[dispatch_uuid] = changed
    world.clock.advance(5)
    return dispatch_uuid


def advanced(world: World, dispatch_uuid: str) -> AnswerKind:
    result = world.advance(dispatch_uuid)
    assert isinstance(result, Sent)
    return result.answer.kind


def test_a_retry_that_meets_a_stop_gives_back_the_money_of_both_tries() -> None:
    world = World(limits=LIMITS)
    dispatch_uuid = throttled(world)
    before = spent(world)
    stop(world)

    assert advanced(world, dispatch_uuid) is AnswerKind.OPTED_OUT
    assert spent(world) == before


def test_so_does_a_resend_of_which_a_status_comes_between() -> None:
    world = World(limits=LIMITS)
    world.gateway.answers = [UNKNOWN]
    dispatch_uuid = world.send(step(600), on_unknown=OnUnknown.RESEND).dispatch.dispatch_uuid
    before = spent(world)
    world.clock.advance(70)
    stop(world)
    world.before["dispatches.note_claim 2"] = lambda: report(world, dispatch_uuid, Status.SUBMITTED)

    assert advanced(world, dispatch_uuid) is AnswerKind.OPTED_OUT
    assert spent(world) == before


@pytest.mark.parametrize("call", ["dispatches.note_claim 2", "dispatches.has_opted_out 2"])
def test_a_throttled_step_of_which_it_is_not_known_whether_it_may_go_out_is_tried_again_and_costs_nothing(
    call: str,
) -> None:
    world = World(limits=LIMITS)
    dispatch_uuid = throttled(world)
    before = spent(world)
    world.before[call] = fail
    assert advanced(world, dispatch_uuid) is AnswerKind.UNAVAILABLE
    assert spent(world) == before

    world.clock.advance(120)
    assert advanced(world, dispatch_uuid) is AnswerKind.ACCEPTED
    assert len(world.gateway.sent) == 2


def test_a_dispatch_is_listed_with_its_customer_although_its_first_note_failed() -> None:
    world = World()
    world.before["dispatches.note_claim"] = fail
    dispatch_uuid = world.send(step(600)).dispatch.dispatch_uuid
    world.clock.advance(5)
    assert advanced(world, dispatch_uuid) is AnswerKind.ACCEPTED

    found = world.dispatches.newest(10, None, DispatchFilter(contacts=(contact_of("sms", FIRST),)))
    assert [each.dispatch_uuid for each in found.items] == [dispatch_uuid]


def test_a_retry_looks_whose_address_it_is_now() -> None:
    world = linked(MESSENGER)
    world.gateway.answers = [UNAVAILABLE]
    dispatch_uuid = world.send(step(600, **TO_MESSENGER)).dispatch.dispatch_uuid
    link_accounts(world.ports(Listening), PHONE, [])
    world.receive(stop_message("messenger", MESSENGER.address))
    world.clock.advance(40)

    assert advanced(world, dispatch_uuid) is AnswerKind.OPTED_OUT
    assert len(world.gateway.sent) == 1


def test_a_stop_after_a_retry_finds_it_at_the_one_whose_address_it_was_by_then() -> None:
    world = linked(MESSENGER)
    world.gateway.answers = [UNAVAILABLE]
    dispatch_uuid = world.send(step(600, **TO_MESSENGER)).dispatch.dispatch_uuid
    link_accounts(world.ports(Listening), PHONE, [])
    world.clock.advance(40)
    assert advanced(world, dispatch_uuid) is AnswerKind.ACCEPTED

    world.receive(stop_message("messenger", MESSENGER.address))

    [attempt] = world.stored(dispatch_uuid).attempts
    assert (attempt.contact, attempt.opted_out) == (None, True)


def test_a_conversation_has_full_pages_although_much_was_not_sent() -> None:
    world = World()
    world.send(step(600, text="really sent"))
    stop(world, seconds=1)
    for _ in range(5):
        world.clock.advance(1)
        assert world.send(step(600)).answer.kind is AnswerKind.OPTED_OUT

    page = read_conversation(world.ports(Reading), Address("sms", FIRST), PageRequest(5, None))
    assert (len(page["messages"]), page["cursor"]) == (1, None)


def test_what_was_not_sent_is_in_no_conversation_although_its_note_could_not_be_withheld() -> None:
    world = World()
    stop(world)
    world.before["dispatches.withhold"] = fail
    assert world.send(step(600)).answer.kind is AnswerKind.OPTED_OUT

    page = read_conversation(world.ports(Reading), Address("sms", FIRST), PageRequest(5, None))
    assert page["messages"] == []


def test_an_answer_finds_the_step_that_awaits_it_behind_a_hundred_that_were_not_sent() -> None:
    world = World()
    dispatch_uuid = world.send(step(86_400, Condition.REPLIED)).dispatch.dispatch_uuid
    stop(world, "whatsapp")
    stop(world, seconds=1, opted_out=False)
    for _ in range(100):
        world.clock.advance(1)
        other = replace(step(86_400, Condition.REPLIED, channel="whatsapp"), opt_out_scope=OptOutScope.CHANNEL)
        assert world.send(other).answer.kind is AnswerKind.OPTED_OUT

    now = world.clock()
    payload = {"channel": "sms", "message_uuid": "in-1", "from": FIRST, "to": "447700900000", "text": "Yes, please"}
    world.receive(parse_inbound({**payload, "timestamp": now.isoformat()}, received_at=now))
    assert world.stored(dispatch_uuid).outcome == "succeeded"


def test_no_version_of_a_batchs_dispatch_says_that_someone_who_has_opted_out_was_sent_something() -> None:
    world = World()
    world.batches.save(batch(total=1))
    world.store(dispatch(step(600), batch=InBatch(BATCH_UUID, 0)))
    stop(world)
    versions: list[Dispatch] = []
    world.after["dispatches.save_claim"] = lambda: versions.append(world.stored())
    world.advance()

    tallies = FakeTallies()
    tallies.note(note for version in [*versions, world.stored()] if (note := note_of(version)))
    assert tallies.of(BATCH_UUID)[:4] == (1, 0, 0, 1)


def test_a_step_that_is_tried_again_by_itself_is_no_error_for_the_client() -> None:
    world = World()
    world.before["dispatches.note_claim"] = fail
    world.before["timers.arm 2"] = fail

    result = world.send(step(600))

    assert (result.answer.kind, result.recorded) == (AnswerKind.UNAVAILABLE, False)
