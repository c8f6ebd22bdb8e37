"""A client opts a contact out, or in again: it is obeyed at once, and said again it changes nothing."""

import pytest

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.dispatch.dispatch import Outcome
from getthrough.domain.values.errors import NotFoundError, VersionConflictError
from tests.builders import FIRST, NOON, SECOND, at, step
from tests.unit.world import CrashError, World, crash

CONTACT = contact_of("sms", FIRST)


def consent(opted_out: bool, seconds: float, why: str = "said so", by: str = "bakery") -> OptOut:
    return OptOut(
        contact=CONTACT, address=Address("sms", FIRST), opted_out=opted_out, changed_at=at(seconds), why=why, by=by
    )


@pytest.fixture
def world() -> World:
    return World()


def test_a_contact_that_never_said_anything_is_opted_out(world: World) -> None:
    assert world.set_opt_out(CONTACT, True, "asked by phone") == (consent(True, 0, "asked by phone"), True)
    assert world.opt_outs.stored == {CONTACT: consent(True, 0, "asked by phone")}


def test_to_opt_out_again_keeps_when_why_and_by_whom_it_was_first_said(world: World) -> None:
    first = consent(True, -60, "sms message 1", "customer")
    world.opt_outs.change(first)

    assert world.set_opt_out(CONTACT, True) == (first, False)
    assert world.opt_outs.stored == {CONTACT: first}


def test_a_contact_that_opted_out_is_opted_in_again(world: World) -> None:
    world.opt_outs.change(consent(True, -60))

    assert world.set_opt_out(CONTACT, False) == (consent(False, 0), True)
    assert world.set_opt_out(CONTACT, False) == (consent(False, 0), False)


def test_no_one_is_opted_in_of_whom_nothing_is_known(world: World) -> None:
    with pytest.raises(NotFoundError):
        world.set_opt_out(CONTACT, False)

    assert world.opt_outs.stored == {}


def test_a_choice_whose_time_is_ahead_of_ours_does_not_stand_against_a_later_one(world: World) -> None:
    world.opt_outs.change(consent(False, 3600, by="customer"))

    assert world.set_opt_out(CONTACT, True) == (consent(True, 3600.001), True)


def test_an_open_dispatch_to_the_contact_moves_on(world: World) -> None:
    dispatch_uuid = world.send(step(expiry_time=600), step(to=SECOND)).dispatch.dispatch_uuid
    world.timers.armed.clear()

    world.set_opt_out(CONTACT, True)

    assert [due.at for due in world.timers.armed] == [NOON]
    world.advance(dispatch_uuid)
    assert [message["to"] for message in world.gateway.sent] == [FIRST, SECOND]


def test_to_opt_out_again_makes_up_for_a_first_time_that_died(world: World) -> None:
    dispatch_uuid = world.send(step(expiry_time=600)).dispatch.dispatch_uuid
    world.before["dispatches.get"] = crash
    world.calls.clear()
    with pytest.raises(CrashError):
        world.set_opt_out(CONTACT, True)
    assert world.stored(dispatch_uuid).outcome is None
    world.before.clear()

    assert world.set_opt_out(CONTACT, True) == (consent(True, 0), False)

    assert world.stored(dispatch_uuid).outcome is Outcome.STOPPED


def test_a_caller_overtaken_by_another_choice_is_asked_to_try_again(world: World) -> None:
    world.after["opt_outs.change"] = lambda: world.opt_outs.change(consent(False, 1, by="customer"))

    with pytest.raises(VersionConflictError):
        world.set_opt_out(CONTACT, True)

    assert world.opt_outs.stored == {CONTACT: consent(False, 1, by="customer")}
