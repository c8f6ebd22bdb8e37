"""STOP: after it is stored nothing more is sent to that contact; START undoes it; copies and old messages do not."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from getthrough.adapters.timers import to_body
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind
from getthrough.domain.ports import Timer
from getthrough.domain.values.rfc3339 import to_text
from tests.builders import FIRST, FROM, NOON, SECOND, basic, message
from tests.functional.aws_in_memory import Aws, aws_in_memory, bearer, forget
from tests.secret import CLIENT, CLIENT_SECRET


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        yield stack


def send(stack: Aws, **fields: Any) -> dict[str, Any]:
    return stack.post("/v1/messages", json.dumps(message(**fields)).encode(), **basic(CLIENT, CLIENT_SECRET))


def says(stack: Aws, text: str, minutes_ago: int = 5, channel: str = "sms") -> None:
    at = to_text(datetime.now(UTC) - timedelta(minutes=minutes_ago))
    fields = {"channel": channel, "message_uuid": text + at, "from": FIRST, "to": FROM, "text": text, "timestamp": at}
    body = json.dumps(fields).encode()
    assert stack.post("/inbound", body, authorization=bearer(body))["statusCode"] == 200


def outcomes(stack: Aws) -> list[str]:
    found = [item for item in stack.items() if item["sk"]["S"] == "DISPATCH"]
    return [item["outcome"]["S"] if "outcome" in item else "under way" for item in found]


def test_the_stacks_own_phrases_stop_messages(stack: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOP_PHRASES", "no more cake, basta torte")
    says(stack, "Basta torte, please!")
    assert send(stack)["statusCode"] == 422
    assert stack.gateway.sent == []


def test_after_a_stop_nothing_is_sent_and_the_dispatch_is_stopped(stack: Aws) -> None:
    says(stack, "STOP")
    assert send(stack)["statusCode"] == 422
    assert (stack.gateway.sent, outcomes(stack)) == ([], ["stopped"])


def test_a_free_whatsapp_message_to_who_has_not_written_is_422_until_the_customer_writes(
    stack: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert send(stack, channel="whatsapp")["statusCode"] == 202  # the default: Vonage decides
    monkeypatch.setenv("SERVICE_WINDOW", "enforce")
    forget()
    says(stack, "Are you open?", minutes_ago=24 * 60, channel="whatsapp")
    refused = send(stack, channel="whatsapp")
    says(stack, "Hello?", channel="whatsapp")
    accepted = send(stack, channel="whatsapp")

    reason = "has not written to this sender in the last 24 hours, so the channel takes only templates."
    assert refused["body"]["invalid_parameters"] == [{"name": "to", "reason": f"{reason} Nothing was sent."}]
    assert (refused["statusCode"], accepted["statusCode"], sorted(outcomes(stack))) == (
        422,
        202,
        ["exhausted", "under way", "under way"],
    )
    assert len(stack.gateway.sent) == 2


def test_a_free_whatsapp_message_that_is_a_fallback_is_not_sent_outside_of_the_window_either(
    stack: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_WINDOW", "enforce")
    forget()
    stack.gateway.answers = [Answer(kind=AnswerKind.REFUSED, http_status=422)]
    answer = send(stack, failover=[message(channel="whatsapp", to=SECOND)])
    stack.fire(to_body(Timer(answer["body"]["workflow_id"], NOON)))

    assert ([sent["channel"] for sent in stack.gateway.sent], outcomes(stack)) == (["sms"], ["exhausted"])


def test_after_a_stop_a_step_for_another_contact_goes_out_when_it_is_certainly_stored(stack: Aws) -> None:
    says(stack, "STOP")
    answer = send(stack, failover=[message(to=SECOND)])
    assert answer["statusCode"] == 202
    assert (stack.gateway.sent, stack.timers()) == ([], 2)  # the first one was armed before the claim
    stack.fire(to_body(Timer(answer["body"]["workflow_id"], NOON)))
    assert [sent["to"] for sent in stack.gateway.sent] == [SECOND]


@pytest.mark.parametrize(("channel", "status"), [("whatsapp", 422), ("mms", 422), ("messenger", 202)])
def test_a_stop_counts_on_every_channel_of_the_same_telephone(stack: Aws, channel: str, status: int) -> None:
    says(stack, "STOP", channel=channel)
    assert send(stack)["statusCode"] == status


def test_a_start_undoes_a_stop(stack: Aws) -> None:
    says(stack, "STOP", minutes_ago=5)
    says(stack, "START", minutes_ago=4)
    assert send(stack)["statusCode"] == 202


@pytest.mark.parametrize(("late", "status"), [("STOP", 202), ("START", 422)])
def test_an_older_message_that_comes_late_changes_nothing(stack: Aws, late: str, status: int) -> None:
    newer = {"STOP": "START", "START": "STOP"}[late]
    says(stack, newer, minutes_ago=4)
    says(stack, late, minutes_ago=5)
    assert send(stack)["statusCode"] == status


def test_a_message_that_only_has_the_word_in_it_stops_nothing(stack: Aws) -> None:
    says(stack, "Please stop by at noon")
    assert send(stack)["statusCode"] == 202


def test_a_copy_of_a_stop_makes_up_for_one_that_died_half_way(stack: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"channel": "sms", "message_uuid": "in-1", "from": FIRST, "to": FROM, "text": "STOP"}).encode()
    with monkeypatch.context() as broken:
        broken.delattr("getthrough.adapters.dynamo_contacts.DynamoOptOuts.change")
        assert stack.post("/inbound", body, authorization=bearer(body))["statusCode"] == 500
    assert stack.post("/inbound", body, authorization=bearer(body))["statusCode"] == 200
    assert send(stack)["statusCode"] == 422


def test_a_stop_is_confirmed_by_the_function_that_sends_past_the_opt_out_and_only_once(
    stack: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOP_ANSWER", "You get no more messages.")
    forget()
    says(stack, "STOP", minutes_ago=0)
    says(stack, "STOP", minutes_ago=1)
    [answer] = [item["pk"]["S"].partition("#")[2] for item in stack.items() if item["sk"]["S"] == "DISPATCH"]
    assert stack.gateway.sent == []
    for _ in range(2):
        assert stack.fire(to_body(Timer(answer, datetime.now(UTC)))) == {"batchItemFailures": []}

    assert [(sent["to"], sent["from"], sent["text"]) for sent in stack.gateway.sent] == [
        (FIRST, FROM, "You get no more messages.")
    ]
    assert (send(stack)["statusCode"], len(stack.gateway.sent)) == (422, 1)
