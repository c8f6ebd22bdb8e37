"""How long dead letters are sent back in one call."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest

from getthrough.domain.recovery.dead_letter import Looked, Released
from getthrough.domain.values.rfc3339 import to_text
from getthrough.usecases.recover import release_dead_letters
from tests.builders import at
from tests.fakes import FakeClock


@dataclass
class Queue:
    """Has so many batches of ten, each of which takes three seconds; `asked` is what it was asked to release."""

    name: str
    batches: int
    clock: FakeClock
    asked: set[datetime] = field(default_factory=set)

    def look(self) -> Looked:
        raise NotImplementedError

    def release(self, before: datetime) -> Released:
        self.asked.add(before)
        self.clock.advance(3)
        if not self.batches:
            return Released()
        self.batches -= 1
        return Released(8, 1, 1)


def test_it_goes_on_until_a_queue_has_nothing_more() -> None:
    clock = FakeClock()

    assert release_dead_letters([Queue("a", 2, clock), Queue("b", 0, clock)], at(60), None, clock) == {
        "before": to_text(at(0)),
        "queues": [
            {"queue": "a", "released": 16, "dropped": 2, "kept": 2, "more": False},
            {"queue": "b", "released": 0, "dropped": 0, "kept": 0, "more": False},
        ],
    }


def test_when_the_time_is_up_no_batch_is_begun_and_more_may_be_left() -> None:
    clock = FakeClock()

    assert release_dead_letters([Queue("a", 9, clock), Queue("b", 9, clock)], at(10), None, clock) == {
        "before": to_text(at(0)),
        "queues": [
            {"queue": "a", "released": 32, "dropped": 4, "kept": 4, "more": True},
            {"queue": "b", "released": 0, "dropped": 0, "kept": 0, "more": True},
        ],
    }
    assert clock() == at(12)


@pytest.mark.parametrize(("named", "asked"), [(None, at(0)), (at(-60), at(-60)), (at(60), at(0))])
def test_all_of_a_release_asks_for_what_there_was_at_one_moment_which_is_not_to_come(
    named: datetime | None, asked: datetime
) -> None:
    clock = FakeClock()
    queues = [Queue("a", 2, clock), Queue("b", 0, clock)]

    assert release_dead_letters(queues, at(60), named, clock)["before"] == to_text(asked)
    assert [queue.asked for queue in queues] == [{asked}, {asked}]
