"""POST /v0.1/dispatch at its edges: it answers as the Dispatch API does, and is /v1/messages in everything else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from getthrough.domain.dispatch.dispatch import Answer, AnswerKind
from tests.builders import FIRST, FROM, SECOND, basic
from tests.functional.aws_in_memory import CONTEXT, Aws, aws_in_memory, bearer
from tests.secret import CLIENT, CLIENT_SECRET


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        yield stack


def item(to: str = FIRST, **fields: Any) -> dict[str, Any]:
    return {
        "from": {"type": "sms", "number": FROM},
        "to": {"type": "sms", "number": to},
        "message": {"content": {"type": "text", "text": "The cupcakes are ready!"}},
        **fields,
    }


TWO = {
    "template": "failover",
    "workflow": [item(failover={"expiry_time": 600, "condition_status": "delivered"}), item(SECOND)],
}
ONE = {"template": "failover", "workflow": [item()]}


def post(stack: Aws, body: object, **headers: str) -> dict[str, Any]:
    return stack.post("/v0.1/dispatch", json.dumps(body).encode(), **basic(CLIENT, CLIENT_SECRET), **headers)


def reported(answer: dict[str, Any]) -> tuple[int, Any]:
    return answer["statusCode"], answer["body"]


def test_202_gives_the_dispatch_and_its_first_message_is_sent_in_v1(stack: Aws) -> None:
    status, body = reported(post(stack, TWO))
    assert (status, list(body)) == (202, ["dispatch_uuid"])
    assert [item["pk"]["S"] for item in stack.items() if "plan" in item] == [f"DISPATCH#{body['dispatch_uuid']}"]
    assert stack.gateway.sent == [
        {
            "channel": "sms",
            "message_type": "text",
            "to": FIRST,
            "from": FROM,
            "text": "The cupcakes are ready!",
            "ttl": 600,
            "client_ref": f"{body['dispatch_uuid'][:-2]}01",
            "webhook_version": "v1",
        }
    ]


def test_violations_are_a_400_in_the_bodys_own_terms(stack: Aws) -> None:
    answer = post(stack, {"template": "failover", "workflow": [item(), item(to="7")]})
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert reported(answer) == (
        400,
        {
            "type": "https://developer.vonage.com/api-errors/messages#1150",
            "title": "Invalid params",
            "detail": "The value of one or more parameters is invalid.",
            "instance": CONTEXT.aws_request_id,
            "invalid_parameters": [
                {"name": "workflow[0].failover", "reason": "is required for every message except the last one."},
                {
                    "name": "workflow[1].to.number",
                    "reason": "must be a phone number with its country code, such as +44 7700 900000 "
                    "(with spaces, the + is needed).",
                },
            ],
        },
    )
    assert (stack.items(), stack.gateway.sent) == ([], [])


def test_the_same_violations_stay_a_422_in_v1(stack: Aws) -> None:
    answer = stack.post("/v1/messages", b"{}", **basic(CLIENT, CLIENT_SECRET))
    assert (answer["statusCode"], len(answer["body"]["invalid_parameters"])) == (422, 4)


def test_a_key_makes_one_dispatch_however_often_it_is_sent(stack: Aws) -> None:
    first, again = (post(stack, TWO, **{"idempotency-key": "7"}) for _ in range(2))
    assert reported(first) == reported(again)
    assert "idempotent-replayed" not in first["headers"]
    assert again["headers"]["idempotent-replayed"] == "true"
    assert len(stack.gateway.sent) == 1


def test_a_key_that_was_used_for_another_request_is_a_409_in_either_api(stack: Aws) -> None:
    v1 = {"channel": "sms", "message_type": "text", "to": FIRST, "from": FROM, "text": "The cupcakes are ready!"}
    post(stack, ONE, **{"idempotency-key": "7"})
    assert post(stack, TWO, **{"idempotency-key": "7"})["statusCode"] == 409
    answer = stack.post(
        "/v1/messages", json.dumps(v1).encode(), **basic(CLIENT, CLIENT_SECRET), **{"idempotency-key": "7"}
    )
    assert answer["statusCode"] == 409
    assert len(stack.gateway.sent) == 1


def test_a_key_that_is_none_is_a_400(stack: Aws) -> None:
    status, body = reported(post(stack, ONE, **{"idempotency-key": ""}))
    violation = {"name": "Idempotency-Key", "reason": "must have 1 to 255 printable ASCII characters."}
    assert (status, body["invalid_parameters"]) == (400, [violation])


def test_vonages_refusal_of_a_single_message_is_passed_on(stack: Aws) -> None:
    problem = {
        "title": "Low balance",
        "detail": "This request could not be performed due to your account balance being low.",
    }
    stack.gateway.answers = [Answer(kind=AnswerKind.REFUSED, http_status=402, problem=problem)]
    assert reported(post(stack, ONE)) == (402, problem)


def test_a_refused_first_message_with_a_fallback_is_202(stack: Aws) -> None:
    stack.gateway.answers = [Answer(kind=AnswerKind.REFUSED, http_status=422, problem={"title": "no"})]
    assert post(stack, TWO)["statusCode"] == 202


def test_a_dispatch_without_credentials_is_refused(stack: Aws) -> None:
    answer = stack.post("/v0.1/dispatch", json.dumps(ONE).encode())
    assert (answer["statusCode"], stack.gateway.sent) == (401, [])


def test_a_customer_who_has_opted_out_is_a_violation_of_the_address_however_it_is_written(stack: Aws) -> None:
    stop = {
        "channel": "sms",
        "message_uuid": "0c4d9a52-3b1f-4e7e-8a55-77c0ffee0001",
        "to": FROM,
        "from": FIRST,
        "timestamp": "2026-03-02T12:00:01Z",
        "message_type": "text",
        "text": "STOP",
    }
    body = json.dumps(stop).encode()
    assert stack.post("/inbound", body, authorization=bearer(body))["statusCode"] == 200
    status, answer = reported(post(stack, {"template": "failover", "workflow": [item(to="+44 7700 900-001")]}))
    violation = {"name": "workflow[0].to", "reason": "has opted out of messages. Nothing was sent."}
    assert (status, answer["invalid_parameters"]) == (400, [violation])
    assert stack.gateway.sent == []
