"""A client links a Messenger account or an email address: then a STOP of one counts for all, as for any customer."""

from datetime import datetime
from typing import Any

import pytest

from getthrough.domain.contact.contact import contact_of
from getthrough.domain.dispatch.dispatch import AnswerKind, Outcome
from getthrough.domain.event.webhook import InboundMessage, parse_inbound
from getthrough.domain.values.errors import InvalidRequestError, Violation
from getthrough.usecases.know_customer import contacts_of, link_accounts
from getthrough.usecases.ports import Listening, Reading
from tests.builders import FIRST, FROM, SECOND, at, step
from tests.unit.world import CrashError, World, crash

MESSENGER, EMAIL_ADDRESS = contact_of("messenger", "24106514112345678"), contact_of("email", "ann@example.com")
USER_ID = contact_of("whatsapp", "GB.13491208655302741918")
PHONE, OTHER = contact_of("sms", FIRST), contact_of("sms", SECOND)
TO_MESSENGER: dict[str, Any] = {"channel": "messenger", "to": MESSENGER.address, "from": "bakery"}


def linked(*accounts: Any) -> World:
    world = World()
    link_accounts(world.ports(Listening), PHONE, accounts)
    return world


def stop(channel: str, sender: str, quotes: str | None = None, received: datetime | None = None) -> InboundMessage:
    payload: dict[str, Any] = {"channel": channel, "message_uuid": "in-1", "from": sender, "to": FROM, "text": "STOP"}
    if quotes is not None:
        payload["context"] = {"message_uuid": quotes}
    return parse_inbound({**payload, "timestamp": at(30).isoformat()}, received_at=received or at(30))


def refused(world: World, **fields: Any) -> bool:
    return world.send(step(600, **fields)).answer.kind is AnswerKind.OPTED_OUT


@pytest.mark.parametrize(("channel", "sender"), [("messenger", MESSENGER.address), ("sms", FIRST)])
def test_a_stop_of_a_linked_account_or_its_telephone_counts_for_both(channel: str, sender: str) -> None:
    world = linked(MESSENGER)
    world.send(step(600))
    world.receive(stop(channel, sender))

    assert [dispatch.outcome for dispatch in world.dispatches.stored.values()] == [Outcome.STOPPED]
    assert (refused(world), refused(world, **TO_MESSENGER)) == (True, True)


def test_without_a_link_a_stop_counts_for_the_account_alone() -> None:
    world = linked(EMAIL_ADDRESS)
    world.receive(stop("messenger", MESSENGER.address))

    assert (refused(world), refused(world, **TO_MESSENGER)) == (False, True)


@pytest.mark.parametrize(("channel", "sender"), [("messenger", MESSENGER.address), ("sms", FIRST)])
def test_what_was_said_before_the_link_counts_for_both(channel: str, sender: str) -> None:
    world = World()
    world.receive(stop(channel, sender))
    link_accounts(world.ports(Listening), PHONE, [MESSENGER])

    assert (refused(world), refused(world, **TO_MESSENGER)) == (True, True)


def test_an_opt_out_outlives_its_link() -> None:
    world = linked(MESSENGER)
    world.receive(stop("sms", FIRST))
    link_accounts(world.ports(Listening), PHONE, [])

    assert contacts_of(world.ports(Reading), PHONE) == (PHONE,)
    assert (refused(world), refused(world, **TO_MESSENGER)) == (True, True)


def test_links_do_not_touch_what_webhooks_have_shown() -> None:
    world = World()
    world.aliases.add(USER_ID, PHONE)
    link_accounts(world.ports(Listening), PHONE, [EMAIL_ADDRESS])
    link_accounts(world.ports(Listening), PHONE, [MESSENGER])

    assert contacts_of(world.ports(Reading), PHONE) == (PHONE, MESSENGER, USER_ID)


def test_an_account_of_another_telephone_is_named_and_nothing_changes() -> None:
    world = linked(MESSENGER)
    with pytest.raises(InvalidRequestError) as raised:
        link_accounts(world.ports(Listening), OTHER, [EMAIL_ADDRESS, MESSENGER])

    reason = "is linked to another phone number. Remove it there first."
    assert raised.value.violations == (Violation("links[1]", reason),)
    assert world.aliases.phones == {MESSENGER: PHONE}


def test_an_account_that_another_request_links_at_this_moment_stays_there() -> None:
    world = World()
    world.before["aliases.add"] = lambda: world.aliases.add(MESSENGER, OTHER)
    with pytest.raises(InvalidRequestError):
        link_accounts(world.ports(Listening), PHONE, [MESSENGER])

    assert world.aliases.phones == {MESSENGER: OTHER}


@pytest.mark.parametrize("call", ["aliases.add", "opt_outs.change", "aliases.confirm"])
def test_a_request_that_died_half_way_is_made_up_for_by_its_copy(call: str) -> None:
    world = World()
    world.receive(stop("messenger", MESSENGER.address))
    world.calls.clear()
    world.after[call] = crash
    with pytest.raises(CrashError):
        link_accounts(world.ports(Listening), PHONE, [MESSENGER])
    world.after.clear()
    link_accounts(world.ports(Listening), PHONE, [MESSENGER])

    assert refused(world)
