"""The policy lab on a table: it reads what is stored, forecasts, and shows nothing personal."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.canary import CANARY
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Because, Outcome
from getthrough.domain.dispatch.failover import Send
from getthrough.domain.event.webhook import parse_status
from tests.builders import FIRST, SECOND, dispatch, status_payload, step
from tests.contract.conftest import RETENTION, create_table
from tests.secret import event_hash_of
from tools.lab.__main__ import main

NOW = datetime.now(UTC).replace(microsecond=0)
BEGAN = NOW - timedelta(hours=6)
SLOW, FAST, SELF_TEST, EARLIER = (f"{number:08x}-8d47-4b60-9c11-a1b2c3d4e500" for number in range(4))


@pytest.fixture
def table(in_memory: None) -> str:
    """A message that took 40 seconds, with a fallback after 15; and one that took 4. A canary, and an old one."""
    name = create_table()
    store(name, SLOW, 40, then=17)
    store(name, FAST, 4)
    store(name, SELF_TEST, 4, client_name=CANARY)
    store(name, EARLIER, 4, created_at=BEGAN - timedelta(days=2))
    return name


def store(table: str, dispatch_uuid: str, took: int, then: int | None = None, **fields: Any) -> None:
    subject = dispatch(step(15), step(60, to=SECOND), **{"dispatch_uuid": dispatch_uuid, "created_at": BEGAN, **fields})
    for number, (claimed, arrived) in enumerate([(0, took), *([(15, then)] if then else [])]):
        at, because = BEGAN + timedelta(seconds=claimed), Because.WINDOW_ENDED if number else Because.FIRST
        subject = failover.claim(subject, Send(number, because), claim_id="claim", now=at)
        answer = Answer(kind=AnswerKind.ACCEPTED)
        subject = failover.record_answer(subject, number, answer, claim_id="claim", now=at)
        came = BEGAN + timedelta(seconds=arrived or 0)
        fields = {"timestamp": came.isoformat(), "client_ref": f"{dispatch_uuid[:-2]}{number + 1:02x}"}
        event = parse_status(
            status_payload("delivered", **fields, usage={"price": "0.05", "currency": "EUR"}), received_at=came
        )
        DynamoStatusEvents(table, RETENTION, event_hash_of).add(event)
        subject = failover.apply(subject, event)
    DynamoDispatches(table, RETENTION).save(subject)


def asked(table: str, policy: dict[str, Any], *options: str) -> int:
    since = (NOW - timedelta(days=1)).isoformat()
    return main(["--table", table, "--since", since, "--policy", json.dumps(policy), *options])


def test_a_longer_window_is_compared_with_what_was_done(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(table, {"windows": {"*": 60}}, "--json") == 0

    found = json.loads(capsys.readouterr().out)
    assert found["dispatches"] == 2
    assert [found[name]["failed_over"]["value"] for name in ("today", "policy")] == [0.5, 0.0]
    assert [found[name]["doubles"]["value"] for name in ("today", "policy")] == [0.5, 0.0]
    assert [found[name]["cost"]["EUR"]["value"] for name in ("today", "policy")] == [0.15, 0.1]
    assert [found[name]["seconds"]["99"]["value"] for name in ("today", "policy")] == [17.0, 40.0]
    assert found["different"] == [
        {
            "dispatch_uuid": SLOW,
            "share_of_draws": 1.0,
            "today": {"outcome": Outcome.SUCCEEDED, "reached_after": 17.0, "messages": 2, "received": 2},
            "policy": {"outcome": Outcome.SUCCEEDED, "reached_after": 40.0, "messages": 1, "received": 1},
        }
    ]


def test_people_get_a_table_without_any_address(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(table, {"windows": {"*": 60}}) == 0

    printed = capsys.readouterr().out
    assert "failed over 50.0 % (2.9 to 97.1) 0.0 % (0.0 to 79.1)" in " ".join(printed.split())
    assert (
        f"  {SLOW}  reached after 17 s, 2 sent, 2 received; instead reached after 40 s, 1 sent, 1 received" in printed
    )
    assert not any(number in printed for number in (FIRST, SECOND))


def test_where_nothing_was_sent_it_says_so(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    policy = json.dumps({"windows": {"*": 60}})
    assert main(["--table", table, "--since", NOW.isoformat(), "--policy", policy]) == 1

    assert capsys.readouterr().err == "getthrough: no dispatch was sent since then: look further back with --since\n"


def test_a_time_zone_has_to_exist(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(table, {"quiet_hours": {"from": "21:00", "to": "08:00", "time_zone": "No/Where"}}) == 2

    assert "No/Where is no time zone" in capsys.readouterr().err
