"""How a webhook to the client's own systems is tried, tried again and given up."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.adapters.callback_queue import from_body, to_body
from getthrough.adapters.receiver_hosts import RememberedHosts
from getthrough.domain.contact.contact import contact_of
from getthrough.domain.notification.callback import (
    FIRST_DELAY,
    LIFE,
    LONGEST_DELAY,
    Attempted,
    Callback,
    Verdict,
    delay_after,
)
from getthrough.domain.values.rfc3339 import to_text
from getthrough.usecases.deliver_callback import deliver_callback
from getthrough.usecases.ports import Delivering
from tests.builders import FIRST, FROM, NOON, at
from tests.fakes import FakeClock, FakeMarks

CALLBACK = Callback("https://shop.invalid/events", "evt_1", {"type": "message.status", "data": {}}, NOON + LIFE)


@dataclass
class FakeReceivers:
    verdict: Verdict
    got: list[Callback] = field(default_factory=list)
    retry_after: int | None = None

    def post(self, callback: Callback) -> Attempted:
        self.got.append(callback)
        return Attempted(self.verdict, 500, retry_after=self.retry_after)


@dataclass
class FakeCallbacks:
    waiting: list[tuple[Callback, timedelta]] = field(default_factory=list)
    given_up: list[Callback] = field(default_factory=list)

    def put(self, callbacks: Sequence[Callback], delay: timedelta = timedelta()) -> None:
        self.waiting += [(callback, delay) for callback in callbacks]

    def give_up(self, callback: Callback) -> None:
        self.given_up.append(callback)


@given(st.integers(0, 10_000), st.text(max_size=40))
def test_a_delay_doubles_up_to_the_longest_and_is_spread_over_its_upper_half(tries: int, event_id: str) -> None:
    whole = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(tries, 30))
    delay = delay_after(Callback("https://x.invalid", event_id, {}, NOON, tries))
    assert whole // 2 <= delay <= whole
    assert delay % timedelta(seconds=1) == timedelta()


def test_delays_of_many_events_are_spread() -> None:
    delays = {delay_after(Callback("", f"evt_{number}", {}, NOON, 7)) for number in range(500)}
    assert len(delays) > 150


def deliver(callback: Callback, receivers: FakeReceivers, callbacks: FakeCallbacks, clock: FakeClock) -> Attempted:
    hosts, marks = RememberedHosts(), FakeMarks()
    ports = Delivering(receivers=receivers, hosts=hosts, callbacks=callbacks, marks=marks, clock=clock)
    return deliver_callback(ports, callback)


@pytest.mark.parametrize("not_before", [None, at(60)])
def test_the_queue_gives_back_what_was_put(not_before: datetime | None) -> None:
    callback = replace(CALLBACK, tries=3, not_before=not_before)
    assert from_body(to_body(callback)) == callback


def test_the_same_attempt_waits_for_the_same_time() -> None:
    assert delay_after(CALLBACK) == delay_after(CALLBACK)


@pytest.mark.parametrize("verdict", [Verdict.DELIVERED, Verdict.GONE, Verdict.REFUSED])
def test_what_was_taken_or_is_not_wanted_or_may_not_be_sent_is_over(verdict: Verdict) -> None:
    callbacks = FakeCallbacks()
    attempted = deliver(CALLBACK, FakeReceivers(verdict), callbacks, FakeClock())
    assert (attempted.verdict, callbacks) == (verdict, FakeCallbacks())


def test_what_failed_waits_for_its_next_attempt() -> None:
    callbacks = FakeCallbacks()
    receivers = FakeReceivers(Verdict.FAILED)
    attempted = deliver(CALLBACK, receivers, callbacks, FakeClock())
    again = Callback(CALLBACK.url, CALLBACK.event_id, CALLBACK.body, CALLBACK.until, tries=1)
    assert (attempted.verdict, callbacks) == (Verdict.FAILED, FakeCallbacks(waiting=[(again, delay_after(CALLBACK))]))


def test_the_last_moment_for_an_attempt_still_counts_and_the_next_one_does_not() -> None:
    for late, verdict in ((0, Verdict.FAILED), (1, Verdict.GIVEN_UP)):
        clock = FakeClock(CALLBACK.until - delay_after(CALLBACK) + timedelta(seconds=late))
        callbacks = FakeCallbacks()
        attempted = deliver(CALLBACK, FakeReceivers(Verdict.FAILED), callbacks, clock)
        assert (attempted.verdict, len(callbacks.waiting), len(callbacks.given_up)) == (verdict, 1 - late, late)


@pytest.mark.parametrize(
    ("retry_after", "next_at"),
    [
        (0, delay_after(CALLBACK)),
        (2, delay_after(CALLBACK)),
        (60, timedelta(seconds=60)),
        (900, timedelta(seconds=900)),
        (7_200, timedelta(hours=2)),
        (86_400, LIFE),
    ],
)
def test_a_receiver_that_says_when_is_asked_again_then_and_not_before(retry_after: int, next_at: timedelta) -> None:
    clock, callbacks = FakeClock(), FakeCallbacks()
    receivers = FakeReceivers(Verdict.FAILED, retry_after=retry_after)
    deliver(CALLBACK, receivers, callbacks, clock)
    while len(receivers.got) == 1:
        callback, delay = callbacks.waiting.pop()
        assert timedelta() < delay <= LONGEST_DELAY
        clock.advance(delay.total_seconds())
        deliver(callback, receivers, callbacks, clock)
    assert clock.now == NOON + next_at
    assert [callback.tries for callback in receivers.got] == [0, 1]


def test_a_receiver_cannot_keep_an_event_longer_than_its_life() -> None:
    clock, callbacks = FakeClock(), FakeCallbacks()
    receivers = FakeReceivers(Verdict.FAILED, retry_after=80_000)
    callbacks.put([CALLBACK])
    while callbacks.waiting:
        callback, delay = callbacks.waiting.pop()
        clock.advance(delay.total_seconds())
        deliver(callback, receivers, callbacks, clock)
    assert clock.now == NOON + LIFE
    assert (len(receivers.got), len(callbacks.given_up)) == (3, 1)


def test_a_receiver_that_is_down_is_tried_for_a_day_and_then_given_up() -> None:
    clock, receivers, callbacks = FakeClock(), FakeReceivers(Verdict.FAILED), FakeCallbacks()
    callbacks.put([CALLBACK])
    moments = []
    while callbacks.waiting:
        callback, delay = callbacks.waiting.pop()
        clock.advance(delay.total_seconds())
        moments.append(clock.now)
        deliver(callback, receivers, callbacks, clock)

    assert at(23.7 * 3600) < moments[-1] <= at(24 * 3600)
    assert 100 < len(receivers.got) < 220
    assert [callback.tries for callback in receivers.got] == list(range(len(receivers.got)))
    assert callbacks.given_up == [receivers.got[-1]]


STATUS = {"channel": "sms", "to": FIRST, "from": FROM, "status": "delivered"}
FINISHED = {"to": [{"channel": "email", "address": "ann@bakery.example"}, {"channel": "sms", "address": FIRST}]}
MESSAGE = {"channel": "whatsapp", "from": FIRST, "to": FROM}
CONSENT = {"channel": "sms", "address": FIRST}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("message.status", STATUS),
        ("dispatch.finished", FINISHED),
        ("message.received", MESSAGE),
        ("contact.opted_out", CONSENT),
    ],
)
@pytest.mark.parametrize(
    ("erased", "tries", "waited", "dropped"),
    [
        (0, 1, 0, True),
        (0, 0, 0, False),
        (0, 0, 61, True),
        (-1, 1, 0, False),
        (-1, 0, 61, False),
        (None, 1, 0, False),
        (None, 0, 61, False),
    ],
)
def test_an_event_of_a_customer_who_was_erased_is_not_tried_again(
    *, kind: str, data: dict[str, Any], erased: float | None, tries: int, waited: float, dropped: bool
) -> None:
    """An event of a later time is of a customer who came back. One that was never tried may have waited all the same:
    for a host that did not answer, on a long queue, or as a dead letter."""
    body = {"type": kind, "timestamp": to_text(NOON), "data": data}
    marks = FakeMarks({contact_of("sms", FIRST): at(erased)} if erased is not None else {})
    receivers, callbacks = FakeReceivers(Verdict.FAILED), FakeCallbacks()
    hosts = RememberedHosts()
    clock = FakeClock(at(waited))
    ports = Delivering(receivers=receivers, hosts=hosts, callbacks=callbacks, marks=marks, clock=clock)
    attempted = deliver_callback(ports, replace(CALLBACK, body=body, tries=tries))
    assert attempted.verdict is (Verdict.ERASED if dropped else Verdict.FAILED)
    assert callbacks.waiting == [] if dropped else len(callbacks.waiting) == 1
