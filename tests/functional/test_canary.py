"""The canary: one message per firing of its schedule, marked in lists, left out of figures, counted when it arrives."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from getthrough.domain.dispatch.dispatch import Answer, AnswerKind
from getthrough.handlers import canary, query, status
from getthrough.observability import metrics
from tests.builders import FIRST, api_event, basic, status_payload
from tests.functional.aws_in_memory import CONTEXT, Aws, aws_in_memory, bearer
from tests.secret import CLIENT, CLIENT_SECRET

FIRED = {"detail-type": "Scheduled Event", "time": "2026-11-29T12:00:00Z"}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        monkeypatch.setenv("CANARY_TO", FIRST)
        monkeypatch.setenv("CANARY_FROM", "Bakery")
        yield stack


def read(route: str, **parameters: Any) -> Any:
    answer = query.handler(api_event(f"GET {route}", headers=basic(CLIENT, CLIENT_SECRET), **parameters), CONTEXT)
    assert answer["statusCode"] == 200, answer
    return json.loads(answer["body"])


def test_a_schedule_that_fires_twice_sends_once_and_the_next_one_again(stack: Aws) -> None:
    first = canary.handler(FIRED, CONTEXT)
    assert canary.handler(FIRED, CONTEXT) == first
    assert canary.handler({**FIRED, "time": "2026-11-30T12:00:00Z"}, CONTEXT) != first

    assert [(each["to"], each["from"], each["text"]) for each in stack.gateway.sent] == [
        (FIRST, "Bakery", "Getthrough works.")
    ] * 2


def test_one_that_vonage_did_not_accept_is_tried_again(stack: Aws) -> None:
    stack.gateway.answers = [Answer(kind=AnswerKind.UNAVAILABLE)]

    canary.handler(FIRED, CONTEXT)

    assert stack.timers() >= 1


def test_it_is_marked_in_lists_and_left_out_of_the_days_figures(stack: Aws) -> None:
    canary.handler(FIRED, CONTEXT)

    stack.tally()
    [listed] = read("/v1/dispatches")["dispatches"]
    today = datetime.now(UTC).date().isoformat()
    day = read("/v1/days/{date}", path={"date": today}, query={"time_zone": "UTC"})

    assert (listed["canary"], listed["client_ref"]) == (True, "canary")
    assert (day["dispatches"], day["messages_sent"], day["channels"]) == (0, 0, [])


def test_the_time_until_its_status_came_is_a_metric_and_comes_once(
    stack: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    canary.handler(FIRED, CONTEXT)
    [sent] = stack.gateway.sent
    capsys.readouterr()

    for _ in range(2):
        body = json.dumps(status_payload("delivered", client_ref=sent["client_ref"], to=FIRST)).encode()
        event = api_event("POST /status", body=body, headers={"authorization": bearer(body)})
        assert status.handler(event, CONTEXT)["statusCode"] == 200

    emitted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "CanaryArrived" in line]
    assert len(emitted) == 1
    assert 0 <= emitted[0]["CanaryArrived"][0] < timedelta(minutes=1).total_seconds()
    assert metrics.metric_set == {}
