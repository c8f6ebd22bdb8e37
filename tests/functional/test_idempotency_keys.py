"""`Idempotency-Key`: one dispatch for a key, however often and at whichever moment the client asks again."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from getthrough.domain.dispatch.dispatch import Answer, AnswerKind
from getthrough.domain.values.errors import UnavailableError
from tests.builders import basic, message
from tests.functional.aws_in_memory import OTHER_CLIENT, Aws, aws_in_memory
from tests.secret import CLIENT, CLIENT_SECRET


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        yield stack


def send(stack: Aws, key: str | None = "order 7", client: str = CLIENT, **fields: Any) -> tuple[int, Any]:
    headers = {"idempotency-key": key} if key else {}
    body = json.dumps(message(**fields)).encode()
    answer = stack.post("/v1/messages", body, **basic(client, CLIENT_SECRET), **headers)
    return answer["statusCode"], answer["body"]


def test_the_same_key_with_the_same_body_gets_the_same_answer_and_sends_once(stack: Aws) -> None:
    first = send(stack)
    items = stack.items()
    assert [send(stack), send(stack)] == [first, first]
    assert first[0] == 202
    assert (stack.items(), len(stack.gateway.sent)) == (items, 1)


def test_a_body_is_the_same_in_whatever_order_its_fields_come(stack: Aws) -> None:
    fields = message()
    backwards = dict(reversed(fields.items()))
    headers = {**basic(CLIENT, CLIENT_SECRET), "idempotency-key": "order 7"}
    answers = [stack.post("/v1/messages", json.dumps(body).encode(), **headers) for body in (fields, backwards)]
    assert [answer["statusCode"] for answer in answers] == [202, 202]
    assert len(stack.gateway.sent) == 1


def test_the_same_key_with_another_body_is_409_and_sends_nothing(stack: Aws) -> None:
    send(stack)
    assert send(stack, text="Something else")[0] == 409
    assert len(stack.gateway.sent) == 1


def test_what_the_provider_refused_is_refused_in_the_same_words_again(stack: Aws) -> None:
    problem = {"title": "Invalid params", "detail": "no"}
    stack.gateway.answers = [Answer(kind=AnswerKind.REFUSED, http_status=422, problem=problem)]
    assert [send(stack), send(stack)] == [(422, problem)] * 2
    assert len(stack.gateway.sent) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [({"key": "order 7"}, {"key": "order 8"}), ({"key": None}, {"key": None}), ({}, {"client": OTHER_CLIENT})],
    ids=["another key", "no key", "another client"],
)
def test_without_the_same_key_of_the_same_client_it_is_another_dispatch(
    stack: Aws, one: dict[str, Any], other: dict[str, Any]
) -> None:
    first, second = send(stack, **one), send(stack, **other)
    assert (first[0], second[0]) == (202, 202)
    assert first[1]["workflow_id"] != second[1]["workflow_id"]
    assert len(stack.gateway.sent) == 2


def test_after_a_503_the_same_key_sends_at_last(stack: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("getthrough.adapters.timers.SqsTimers._send", _fail)
        assert send(stack, expiry_time=600)[0] == 503
    assert send(stack, expiry_time=600)[0] == 202
    assert len(stack.gateway.sent) == 1


def _fail(*_: Any) -> None:
    raise UnavailableError("sqs: InternalError")
