"""A free WhatsApp message arrives only in the 24 hours after its customer has written to its sender."""

from datetime import timedelta
from typing import Any

import pytest

from getthrough.domain.contact.contact import contact_of
from getthrough.domain.conversation.service_window import describe_windows
from getthrough.domain.dispatch import description
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Because, Outcome, Step
from getthrough.domain.event.webhook import InboundMessage, parse_inbound
from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.values.rfc3339 import to_text
from getthrough.usecases.service_windows import windows_of
from tests.builders import FIRST, FROM, SECOND, at, step
from tests.unit.world import World

DAY = 86_400
OURS = "447700900100"
USER_ID = "GB.13491208655302741918"


def says(seconds: float, channel: str = "whatsapp", who: str = FIRST, to: str = OURS, **more: Any) -> InboundMessage:
    payload = {"channel": channel, "message_uuid": f"{channel} {who} {to} {seconds}", "from": who, "to": to, **more}
    fields = {"text": "When do you open?", "timestamp": at(seconds).isoformat()}
    return parse_inbound({**payload, **fields}, received_at=at(seconds))


def written(*messages: InboundMessage, seconds: float = 0, enforces: bool = True) -> World:
    """A stack that received these, at a later moment."""
    world = World(enforces_windows=enforces)
    for message in messages:
        world.receive(message)
    world.clock.advance(seconds)
    return world


def whatsapp(kind: str = "text", to: str = FIRST, **fields: Any) -> Step:
    return step(600, channel="whatsapp", message_type=kind, to=to, **{"from": OURS, **fields})


def refused(world: World, one: Step) -> bool:
    return world.send(one).answer.kind is AnswerKind.CLOSED


def test_a_free_message_to_who_has_not_written_is_not_sent() -> None:
    world = written()

    sent = world.send(whatsapp())

    assert (sent.answer.kind, sent.dispatch.outcome, world.gateway.sent) == (AnswerKind.CLOSED, Outcome.EXHAUSTED, [])
    assert world.dispatches.stored == {sent.dispatch.dispatch_uuid: sent.dispatch}
    assert [entry["event"] for entry in description.describe(sent.dispatch, [])["timeline"]] == [
        "accepted",
        "service_window_closed",
        "finished",
    ]


@pytest.mark.parametrize(("seconds", "closed"), [(0, False), (DAY - 1, False), (DAY, True), (2 * DAY, True)])
def test_it_is_sent_for_24_hours_after_the_customers_message(seconds: float, closed: bool) -> None:
    assert refused(written(says(0), seconds=seconds), whatsapp()) is closed


@pytest.mark.parametrize(
    ("heard", "closed"),
    [
        (says(0), False),
        (says(0, "sms"), True),
        (says(0, to=FROM), True),
        (says(0, who=SECOND), True),
        (says(0, to=f"+{OURS}"), False),
    ],
    ids=["here", "by SMS", "to another sender of ours", "from someone else", "the number with a plus"],
)
def test_what_counts_is_a_message_on_that_channel_to_that_sender_from_that_customer(
    heard: InboundMessage, closed: bool
) -> None:
    assert refused(written(heard, seconds=60), whatsapp()) is closed


def test_a_senders_number_may_be_spelled_as_whatsapp_does() -> None:
    world = written(says(0, to="5215512345678"), seconds=60)

    assert not refused(world, whatsapp(**{"from": "525512345678"}))


@pytest.mark.parametrize(("others", "closed"), [(99, True), (100, False)])
def test_what_was_not_read_is_not_taken_for_closed(others: int, closed: bool) -> None:
    world = written(*(says(second, to=FROM) for second in range(others)), seconds=200)

    assert refused(world, whatsapp()) is closed


@pytest.mark.parametrize("kind", CHANNELS["whatsapp"].types)
def test_only_a_template_and_what_may_be_one_can_be_sent_at_any_time(kind: str) -> None:
    assert refused(written(), whatsapp(kind)) is (kind not in ("template", "custom"))


@pytest.mark.parametrize("channel", sorted(set(CHANNELS) - {"whatsapp"}))
def test_other_channels_have_no_service_window(channel: str) -> None:
    assert not refused(written(), step(600, channel=channel))


def test_a_customer_who_wrote_under_a_user_id_is_known_by_the_number_and_the_other_way_round() -> None:
    heard = says(0, who=USER_ID, whatsapp={"wa_id": FIRST})
    by_id = written(says(0, who=USER_ID), seconds=60)
    by_id.aliases.add(contact_of("whatsapp", USER_ID), contact_of("sms", FIRST))

    assert not refused(written(heard, seconds=60), whatsapp())
    assert not refused(written(heard, seconds=60), whatsapp(to=USER_ID))
    assert not refused(by_id, whatsapp())


def test_a_customer_who_has_opted_out_is_refused_for_that_and_not_for_the_window() -> None:
    world = written()
    world.set_opt_out(contact_of("sms", FIRST), opted_out=True)
    sent = world.send(whatsapp())

    assert (sent.answer.kind, sent.dispatch.outcome) == (AnswerKind.OPTED_OUT, Outcome.STOPPED)
    assert refused(world, whatsapp(to=SECOND))


def test_its_fallback_starts_at_once() -> None:
    world = written()
    world.send(whatsapp(), step(to=SECOND))
    [timer] = world.timers.armed
    world.clock.now = timer.at
    world.advance(timer.uuid)

    assert timer.at <= at(2)
    assert [attempt.because for attempt in world.stored(timer.uuid).attempts] == [Because.FIRST, Because.FAILED]
    assert [message["channel"] for message in world.gateway.sent] == ["sms"]


def test_a_later_step_is_passed_over_too() -> None:
    world = written()
    dispatch_uuid = world.send(step(15), whatsapp(), step(to=SECOND)).dispatch.dispatch_uuid
    for seconds in (16, 18):
        world.clock.now = at(seconds)
        world.advance(dispatch_uuid)

    assert [attempt.answer and attempt.answer.kind for attempt in world.stored(dispatch_uuid).attempts] == [
        AnswerKind.ACCEPTED,
        AnswerKind.CLOSED,
        AnswerKind.ACCEPTED,
    ]


def test_a_step_that_is_tried_again_after_the_window_closed_is_not() -> None:
    world = written(says(0), seconds=DAY - 1)
    world.gateway.answers = [Answer(kind=AnswerKind.UNAVAILABLE, http_status=503)]
    dispatch_uuid = world.send(whatsapp()).dispatch.dispatch_uuid
    world.clock.advance(300)
    world.advance(dispatch_uuid)

    [attempt] = world.stored(dispatch_uuid).attempts
    assert (attempt.answer and attempt.answer.kind, len(world.gateway.sent)) == (AnswerKind.CLOSED, 1)


def test_a_stack_that_observes_leaves_it_to_vonage_and_reads_nothing() -> None:
    world = written(enforces=False)

    assert not refused(world, whatsapp())
    assert not [call for call in world.calls if call.startswith(("conversations", "service_windows"))]


def test_the_windows_are_shown_each_with_its_end() -> None:
    world = written(says(0), says(60), says(30, to=FROM), says(50, "sms"), seconds=120)
    found = windows_of(world.conversations, [contact_of("sms", FIRST)], world.clock())

    assert describe_windows(found) == [
        {"channel": "whatsapp", "from": FROM, "closes_at": to_text(at(30) + timedelta(days=1))},
        {"channel": "whatsapp", "from": OURS, "closes_at": to_text(at(60) + timedelta(days=1))},
    ]
