"""Each check of `getthrough smoke` that calls the API: on a healthy stack, and on one that is broken in one way."""

from collections.abc import Callable
from typing import Any

import pytest

from cli.api import Answer, Api
from cli.smoke import edge, sending
from cli.smoke.finding import Finding, State
from cli.smoke.sending import Phone
from cli.stack import Stack
from tests.unit.cli.api import (
    BATCH,
    DISPATCH,
    NOON,
    HealthyApi,
    answer,
    batch,
    dispatch,
    dispatches,
    file,
    problem,
)

Check = Callable[[Api], Finding]
PHONE = Phone("447700900555", "447700900001")


def at_once(seconds: float) -> None:
    """Instead of waiting."""


@pytest.fixture
def api() -> HealthyApi:
    return HealthyApi()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever does not come at once never comes."""
    monkeypatch.setattr(sending, "SECONDS_FOR_A_CHAIN", 0)
    monkeypatch.setattr(sending, "SECONDS_FOR_A_MESSAGE", 0)


def later(api: Api) -> Finding:
    assert isinstance(api, HealthyApi)
    api.answers.setdefault("planned", dispatch("cancelled"))
    api.answers["GET /v1/dispatches"] = api.answers["planned"]
    return sending.later(api)


def chain(api: Api) -> Finding:
    return sending.chain(api, at_once)


HEALTHY: dict[Check, str] = {
    edge.console: "The console and its 4 files load in parallel.",
    edge.unknown_route: "An unknown route is answered 404 with our problem details.",
    edge.unsigned_webhook: "A webhook without a signature is answered 503, so that Vonage sends it again, signed.",
    edge.forged_webhook: "A webhook with a forged signature is answered 401.",
    sending.opt_out: "An opt-out is set, obeyed and taken back.",
    later: "A message with send_at is planned and cancelled, and never sent.",
    chain: "A chain of more than 16 timers ran to its end (50 skipped messages, nothing sent).",
}


@pytest.mark.parametrize("check", HEALTHY)
def test_a_healthy_stack_passes(api: HealthyApi, check: Check) -> None:
    assert check(api) == Finding(State.PASSED, HEALTHY[check])


Broken = tuple[Check, str, Answer, str]
GATEWAYS_OWN = answer(404, {"message": "Not Found"})
BROKEN: list[Broken] = [
    (
        sending.opt_out,
        "POST /v1/messages opted out",
        problem(503, "DynamoDB did not do it."),
        "A message to a number that has opted out is not refused: 503 DynamoDB did not do it.",
    ),
    (
        sending.opt_out,
        "POST /v1/messages opted out",
        answer(202, {"workflow_id": DISPATCH}),
        "A message to a number that has opted out is not refused: 202.",
    ),
    (
        edge.console,
        "GET /assets/views/b.js",
        answer(503, {"message": "Service Unavailable"}),
        "1 of the console's 4 files did not load (1 with 503).",
    ),
    (
        edge.console,
        "GET /assets/c.js",
        problem(404),
        "1 of the console's 5 files did not load (1 with 404).",
    ),
    (
        edge.console,
        "GET /",
        file("text/html", "<html>It works!</html>"),
        "The console's address answers a page that loads nothing.",
    ),
    (
        edge.unknown_route,
        "GET /no-such-route",
        GATEWAYS_OWN,
        "An unknown route is answered 404 as application/json, not 404 with our problem details.",
    ),
    (
        edge.unsigned_webhook,
        "POST /status",
        answer(200, {}),
        "A webhook without a signature is answered 200 as application/json, not 503 with our problem details.",
    ),
    (
        edge.unsigned_webhook,
        "POST /status",
        answer(503, {"message": "Service Unavailable"}),
        "A webhook without a signature is answered 503 as application/json, not 503 with our problem details.",
    ),
    (
        edge.forged_webhook,
        "POST /status signed",
        answer(200, {}),
        "A webhook with a forged signature is answered 200 as application/json, not 401 with our problem details.",
    ),
    (
        edge.forged_webhook,
        "POST /status signed",
        problem(503),
        "A webhook with a forged signature is answered 503 as application/problem+json, not 401 with our problem "
        "details.",
    ),
    (
        sending.opt_out,
        "PUT /v1/opt-outs",
        problem(401, "The client is not known."),
        "An opt-out that was set is not: 401 The client is not known, and then 200.",
    ),
    (
        sending.opt_out,
        "DELETE /v1/opt-outs",
        answer(200, {"opted_out": True}),
        "An opt-out that was taken back is not: 200, and then 200.",
    ),
    (
        later,
        "POST /v1/messages",
        problem(500, "Something broke."),
        "A message with send_at is not accepted: 500 Something broke.",
    ),
    (
        later,
        "planned",
        dispatch("succeeded", tries=1, status="delivered"),
        "A planned message was not cancelled: 200, and its outcome is 'succeeded'.",
    ),
    (
        later,
        "planned",
        dispatch("cancelled", tries=1),
        "A planned message was not cancelled: 200, and its outcome is 'cancelled'.",
    ),
    (chain, "POST /v1/batches", problem(422, "rate"), "A batch is not accepted: 422 rate."),
    (
        chain,
        "GET /v1/batches",
        batch(sent=3),
        "3 messages of a batch in quiet hours were sent, to numbers that belong to no one.",
    ),
    (
        chain,
        "GET /v1/batches dispatches",
        dispatches(pause_after=38, pause=200),
        "A chain of timers stopped for 202 seconds, until the tick took it up again.",
    ),
]


@pytest.mark.parametrize("broken", BROKEN, ids=[f"{row[0].__name__}: {row[3][:40]}" for row in BROKEN])
def test_a_stack_that_is_broken_in_one_way_fails(api: HealthyApi, broken: Broken) -> None:
    check, route, changed, sentence = broken
    api.answers[route] = changed

    finding = check(api)

    assert (finding.state, finding.sentence) == (State.FAILED, sentence)
    assert finding.next_step


def test_every_check_of_the_api_is_seen_to_fail() -> None:
    assert {row[0] for row in BROKEN} == HEALTHY.keys()


def test_a_chain_that_stops_is_named_and_its_batch_cancelled(api: HealthyApi) -> None:
    api.answers["GET /v1/batches"] = batch(state="sending", failed=36)
    api.answers["GET /v1/batches dispatches"] = dispatches(number=38)

    finding = chain(api)

    assert (finding.state, finding.sentence) == (
        State.FAILED,
        "A batch of 50 has got to 38 after 0 seconds, and was cancelled.",
    )
    assert "RecursiveLoop: Allow" in finding.next_step
    assert api.calls[-1] == f"DELETE /v1/batches/{BATCH}"


def test_a_chain_is_waited_for(api: HealthyApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SECONDS_FOR_A_CHAIN", 60)
    api.answers["GET /v1/batches"] = batch(state="sending", failed=36)
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            api.answers["GET /v1/batches"] = batch()

    assert sending.chain(api, wait).state is State.PASSED
    assert waited == [1, 1, 1]


def test_nothing_but_the_real_message_can_reach_anybody(api: HealthyApi) -> None:
    for check in HEALTHY:
        check(api)

    sent = [body for body in api.bodies if isinstance(body, dict)]
    batches = [body for body in sent if "recipients" in body]
    messages = [body for body in sent if "to" in body]
    numbers = [recipient["to"] for body in batches for recipient in body["recipients"]]
    numbers += [body["to"] for body in messages]
    assert (len(batches), len(messages)) == (1, 2)
    assert all(number.startswith("447700900") for number in numbers)
    assert [body["message"]["quiet_hours"]["then"] for body in batches] == ["skip"]
    [at_once] = [body for body in messages if "send_at" not in body]
    calls = api.calls[: api.bodies.index(at_once)]
    assert (at_once["to"], calls[-2:]) == (
        sending.OPTED_OUT,
        [f"{method} /v1/opt-outs/sms/{sending.OPTED_OUT}" for method in ("PUT", "GET")],
    ), "which is refused, because the number has opted out"


def send(api: Api, stack: Stack) -> Finding:
    return sending.message(api, stack, PHONE, at_once)


def test_a_real_message_goes_to_the_phone_that_was_named_and_is_waited_for(api: HealthyApi, stack: Stack) -> None:
    assert send(api, stack) == Finding(State.PASSED, "The message was delivered, and its signed status came back.")
    assert [(body["from"], body["to"], body["text"]) for body in api.bodies if body] == [
        (PHONE.sender, PHONE.to, "Smoke test of shop.")
    ]


UNDELIVERED: list[tuple[Answer, str, str]] = [
    (
        dispatch("exhausted", answer="refused", problem={"detail": "Invalid sender", "title": "No"}, tries=1),
        "Vonage did not deliver the message (refused: Invalid sender).",
        "FROM=",
    ),
    (
        dispatch("exhausted", answer="accepted", status="rejected", tries=1),
        "Vonage did not deliver the message (rejected: no reason given).",
        "FROM=",
    ),
    (
        dispatch(answer="unavailable", problem={"title": "Unauthorized"}, tries=3),
        "Vonage did not accept the message (Unauthorized).",
        "private key",
    ),
    (
        dispatch(answer="accepted", status="submitted", tries=1),
        "Vonage passed the message on, and its delivery was not reported within two minutes.",
        "another phone",
    ),
    (
        dispatch(answer="accepted", tries=1),
        "Vonage accepted the message, and no status of it came.",
        "https://abc.execute-api.eu-west-1.amazonaws.com/status",
    ),
]


@pytest.mark.parametrize(("found", "sentence", "cure"), UNDELIVERED)
def test_a_message_that_does_not_arrive_says_why_and_is_cancelled(
    api: HealthyApi, stack: Stack, found: Answer, sentence: str, cure: str
) -> None:
    api.answers["GET /v1/dispatches"] = found

    finding = send(api, stack)

    assert (finding.state, finding.sentence) == (State.FAILED, sentence)
    assert cure in finding.next_step
    assert f"DELETE /v1/dispatches/{DISPATCH}" in api.calls


@pytest.mark.parametrize(
    ("received_at", "sentence"),
    [
        (NOON.replace(minute=1), "A webhook came that does not verify (forged: signature)."),
        (NOON.replace(hour=11), "Vonage accepted the message, and no status of it came."),
    ],
)
def test_a_webhook_with_a_wrong_signature_since_the_message_names_the_secret(
    api: HealthyApi, stack: Stack, received_at: Any, sentence: str
) -> None:
    api.answers["GET /v1/dispatches"] = dispatch(answer="accepted", tries=1)
    webhook = {"reason": "forged: signature", "received_at": received_at.isoformat()}
    api.answers["GET /v1/quarantine"] = answer(200, {"webhooks": [webhook]})

    assert send(api, stack).sentence == sentence


def test_a_message_that_the_api_refuses_says_what_the_api_said(api: HealthyApi, stack: Stack) -> None:
    api.answers["POST /v1/messages"] = problem(422, "to is not a phone number")

    assert send(api, stack).sentence == "The message was not accepted: 422 to is not a phone number."
