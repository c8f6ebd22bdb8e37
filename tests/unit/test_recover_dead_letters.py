"""How long dead letters are sent back in one call."""

from dataclasses import dataclass

from getthrough.domain.dead_letter import Looked, Released
from getthrough.usecases.recover_dead_letters import release_dead_letters
from tests.builders import at
from tests.fakes import FakeClock


@dataclass
class Queue:
    """Has so many batches of ten, each of which takes three seconds."""

    name: str
    batches: int
    clock: FakeClock

    def look(self) -> Looked:
        raise NotImplementedError

    def release(self) -> Released:
        self.clock.advance(3)
        if not self.batches:
            return Released()
        self.batches -= 1
        return Released(8, 1, 1)


def test_it_goes_on_until_a_queue_has_nothing_more() -> None:
    clock = FakeClock()

    assert release_dead_letters([Queue("a", 2, clock), Queue("b", 0, clock)], at(60), clock=clock) == {
        "queues": [
            {"queue": "a", "released": 16, "dropped": 2, "kept": 2, "more": False},
            {"queue": "b", "released": 0, "dropped": 0, "kept": 0, "more": False},
        ]
    }


def test_when_the_time_is_up_no_batch_is_begun_and_more_may_be_left() -> None:
    clock = FakeClock()

    assert release_dead_letters([Queue("a", 9, clock), Queue("b", 9, clock)], at(10), clock=clock) == {
        "queues": [
            {"queue": "a", "released": 32, "dropped": 4, "kept": 4, "more": True},
            {"queue": "b", "released": 0, "dropped": 0, "kept": 0, "more": True},
        ]
    }
    assert clock() == at(12)
