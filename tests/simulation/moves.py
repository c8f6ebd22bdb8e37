"""What may happen next in a history: each move is a function of the history and of a chooser.

Hypothesis chooses in the tests, a seeded random generator in the soak.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import time, timedelta
from functools import partial
from typing import Protocol, TypeVar

from getthrough.domain.dispatch.dispatch import OnUnknown, Step
from getthrough.domain.dispatch.request import Request
from getthrough.domain.event.webhook import StatusEvent, parse_inbound, parse_status
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.ports import Clock
from getthrough.domain.schedule.schedule import Missed, Schedule
from getthrough.domain.values.quiet_hours import QuietHours, Then
from getthrough.usecases.change_schedule import cancel as cancel_schedule
from getthrough.usecases.change_schedule import pause, resume
from getthrough.usecases.retrying import Origin
from tests.builders import FROM, message, status_payload
from tests.simulation.history import ANSWERS, Accepted, Asked, Fate, History

Option = TypeVar("Option")

RUNNING_AT_ONCE = 5
USER_ID = "GB.13491208655302741918"
CONTACTS = (
    ("whatsapp", "447700900001"),
    ("sms", "447700900001"),
    ("whatsapp", USER_ID),
    ("whatsapp", "447700900002"),
    ("rcs", "447700900003"),
)
WINDOWS = (1, 2, 15, 15, 60, 90, 600, 901, 1800, 86_400, 172_800)
PASSING = (0.25, 1.0, 5.0, 16.0, 61.0, 300.0, 3600.0, 90_000.0)
LATER = (None, None, None, 0.5, 30.0, 1200.0, 90_000.0)
QUIET = (
    None,
    None,
    QuietHours(time_zone="UTC", starts=time(12, 2), ends=time(12, 12)),
    QuietHours(time_zone="Europe/London", starts=time(21), ends=time(13, 30)),
    QuietHours(time_zone="UTC", starts=time(12, 1), ends=time(12, 30), then=Then.SKIP),
)
FATES = (Fate.DONE, Fate.DONE, Fate.DONE, *Fate)
REPORTED = (*Status, "accepted")
PRICES = (None, "0.0333", "0.10", "0.1")


class Chooser(Protocol):
    def one_of(self, options: Sequence[Option]) -> Option: ...

    def number(self, least: int, most: int) -> int: ...


class Dice:
    """A chooser that a seed makes the same again."""

    def __init__(self, seed: object) -> None:
        self._random = random.Random(f"{seed}")
        self.random, self.one_of, self.number = self._random.random, self._random.choice, self._random.randint


def a_request(choose: Chooser, most_steps: int = 10, windows: Sequence[int] = WINDOWS) -> Request:
    steps = tuple(_a_step(choose, windows) for _ in range(choose.number(1, most_steps)))
    on_unknown = choose.one_of(tuple(OnUnknown))
    said = [(step.message["to"], step.expiry_time, step.condition_status) for step in steps]
    return Request(steps, on_unknown, f"{said} {on_unknown}")


def a_later_request(history: History, choose: Chooser) -> Request:
    """One that may have a time, quiet hours, and steps that know none."""
    request = a_request(choose, choose.one_of((1, 2, 3, 10)))
    later = choose.one_of(LATER)
    send_at = None if later is None else history.clock() + timedelta(seconds=later)
    quiet_hours = choose.one_of(QUIET)
    steps = tuple(replace(step, urgent=choose.number(0, 5) == 0) for step in request.steps)
    said = f"{request.sha256} {[step.urgent for step in steps]} {send_at} {quiet_hours}"
    return request._replace(steps=steps, sha256=said, send_at=send_at, quiet_hours=quiet_hours)


def _a_step(choose: Chooser, windows: Sequence[int]) -> Step:
    channel, number = choose.one_of(CONTACTS)
    return Step(
        message=message(channel=channel, to=number),
        expiry_time=choose.one_of(windows),
        condition_status=choose.one_of(tuple(Condition)),
    )


def a_status(history: History, choose: Chooser, accepted: Accepted, reported: Sequence[str] = REPORTED) -> StatusEvent:
    """A webhook of a message that the provider has; sometimes without our id, or with a price."""
    price = choose.one_of(PRICES)
    payload = status_payload(
        choose.one_of(reported),
        message_uuid=accepted.vonage_message_uuid,
        client_ref=accepted.message_uuid if choose.number(0, 9) else "",
        timestamp=history.clock().isoformat(),
    )
    if price is not None:
        payload["usage"] = {"price": price, "currency": "EUR"}
    return parse_status(payload, received_at=history.clock())


def call(history: History, choose: Chooser) -> None:
    """A client asks, with a key of its own, with one that was used before, or without."""
    key = choose.one_of([None, *(f"order {number}" for number in range(6))])
    history.asked.append(Asked(a_later_request(history, choose), key))
    history.begin("api", history.asked[-1])


def call_again(history: History, choose: Chooser) -> None:
    if again := [asked for asked in history.asked if asked.key is not None]:
        history.begin("api", choose.one_of(again))


def go_on(history: History, choose: Chooser) -> None:
    """An invocation goes on for some of its calls; the last of them may fail, or be its last altogether."""
    if not history.running:
        return
    invocation = choose.one_of(history.running)
    calls, fate = choose.number(1, 12), choose.one_of(FATES)
    for number in range(calls):
        if invocation not in history.running or invocation.call is None:
            return
        answer = choose.one_of(ANSWERS) if invocation.call.method == "submit" else "accepted"
        history.go_on(invocation, fate if number == calls - 1 else Fate.DONE, answer)


def status(history: History, choose: Chooser) -> None:
    if history.at_provider:
        history.webhooks.append(a_status(history, choose, choose.one_of(history.at_provider)))
        history.begin("webhook", history.webhooks[-1], unheard=choose.number(0, 9) == 0)


def status_again(history: History, choose: Chooser) -> None:
    if history.webhooks:
        history.begin("webhook", choose.one_of(history.webhooks))


def fire(history: History, choose: Chooser) -> None:
    """A timer fires: early, late, a second time, while it is being carried out, or so that it will come again."""
    if history.timers:
        history.begin("timer", choose.one_of(list(history.timers.values())), unheard=choose.number(0, 9) == 0)


def fire_in_time(history: History, choose: Chooser) -> None:
    """Time passes up to the next timer, which fires."""
    if history.timers:
        timer = min(history.timers.values())
        history.pass_time(max(timer.at - history.clock(), timedelta()).total_seconds())
        history.begin("timer", timer)


def lose_a_timer(history: History, choose: Chooser) -> None:
    """It failed five times, and an operator deleted it from the dead-letter queue."""
    if history.timers:
        timer = choose.one_of(list(history.timers.values()))
        del history.timers[timer.number]
        history.left_to_the_tick.add(timer.due.uuid)


def tick(history: History, choose: Chooser) -> None:
    history.begin("tick")


def cancel(history: History, choose: Chooser) -> None:
    if history.dispatches.stored:
        history.begin("cancel", choose.one_of(list(history.dispatches.stored)))


def set_up(history: History, choose: Chooser) -> None:
    """A client wants to have something sent again and again, for some times."""
    body: dict[str, object] = {
        "message": message(quiet_hours=choose.one_of((None, {"from": "12:10", "to": "12:40"})), time_zone="UTC"),
        "cron": choose.one_of(("* * * * *", "*/7 * * * *", "0 * * * *", "30 2 * * *")),
        "time_zone": choose.one_of(("UTC", "Europe/London")),
        "max_runs": choose.number(1, 5),
        "missed": choose.one_of(tuple(Missed)),
    }
    history.begin("schedule", (body, Origin("bakery", choose.one_of([None, "weekly"]))))


def alter(history: History, choose: Chooser) -> None:
    """A schedule is paused, resumed or cancelled."""
    if history.schedules.stored:
        schedule_uuid = choose.one_of(list(history.schedules.stored))
        change = choose.one_of((lambda clock: pause, lambda clock: partial(resume, clock=clock), _cancelling))
        history.altered.add(schedule_uuid)
        history.begin("alter", lambda clock: (schedule_uuid, change(clock)))


def _cancelling(clock: Clock) -> Callable[[Schedule], Schedule]:
    return partial(cancel_schedule, clock=clock)


def say(history: History, choose: Chooser) -> None:
    """A customer says stop, start, or something else, which may quote a message of ours."""
    channel, number = choose.one_of(CONTACTS)
    history.counts["said"] += 1
    payload: dict[str, object] = {
        "channel": channel,
        "from": number,
        "to": FROM,
        "message_uuid": f"in-{history.counts['said']}",
        "text": choose.one_of(("STOP", "START", "HELP", "Thanks!", "Yes")),
        "timestamp": (history.clock() - timedelta(seconds=choose.number(0, 60))).isoformat(),
    }
    if history.at_provider and choose.number(0, 3) == 0:
        payload["context"] = {"message_uuid": choose.one_of(history.at_provider).vonage_message_uuid}
    if (channel, number) == CONTACTS[0] and choose.number(0, 3) == 0:
        payload["whatsapp"] = {"user_id": USER_ID}
    history.begin("inbound", parse_inbound(payload, received_at=history.clock()))


def time_passes(history: History, choose: Chooser) -> None:
    history.pass_time(choose.one_of(PASSING))


Move = Callable[[History, Chooser], None]
MOVES: dict[Move, int] = {
    call: 3,
    call_again: 1,
    go_on: 20,
    status: 6,
    status_again: 2,
    fire: 3,
    fire_in_time: 5,
    lose_a_timer: 1,
    tick: 1,
    cancel: 1,
    set_up: 1,
    alter: 1,
    say: 2,
    time_passes: 2,
}
"""What may happen, and how often."""

BEGINNING = frozenset(MOVES) - {go_on, lose_a_timer, time_passes}
"""The moves that begin an invocation: only so many run at once."""


def make(move: Move, history: History, choose: Chooser) -> None:
    if move not in BEGINNING or len(history.running) < RUNNING_AT_ONCE:
        move(history, choose)


def random_history(seed: object, moves: int) -> History:
    """A history of so many moves, completed at its end. BrokenPromiseError if a promise does not hold."""
    dice, history = Dice(seed), History()
    weighted = [move for move, weight in MOVES.items() for _ in range(weight)]
    for _ in range(moves):
        make(dice.one_of(weighted), history, dice)
        history.check()
    history.complete()
    return history
