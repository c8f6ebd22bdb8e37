"""A STOP of an account that is linked, unlinked or learnt while something is under way counts wherever it belongs."""

from dataclasses import replace
from typing import Any

import pytest

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address
from getthrough.domain.dispatch.dispatch import AnswerKind
from getthrough.domain.event.webhook import parse_status
from getthrough.usecases.change_opt_out import set_opt_out
from getthrough.usecases.know_customer import link_accounts
from getthrough.usecases.ports import Listening
from getthrough.usecases.receive_inbound import receive_inbound
from tests.builders import at, status_payload, step
from tests.fakes import FakeMarks
from tests.unit.test_links import MESSENGER, OTHER, PHONE, TO_MESSENGER, linked, refused, stop
from tests.unit.world import World

STOP = stop("messenger", MESSENGER.address)


def link(world: World, *accounts: Any, phone: Any = PHONE) -> None:
    link_accounts(world.ports(Listening), phone, accounts)


def never_again(world: World) -> None:
    """Vonage says of the first message that its customer wants no more."""
    [dispatch] = world.dispatches.stored.values()
    payload = status_payload("rejected", client_ref=dispatch.message_uuid(0), channel="messenger")
    payload |= {"to": MESSENGER.address, "error": {"title": "1050"}}
    world.record(parse_status(payload, received_at=at(30)))


def test_an_error_that_means_never_again_counts_for_the_telephone_that_an_account_has_become_meanwhile() -> None:
    world = World()
    world.send(step(600, **TO_MESSENGER))
    link(world, MESSENGER)
    never_again(world)

    assert (refused(world), refused(world, **TO_MESSENGER)) == (True, True)


@pytest.mark.parametrize("phone", [None, OTHER], ids=["no one's", "another telephone's"])
def test_it_counts_for_the_account_although_that_is_the_telephones_no_more(phone: Any) -> None:
    world = linked(MESSENGER)
    world.send(step(600, **TO_MESSENGER))
    link(world)
    if phone:
        link(world, MESSENGER, phone=phone)
    never_again(world)

    assert refused(world, **TO_MESSENGER)


def test_a_stop_that_quotes_a_message_counts_for_whom_the_account_belongs_to_by_now() -> None:
    world = linked(MESSENGER)
    sent = world.send(step(600, **TO_MESSENGER))
    assert sent.answer.vonage_message_uuid is not None
    link(world)
    link(world, MESSENGER, phone=OTHER)
    world.receive(stop("messenger", MESSENGER.address, quotes=sent.answer.vonage_message_uuid))

    assert (refused(world, to=OTHER.address), refused(world, **TO_MESSENGER)) == (True, True)


def test_a_late_stop_of_an_account_that_was_erased_counts_for_the_telephone_that_it_has_become_since() -> None:
    world = linked(MESSENGER)
    erased = replace(world.ports(Listening), marks=FakeMarks({MESSENGER: at(600)}))
    receive_inbound(erased, stop("messenger", MESSENGER.address, received=at(900)))

    assert (refused(world), refused(world, **TO_MESSENGER)) == (True, True)


def test_what_a_client_says_of_an_account_counts_for_the_telephone_that_it_becomes_at_this_moment() -> None:
    world = World()

    def linked_now() -> None:
        world.before.clear()
        link(world, MESSENGER)

    world.before["opt_outs.change"] = linked_now
    asked = OptOut(
        contact=MESSENGER,
        address=Address("messenger", MESSENGER.address),
        opted_out=True,
        changed_at=at(30),
        why="asked",
        by="bakery",
    )
    set_opt_out(world.ports(Listening), asked)

    assert (refused(world), refused(world, **TO_MESSENGER)) == (True, True)


def test_a_link_is_made_again_although_the_request_that_removed_it_died_half_way() -> None:
    world = World()
    world.aliases.confirm(MESSENGER, PHONE)
    link(world, MESSENGER)
    world.receive(STOP)

    assert refused(world)


@pytest.mark.parametrize("phone", [None, OTHER], ids=["no one's", "another telephone's"])
def test_nothing_is_sent_to_an_account_that_says_stop_when_its_link_has_just_been_removed(phone: Any) -> None:
    """The sender has looked whose account it is, and then hangs."""
    world = linked(MESSENGER)

    def unlinked_and_stopped() -> None:
        world.before.clear()
        link(world)
        if phone:
            link(world, MESSENGER, phone=phone)
        world.receive(STOP)

    world.before["dispatches.note_claim"] = unlinked_and_stopped
    sent = world.send(step(600, **TO_MESSENGER))

    assert (sent.answer.kind, world.gateway.sent) == (AnswerKind.OPTED_OUT, [])
