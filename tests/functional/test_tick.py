"""TickFunction: what is due soon and has no timer gets one."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from getthrough.handlers import tick
from tests.builders import basic, message
from tests.functional.aws_in_memory import CONTEXT, Aws, aws_in_memory
from tests.secret import CLIENT, CLIENT_SECRET


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        yield stack
        tick._composed.cache_clear()


def test_a_message_for_later_gets_its_timer_from_the_tick_before_it_is_due(
    stack: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent_at = datetime.now(UTC) + timedelta(hours=1)
    body = json.dumps(message(send_at=sent_at.isoformat())).encode()
    assert stack.post("/v1/messages", body, **basic(CLIENT, CLIENT_SECRET))["statusCode"] == 202
    assert queued(monkeypatch, sent_at - timedelta(minutes=30)) == 0
    assert stack.timers() == 0

    assert queued(monkeypatch, sent_at - timedelta(minutes=5)) == 1

    assert (stack.timers(), stack.ringing()) == (1, 0)


def queued(monkeypatch: pytest.MonkeyPatch, now: datetime) -> int:
    """How many timers the tick of this moment queues."""
    tick._composed.cache_clear()
    monkeypatch.setattr(tick, "utc_now", lambda: now)
    return int(tick.handler({}, CONTEXT)["timers"])
