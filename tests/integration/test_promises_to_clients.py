"""What a client may rely on when it asks twice, changes its mind, or its customer says stop."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.builders import FROM
from tests.integration.scenes import over, received, reply, send, sms
from tests.running_stack import Stack, new_number


def workflow(to: str) -> dict[str, Any]:
    """An SMS in the words of the Dispatch API v0.1."""
    parties = {"from": {"type": "sms", "number": FROM}, "to": {"type": "sms", "number": to}}
    content = {"type": "text", "text": "The cupcakes are ready!"}
    return {"template": "failover", "workflow": [{**parties, "message": {"content": content}}]}


DIALECTS = [("/v1/messages", sms, "workflow_id"), ("/v0.1/dispatch", workflow, "dispatch_uuid")]


def post(stack: Stack, body: dict[str, Any], key: str) -> requests.Response:
    return stack.api("POST", "/v1/messages", body, headers={"Idempotency-Key": key})


@pytest.mark.main_story
def test_the_same_key_with_the_same_body_gets_the_same_answer(stack: Stack) -> None:
    number, key = new_number(), str(uuid4())

    first, again = post(stack, sms(number), key), post(stack, sms(number), key)

    assert (first.status_code, again.status_code, again.json()) == (202, 202, first.json())
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    assert len(received(stack, number)) == 1


def test_the_same_key_with_another_body_is_a_conflict(stack: Stack) -> None:
    number, key = new_number(), str(uuid4())
    post(stack, sms(number), key)

    response = post(stack, sms(number, text="Another text"), key)

    assert (response.status_code, response.headers["content-type"]) == (409, "application/problem+json")
    assert len(received(stack, number)) == 1


def test_a_refusal_is_replayed_as_it_was(stack: Stack) -> None:
    number, key = new_number(), str(uuid4())

    first, again = (post(stack, sms(number, frosting="pink"), key) for _ in range(2))

    assert (first.status_code, again.status_code, again.json()) == (422, 422, first.json())
    assert len(received(stack, number)) == 1


@pytest.mark.parametrize(("path", "body", "identifier"), DIALECTS)
def test_fifty_requests_at_once_with_one_key_make_one_dispatch_and_one_message(
    stack: Stack, path: str, body: Callable[[str], dict[str, Any]], identifier: str
) -> None:
    number, key = new_number(), str(uuid4())

    def ask(_: int) -> requests.Response:
        return stack.api("POST", path, body(number), headers={"Idempotency-Key": key})

    with ThreadPoolExecutor(50) as threads:
        responses = list(threads.map(ask, range(50)))

    assert {response.status_code for response in responses} == {202}
    assert len({response.text for response in responses}) == 1
    assert sum(response.headers.get("idempotent-replayed") == "true" for response in responses) == 49
    assert len(received(stack, number)) == 1
    found = stack.api("GET", "/v1/dispatches", params={"channel": "sms", "address": number}).json()["dispatches"]
    assert [dispatch["dispatch_uuid"] for dispatch in found] == [responses[0].json()[identifier]]


def test_an_unusable_key_is_refused(stack: Stack) -> None:
    response = post(stack, sms(new_number()), "x" * 256)

    assert response.status_code == 422
    assert [fault["name"] for fault in response.json()["invalid_parameters"]] == ["Idempotency-Key"]


@pytest.mark.main_story
def test_a_cancelled_dispatch_sends_no_fallback(stack: Stack) -> None:
    first, second = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{first}", {"mode": "airplane"})
    dispatch_uuid = send(stack, sms(first, expiry_time=2, failover=[sms(second)]))

    response = stack.api("DELETE", f"/v1/dispatches/{dispatch_uuid}")
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)

    assert (response.status_code, response.json()) == (
        200,
        {"dispatch_uuid": dispatch_uuid, "outcome": "cancelled", "steps_stopped": [1]},
    )
    assert dispatch["outcome"] == "cancelled"
    assert [post["body"]["to"] for post in received(stack, first, second)] == [first]
    assert stack.api("DELETE", "/v1/dispatches/nobodys").status_code == 404


def test_nothing_is_sent_to_a_customer_who_said_stop_until_start(stack: Stack) -> None:
    number, other = new_number(), new_number()
    stack.wait_for_dispatch(send(stack, sms(number)), over)
    reply(stack, "sms", number, "Stop.")

    refused = stack.api("POST", "/v1/messages", sms(number))
    passed_over = stack.wait_for_dispatch(send(stack, sms(number, failover=[sms(other)])), over)
    before = len(received(stack, number))
    reply(stack, "sms", number, "START")
    again = stack.wait_for_dispatch(send(stack, sms(number)), over)

    assert refused.status_code == 422
    assert [fault["name"] for fault in refused.json()["invalid_parameters"]] == ["to"]
    assert (passed_over["succeeded_by"], passed_over["steps"][0]["answer"]) == (1, "opted_out")
    assert before == 1
    assert again["outcome"] == "succeeded"
