"""One customer, however they are addressed: who answers, who says stop, and what counts as an answer."""

from dataclasses import replace
from typing import Any

import pytest

from getthrough.domain.contact.contact import Contact, contact_of
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import AnswerKind, Dispatch, Outcome, Step
from getthrough.domain.event.webhook import InboundMessage, parse_inbound, parse_status
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.ports import DispatchFilter
from getthrough.usecases.know_customer import contacts_of
from getthrough.usecases.ports import Reading
from tests.builders import FIRST, FROM, SECOND, at, status_event, status_payload, step
from tests.unit.world import CrashError, World, crash

USER_ID, PARENT = "GB.13491208655302741918", "GB.ENT.11815799212886844830"
ACCOUNT, PHONE = contact_of("whatsapp", USER_ID), contact_of("sms", FIRST)
SPELLINGS = [
    ("525512340001", "5215512340001"),
    ("541123456789", "5491123456789"),
    ("5511961234567", "551161234567"),
]


def says(
    text: str = "Yes please", channel: str = "whatsapp", seconds: float = 30, sender: str | None = FIRST, **fields: Any
) -> InboundMessage:
    payload = {"channel": channel, "message_uuid": f"{text} {seconds}", "from": sender, "to": FROM, **fields}
    payload |= {"text": text, "timestamp": at(seconds).isoformat()}
    present = {name: value for name, value in payload.items() if value is not None}
    return parse_inbound(present, received_at=at(seconds))


def quoting(number: int = 1) -> dict[str, Any]:
    return {"context": {"message_uuid": f"vonage-{number}"}}


def sent(*steps: Step) -> World:
    world = World()
    world.send(*steps)
    return world


def only(world: World) -> Dispatch:
    [stored] = world.dispatches.stored.values()
    return stored


def refused(world: World, **fields: Any) -> bool:
    """Whether a message to an address is not sent, because its customer opted out."""
    before = len(world.gateway.sent)
    return world.send(step(600, **fields)).answer.kind is AnswerKind.OPTED_OUT and len(world.gateway.sent) == before


def fallbacks(world: World) -> list[str]:
    """Whom a dispatch's next step goes to, when its window has ended."""
    world.clock.advance(601)
    world.advance(only(world).dispatch_uuid)
    return [message["to"] for message in world.gateway.sent[1:]]


# Who answers


@pytest.mark.parametrize(("ours", "theirs"), SPELLINGS + [spelling[::-1] for spelling in SPELLINGS])
def test_one_telephone_has_several_spellings(ours: str, theirs: str) -> None:
    """In Mexico, Argentina and Brazil."""
    world = sent(step(600, Condition.REPLIED, channel="whatsapp", to=ours), step(to=SECOND))
    world.receive(says(sender=theirs))
    assert only(world).outcome is Outcome.SUCCEEDED

    world.receive(says("STOP", seconds=40, sender=theirs))
    assert [refused(world, to=number) for number in (ours, theirs)] == [True, True]


def test_a_zero_that_was_left_in_after_the_country_code_makes_no_other_customer() -> None:
    world = sent(step(to=FIRST))
    world.receive(says("STOP", sender=FIRST))
    assert refused(world, to=f"440{FIRST[2:]}")
    assert contact_of("sms", f"440{FIRST[2:]}") == contact_of("sms", FIRST)


@pytest.mark.parametrize("number", ["551132345678", "525512340001", "12025550123"])
def test_a_landline_in_brazil_and_any_other_number_stays_as_it_is(number: str) -> None:
    assert contact_of("sms", number) == Contact("phone", number)


@pytest.mark.parametrize("sender", [USER_ID, SECOND, "7351900462"], ids=["a user id", "another number", "an id"])
def test_who_quotes_a_message_is_its_customer(sender: str) -> None:
    world = sent(step(600, Condition.REPLIED, channel="whatsapp"), step(to=SECOND))
    world.receive(says(sender=sender, **quoting()))
    assert (only(world).outcome, fallbacks(world)) == (Outcome.SUCCEEDED, [])
    [(customer, _, answers)] = world.conversations.messages.values()
    assert (customer, answers) == (PHONE, only(world).message_uuid(0))


@pytest.mark.parametrize("where", ["whatsapp", "sender", "profile"])
def test_a_message_without_from_is_understood_by_its_user_id(where: str) -> None:
    ids = {"user_id": USER_ID, "parent_user_id": PARENT}
    shown: dict[str, Any] = {"whatsapp": {"sender": ids}} if where == "sender" else {where: ids}
    message = says(sender=None, **shown)
    assert (message.address, message.contact) == (("whatsapp", USER_ID), ACCOUNT)
    assert message.aliases == (contact_of("whatsapp", PARENT),)


def test_our_own_number_is_never_a_customers_alias() -> None:
    about: dict[str, Any] = {"whatsapp": {"wa_id": FROM, "user_id": USER_ID, "recipient": {"parent_user_id": PARENT}}}
    assert says(**about).aliases == (ACCOUNT,)


# What is learnt


def learned_by_status(world: World, number: int = 0) -> None:
    payload = status_payload("delivered", channel="whatsapp", client_ref=only(world).message_uuid(number))
    payload["whatsapp"] = {"recipient": {"user_id": USER_ID, "parent_user_id": PARENT, "wa_id": FIRST}}
    world.record(parse_status(payload, received_at=at(20)))


def test_a_status_tells_which_user_id_a_telephone_has() -> None:
    world = sent(step(600, Condition.READ, channel="whatsapp"), step(to=SECOND))
    learned_by_status(world)
    assert world.aliases.accounts_of(PHONE) == [ACCOUNT, contact_of("whatsapp", PARENT)]

    world.receive(says("STOP", sender=USER_ID))
    assert only(world).outcome is Outcome.STOPPED
    addresses: list[dict[str, Any]] = [{}, {"channel": "whatsapp"}, {"channel": "whatsapp", "to": USER_ID}]
    assert [refused(world, **address) for address in addresses] == [True, True, True]


@pytest.mark.parametrize("sender", [FIRST, USER_ID])
def test_who_opted_out_before_it_was_known_has_opted_out_on_both(sender: str) -> None:
    world = sent(step(600, Condition.READ, channel="whatsapp", to=USER_ID), step(600, Condition.READ, to=SECOND))
    world.receive(says("STOP", sender=sender))
    learned_by_status(world)
    assert only(world).attempts[0].opted_out
    assert [refused(world, **fields) for fields in ({}, {"channel": "whatsapp", "to": USER_ID})] == [True, True]


def test_what_the_telephone_said_counts_for_its_user_id() -> None:
    world = sent(step(600, channel="whatsapp"))
    learned_by_status(world)
    consent, _ = world.set_opt_out(contact_of("sms", SECOND), True)
    world.opt_outs.change(replace(consent, contact=PHONE))
    assert refused(world, channel="whatsapp", to=USER_ID)


def test_start_undoes_a_stop_for_every_address() -> None:
    world = sent(step(600, channel="whatsapp"))
    learned_by_status(world)
    world.receive(says("STOP", sender=USER_ID))
    world.receive(says("START", "sms", 40))
    assert world.opt_outs.opted_out == set()
    assert [refused(world, **fields) for fields in ({}, {"channel": "whatsapp", "to": USER_ID})] == [False, False]


def test_what_is_sent_to_a_user_id_is_in_the_conversation_with_its_telephone() -> None:
    world = sent(step(600, channel="whatsapp"))
    learned_by_status(world)
    world.send(step(600, channel="whatsapp", to=USER_ID))
    contacts = contacts_of(world.ports(Reading), ACCOUNT)
    assert contacts[0] == PHONE
    assert [type(entry).__name__ for entry in world.conversations.page(contacts, 20).items] == ["Sent", "Sent"]
    assert len(world.dispatches.newest(20, None, DispatchFilter(contacts)).items) == 2


@pytest.mark.parametrize("call", ["aliases.add", "opt_outs.change", "aliases.confirm"])
def test_a_copy_makes_up_for_learning_that_died_half_way(call: str) -> None:
    world = sent(step(600, channel="whatsapp"))
    world.receive(says("STOP", sender=USER_ID))
    world.calls.clear()
    world.after[call] = crash
    with pytest.raises(CrashError):
        learned_by_status(world)
    world.after.clear()
    learned_by_status(world)
    assert world.aliases.is_confirmed(ACCOUNT, PHONE)
    assert refused(world)


# An answer proves arrival


@pytest.mark.parametrize("condition", list(Condition))
@pytest.mark.parametrize("status", [None, Status.SUBMITTED, Status.REJECTED])
def test_a_quoted_answer_meets_every_condition_whatever_was_reported(
    condition: Condition, status: Status | None
) -> None:
    world = sent(step(600, condition, channel="whatsapp"), step(to=SECOND))
    if status is not None:
        stored = only(world)
        world.store(failover.apply(stored, status_event(status)))
    world.receive(says(**quoting()))
    assert (only(world).outcome, only(world).attempts[0].arrived, fallbacks(world)) == (Outcome.SUCCEEDED, True, [])


def test_an_answer_survives_a_rebuild_from_the_events() -> None:
    world = sent(step(600, Condition.READ, channel="whatsapp"))
    world.receive(says(**quoting()))
    assert failover.rebuild(only(world), []) == only(world)


@pytest.mark.parametrize("sender", [FIRST, USER_ID])
def test_a_stop_that_quotes_a_message_ends_the_dispatch_before_anything_is_reported(sender: str) -> None:
    world = sent(step(600, channel="whatsapp"), step(to=SECOND))
    world.receive(says("STOP", sender=sender, **quoting()))
    assert (only(world).outcome, fallbacks(world)) == (Outcome.STOPPED, [])
    assert world.opt_outs.opted_out == {PHONE, contact_of("whatsapp", sender)}


def test_a_stop_that_quotes_nothing_goes_on_to_another_contact() -> None:
    world = sent(step(600, channel="whatsapp"), step(to=SECOND))
    world.receive(says("STOP"))
    assert fallbacks(world) == [SECOND]


@pytest.mark.parametrize(
    "fields",
    [
        {"message_type": "system", "system": {"body": "changed number", "type": "user_changed_number"}},
        {"message_type": "reaction", "reaction": {"action": "react", "emoji": "\U0001f44d"}},
        {"message_type": "reaction", "reaction": {"action": "unreact"}},
        {"message_type": "unsupported"},
    ],
    ids=["a number changed", "a reaction", "a reaction taken back", "unsupported"],
)
@pytest.mark.parametrize("quoted", [{}, quoting()], ids=["quoting nothing", "quoting the question"])
@pytest.mark.parametrize("text", ["User changed number", "STOP"])
def test_notices_and_reactions_are_no_answers(fields: dict[str, Any], quoted: dict[str, Any], text: str) -> None:
    world = sent(step(600, Condition.REPLIED, channel="whatsapp"), step(to=SECOND))
    world.receive(says(text, **fields, **quoted))
    assert (only(world).outcome, world.opt_outs.opted_out, len(world.conversations.messages)) == (None, set(), 1)


# One telephone


@pytest.mark.parametrize("text", ["STOP", "Yes please"])
def test_an_mms_is_answered_and_stopped_by_sms(text: str) -> None:
    image = {"message_type": "image", "image": {"url": "https://example.com/1.jpg"}, "text": None}
    world = sent(step(600, Condition.REPLIED, channel="mms", **image), step(to=SECOND))
    world.receive(says(text, "sms"))
    attempt = only(world).attempts[0]
    assert (attempt.replied_at, attempt.stopped_at) == ((None, at(30)) if text == "STOP" else (at(30), None))
    assert refused(world, channel="mms", **image) is (text == "STOP")


@pytest.mark.parametrize("channel", ["sms", "mms", "rcs", "whatsapp", "viber_service"])
def test_a_stop_reaches_every_channel_of_the_telephone(channel: str) -> None:
    world = World()
    world.receive(says("STOP", channel))
    stopped = {name: refused(world, channel=name) for name in ("sms", "mms", "rcs", "whatsapp", "viber_service")}
    assert set(stopped.values()) == {True}
    assert not refused(world, channel="messenger")


def test_an_error_that_says_never_again_reaches_every_channel_too() -> None:
    world = sent(step(600), step(to=SECOND))
    error = {"title": "1240", "detail": "no"}
    event = status_payload("rejected", client_ref=only(world).message_uuid(0), error=error)
    world.record(parse_status(event, received_at=at(20)))
    assert refused(world, channel="whatsapp")


# Copies


def test_a_copy_with_another_time_or_one_more_field_is_the_same_message() -> None:
    world = sent(step(600, Condition.REPLIED))
    first = {"channel": "sms", "message_uuid": "in-1", "from": FIRST, "to": FROM, "text": "Yes"}
    copies = [{**first, "timestamp": at(30).isoformat()}, {**first, "timestamp": at(31).isoformat(), "nonce": "2"}]
    seen = [world.receive(parse_inbound(copy, received_at=at(40))).seen for copy in [*copies, first]]
    assert [(one.new, one.completed) for one in seen] == [(True, False), (False, True), (False, True)]
    assert len(world.conversations.messages) == 1
