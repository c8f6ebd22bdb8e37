"""A long story on a virtual clock: the real use-cases, a queue with SQS's delays, the tick every five minutes."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from getthrough.domain.dispatch.dispatch import Answer, AnswerKind
from getthrough.domain.dispatch.request import parse_messages_request
from getthrough.domain.ports import Timer
from getthrough.usecases.advance_dispatch import advance_dispatch
from getthrough.usecases.ports import Advancing, Ticking
from getthrough.usecases.queue_due import queue_due
from getthrough.usecases.retrying import Origin
from getthrough.usecases.send_dispatch import send_dispatch
from tests.builders import message
from tests.fakes import (
    FakeAliases,
    FakeChannels,
    FakeClock,
    FakeCounters,
    FakeDispatches,
    FakeGateway,
    FakeIds,
    FakeStatusEvents,
    FakeThroughput,
)

TICK = timedelta(minutes=5)
LONGEST_DELAY = timedelta(minutes=15)


@dataclass
class DelayQueue:
    """Port Timers, as SQS is: nothing beyond fifteen minutes."""

    clock: FakeClock
    timers: list[tuple[datetime, int, Timer]] = field(default_factory=list)
    armed: int = 0

    def arm(self, due: Iterable[Timer]) -> None:
        for item in due:
            if item.at - self.clock() <= LONGEST_DELAY:
                self.armed += 1
                heapq.heappush(self.timers, (max(item.at, self.clock()), self.armed, item))


def test_a_message_that_our_account_is_refused_for_three_days_keeps_a_handful_of_timers_alive() -> None:
    clock, dispatches = FakeClock(), FakeDispatches()
    queue = DelayQueue(clock)
    refused = Answer(kind=AnswerKind.UNAVAILABLE, http_status=402, account=True)
    gateway = FakeGateway([refused] * 5000)
    ports = Advancing(
        aliases=FakeAliases(),
        channels=FakeChannels(),
        counters=FakeCounters(),
        dispatches=dispatches,
        events=FakeStatusEvents(),
        batches=dispatches.batches,
        throughput=FakeThroughput(),
        timers=queue,
        gateway=gateway,
        clock=clock,
        new_id=FakeIds(),
    )
    ticking = Ticking(dispatches=dispatches, timers=queue, clock=clock, messages_per_second=30)
    send_dispatch(ports, parse_messages_request(message()), Origin("bakery"))
    end, tick, fired, most_alive = clock() + timedelta(hours=73), clock() + TICK / 2, 0, 0

    while clock() < end:
        if queue.timers and queue.timers[0][0] <= tick:
            at, _, timer = heapq.heappop(queue.timers)
            clock.now = max(clock.now, at)
            fired += 1
            advance_dispatch(ports, timer)
        else:
            clock.now = tick
            tick += TICK
            queue_due(ticking)
        most_alive = max(most_alive, len(queue.timers))

    (dispatch,) = dispatches.stored.values()
    assert dispatch.outcome == "exhausted"
    assert queue.timers == []
    assert 800 < len(gateway.sent) < 2000, "tried again every five minutes at most"
    assert fired < 3 * len(gateway.sent)
    assert most_alive < 10
