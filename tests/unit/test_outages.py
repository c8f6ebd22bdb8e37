"""A channel on which nearly all messages fail is skipped, where a message allows it, until probes arrive again."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.dispatch import description
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Because, Dispatch, Outcome, Step
from getthrough.domain.dispatch.failover import finish
from getthrough.domain.event.webhook import StatusEvent
from getthrough.domain.message.health_view import describe_health
from getthrough.domain.message.outages import (
    ARRIVALS,
    FORGOTTEN,
    LEAST,
    NOTHING_KNOWN,
    PROBES,
    Channels,
    Health,
    Known,
    WhenDown,
    after,
    after_all,
    are_news,
    is_probe,
    is_skipped,
    turns,
)
from getthrough.domain.notification.client_events import OutcomeChanged, StatusStored
from getthrough.domain.notification.outcomes import outcomes
from getthrough.domain.values.rfc3339 import to_text
from tests.builders import DISPATCH_UUID, NOON, SECOND, at, dispatch, status_event, step
from tests.unit.world import World

HERE = "whatsapp 44"
DOWN = {HERE: Health(down=True, since=NOON, at=NOON)}
MINUTES = timedelta(minutes=1)


def known(arrived: bool, sent_at: datetime = NOON, at: datetime | None = None, where: str = HERE) -> Known:
    return Known(where, arrived, sent_at, at or sent_at)


def heard(*arrived: bool, health: Health = NOTHING_KNOWN, start: datetime = NOON) -> Health:
    """After these outcomes, a second apart."""
    for number, one in enumerate(arrived):
        health = after(health, known(one, start + timedelta(seconds=number)))
    return health


# The rule


def test_a_channel_is_down_once_twenty_are_known_and_nine_in_ten_of_them_failed() -> None:
    few = heard(*[False] * (LEAST - 1), start=NOON)

    assert not few.down
    assert heard(*[False] * (LEAST + 1)).down
    assert not heard(*([False] * 5 + [True]) * 50).down, "one in six arrives"
    assert heard(*([False] * 19 + [True]) * 50).down


def test_what_is_old_counts_less() -> None:
    slow = NOTHING_KNOWN
    for number in range(500):
        slow = after(slow, known(False, NOON + number * timedelta(seconds=30)))

    assert not slow.down, "two failures a minute say little"


def test_only_what_was_sent_since_says_that_it_is_up_again() -> None:
    down = Health(down=True, since=at(60), at=at(60))

    assert heard(*[True] * 50, health=down, start=at(0)).down
    assert heard(*[True] * (ARRIVALS - 1), health=down, start=at(61)).down
    up = heard(*[True] * ARRIVALS, health=down, start=at(61))
    assert up == Health(since=at(63), at=at(63))
    assert heard(*[False] * 59, health=up._replace(since=at(120), at=at(120))) == Health(since=at(120), at=at(120)), (
        "what was sent before it came up does not take it down"
    )


def test_a_probe_that_fails_takes_one_that_arrived_away() -> None:
    down = Health(down=True, since=NOON, at=NOON)

    assert heard(True, True, False, True, health=down).probes == 2
    assert heard(False, False, health=down).probes == 0


def test_a_channel_of_which_nothing_is_heard_is_tried_again() -> None:
    down = DOWN[HERE]

    assert down.is_down(NOON + FORGOTTEN - MINUTES)
    assert not down.is_down(NOON + FORGOTTEN)
    late = after(down, known(False, NOON + FORGOTTEN + MINUTES))
    assert (late.down, late.failed) == (False, 1)
    assert after(down, known(False, at(-60), at(60))).at == at(60), "an old failure shows that it goes on"
    assert after(down, known(True, at(-60), at(60))) == down


moments = st.integers(0, 7200).map(lambda second: NOON + timedelta(seconds=second))


@given(st.lists(st.tuples(st.booleans(), moments, moments), max_size=200))
def test_whatever_becomes_known_in_whatever_order(said: list[tuple[bool, datetime, datetime]]) -> None:
    """It never goes back in time, counts nothing below 0, and is down only after enough failures."""
    health, failures = NOTHING_KNOWN, 0
    for arrived, one, other in said:
        before, failures = health, failures + (not arrived)
        health = after(health, known(arrived, min(one, other), max(one, other)))
        assert health.at >= before.at
        assert health.since >= before.since
        assert min(health.arrived, health.failed, health.probes) >= 0
        assert not health.down or before.down or failures >= LEAST * 0.9


@given(st.lists(st.booleans(), max_size=100))
def test_where_most_arrive_nothing_is_ever_down(said: list[bool]) -> None:
    assert not heard(*[one for it in said for one in (it, True)]).down


def test_what_is_known_of_channels_that_work_is_forgotten() -> None:
    failing, works, long_ago = "sms 33", "sms 44", "rcs 1"
    before = {long_ago: Health(since=NOON - 3 * 60 * MINUTES, at=NOON)}
    said = [known(False, where=failing), known(True, where=works), known(True, where=long_ago)]

    assert after_all(before, said, NOON) == {failing: Health(at=NOON, failed=1)}


def test_whatever_countries_fail_the_item_stays_small_and_keeps_the_channels_that_are_down() -> None:
    said = [known(False, at(number), where=f"sms {number}") for number in range(500)]
    kept = after_all(DOWN, said, at(500))

    assert (len(kept), HERE in kept, "sms 499" in kept, "sms 0" in kept) == (100, True, True, False)


def test_which_channels_turned() -> None:
    assert turns({}, DOWN) == [(HERE, True)]
    assert turns(DOWN, {}) == [(HERE, False)]
    assert turns(DOWN, {**DOWN, "sms 44": Health(failed=3)}) == []


@pytest.mark.parametrize(
    ("said", "channels", "news"),
    [
        ([True] * 400, {}, False),
        ([True] * 400 + [False] * 4, {}, False),
        ([False] * 5, {}, True),
        ([True], DOWN, True),
        ([True], {"sms 44": DOWN[HERE]}, False),
    ],
)
def test_outcomes_are_stored_only_where_they_may_change_something(
    said: list[bool], channels: Channels, news: bool
) -> None:
    assert are_news([known(one) for one in said], channels, NOON) is news


def test_one_in_eight_dispatches_is_a_probe() -> None:
    chance = random.Random(8)
    probes = sum(is_probe(f"{chance.getrandbits(128):032x}") for _ in range(8_000))

    assert 8_000 / PROBES * 0.9 < probes < 8_000 / PROBES * 1.1


@pytest.mark.parametrize(
    ("left", "down", "skipped"),
    [
        (("a", "b"), "a", True),
        (("a", "b"), "b", False),
        (("a", "b"), "ab", False),
        (("a", "b", "c"), "ab", True),
        (("a", "a"), "a", False),
        (("a",), "a", False),
        (("a", "b"), "", False),
    ],
)
def test_a_step_is_skipped_only_for_one_whose_channel_is_up(left: tuple[str, ...], down: str, skipped: bool) -> None:
    assert is_skipped(left, dict.fromkeys(down, DOWN[HERE]), NOON) is skipped


# Simulated outages


@dataclass
class Traffic:
    """Messages at a rate, on one channel, of which `fails(sent_at)` is the share that does not arrive. What fails is
    reported after `slow` seconds, what arrives after three. Senders see what was known ten seconds ago."""

    fails: Callable[[float], float]
    rate: float
    slow: float
    skipped: list[float] = field(default_factory=list)
    turned: list[tuple[float, bool]] = field(default_factory=list)

    def run(self, seconds: int) -> "Traffic":
        chance, health = random.Random(20), NOTHING_KNOWN
        seen: list[tuple[float, Health]] = [(0, health)]
        reports: list[tuple[float, float, bool]] = []
        for number in range(int(seconds * self.rate)):
            now = number / self.rate
            while reports and reports[0][0] <= now:
                heard_at, sent_at, arrived = heapq.heappop(reports)
                before, health = health, after(health, known(arrived, at(sent_at), at(heard_at)))
                seen.append((heard_at, health))
                if before.down != health.down:
                    self.turned.append((heard_at, health.down))
            while len(seen) > 1 and seen[1][0] <= now - 10:
                del seen[0]
            if seen[0][1].is_down(at(now)) and chance.randrange(PROBES):
                self.skipped.append(now)
                continue
            arrives = chance.random() >= self.fails(now)
            heapq.heappush(reports, (now + (3 if arrives else self.slow), now, arrives))
        return self


OUTAGE = 3_600, 7_200
"""One hour, after an hour."""


def in_outage(now: float) -> float:
    return 1.0 if OUTAGE[0] <= now < OUTAGE[1] else 0.05


@pytest.mark.parametrize("rate", [0.2, 1, 4], ids=lambda rate: f"{rate} a second")
@pytest.mark.parametrize("slow", [2, 60, 600], ids=lambda slow: f"known after {slow} s")
def test_an_outage_opens_once_and_closes_once(rate: float, slow: float) -> None:
    traffic = Traffic(in_outage, rate, slow).run(10_800)
    [(down_at, down), (up_at, up)] = traffic.turned

    assert (down, up) == (True, False)
    assert OUTAGE[0] + slow < down_at < OUTAGE[0] + slow + 1_200
    assert OUTAGE[1] < up_at < OUTAGE[1] + 300
    assert down_at <= traffic.skipped[0]
    assert traffic.skipped[-1] <= up_at + 10
    while_down = (up_at - down_at) * rate
    assert 0.8 * while_down < len(traffic.skipped) < 0.95 * while_down, "all but the probes"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.75])
def test_a_channel_that_fails_often_is_never_down(share: float) -> None:
    assert Traffic(lambda now: share, 1, 10).run(36_000).turned == []


@pytest.mark.parametrize("share", [0.85, 0.9, 0.95])
def test_a_channel_at_the_brink_does_not_flap(share: float) -> None:
    """At most now and then: it takes three more arrivals than failures to come up, where one in ten arrives."""
    assert len(Traffic(lambda now: share, 1, 10).run(36_000).turned) <= 20


def test_a_channel_that_comes_and_goes_is_down_no_more_often_than_it_fails() -> None:
    """Ten minutes up, ten minutes down, for six hours."""
    traffic = Traffic(lambda now: float(now % 1_200 >= 600), 1, 10).run(21_600)

    assert len(traffic.turned) <= 2 * 18


# What becomes known of messages


def sent(*kinds: AnswerKind | None, steps: tuple[Step, ...] = (step(), step(to=SECOND))) -> Dispatch:
    """A dispatch whose steps were answered like this."""
    world = World()
    world.gateway.answers = [Answer(kind=kind or AnswerKind.ACCEPTED) for kind in kinds]
    sent = world.send(*steps).dispatch
    for _ in kinds[1:]:
        world.clock.advance(4_000_000)
        world.advance(sent.dispatch_uuid)
    return world.stored(sent.dispatch_uuid)


def said(event: StatusEvent, of: Dispatch | None) -> list[tuple[str, bool]]:
    event = replace(event, dispatch_uuid=DISPATCH_UUID)
    return [(one.destination, one.arrived) for one in outcomes([StatusStored(event)], {DISPATCH_UUID: of})]


@pytest.mark.parametrize(
    ("status", "fields", "arrived"),
    [
        ("submitted", {}, []),
        ("delivered", {}, [True]),
        ("read", {}, [True]),
        ("undeliverable", {}, [False]),
        ("rejected", {}, [False]),
        ("rejected", {"error": {"title": "1251", "detail": "no route"}}, [False]),
        ("rejected", {"error": {"title": "1070", "detail": "quota"}}, [False]),
        ("rejected", {"error": {"title": "strange", "detail": ""}}, [False]),
        ("rejected", {"error": {"title": "1022", "detail": "invalid template"}}, []),
        ("rejected", {"error": {"title": "1240", "detail": "illegal number"}}, []),
        ("rejected", {"error": {"title": "1340", "detail": "outside of the window"}}, []),
        ("rejected", {"error": {"title": "1000", "detail": "throttled"}}, []),
    ],
)
def test_a_status_says_whether_its_channel_works(status: str, fields: dict[str, Any], arrived: list[bool]) -> None:
    assert said(status_event(status, **fields), sent(None)) == [("sms 44", one) for one in arrived]


def test_a_status_of_nobodys_message_or_of_a_step_that_was_not_sent_says_nothing() -> None:
    assert said(status_event("delivered"), None) == []
    assert said(replace(status_event("delivered"), step=1), sent(None)) == []


@pytest.mark.parametrize(
    ("answer", "counts"),
    [
        (None, 1),
        (AnswerKind.UNKNOWN, 1),
        (AnswerKind.REFUSED, 0),
    ],
)
def test_a_step_of_which_nothing_was_heard_before_the_next_one_counts_as_failed(
    answer: AnswerKind | None, counts: int
) -> None:
    ended = sent(answer, None)

    assert len(ended.attempts) == 2
    assert [*outcomes([OutcomeChanged(ended, at(9))], {})] == [
        Known("sms 44", False, ended.attempts[0].tried_at, at(9))
    ] * counts


def test_a_failure_that_is_heard_once_its_dispatch_has_ended_counts_no_second_time() -> None:
    open_, arrived, failed = sent(None, None), status_event("delivered"), status_event("undeliverable")
    ended = finish(open_, Outcome.EXHAUSTED, at(9))

    assert (said(failed, open_), said(failed, ended)) == ([("sms 44", False)], [])
    assert said(arrived, ended) == [("sms 44", True)]
    assert said(replace(failed, step=1), ended) == [("sms 44", False)], "no later step passed it over"


# What it does to a dispatch


def whatsapp(**fields: object) -> Step:
    return replace(step(600, channel="whatsapp"), **{"when_down": WhenDown.SKIP, **fields})  # type: ignore[arg-type]


def world_where(channels: Channels, *, probe: bool = False) -> World:
    world = World()
    world.channels.now = channels
    ids = (number for number in range(1_000) if (number % PROBES == 0) is probe)
    world.new_id = lambda: f"{next(ids):02x}" + "0" * 30  # type: ignore[assignment]
    return world


def test_its_fallback_is_sent_at_once_and_the_timeline_says_why() -> None:
    world = world_where(DOWN)
    dispatch_uuid = world.send(whatsapp(), step(to=SECOND)).dispatch.dispatch_uuid
    [timer] = world.timers.armed
    world.clock.now = timer.at
    world.advance(timer.uuid)

    assert timer.at <= at(2)
    assert [message["channel"] for message in world.gateway.sent] == ["sms"]
    stored = world.stored(dispatch_uuid)
    assert [attempt.because for attempt in stored.attempts] == [Because.FIRST, Because.FAILED]
    described = description.describe(stored, [])
    assert [entry["event"] for entry in described["timeline"]] == ["accepted", "channel_down", "sent", "answered"]
    assert described["steps"][0]["answer"] == "channel_down"


@pytest.mark.parametrize(
    ("steps", "channels", "probe"),
    [
        ((whatsapp(when_down=WhenDown.WAIT), step()), DOWN, False),
        ((whatsapp(),), DOWN, False),
        ((whatsapp(), step()), {}, False),
        ((whatsapp(), step()), {**DOWN, "sms 44": DOWN[HERE]}, False),
        ((whatsapp(), whatsapp(), whatsapp()), DOWN, False),
        ((whatsapp(), step()), DOWN, True),
    ],
    ids=["not allowed", "the only step", "up", "all down", "the same channel", "a probe"],
)
def test_a_step_is_sent_all_the_same_where(steps: tuple[Step, ...], channels: Channels, probe: bool) -> None:
    world = world_where(channels, probe=probe)
    world.send(*steps)

    assert [message["channel"] for message in world.gateway.sent] == ["whatsapp"]


def test_a_later_step_is_skipped_too_but_no_step_that_is_tried_again() -> None:
    world = world_where(DOWN)
    world.gateway.answers = [Answer(kind=AnswerKind.REFUSED)]
    dispatch_uuid = world.send(step(15), whatsapp(), step(to=SECOND)).dispatch.dispatch_uuid
    for seconds in (2, 4):
        world.clock.now = at(seconds)
        world.advance(dispatch_uuid)
    assert [message["channel"] for message in world.gateway.sent] == ["sms", "sms"]

    again = world_where({})
    again.gateway.answers = [Answer(kind=AnswerKind.UNAVAILABLE)]
    dispatch_uuid = again.send(whatsapp(), step()).dispatch.dispatch_uuid
    again.channels.now = DOWN
    again.clock.now = at(5)
    again.advance(dispatch_uuid)
    assert [message["channel"] for message in again.gateway.sent] == ["whatsapp", "whatsapp"]


def test_a_message_that_does_not_allow_it_reads_nothing() -> None:
    world = world_where(DOWN)
    world.send(dispatch(step(), step()).steps[0], step())

    assert [call for call in world.calls if call.startswith("channels")] == []


def test_what_is_known_as_clients_read_it() -> None:
    channels = {**DOWN, "messenger ": Health(at=NOON, arrived=1.2, failed=7.9)}

    assert describe_health(channels, NOON + MINUTES) == {
        "channels": [
            {
                "channel": "messenger",
                "country_code": "",
                "state": "up",
                "since": None,
                "arrived": 1,
                "failed": 8,
            },
            {
                "channel": "whatsapp",
                "country_code": "44",
                "state": "down",
                "since": to_text(NOON),
                "arrived": 0,
                "failed": 0,
            },
        ]
    }
    assert describe_health(DOWN, NOON + FORGOTTEN)["channels"][0]["state"] == "up"
