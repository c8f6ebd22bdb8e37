"""The provider of a simulation: it accepts so many messages a second, and answers 429 to the rest."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from getthrough.domain.dispatch.dispatch import Answer, AnswerKind
from tests.builders import NOON, at
from tests.fakes import FakeClock, FakeGateway

SECOND = timedelta(seconds=1)


@dataclass
class Provider(FakeGateway):
    """Without a `rate` it accepts everything; in a storm it accepts nothing. `posts` are the moments of all POSTs,
    `accepted` counts the messages by `client_ref`."""

    clock: FakeClock = field(default_factory=FakeClock)
    rate: int | None = None
    storm: tuple[float, float] = (0, 0)
    posts: list[datetime] = field(default_factory=list)
    accepted: Counter[str] = field(default_factory=Counter)
    _busy_until: datetime = NOON

    def submit(self, message: Mapping[str, Any]) -> Answer:
        now = self.clock()
        self.sent.append(message)
        self.posts.append(now)
        if at(self.storm[0]) <= now < at(self.storm[1]) or self._too_fast(now):
            return Answer(kind=AnswerKind.UNAVAILABLE, http_status=429)
        self.accepted[message["client_ref"]] += 1
        accepted = AnswerKind.ACCEPTED
        return Answer(kind=accepted, http_status=202, vonage_message_uuid=f"vonage-{len(self.posts)}")

    def _too_fast(self, now: datetime) -> bool:
        if self.rate is None:
            return False
        if self._busy_until > now + SECOND:
            return True
        self._busy_until = max(self._busy_until, now) + SECOND / self.rate
        return False

    @property
    def refused(self) -> int:
        return len(self.posts) - self.accepted.total()


def most_in_a_second(moments: list[datetime]) -> int:
    """The most of them in any second, wherever it begins."""
    window: deque[datetime] = deque()
    most = 0
    for moment in sorted(moments):
        window.append(moment)
        while window[0] <= moment - SECOND:
            window.popleft()
        most = max(most, len(window))
    return most
