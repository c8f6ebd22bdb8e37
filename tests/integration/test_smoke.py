"""`make smoke` on the local stack: it passes, and each fault that can be made in the emulator is found."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from cli.__main__ import main
from cli.api import Api, credentials
from cli.smoke import account, edge, sending
from cli.smoke.finding import State
from cli.smoke.sending import Phone
from cli.stack import ALARM, EVENT_SOURCE, FUNCTION, NOT_ON_THE_EMULATOR, Names
from cli.stack import Stack as LocalStack
from cli.stack import local as local_stack
from local.stack.settings import API_ID
from tests.integration.scenes import until
from tests.running_stack import Stack, new_number, running_stack

SENDER = "Getthrough"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of our own, since things are broken in it."""
    with running_stack(tmp_path_factory.mktemp("smoke") / "local") as running:
        yield running


@pytest.fixture
def looked_at(running: Stack) -> LocalStack:
    return local_stack(running.local_dir)


@pytest.fixture
def api(running: Stack, looked_at: LocalStack) -> Api:
    return Api(running.api_url, credentials(looked_at), through_proxies=False)


@pytest.mark.timeout(600)
def test_the_local_stack_passes_and_what_the_emulator_cannot_tell_is_not_said_to_have_passed(
    running: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOCAL_DIR", str(running.local_dir))
    # A busy computer is no fault of the stack.
    monkeypatch.setattr(sending, "SECONDS_FOR_A_CHAIN", 400)
    monkeypatch.setattr(sending, "SECONDS_FOR_A_MESSAGE", 400)
    monkeypatch.setattr(sending, "LONGEST_PAUSE", timedelta(minutes=4))

    code = main(["smoke", "--local", "--json"])

    printed = capsys.readouterr()
    found = json.loads(printed.out)
    states = {check["check"]: check["state"] for check in found["checks"]}
    assert (code, printed.err, found["passed"]) == (0, "", True), printed.out
    assert states == {
        "console": "passed",
        "unknown route": "passed",
        "unsigned webhook": "passed",
        "forged webhook": "passed",
        "opt-out": "passed",
        "later": "passed",
        "event sources": "passed",
        "tick": "not checked",
        "ttl": "passed",
        "backups": "not checked",
        "recursion": "not checked",
        "concurrency": "not checked",
        "chain": "passed",
        "message": "passed",
        "dead letters": "passed",
        "alarms": "not checked",
    }
    assert running.client_secret not in printed.out


def test_the_emulator_still_cannot_tell_what_is_not_checked_on_it(running: Stack, looked_at: LocalStack) -> None:
    running.invoke("TickFunction", {})
    functions = looked_at.resources[FUNCTION]
    config = looked_at.client("lambda").get_function_recursion_config(FunctionName=functions["AdvanceFunction"])

    assert NOT_ON_THE_EMULATOR.keys() == {"tick", "backups", "recursion", "concurrency"}
    assert account.backups(looked_at).state is State.FAILED
    assert config["RecursiveLoop"] == "Terminate"
    assert looked_at.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"] == 1000


@contextmanager
def disabled(stack: LocalStack, name: str) -> Iterator[None]:
    """An event source of the stack, switched off for the time being."""
    client, uuid = stack.client("lambda"), stack.resources[EVENT_SOURCE][name]
    client.update_event_source_mapping(UUID=uuid, Enabled=False)
    try:
        yield
    finally:
        client.update_event_source_mapping(UUID=uuid, Enabled=True)
        until(lambda: client.get_event_source_mapping(UUID=uuid)["State"] == "Enabled")


def test_an_event_source_that_is_off_is_named_and_stops_a_chain(
    looked_at: LocalStack, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SECONDS_FOR_A_CHAIN", 3)

    with disabled(looked_at, "Timers"):
        sources, chain = account.event_sources(looked_at), sending.chain(api)

    assert (sources.state, sources.sentence) == (
        State.FAILED,
        "Not every event source is enabled: Timers is Disabled.",
    )
    assert (chain.state, chain.sentence) == (
        State.FAILED,
        "A batch of 50 has got to 0 after 3 seconds, and was cancelled.",
    )


@pytest.mark.parametrize("output", Names.DEAD_LETTER_QUEUES)
def test_a_dead_letter_is_found_in_either_queue(looked_at: LocalStack, output: str) -> None:
    queues, url = looked_at.client("sqs"), looked_at.outputs[output]
    queues.send_message(QueueUrl=url, MessageBody="{}")
    try:
        finding = account.dead_letters(looked_at)
    finally:
        queues.purge_queue(QueueUrl=url)

    name = output.removesuffix("Url")
    assert finding.sentence == f"Something could not be carried out: {name} holds 1."


def test_a_table_that_forgets_nothing_is_found(looked_at: LocalStack) -> None:
    def switch(on: bool) -> None:
        looked_at.client("dynamodb").update_time_to_live(
            TableName=looked_at.outputs[Names.TABLE_NAME],
            TimeToLiveSpecification={"AttributeName": Names.TTL_ATTRIBUTE, "Enabled": on},
        )

    switch(False)
    finding = account.ttl(looked_at)
    switch(True)

    assert finding.sentence.startswith("The table's time to live is DISABLED")
    assert account.ttl(looked_at).state is State.PASSED


def test_an_alarm_that_is_on_is_named(looked_at: LocalStack) -> None:
    name = looked_at.resources[ALARM]["TickMissingAlarm"]

    def set_to(state: str) -> None:
        looked_at.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")

    set_to("ALARM")
    finding = account.alarms(looked_at)
    set_to("INSUFFICIENT_DATA")

    assert finding.state is State.FAILED
    assert finding.sentence.startswith("An alarm is on (TickMissingAlarm: ")


def test_a_default_route_that_is_gone_is_found_by_the_gateways_own_words(looked_at: LocalStack, api: Api) -> None:
    gateway = looked_at.client("apigatewayv2")
    routes = gateway.get_routes(ApiId=API_ID)["Items"]
    default = next(route for route in routes if route["RouteKey"] == "$default")
    gateway.delete_route(ApiId=API_ID, RouteId=default["RouteId"])
    try:
        finding = edge.unknown_route(api)
    finally:
        gateway.create_route(ApiId=API_ID, RouteKey="$default", Target=default["Target"])

    assert finding.sentence == "An unknown route is answered 404 as application/json, not 404 with our problem details."
    assert edge.unknown_route(api).state is State.PASSED


UNDELIVERED = {
    "blocked": "Vonage did not deliver the message (rejected: no reason given).",
    "airplane": "Vonage passed the message on, and its delivery was not reported within two minutes.",
}


@pytest.mark.parametrize("mode", UNDELIVERED)
def test_a_message_that_its_phone_does_not_get_says_why(
    running: Stack, looked_at: LocalStack, api: Api, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(sending, "SECONDS_FOR_A_MESSAGE", 15)
    number = new_number()
    running.simulator("PUT", f"/phones/sms/{number}", {"mode": mode})

    finding = sending.message(api, looked_at, Phone(number, SENDER))

    assert (finding.state, finding.sentence) == (State.FAILED, UNDELIVERED[mode])


def test_a_provider_that_refuses_the_account_is_named(
    running: Stack, looked_at: LocalStack, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SECONDS_FOR_A_MESSAGE", 4)
    number = new_number()
    running.simulator("PUT", "/faults", {"answers": [{"status": 402, "times": 99, "to": number}]})

    finding = sending.message(api, looked_at, Phone(number, SENDER))
    running.simulator("PUT", "/faults", {})

    assert finding.state is State.FAILED
    assert finding.sentence.startswith("Vonage did not accept the message (")
    assert "with 402 the balance is too low" in finding.next_step
