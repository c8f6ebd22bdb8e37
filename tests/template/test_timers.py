"""The schedule, the queue and the code agree about time."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from getthrough.adapters.timers import LONGEST_DELAY
from getthrough.adapters.vonage import CONNECT_SECONDS, READ_SECONDS
from getthrough.domain.dispatch.failover import ARMED_WITHIN
from getthrough.usecases.queue_due import HORIZON
from getthrough.usecases.send_step import POST_TIME

ROOT = Path(__file__).parents[2]
RESOURCES: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]


def between_ticks() -> timedelta:
    [event] = RESOURCES["TickFunction"]["Properties"]["Events"].values()
    minutes = re.fullmatch(r"rate\((\d+) minutes\)", event["Properties"]["Schedule"])
    assert minutes is not None
    return timedelta(minutes=int(minutes[1]))


def test_a_tick_sees_as_far_as_the_tick_after_next_and_no_farther_than_the_queue_can_wait() -> None:
    assert 2 * between_ticks() <= HORIZON <= LONGEST_DELAY


def test_what_has_a_timer_already_is_so_near_that_the_queue_took_it_in_time() -> None:
    assert ARMED_WITHIN + POST_TIME + timedelta(seconds=30) <= LONGEST_DELAY


def test_a_function_that_sends_lives_longer_than_two_posts_that_hang() -> None:
    """A 401 makes two of them. A function that is killed before the answer is recorded leaves the step in doubt."""
    longest = 2 * (CONNECT_SECONDS + READ_SECONDS)
    timeouts = [RESOURCES[name]["Properties"]["Timeout"] for name in ("SendFunction", "AdvanceFunction")]
    assert all(timeout > longest for timeout in timeouts)
