"""The functions that send, at their edges: what the client and the queue get when something cannot be done."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from getthrough.adapters.dynamo_contacts import DynamoOptOuts
from getthrough.adapters.timers import to_body
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind
from getthrough.domain.ports import Timer
from getthrough.handlers.send import handler
from tests.builders import DISPATCH_UUID, FIRST, NOON, SECOND, api_event, basic, message
from tests.functional.aws_in_memory import CONTEXT, Aws, aws_in_memory
from tests.secret import CLIENT, CLIENT_SECRET, hash_of

TIMER = to_body(Timer(DISPATCH_UUID, NOON))


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        yield stack


def send(stack: Aws, **fields: Any) -> dict[str, Any]:
    return stack.post("/v1/messages", json.dumps(message(**fields)).encode(), **basic(CLIENT, CLIENT_SECRET))


def test_a_route_that_does_not_exist_is_404_and_nothing_is_sent(stack: Aws) -> None:
    body = json.dumps(message()).encode()
    event = api_event("POST /v2/messages", body=body, headers=basic(CLIENT, CLIENT_SECRET))
    assert handler(event, CONTEXT)["statusCode"] == 404
    assert (stack.items(), stack.gateway.sent) == ([], [])


# POST /v1/messages


@pytest.mark.parametrize("kind", [AnswerKind.ACCEPTED, AnswerKind.UNAVAILABLE, AnswerKind.UNKNOWN])
def test_202_means_that_the_dispatch_is_in_the_table_and_has_a_timer(stack: Aws, kind: AnswerKind) -> None:
    stack.gateway.answers = [Answer(kind=kind)]
    answer = send(stack, expiry_time=600)
    assert answer["statusCode"] == 202
    [dispatch] = [item for item in stack.items() if item["sk"]["S"] == "DISPATCH"]
    assert dispatch["pk"] == {"S": f"DISPATCH#{answer['body']['workflow_id']}"}
    assert "due_at" in dispatch
    assert stack.timers() >= 1


@pytest.mark.parametrize("broken", ["without_table", "without_queue"])
def test_what_cannot_be_stored_or_has_no_timer_is_503_and_not_sent(stack: Aws, broken: str) -> None:
    getattr(stack, broken)()
    assert send(stack, expiry_time=600)["statusCode"] == 503
    assert stack.gateway.sent == []


def test_without_the_secret_no_one_is_let_in_and_nothing_is_kept(stack: Aws) -> None:
    stack.without_secret()
    assert send(stack)["statusCode"] == 503
    assert (stack.items(), stack.gateway.sent) == ([], [])


def test_a_refused_message_without_a_fallback_is_answered_in_the_providers_words(stack: Aws) -> None:
    problem = {"title": "Invalid params", "detail": "no"}
    stack.gateway.answers = [Answer(kind=AnswerKind.REFUSED, http_status=422, problem=problem)]
    answer = send(stack)
    assert (answer["statusCode"], answer["body"]) == (422, problem)


@pytest.mark.parametrize(
    "body",
    [
        '{"to": "447700900002", ' + json.dumps(message())[1:],
        json.dumps(message(more=[0] * 10_000)),
    ],
    ids=["a name twice", "too many values"],
)
def test_json_that_we_do_not_take_is_422_and_nothing_is_sent(stack: Aws, body: str) -> None:
    answer = stack.post("/v1/messages", body.encode(), **basic(CLIENT, CLIENT_SECRET))
    assert (answer["statusCode"], answer["body"]["title"]) == (422, "The request body did not contain valid JSON")
    assert stack.gateway.sent == []


def test_of_all_that_is_wrong_with_all_steps_a_hundred_are_listed(stack: Aws) -> None:
    wrong = message(channel="mms", message_type="content", content=[7] * 90)
    body = {**wrong, "failover": [wrong, wrong]}
    answer = stack.post("/v1/messages", json.dumps(body).encode(), **basic(CLIENT, CLIENT_SECRET))
    assert (answer["statusCode"], len(answer["body"]["invalid_parameters"])) == (422, 100)


def test_only_a_step_that_was_sent_is_counted_as_sent(stack: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    counted = []
    for said in ("", "STOP"):
        if said:
            DynamoOptOuts(stack.table_name, hash_of).change(
                OptOut(
                    contact=contact_of("sms", FIRST),
                    address=Address("sms", FIRST),
                    opted_out=True,
                    changed_at=NOON,
                    why=said,
                    by="customer",
                )
            )
        send(stack)
        text = capsys.readouterr().out
        counted.append([name for name in ("StepSent", "StepOptedOut") if f'"{name}":[1.0]' in text])
    assert counted == [["StepSent"], ["StepOptedOut"]]


# POST /v1/dispatches/{dispatch_uuid}/succeed


@pytest.mark.parametrize(("body", "reason"), [(None, None), ("{}", None), ('{"reason": "paid"}', "paid")])
def test_the_client_reports_that_the_customer_has_acted(stack: Aws, body: str | None, reason: str | None) -> None:
    dispatch_uuid = send(stack, failover=[message(to=SECOND)])["body"]["workflow_id"]

    answers = [succeed(dispatch_uuid, body) for _ in range(2)]
    assert answers == [(200, {"dispatch_uuid": dispatch_uuid, "outcome": "succeeded", "steps_stopped": [1]})] * 2
    [stored] = [item for item in stack.items() if item["sk"]["S"] == "DISPATCH"]
    assert stored["outcome"] == {"S": "succeeded"}
    assert stored["client_success"]["M"].get("reason") == (None if reason is None else {"S": reason})
    assert "due_at" not in stored


def test_nothing_that_is_not_there_can_succeed(stack: Aws) -> None:
    del stack
    assert succeed("5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e500", None)[0] == 404


def succeed(dispatch_uuid: str, body: str | None) -> tuple[int, dict[str, Any]]:
    route, path = "POST /v1/dispatches/{dispatch_uuid}/succeed", {"dispatch_uuid": dispatch_uuid}
    answer = handler(api_event(route, path=path, headers=basic(CLIENT, CLIENT_SECRET), body=body), CONTEXT)
    return answer["statusCode"], json.loads(answer["body"])


# DELETE /v1/dispatches


@pytest.mark.parametrize(
    ("kind", "stopped"), [(AnswerKind.ACCEPTED, [1]), (AnswerKind.UNKNOWN, [1]), (AnswerKind.UNAVAILABLE, [0, 1])]
)
def test_a_step_that_vonage_certainly_did_not_accept_is_stopped_too(
    stack: Aws, kind: AnswerKind, stopped: list[int]
) -> None:
    stack.gateway.answers = [Answer(kind=kind)]
    dispatch_uuid = send(stack, failover=[message(to=SECOND)])["body"]["workflow_id"]

    route, path = "DELETE /v1/dispatches/{dispatch_uuid}", {"dispatch_uuid": dispatch_uuid}
    answer = handler(api_event(route, path=path, headers=basic(CLIENT, CLIENT_SECRET)), CONTEXT)

    reported = {"dispatch_uuid": dispatch_uuid, "outcome": "cancelled", "steps_stopped": stopped}
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, reported)


# The queue of timers


def test_a_timer_for_nothing_is_used_up(stack: Aws) -> None:
    assert stack.fire(TIMER) == {"batchItemFailures": []}


def test_only_the_timers_that_fail_come_back(stack: Aws) -> None:
    assert stack.fire(TIMER, "hello", TIMER) == {"batchItemFailures": [{"itemIdentifier": "timer-1"}]}


def test_while_the_table_cannot_be_read_every_timer_comes_back(stack: Aws) -> None:
    stack.without_table()
    failures = [{"itemIdentifier": "timer-0"}, {"itemIdentifier": "timer-1"}]
    assert stack.fire(TIMER, TIMER) == {"batchItemFailures": failures}
