"""How far a STOP reaches: every channel of the customer, or its own, as each message says."""

from dataclasses import replace
from typing import Any

import pytest

from getthrough.adapters.plan_items import from_steps, to_steps
from getthrough.domain.contact.contact import contact_of
from getthrough.domain.dispatch.defaults import Defaults
from getthrough.domain.dispatch.dispatch import AnswerKind, Outcome, Step
from getthrough.domain.dispatch.dispatch_v0_1 import parse_dispatch_request
from getthrough.domain.dispatch.request import parse_messages_request
from getthrough.domain.event.webhook import InboundMessage, parse_inbound
from getthrough.domain.message.channels import OptOutScope
from getthrough.usecases.know_customer import know_customer
from getthrough.usecases.ports import Listening
from tests.builders import FIRST, FROM, at, message, step
from tests.unit.world import World

CUSTOMER, CHANNEL = OptOutScope
PHONE, USER_ID = contact_of("sms", FIRST), contact_of("whatsapp", "GB.13491208655302741918")
STACK = Defaults(opt_out_scope="channel")


def apart(channel: str = "sms", **fields: Any) -> Step:
    return replace(step(600, channel=channel, **fields), opt_out_scope=CHANNEL)


def says(text: str, channel: str, seconds: float = 30, **fields: Any) -> InboundMessage:
    payload = {"channel": channel, "message_uuid": f"{channel} {seconds}", "from": FIRST, "to": FROM, **fields}
    return parse_inbound({**payload, "text": text, "timestamp": at(seconds).isoformat()}, received_at=at(seconds))


def refused(world: World, one: Step) -> bool:
    return world.send(one).answer.kind is AnswerKind.OPTED_OUT


@pytest.mark.parametrize(
    ("said_on", "sent_on", "prevented"),
    [
        ("sms", "sms", True),
        ("sms", "mms", True),
        ("mms", "sms", True),
        ("sms", "whatsapp", False),
        ("whatsapp", "rcs", False),
        ("viber_service", "viber_service", True),
    ],
)
def test_a_message_that_is_kept_to_its_channel_is_prevented_by_a_stop_there(
    said_on: str, sent_on: str, prevented: bool
) -> None:
    world = World()
    world.receive(says("STOP", said_on))

    assert (refused(world, apart(sent_on)), refused(world, step(600, channel=sent_on))) == (prevented, True)


def test_start_on_one_channel_does_not_undo_a_stop_on_another() -> None:
    world = World()
    world.receive(says("STOP", "mms", 30))
    world.receive(says("START", "whatsapp", 40))

    assert (refused(world, apart("sms")), refused(world, apart("whatsapp")), refused(world, step(600))) == (
        True,
        False,
        False,
    )


@pytest.mark.parametrize(("said_on", "ends"), [("mms", True), ("whatsapp", False)])
def test_what_is_under_way_ends_by_the_same_rule(said_on: str, ends: bool) -> None:
    world = World()
    world.send(apart("sms"))
    world.receive(says("STOP", said_on))

    [dispatch] = world.dispatches.stored.values()
    assert dispatch.outcome is (Outcome.STOPPED if ends else None)


def test_a_stop_that_quotes_a_message_ends_its_dispatch_whatever_its_scope() -> None:
    world = World()
    world.send(apart("whatsapp"), apart("sms"))
    world.receive(says("STOP", "whatsapp", context={"message_uuid": "vonage-1"}))

    [dispatch] = world.dispatches.stored.values()
    assert dispatch.outcome is Outcome.STOPPED


def test_an_alias_learns_what_was_said_on_each_channel() -> None:
    world = World()
    world.receive(says("STOP", "whatsapp", 30))
    world.receive(says("START", "sms", 40))
    know_customer(world.ports(Listening), [PHONE, USER_ID])

    assert {one.on: one.opted_out for one in world.opt_outs.of(USER_ID)} == {
        None: False,
        "sms": False,
        "whatsapp": True,
    }


def test_a_client_opts_a_contact_out_on_a_channel_of_which_nothing_was_known() -> None:
    world = World()
    world.receive(says("STOP", "whatsapp"))
    _, changed = world.set_opt_out(PHONE, True)

    assert (changed, refused(world, apart("sms"))) == (True, True)


def scopes(steps: tuple[Step, ...]) -> list[OptOutScope]:
    return [one.opt_out_scope for one in steps]


def test_a_message_says_its_scope_else_the_stack_does() -> None:
    body = message(opt_out_scope="customer", failover=[message(), message(opt_out_scope="channel")])

    assert scopes(parse_messages_request(body).steps) == [CUSTOMER, CUSTOMER, CHANNEL]
    assert scopes(parse_messages_request(body, STACK).steps) == [CUSTOMER, CHANNEL, CHANNEL]
    assert all("opt_out_scope" not in one.message for one in parse_messages_request(body, STACK).steps)


def test_a_request_in_the_shape_of_the_dispatch_api_has_the_stacks_scope() -> None:
    party = {"type": "sms", "number": FIRST}
    item = {"to": party, "from": party, "message": {"content": {"type": "text", "text": "Cupcakes!"}}}
    body = {"template": "failover", "workflow": [{**item, "failover": {"expiry_time": 600}}, item]}

    assert scopes(parse_dispatch_request(body, STACK).steps) == [CHANNEL, CHANNEL]
    assert scopes(parse_dispatch_request(body).steps) == [CUSTOMER, CUSTOMER]


def test_a_scope_is_stored_with_its_step() -> None:
    steps = (apart("sms"), step(600))

    assert to_steps(from_steps(steps)) == steps
