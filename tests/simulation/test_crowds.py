"""Thousands of messages for the same second: what they do to each other, and to the messages of others.

The provider accepts thirty a second and answers 429 to the rest, as Vonage does. Each message has a window of fifteen
seconds, so that one that is refused for so long is never sent.
"""

from datetime import timedelta

import pytest

from getthrough.domain.values.quiet_hours import QuietHours
from getthrough.usecases import queue_due
from tests.builders import NOON, at
from tests.fakes import FakeClock
from tests.simulation.aws_limits import REAL, Limits
from tests.simulation.day import RATE, Day
from tests.simulation.provider import Provider, most_in_a_second

WHEN = 2_000
IN_TIME = timedelta(seconds=2)


def lateness(day: Day, ids: list[str]) -> list[timedelta]:
    stored = [day.dispatches.stored[dispatch_uuid] for dispatch_uuid in ids]
    return sorted(one.attempts[0].claimed_at - one.send_at for one in stored if one.send_at)


def crowd(many: int, limits: Limits = REAL) -> tuple[Day, Provider, list[str], list[str]]:
    """A day with a crowd at one moment, and with other messages, five a second, for three minutes around it."""
    clock = FakeClock()
    provider = Provider(clock=clock, rate=RATE)
    day = Day(clock=clock, gateway=provider, limits=limits)
    others = [day.request(send_at=at(WHEN - 29.5 + number / 5)).dispatch_uuid for number in range(900)]
    ours = [day.request(send_at=at(WHEN)).dispatch_uuid for _ in range(many)]
    return day, provider, ours, [one for one in others if day.dispatches.stored[one].send_at != at(WHEN)]


def test_a_crowd_is_sent_whole_at_the_rate_and_makes_no_other_message_late() -> None:
    many = 1_000
    day, provider, ours, others = crowd(many)

    day.pass_until(at(WHEN + 600))

    assert provider.accepted.total() == many + len(others), "each was sent, and in its window"
    assert provider.refused == 0
    assert lateness(day, ours)[-1] <= timedelta(seconds=many / (RATE - 5) + 5)
    late = lateness(day, others)
    assert late[len(late) * 99 // 100] <= IN_TIME
    assert most_in_a_second(provider.posts) <= 2 * RATE


@pytest.mark.exhaustive
def test_without_the_ticks_spreading_the_provider_refuses_a_crowd_until_windows_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the spreading is for."""
    monkeypatch.setattr(queue_due, "_spread", lambda due, now, per_second: iter(due))
    many = 1_000
    day, provider, _, others = crowd(many)

    day.pass_until(at(WHEN + 600))

    assert provider.refused > many
    assert provider.accepted.total() < many + len(others)


@pytest.mark.exhaustive
def test_what_all_waits_for_the_end_of_quiet_hours_is_sent_at_the_rate() -> None:
    many, ends = 600, 3_600
    quiet_hours = QuietHours(time_zone="UTC", starts=NOON.time(), ends=at(ends).time())
    clock = FakeClock()
    provider = Provider(clock=clock, rate=RATE)
    day = Day(clock=clock, gateway=provider)
    for _ in range(many):
        day.request(quiet_hours=quiet_hours)

    day.pass_until(at(ends + 600))

    assert provider.accepted.total() == many
    assert provider.refused < many // 2, "while the first seconds are made up for"
    assert at(ends) <= min(provider.posts) <= max(provider.posts) <= at(ends + many / RATE + 10)
