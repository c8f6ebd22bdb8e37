"""`getthrough up` and `doctor` on the running local stack: a message arrives, and every wrong set-up is named."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cli.__main__ import main
from cli.smoke import sending
from tests.integration.scenes import until
from tests.running_stack import Stack, new_number, running_stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One of its own, since its account at Vonage is set up wrong here."""
    with running_stack(tmp_path_factory.mktemp("up") / "local") as running:
        yield running


@pytest.fixture(autouse=True)
def account(stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The operator's environment; afterwards the account is as it was."""
    for name, value in {
        "LOCAL_DIR": str(stack.local_dir),
        "VONAGE_API_KEY": stack.api_key,
        "VONAGE_API_SECRET": stack.api_secret,
        "VONAGE_SIGNATURE_SECRET": stack.signature_secret,
        "VONAGE_ACCOUNT_URL": stack.simulator_url,
        "XDG_STATE_HOME": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    before = application(stack)
    yield
    until(lambda: all(attempt["answer"] for attempt in stack.simulator("GET", "/webhooks")))  # none is the next test's
    stack.simulator("DELETE", "/phones")
    vonage(stack, "PUT", f"/v2/applications/{stack.application_id}", before)


def vonage(stack: Stack, method: str, path: str, body: Any = None) -> Any:
    auth = (stack.api_key, stack.api_secret)
    answer = stack.http.request(method, stack.simulator_url + path, json=body, auth=auth, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


def application(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = vonage(stack, "GET", f"/v2/applications/{stack.application_id}")
    return found


def change(stack: Stack, status_url: str, inbound_url: str, **messages: Any) -> None:
    body = application(stack)
    webhooks = {
        "status_url": {"address": status_url, "http_method": "POST"},
        "inbound_url": {"address": inbound_url, "http_method": "POST"},
    }
    body["capabilities"]["messages"] = {"version": "v1", "webhooks": webhooks, **messages}
    vonage(stack, "PUT", f"/v2/applications/{stack.application_id}", body)


def up(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["up", "--local", "--json", *arguments])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.timeout(300)
def test_up_ends_with_a_delivered_message_and_again_with_no_change(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    change(stack, "https://old.example/status", "https://old.example/inbound")

    first, again = up(capsys, "--to", new_number()), up(capsys, "--to", new_number())

    assert (first[1]["wrong"], first[1]["changed"], first[0]) == ({}, ["wiring"], 0)
    assert (again[1]["wrong"], again[1]["changed"], again[0]) == ({}, [], 0)


class SetUpWrong(NamedTuple):
    """What is wrong at Vonage, and the check of `doctor` that says so, with parts of its sentence and of its cure."""

    switch: dict[str, Any]
    check: str
    sentence: str
    cure: str


WRONG = [
    SetUpWrong({"sms_api": True}, "unsigned", "the account is set to the SMS API", "choose Messages API"),
    SetUpWrong({"unsigned": True}, "unsigned", "Webhooks come unsigned, so none", "Switch signed webhooks on"),
    SetUpWrong(
        {"signature_secret": "another secret, which is long enough too"},
        "signatures",
        "signed with another secret",
        "rotate signature-secret",
    ),
    SetUpWrong({"other_region": True}, "region", "it is another region's host", "VonageApiUrl"),
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: next(iter(wrong.switch)))
def test_what_is_set_up_wrong_is_named_with_its_cure_and_the_old_urls_come_back(
    stack: Stack, capsys: pytest.CaptureFixture[str], wrong: SetUpWrong
) -> None:
    change(stack, "https://old.example/status", "https://old.example/inbound")
    before = application(stack)
    stack.simulator("PUT", "/account", wrong.switch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "SECONDS_FOR_A_MESSAGE", 12)
        code, found = up(capsys, "--to", new_number())

    doctors = {name: reason for name, reason in found["wrong"].items() if name.startswith("doctor")}
    named = {name: (wrong.sentence in reason, wrong.cure in reason) for name, reason in doctors.items()}
    assert (code, found["up"], found["restored"]) == (1, False, True)
    assert named == {f"doctor: {wrong.check}": (True, True)}, doctors
    assert application(stack) == before


def test_a_balance_that_is_used_up_is_named_before_anything_is_changed(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.simulator("PUT", "/account", {"balance": 0.5, "max_outbound_request": 10})

    code = main(["doctor", "--local", "--json"])

    found = {check["check"]: check for check in json.loads(capsys.readouterr().out)}
    assert (code, found["balance"]["state"], found["rate"]["state"]) == (1, "failed", "failed")
    assert "0.50 EUR" in found["balance"]["sentence"]
    assert "MessagesPerSecond=10" in found["rate"]["next_step"]


WRONG_URLS: list[tuple[tuple[str, str, dict[str, str]], str, str]] = [
    (("/inbound", "/status", {}), "urls", "swapped"),
    (("/status", "/status", {}), "urls", "are the same"),
    (("/elsewhere", "/inbound", {}), "urls", "status URL is not this stack's"),
    (("/status", "/inbound", {"version": "v0.1"}), "messages", "version v0.1, not v1"),
]


@pytest.mark.parametrize(("wrong", "check", "words"), WRONG_URLS)
def test_doctor_reads_what_is_wrong_in_the_application(
    stack: Stack, capsys: pytest.CaptureFixture[str], wrong: tuple[str, str, dict[str, str]], check: str, words: str
) -> None:
    status, inbound, messages = wrong
    change(stack, stack.api_url + status, stack.api_url + inbound, **messages)

    assert main(["doctor", "--local"]) == 1
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith(f"✗ {check} ")]
    assert words in line
    assert "Run `getthrough up`" in line


def test_doctor_misses_the_capability_and_the_key(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    body = application(stack)
    bare = {**body, "capabilities": {}, "keys": {"public_key": "another"}}
    vonage(stack, "PUT", f"/v2/applications/{stack.application_id}", bare)

    assert main(["doctor", "--local"]) == 1
    printed = capsys.readouterr().out
    assert "The application has no messages capability" in printed
    assert "does not belong to the stack's private key" in printed
