"""What AWS's limits would do to timers and callbacks. Each limit is seen to hurt where its cure is missing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from getthrough.adapters.receiver_hosts import RememberedHosts
from getthrough.domain.notification.callback import LIFE, Attempted, Callback, Verdict
from getthrough.usecases.deliver_callback import deliver_callback
from getthrough.usecases.ports import Delivering
from tests.builders import NOON, SCHEDULE_UUID, at, schedule
from tests.fakes import FakeClock, FakeMarks
from tests.simulation.aws import Agenda, Queue
from tests.simulation.aws_limits import NEW_ACCOUNT, REAL, RECURSIVE_HOPS, Limits
from tests.simulation.day import Day
from tests.simulation.provider import Provider
from tests.simulation.test_batches import accept, members
from tests.template.stack import TEMPLATE

NOT_ALLOWED = replace(REAL, recursion_allowed=False)
CALLBACKS = replace(REAL, visibility=180, maximum_concurrency=50)


def chain(limits: Limits, length: int = 100) -> tuple[list[int], Queue]:
    """A function that sends to its own queue, each time one more; and what came of it in a day."""
    seen: list[int] = []

    def handle(number: int) -> float:
        seen.append(number)
        if number < length:
            queue.send(number + 1, 1)
        return 0.1

    agenda = Agenda()
    queue = Queue(agenda, handle, limits)
    queue.send(1)
    agenda.run_until(at(86_400))
    return seen, queue


def test_a_chain_of_requests_breaks_after_sixteen_hops_where_recursion_is_not_allowed() -> None:
    seen, queue = chain(replace(NOT_ALLOWED, duplicates=0))

    assert seen == list(range(1, RECURSIVE_HOPS + 1))
    assert [letter.body for letter in queue.dead_letters] == [RECURSIVE_HOPS + 1]
    assert queue.refused == NOT_ALLOWED.receives, "it was received again and again"


def test_a_chain_of_requests_holds_where_recursion_is_allowed() -> None:
    seen, queue = chain(replace(REAL, duplicates=0))

    assert seen == list(range(1, 101))
    assert queue.dead_letters == []


def hours_of_a_schedule(limits: Limits) -> list[timedelta]:
    """How late the occurrences of every minute of two hours were, after the first tick."""
    day = Day(limits=limits)
    day.dispatches.schedules.save(schedule("* * * * *"))
    day.pass_until(at(7_200))
    return day.lateness(since=at(200))


def test_a_schedule_of_every_minute_is_late_where_recursion_is_not_allowed() -> None:
    late = hours_of_a_schedule(NOT_ALLOWED)

    assert sum(one > timedelta(seconds=2) for one in late) > 3
    assert max(hours_of_a_schedule(REAL)) < timedelta(seconds=2)


def batch_of(many: int, limits: Limits) -> tuple[Day, Provider, str]:
    clock = FakeClock()
    provider = Provider(clock=clock)
    day = Day(clock=clock, gateway=provider, limits=limits)
    batch_uuid = accept(day, many)
    day.pass_until(at(3600))
    return day, provider, batch_uuid


@pytest.mark.exhaustive
def test_a_batch_takes_many_times_as_long_where_recursion_is_not_allowed() -> None:
    day, provider, _ = batch_of(10_000, NOT_ALLOWED)

    assert day.queue.dead_letters != []
    last = max(provider.posts) - NOON
    assert len(provider.posts) < 10_000 or last > timedelta(seconds=900), f"{len(provider.posts)} in {last}"


def test_a_batch_sends_every_message_once_where_recursion_is_not_allowed() -> None:
    """What Lambda drops is late, not lost: the tick finds it."""
    _, provider, batch_uuid = (found := batch_of(600, NOT_ALLOWED))

    assert provider.accepted == {dispatch.message_uuid(0): 1 for dispatch in members(found[0], batch_uuid, 600)}


def tries_of_a_callback(limits: Limits) -> list[timedelta]:
    """When an event is tried whose receiver fails all the time, and what becomes of it."""
    tries: list[timedelta] = []
    agenda = Agenda()

    class Failing:
        def post(self, callback: Callback) -> Attempted:
            tries.append(agenda.clock() - NOON)
            return Attempted(Verdict.FAILED)

    class Callbacks:
        def put(self, callbacks: Sequence[Callback], delay: timedelta = timedelta()) -> None:
            for callback in callbacks:
                queue.send(callback, delay.total_seconds())

        def give_up(self, callback: Callback) -> None:
            given_up.append(callback)

    given_up: list[Callback] = []
    callbacks = Callbacks()
    hosts, marks = RememberedHosts(), FakeMarks()
    ports = Delivering(receivers=Failing(), hosts=hosts, callbacks=callbacks, marks=marks, clock=agenda.clock)

    def handle(callback: Callback) -> float:
        deliver_callback(ports, callback)
        return 1.0

    queue = Queue(agenda, handle, limits)
    callbacks.put([Callback("https://shop.example/events", "event 1", {}, NOON + LIFE)])
    agenda.run_until(NOON + 2 * LIFE)
    assert len(given_up) + len(queue.dead_letters) == 1, "it ends where an operator can see it"
    return tries


def test_a_callback_is_tried_for_its_24_hours() -> None:
    tries = tries_of_a_callback(replace(CALLBACKS, duplicates=0))

    assert timedelta(hours=23, minutes=45) < tries[-1] <= LIFE
    assert len(tries) > 100


def test_a_callback_is_tried_for_two_hours_where_recursion_is_not_allowed() -> None:
    tries = tries_of_a_callback(replace(CALLBACKS, duplicates=0, recursion_allowed=False))

    # A round in which the event waits for its host is a hop too.
    assert RECURSIVE_HOPS - 3 <= len(tries) < RECURSIVE_HOPS
    assert tries[-1] < timedelta(hours=2)


def crowd(limits: Limits, many: int = 3_000) -> Queue:
    """Messages that all come at once, for a function that takes half a second."""
    agenda = Agenda()
    queue = Queue(agenda, lambda number: 0.5, limits)
    for number in range(many):
        queue.send(number)
    agenda.run_until(at(3_600))
    return queue


def test_good_messages_become_dead_letters_in_a_new_account_whose_queue_has_no_maximum_concurrency() -> None:
    queue = crowd(NEW_ACCOUNT)

    assert queue.function.throttled > 0
    assert len(queue.dead_letters) > 100


@pytest.mark.parametrize("account", TEMPLATE["Mappings"]["Concurrency"])
def test_none_does_with_the_maximum_concurrency_of_the_template(account: str) -> None:
    share = TEMPLATE["Mappings"]["Concurrency"][account]["Timers"]

    queue = crowd(replace(REAL, concurrency=int(account), maximum_concurrency=share))

    assert queue.function.throttled == 0
    assert queue.dead_letters == []


def test_pollers_begin_with_five_and_grow_by_three_hundred_a_minute_while_messages_are_left() -> None:
    agenda = Agenda()
    queue = Queue(agenda, lambda number: 30.0, replace(REAL, visibility=900))
    for number in range(1_000):
        queue.send(number)

    pollers = []
    for second in (0.005, 1.5, 30.5, 60.5):
        agenda.run_until(at(second))
        pollers.append(queue.pollers)

    assert pollers == [5, 10, 155, 305]


def test_a_tick_restores_what_became_a_dead_letter() -> None:
    day = Day(limits=replace(REAL, recursion_allowed=False))
    day.dispatches.schedules.save(schedule("* * * * *"))

    day.pass_until(at(7_200))

    assert day.dispatches.schedules.stored[SCHEDULE_UUID].runs >= 115
    assert max(day.lateness(since=at(200))) <= timedelta(seconds=300 + 2)
