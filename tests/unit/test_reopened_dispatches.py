"""A message that was given up and arrives all the same, but is to be read: its window counts again."""

from getthrough.domain.dispatch.dispatch import Outcome
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.ports import Timer
from tests.builders import DISPATCH_UUID, at, dispatch, status_event, step
from tests.unit.stories import reported, sent
from tests.unit.world import World


def test_a_dispatch_that_a_webhook_reopens_has_a_timer_for_its_windows_end() -> None:
    """While it was over no tick looked at it, so the timer of a long window may not be there."""
    world = World()
    given_up = reported(sent(dispatch(step(600, Condition.READ, channel="whatsapp"))), status_event(Status.REJECTED))
    assert world.store(given_up).outcome is Outcome.EXHAUSTED
    world.clock.advance(595)
    world.record(status_event(Status.DELIVERED))
    assert (world.stored().outcome, world.timers.armed) == (None, [Timer(DISPATCH_UUID, at(600))])
